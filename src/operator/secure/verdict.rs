//! What somebody who wants to read the metrics is answered, and in which words.

use axum::http::StatusCode;

/// The path that has to be allowed.
pub(super) const PATH: &str = "/metrics";
/// What has to be allowed with it.
pub(super) const VERB: &str = "get";

/// What the API server says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its user may read.
    Allowed,
    /// It is nobody's, or no longer.
    Unknown,
    /// Its user may not read.
    Forbidden {
        /// Who that is.
        user: String,
    },
}

/// Why nothing can be said of a token, which is never to be taken for "not allowed".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unanswered {
    /// The operator itself may not ask.
    #[error("the operator itself may not create {resource}; its log says what it lacks")]
    NotLet {
        /// What it may not create.
        resource: &'static str,
        /// The API server's words, which are for the log.
        message: String,
    },
    /// The API server does not answer.
    #[error("the API server does not answer as it should; the operator's log says more")]
    NoAnswer(String),
    /// The API server answers that it cannot decide.
    #[error("the API server cannot decide it; the operator's log says more")]
    Undecided(String),
}

impl Unanswered {
    /// A line for the log.
    pub(super) fn line(&self) -> String {
        let told = "nobody can be told whether they may read the metrics";
        match self {
            Self::NotLet { resource: _, message } => format!(
                "{told}: {message}; hint: bind ClusterRole system:auth-delegator to this user, as the charts bind one of \
                 their own with metrics.secure.enabled=true"
            ),
            Self::NoAnswer(why) => format!("{told}: the API server does not answer as it should: {why}"),
            Self::Undecided(why) => format!("{told}: the API server cannot decide it: {why}"),
        }
    }
}

/// An answer to somebody who gets no metrics.
pub(super) type Refusal = (StatusCode, String);

/// To a request without a token.
pub(super) fn nameless() -> Refusal {
    let text =
        "who asks? The request has no token\nhint: curl -H \"Authorization: Bearer $(kubectl create token NAME)\" …\n";
    (StatusCode::UNAUTHORIZED, text.to_owned())
}

/// To a request with one; `None` if it is to have the metrics.
pub(super) fn refusal(verdict: &Result<Verdict, Unanswered>) -> Option<Refusal> {
    Some(match verdict {
        Ok(Verdict::Allowed) => return None,
        Ok(Verdict::Unknown) => {
            let text = "the API server does not accept the token: it is unknown to it or has expired\n";
            (StatusCode::UNAUTHORIZED, text.to_owned())
        }
        Ok(Verdict::Forbidden { user }) => {
            let text = format!(
                "user {user:?} may not {VERB} the path {PATH}\nhint: bind a ClusterRole to it that allows {VERB} on \
                 nonResourceURLs {PATH}; the charts make one, the name of which ends in metrics-reader\n"
            );
            (StatusCode::FORBIDDEN, text)
        }
        Err(why) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("it cannot be told whether you may read the metrics: {why}\n"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_no_metrics_is_told_why_and_what_to_do() {
        let no_right = Unanswered::NotLet {
            resource: "tokenreviews.authentication.k8s.io",
            message:
                "tokenreviews.authentication.k8s.io is forbidden: User \"system:serviceaccount:ml:op\" cannot create"
                    .to_owned(),
        };
        let verdicts = [
            Ok(Verdict::Unknown),
            Ok(Verdict::Forbidden { user: "system:serviceaccount:ml:reader".to_owned() }),
            Err(no_right),
            Err(Unanswered::NoAnswer("no answer within 8s".to_owned())),
            Err(Unanswered::Undecided("a webhook is out of reach".to_owned())),
        ];
        let told = verdicts.iter().filter_map(refusal).chain([nameless()]);
        let told: Vec<_> = told.map(|(code, text)| format!("{} {text}", code.as_u16())).collect();
        insta::assert_snapshot!(told.concat(), @r#"
        401 the API server does not accept the token: it is unknown to it or has expired
        403 user "system:serviceaccount:ml:reader" may not get the path /metrics
        hint: bind a ClusterRole to it that allows get on nonResourceURLs /metrics; the charts make one, the name of which ends in metrics-reader
        503 it cannot be told whether you may read the metrics: the operator itself may not create tokenreviews.authentication.k8s.io; its log says what it lacks
        503 it cannot be told whether you may read the metrics: the API server does not answer as it should; the operator's log says more
        503 it cannot be told whether you may read the metrics: the API server cannot decide it; the operator's log says more
        401 who asks? The request has no token
        hint: curl -H "Authorization: Bearer $(kubectl create token NAME)" …
        "#);
        let lines: Vec<_> =
            verdicts.iter().filter_map(|verdict| verdict.as_ref().err()).map(Unanswered::line).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        nobody can be told whether they may read the metrics: tokenreviews.authentication.k8s.io is forbidden: User "system:serviceaccount:ml:op" cannot create; hint: bind ClusterRole system:auth-delegator to this user, as the charts bind one of their own with metrics.secure.enabled=true
        nobody can be told whether they may read the metrics: the API server does not answer as it should: no answer within 8s
        nobody can be told whether they may read the metrics: the API server cannot decide it: a webhook is out of reach
        "#);
    }

    #[test]
    fn only_who_is_allowed_is_not_refused() {
        assert_eq!(refusal(&Ok(Verdict::Allowed)), None);
    }
}
