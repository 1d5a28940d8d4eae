//! What a person is told when AWS did not give what was asked for.

use super::{Complaint, Object};
use crate::lifecycle::Region;
use crate::logs::{LogError, Trouble};

/// Explains why a log cannot be read.
pub fn log_trouble(error: &LogError, region: &Region, group: &str) -> Complaint {
    let LogError { operation, trouble, message } = error;
    match trouble {
        Trouble::Absent => {
            Complaint::new(format!("there is no log group {group} in {region}: nothing has logged there"))
        }
        Trouble::Credentials => credentials_trouble(message),
        Trouble::Denied { action } => {
            let action = action.clone().unwrap_or_else(|| format!("logs:{operation}"));
            Complaint::new(format!("AWS denies {action}: {message}"))
                .hint(format_args!("allow {action} on log group {group}, or use another --profile"))
        }
        Trouble::Throttled => Complaint::new(format!("AWS refuses more calls for now: {message}"))
            .hint("others in this account use up the quota; try again later"),
        Trouble::Transient => Complaint::new(format!("cannot reach CloudWatch Logs in {region}: {message}"))
            .hint("check the network, --region and --endpoint-url"),
        Trouble::Invalid => Complaint::new(format!("CloudWatch Logs in {region} refused {operation}: {message}")),
    }
}

/// Explains why AWS takes no credentials, from its message or the SDK's.
pub fn credentials_trouble(message: &str) -> Complaint {
    if message.contains("Signature expired") || message.contains("Signature not yet current") {
        return Complaint::new(format!("this machine's clock differs from that of AWS: {message}"))
            .hint("set the clock, such as with: timedatectl set-ntp true");
    }
    if message.contains("xpired") {
        return Complaint::new(format!("the AWS credentials have expired: {message}"))
            .hint("renew them, such as with: aws sso login");
    }
    if message.contains("no credentials") {
        return Complaint::new(
            "no AWS credentials found: neither in the environment nor in a profile, nor from a container or an instance",
        )
        .hint("set AWS_PROFILE or use --profile NAME; to sign in: aws sso login");
    }
    if message.contains("was not defined") {
        return Complaint::new(format!("there are no such AWS credentials: {message}"))
            .hint("aws configure list-profiles");
    }
    Complaint::new(format!("AWS does not accept the credentials: {message}"))
        .hint("set AWS_PROFILE or use --profile NAME; to see who you are: aws sts get-caller-identity")
}

/// With the hint that another region was asked than the object names.
#[must_use]
pub fn wrong_region(complaint: Complaint, object: &Object, asked: &Region) -> Complaint {
    match object.region() {
        Some(own) if own != *asked => {
            complaint.hint(format_args!("{} runs in {own}: leave out --region", object.title()))
        }
        Some(_) | None => complaint,
    }
}
