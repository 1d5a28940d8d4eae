//! Identifiers, parsed at the edge so that no bare string travels inside.

use std::fmt;
use std::str::FromStr;

/// Why a text is not an identifier of the wanted sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct InvalidIdent {
    text: String,
    expected: &'static str,
}

impl InvalidIdent {
    pub(super) fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.to_owned(), expected }
    }
}

/// An AWS region, such as `us-west-2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

impl Region {
    /// The region as AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition the region lies in: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, `aws-iso-b`, `aws-iso-e`,
    /// `aws-iso-f` or `aws-eusc`.
    /// Source: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
    #[must_use]
    pub fn partition(&self) -> &'static str {
        const BY_PREFIX: [(&str, &str); 7] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
            ("eusc-", "aws-eusc"),
        ];
        BY_PREFIX.iter().find(|(prefix, _)| self.0.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
    }
}

impl FromStr for Region {
    type Err = InvalidIdent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if plain { Ok(Self(text.to_owned())) } else { Err(InvalidIdent::new(text, "an AWS region such as us-west-2")) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The twelve digits of an AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidIdent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdent::new(text, "an AWS account of twelve digits"))
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn(String);

impl Arn {
    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region; empty for global services.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account; empty where the resource has none.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// All that follows the account, such as `training-job/NAME`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.0.splitn(6, ':').nth(5).unwrap_or_default()
    }

    /// Whether it names an IAM role of an account.
    #[must_use]
    pub fn is_role(&self) -> bool {
        let named = self.resource().strip_prefix("role/").is_some_and(|name| !name.is_empty());
        self.part(2) == "iam" && self.account().parse::<AccountId>().is_ok() && named
    }

    fn part(&self, index: usize) -> &str {
        self.0.split(':').nth(index).unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = InvalidIdent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("arn:") && text.splitn(6, ':').count() == 6 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidIdent::new(text, "an ARN such as arn:aws:sagemaker:us-west-2:123456789012:training-job/name"))
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of a service endpoint that replaces the default one, such as a VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint(String);

impl Endpoint {
    /// The address, with its scheme.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Endpoint {
    type Err = InvalidIdent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() => Ok(Self(text.to_owned())),
            Some(_) | None => Err(InvalidIdent::new(text, "an address that starts with https:// or http://")),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_knows_its_partition() {
        for (region, partition) in [
            ("us-west-2", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(region.parse::<Region>().unwrap().partition(), partition, "{region}");
        }
    }

    #[test]
    fn placeholders_are_not_identifiers() {
        assert!("<YOUR REGION>".parse::<Region>().is_err());
        assert!("12345".parse::<AccountId>().is_err());
        assert!("not:an:arn".parse::<Arn>().is_err());
        assert!("ftp://example.com".parse::<Endpoint>().is_err());
    }

    #[test]
    fn an_arn_tells_its_parts() {
        let arn: Arn = "arn:aws:sagemaker:us-west-2:123456789012:training-job/a:b".parse().unwrap();
        assert_eq!((arn.region(), arn.account(), arn.resource()), ("us-west-2", "123456789012", "training-job/a:b"));
    }
}
