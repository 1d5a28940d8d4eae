//! What a denial says: which action on which resource.

use crate::lifecycle::Cause;

/// The words that every service's denial holds.
pub(super) const PHRASE: &str = "is not authorized to perform: ";
const RESOURCE: &str = " on resource: ";

/// Takes `User: … is not authorized to perform: ACTION on resource: ARN because …` apart.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
pub(super) fn parse(message: &str) -> Cause {
    let Some((_, rest)) = message.split_once(PHRASE) else {
        return Cause::Denied { action: None, resource: None };
    };
    Cause::Denied { action: word(rest), resource: rest.split_once(RESOURCE).and_then(|(_, resource)| word(resource)) }
}

/// The first word, without the sentence's punctuation.
fn word(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.trim_end_matches(['.', ',', ';']).trim_matches(['"', '\'']);
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_action_and_resource() {
        let user = "User: arn:aws:sts::123456789012:assumed-role/operator/pod is not authorized to perform:";
        for (message, action, resource) in [
            (
                format!(
                    "{user} sagemaker:CreateTrainingJob on resource: \
                     arn:aws:sagemaker:us-west-2:123456789012:training-job/a because no identity-based policy allows \
                     the sagemaker:CreateTrainingJob action"
                ),
                Some("sagemaker:CreateTrainingJob"),
                Some("arn:aws:sagemaker:us-west-2:123456789012:training-job/a"),
            ),
            (
                format!("{user} iam:PassRole on resource: arn:aws:iam::123456789012:role/train with an explicit deny"),
                Some("iam:PassRole"),
                Some("arn:aws:iam::123456789012:role/train"),
            ),
            (
                format!("{user} sts:AssumeRole on resource: arn:aws:iam::123456789012:role/team."),
                Some("sts:AssumeRole"),
                Some("arn:aws:iam::123456789012:role/team"),
            ),
            (format!("{user} sagemaker:ListTrainingJobs"), Some("sagemaker:ListTrainingJobs"), None),
            ("Access denied".to_owned(), None, None),
        ] {
            let expected = Cause::Denied { action: action.map(str::to_owned), resource: resource.map(str::to_owned) };
            assert_eq!(parse(&message), expected, "{message}");
        }
    }
}
