//! The original operator's words for an error: do they say that nothing came of its Create?
//!
//! It looked before each Create and found nothing, so that a Create that AWS clearly refused is proof that there is nothing;
//! what was said before that, of another call, is overwritten. Its words are what it was about, and the error at the end as
//! its SDK put it: `CODE: text`, a new line, `status code: 400, request id: …`.

/// How its words for a Create begin. The second of two names the Create itself, and not the Describe that it made after it.
const CREATE: &str = "unable to create";
/// What it called all that leads up to an endpoint.
const ENDPOINT: [&str; 2] = ["unable to create endpoint", "unable to reconcile endpoint resources"];
/// An endpoint is asked for last: without these, it was not.
const NO_MODEL: [&str; 2] = ["unable to resolve sagemaker model name", "does not have a sagemakermodelname"];
/// What it said of a policy of which nothing was there after it had asked for it.
const NO_POLICY: &str = "hosting autoscaling policy was not applied, description is empty";

/// Whether these words say so.
pub(super) fn says_refused(additional: &str) -> bool {
    let text = additional.to_lowercase();
    if text.contains(NO_POLICY) {
        return true;
    }
    let parts: Vec<_> = text.split(": ").collect();
    let is_about = |part: &&&str| part.starts_with(CREATE) || ENDPOINT.contains(*part);
    let about = parts.iter().take_while(is_about).count();
    if parts.starts_with(&ENDPOINT) && NO_MODEL.iter().any(|words| text.contains(words)) {
        return true;
    }
    let is_answered = text.contains("status code: 4");
    let is_taken = text.contains("resourceinuse") || text.contains("already exist");
    let named_itself = parts.iter().take(2).filter(|part| part.starts_with(CREATE)).count() == 2;
    is_answered && !is_taken && (named_itself || is_of_create(parts.get(about).copied().unwrap_or_default(), &text))
}

/// Whether the error can only be a Create's, whatever call it is said of: the original did not tell a Create from the
/// Describe after it for most kinds, and said nothing but the error of a transform job.
fn is_of_create(code: &str, text: &str) -> bool {
    match code {
        // A Describe says this of what is not there, and a Stop of what has ended.
        "validationexception" => !["not find", "not found", "in status"].iter().any(|words| text.contains(words)),
        "resourcelimitexceeded" => true,
        "accessdenied" | "accessdeniedexception" => {
            text.contains("perform: sagemaker:create") || text.contains("perform: iam:passrole")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws(about: &str, code: &str, text: &str, status: u16) -> String {
        format!("{about}{code}: {text}\n\tstatus code: {status}, request id: 1")
    }

    #[test]
    fn only_a_create_that_was_clearly_refused_started_nothing() {
        let twice = "Unable to create training job: Unable to create Training Job: ";
        for (text, refused) in [
            (aws(twice, "ValidationException", "some text", 400), true),
            (aws(twice, "AccessDeniedException", "some text", 400), true),
            (aws(twice, "ResourceLimitExceeded", "some text", 400), true),
            (aws(twice, "ResourceInUse", "some text", 400), false),
            (aws(twice, "InternalFailure", "some text", 500), false),
            (format!("{twice}RequestError: send request failed"), false),
            (aws("Unable to create training job: Unable to describe: ", "X", "y", 400), false),
            (aws("Unable to describe SageMaker training job: ", "X", "y", 400), false),
            ("Unable to initialize operator: no region".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(says_refused(&text), refused, "{text}");
        }
    }

    #[test]
    fn where_the_create_is_not_named_the_error_itself_tells_whose_it_is() {
        let denied =
            |action: &str| format!("User: arn:aws:sts::1:x is not authorized to perform: {action} on resource: *");
        let prefixes = [
            "Unable to create hyperparameter tuning job: ",
            "Unable to create SageMaker model: ",
            "Unable to create SageMaker endpointConfig: ",
            "Unable to create Endpoint: Unable to reconcile Endpoint resources: ",
            // Of a transform job, nothing but the error is said.
            "",
        ];
        for about in prefixes {
            for (code, text, refused) in [
                ("ValidationException", "1 validation error detected: Value at 'x'".to_owned(), true),
                ("ValidationException", "Could not find model \"arn…\".".to_owned(), false),
                ("ValidationException", "Requested resource not found.".to_owned(), false),
                (
                    "ValidationException",
                    "The request was rejected because the job is in status Completed".to_owned(),
                    false,
                ),
                ("ValidationException", "Cannot create already existing model \"arn…\".".to_owned(), false),
                ("ResourceLimitExceeded", "The account-level service limit is 0".to_owned(), true),
                ("ResourceInUse", "A job with the name already exists".to_owned(), false),
                ("AccessDeniedException", denied("sagemaker:CreateModel"), true),
                ("AccessDeniedException", denied("iam:PassRole"), true),
                ("AccessDeniedException", denied("sagemaker:DescribeModel"), false),
                ("ThrottlingException", "Rate exceeded".to_owned(), false),
            ] {
                let text = aws(about, code, &text, 400);
                assert_eq!(says_refused(&text), refused, "{text}");
            }
            assert!(!says_refused(&format!("{about}RequestError: send request failed")), "{about}");
        }
    }

    #[test]
    fn an_endpoint_is_not_asked_for_before_its_models_are_there() {
        let about = "Unable to create Endpoint: Unable to reconcile Endpoint resources: ";
        for why in [
            "Unable to resolve SageMaker model name for model 'ns/m': not found",
            "Model 'ns/m' does not have a SageMakerModelName. Caused by: ",
        ] {
            assert!(says_refused(&format!("{about}{why}")), "{why}");
            assert!(!says_refused(&format!("Unable to update SageMaker endpoint: {why}")), "{why}");
        }
    }

    #[test]
    fn a_policy_of_which_nothing_was_there_after_it_was_asked_for_was_not_made() {
        let text = "Unable to apply HostingAutoscalingPolicy: hosting autoscaling policy was not applied, description is empty";
        assert!(says_refused(text));
        assert!(!says_refused("Unable to describe HostingAutoscalingPolicy.: RequestError: send request failed"));
    }
}
