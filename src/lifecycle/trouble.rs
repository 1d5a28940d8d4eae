//! A refusal turned into what the object says: whether it may pass, a reason for programs, and a message for people that
//! names what was denied and what to do.

use super::wording::readable;
use super::{
    ANNOTATION_ADOPT, ANNOTATION_DELETION, ANNOTATION_V1_ACCOUNT, Arn, Cause, Obstacle, Refusal, Region, Standing,
    Verdict,
};

/// How the line of a message begins that says nothing but which request it was.
const REQUEST_ID: &str = "\nrequest id: ";
/// What stands at the end of a hint about what an edit of the object cannot mend.
const TRIED_AGAIN: &str = "it is tried again now and then, and at once when an annotation of the object changes";

/// The message but for what is another one in each answer to the same question.
pub(super) fn essence(message: &str) -> &str {
    message.split_once(REQUEST_ID).map_or(message, |(essence, _)| essence)
}

/// What became of a call that did not go through.
pub fn verdict_of(refusal: &Refusal, hint: Option<String>) -> Verdict {
    let refusal = &Refusal { message: readable(&refusal.message), ..refusal.clone() };
    let Refusal { operation, cause, code: _, message: _, request_id } = refusal;
    let reason = reason_of(cause);
    let standing = if cause.may_pass() { Standing::Reconciling } else { Standing::Refused };
    let mut message = match cause {
        Cause::Denied { action, resource } => denied(operation, action.as_deref(), resource.as_deref(), refusal),
        Cause::Credentials => format!("SageMaker does not accept the operator's credentials: {refusal}"),
        Cause::QuotaInUse => {
            format!("the account's quota is in use, {operation} is repeated until there is room: {refusal}")
        }
        Cause::QuotaZero => format!("the account's quota is zero: {refusal}"),
        Cause::Throttled => format!("SageMaker throttles {operation}, it is repeated more slowly: {refusal}"),
        Cause::Transient => format!("{operation} did not get an answer, it is repeated: {refusal}"),
        Cause::Busy => format!("{operation} has to wait until SageMaker has settled: {refusal}"),
        Cause::NotLeader => format!("{operation} was withheld, another operator leads"),
        Cause::Invalid => format!("SageMaker refuses the object as it is: {refusal}"),
        Cause::NotFound | Cause::AlreadyExists | Cause::AlreadyEnded => refusal.to_string(),
    };
    if let Some(hint) = hint.or_else(|| hint_of(cause, &refusal.message)) {
        message.push_str("\nhint: ");
        message.push_str(&hint);
    }
    if let (Some(id), true) = (request_id, standing == Standing::Refused) {
        message.push_str(REQUEST_ID);
        message.push_str(id);
    }
    Verdict::new(standing, reason, message)
}

/// The word for programs.
fn reason_of(cause: &Cause) -> &'static str {
    match cause {
        Cause::NotFound => "NotFound",
        Cause::AlreadyExists => "AlreadyExists",
        Cause::AlreadyEnded => "AlreadyEnded",
        Cause::Busy => "Busy",
        Cause::Throttled => "Throttled",
        Cause::Transient => "Unreachable",
        Cause::Credentials => "CredentialsRefused",
        Cause::Denied { .. } => "AccessDenied",
        Cause::Invalid => "InvalidSpec",
        Cause::QuotaInUse => "QuotaInUse",
        Cause::QuotaZero => "QuotaZero",
        Cause::NotLeader => "NotLeader",
    }
}

fn denied(operation: &str, action: Option<&str>, resource: Option<&str>, refusal: &Refusal) -> String {
    let on = resource.map(|resource| format!(" on {resource}")).unwrap_or_default();
    match action {
        Some(action) => format!("SageMaker refused {operation}, AccessDenied on {action}{on}: {}", refusal.message),
        None => format!("SageMaker refused {operation}, AccessDenied{on}: {}", refusal.message),
    }
}

/// Words of the HTTP stack for a server that cannot be reached at all.
const UNREACHABLE: [&str; 4] = ["dns error", "tcp connect error", "client error (Connect)", "connection refused"];

fn hint_of(cause: &Cause, message: &str) -> Option<String> {
    match cause {
        Cause::Denied { action: Some(action), resource } => {
            let on = resource.as_deref().map(|resource| format!(" on {resource}")).unwrap_or_default();
            Some(format!("allow {action}{on} to the operator's role; {TRIED_AGAIN}"))
        }
        Cause::Denied { action: None, .. } => Some(format!("allow this call to the operator's role; {TRIED_AGAIN}")),
        Cause::Credentials => {
            Some("look at the operator's role, secret or web identity, and at the clock of its node".to_owned())
        }
        Cause::Invalid => {
            Some("correct the spec and apply the object again; what has started nothing yet can be edited".to_owned())
        }
        Cause::QuotaZero => Some(format!(
            "ask for an increase in the Service Quotas console, or use another instance type; {TRIED_AGAIN}"
        )),
        Cause::QuotaInUse => {
            Some("wait for other jobs to end, or ask for an increase in the Service Quotas console".to_owned())
        }
        Cause::Transient if UNREACHABLE.iter().any(|words| message.contains(words)) => Some(
            "look at spec.region and spec.sageMakerEndpoint, and whether the operator's network reaches the endpoint"
                .to_owned(),
        ),
        Cause::NotFound
        | Cause::AlreadyExists
        | Cause::AlreadyEnded
        | Cause::Busy
        | Cause::Throttled
        | Cause::Transient
        | Cause::NotLeader => None,
    }
}

/// Where an object's resource is, as far as the status tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home<'a> {
    /// The resource's ARN is recorded.
    Recorded(&'a Arn),
    /// That account was asked to create it, and no answer came.
    Asked(&'a str),
    /// Version 1 started it, or may have done so, and recorded no account.
    Unknown,
}

/// What an object says that may not be touched. `account` is that of the credentials in use.
pub fn verdict_of_obstacle(
    obstacle: Obstacle,
    name: &str,
    region: &Region,
    home: Home<'_>,
    account: Option<&str>,
) -> Verdict {
    let present = account.map_or_else(|| "another account".to_owned(), |account| format!("account {account}"));
    let (reason, message) = match obstacle {
        Obstacle::NameTaken => (
            "NameTaken",
            format!(
                "{name} exists in {region} and is not this object's, so that nothing was created and nothing is touched\n\
                 hint: give another name in the spec, or take it over with: kubectl annotate … {ANNOTATION_ADOPT}=true; \
                 an object that is being deleted goes without it with: kubectl annotate … {ANNOTATION_DELETION}=retain"
            ),
        ),
        Obstacle::WrongAccount => (
            "WrongAccount",
            match home {
                Home::Recorded(home) => format!(
                    "the resource is {home}, but the credentials are those of {present} and the region is {region}, so \
                     that nothing is created, stopped or let go\n\
                     hint: give the operator (or the namespace's role) credentials of account {}",
                    home.account()
                ),
                Home::Asked(home) => format!(
                    "account {home} was asked for {name} and has not answered, but the credentials are now those of \
                     {present}, so that nothing is created or let go\n\
                     hint: give the operator (or the namespace's role) credentials of account {home}"
                ),
                Home::Unknown => format!(
                    "the operator of version 1 may have started {name}, which {present} does not know in {region}; \
                     version 1 did not record its account, so that nothing is created or let go\n\
                     hint: say in which account version 1 worked, for all objects with --v1-account or for this one \
                     with: kubectl annotate … {ANNOTATION_V1_ACCOUNT}=123456789012; if nothing is left of it anywhere, the \
                     object can be deleted as it is with: kubectl annotate … {ANNOTATION_DELETION}=retain"
                ),
            },
        ),
    };
    Verdict::new(Standing::Refused, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(cause: Cause, code: &str, message: &str) -> Refusal {
        Refusal {
            operation: "CreateTrainingJob",
            cause,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: Some("r-1".to_owned()),
        }
    }

    #[test]
    fn a_denial_names_the_action_and_what_to_allow() {
        let cause = Cause::Denied {
            action: Some("iam:PassRole".to_owned()),
            resource: Some("arn:aws:iam::123456789012:role/train".to_owned()),
        };
        let verdict = verdict_of(&refusal(cause, "AccessDeniedException", "User: … is not authorized"), None);
        assert_eq!((verdict.standing, verdict.reason.as_str()), (Standing::Refused, "AccessDenied"));
        insta::assert_snapshot!(verdict.message, @r"
        SageMaker refused CreateTrainingJob, AccessDenied on iam:PassRole on arn:aws:iam::123456789012:role/train: User: … is not authorized
        hint: allow iam:PassRole on arn:aws:iam::123456789012:role/train to the operator's role; it is tried again now and then, and at once when an annotation of the object changes
        request id: r-1
        ");
    }

    #[test]
    fn what_may_pass_is_retried_and_what_may_not_is_said() {
        for (cause, standing, reason) in [
            (Cause::Throttled, Standing::Reconciling, "Throttled"),
            (Cause::Transient, Standing::Reconciling, "Unreachable"),
            (Cause::Credentials, Standing::Reconciling, "CredentialsRefused"),
            (Cause::QuotaInUse, Standing::Reconciling, "QuotaInUse"),
            (Cause::Busy, Standing::Reconciling, "Busy"),
            (Cause::NotLeader, Standing::Reconciling, "NotLeader"),
            (Cause::QuotaZero, Standing::Refused, "QuotaZero"),
            (Cause::Invalid, Standing::Refused, "InvalidSpec"),
            (Cause::Denied { action: None, resource: None }, Standing::Refused, "AccessDenied"),
        ] {
            let verdict = verdict_of(&refusal(cause.clone(), "Code", "text"), None);
            assert_eq!((verdict.standing, verdict.reason.as_str()), (standing, reason), "{cause:?}");
            assert!(verdict.message.contains("text") || cause == Cause::NotLeader, "{}", verdict.message);
        }
    }

    #[test]
    fn a_server_that_cannot_be_reached_is_looked_for_in_the_spec() {
        let told = |message: &str| verdict_of(&refusal(Cause::Transient, "", message), None).message;
        let lost = told("dispatch failure: client error (Connect): dns error: failed to lookup address information");
        assert!(lost.contains("\nhint: look at spec.region and spec.sageMakerEndpoint"), "{lost}");
        assert!(!told("HTTP 503 without an error of AWS").contains("hint:"));
    }

    #[test]
    fn the_kinds_own_hint_comes_first() {
        let verdict = verdict_of(&refusal(Cause::Invalid, "ValidationException", "bad"), Some("say please".to_owned()));
        insta::assert_snapshot!(verdict.message, @r"
        SageMaker refuses the object as it is: CreateTrainingJob: ValidationException: bad
        hint: say please
        request id: r-1
        ");
    }

    #[test]
    fn a_wrong_account_names_both() {
        let home: Arn = "arn:aws:sagemaker:us-west-2:123456789012:training-job/x".parse().unwrap();
        let region: Region = "us-west-2".parse().unwrap();
        let verdict =
            verdict_of_obstacle(Obstacle::WrongAccount, "x", &region, Home::Recorded(&home), Some("210987654321"));
        insta::assert_snapshot!(verdict.message, @r"
        the resource is arn:aws:sagemaker:us-west-2:123456789012:training-job/x, but the credentials are those of account 210987654321 and the region is us-west-2, so that nothing is created, stopped or let go
        hint: give the operator (or the namespace's role) credentials of account 123456789012
        ");
    }
}
