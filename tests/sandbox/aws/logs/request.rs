//! What requests have in common: reading a body, naming a group.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{LogError, Scope};

/// The body as an operation's own type.
pub(super) fn read<T: DeserializeOwned>(body: &Value) -> Result<T, LogError> {
    T::deserialize(body).map_err(|error| LogError::invalid(&error.to_string()))
}

/// The group that a request names, by exactly one of its two members. An identifier is a name or an ARN that ends
/// with the name.
pub(super) fn group(scope: &Scope, name: Option<String>, identifier: Option<String>) -> Result<String, LogError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => match identifier.strip_prefix("arn:") {
            None => Ok(identifier),
            Some(_) => name_in_arn(scope, &identifier),
        },
        (Some(_), Some(_)) => Err(LogError::invalid("LogGroup name and LogGroup identifier cannot both be specified")),
        (None, None) => Err(LogError::invalid("Either LogGroup name or LogGroup identifier should be specified")),
    }
}

/// `arn:aws:logs:us-west-2:123456789012:log-group:NAME`.
fn name_in_arn(scope: &Scope, arn: &str) -> Result<String, LogError> {
    let parts = arn.splitn(7, ':').collect::<Vec<_>>();
    match parts.as_slice() {
        ["arn", _, "logs", region, account, "log-group", name]
            if *region == scope.region && *account == scope.account && !name.contains(':') =>
        {
            Ok((*name).to_owned())
        }
        _ => Err(LogError::invalid(&format!("Invalid log group identifier: {arn}"))),
    }
}

/// A group's ARN, without the `:*` that some members end with.
pub(super) fn group_arn(scope: &Scope, group: &str) -> String {
    let Scope { account, region, now_ms: _ } = scope;
    let partition = if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    };
    format!("arn:{partition}:logs:{region}:{account}:log-group:{group}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_once_by_name_or_arn() {
        let scope = Scope { account: "123456789012".to_owned(), region: "us-west-2".to_owned(), now_ms: 0 };
        let named = |name: Option<&str>, identifier: Option<&str>| {
            group(&scope, name.map(str::to_owned), identifier.map(str::to_owned)).map_err(|error| error.code)
        };
        let arn = group_arn(&scope, "/aws/x");
        assert_eq!(arn, "arn:aws:logs:us-west-2:123456789012:log-group:/aws/x");
        assert_eq!(named(Some("/aws/x"), None).as_deref(), Ok("/aws/x"));
        assert_eq!(named(None, Some("/aws/x")).as_deref(), Ok("/aws/x"));
        assert_eq!(named(None, Some(&arn)).as_deref(), Ok("/aws/x"));
        for (name, identifier) in [
            (None, None),
            (Some("/aws/x"), Some("/aws/x")),
            (None, Some("arn:aws:logs:us-west-2:123456789012:log-group:/aws/x:*")),
            (None, Some("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/x")),
        ] {
            assert_eq!(named(name, identifier), Err("InvalidParameterException"), "{name:?} {identifier:?}");
        }
    }
}
