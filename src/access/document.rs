//! IAM's documents as they are written: statements with their conditions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What stands for an account's number until it is filled in, as in the guide.
pub const ACCOUNT: &str = "<AWS account number>";
/// What stands for a cluster's issuer until it is filled in, as in the guide.
pub const ISSUER: &str = "oidc.eks.<EKS Cluster region>.amazonaws.com/id/<OIDC ID>";

/// A world of AWS with accounts of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partition {
    /// The commercial regions.
    #[default]
    Aws,
    /// China.
    China,
    /// The government of the United States.
    Government,
}

/// There is no such partition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no partition of AWS: {0}")]
pub struct NoPartition(String);

impl Partition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aws, Self::China, Self::Government];

    /// As ARNs have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::Government => "aws-us-gov",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Partition {
    type Err = NoPartition;

    fn from_str(text: &str) -> Result<Self, NoPartition> {
        Self::ALL.into_iter().find(|it| it.name() == text).ok_or_else(|| NoPartition(text.to_owned()))
    }
}

/// Operators, such as `StringLike`, with the keys that they look at and what these have to be.
pub(super) type Condition = BTreeMap<&'static str, BTreeMap<String, Strings>>;

/// One or several: IAM writes one without brackets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Strings(pub(super) Vec<String>);

impl Strings {
    /// One more, unless it is there.
    pub(super) fn add(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.0.contains(&text) {
            self.0.push(text);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: Into<String>> From<S> for Strings {
    fn from(text: S) -> Self {
        Self(vec![text.into()])
    }
}

impl Serialize for Strings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

/// What is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<&'static str>,
    pub(super) effect: &'static str,
    /// To whom, in a trust policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) principal: Option<BTreeMap<&'static str, String>>,
    pub(super) action: Strings,
    #[serde(skip_serializing_if = "Strings::is_empty")]
    pub(super) resource: Strings,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) condition: Condition,
}

/// A policy, as IAM takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    pub(super) statement: Vec<Statement>,
}

impl Document {
    pub(super) fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// The actions that it allows, each once and in order.
    #[must_use]
    pub fn actions(&self) -> Vec<&str> {
        let mut actions: Vec<&str> =
            self.statement.iter().flat_map(|statement| &statement.action.0).map(String::as_str).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}
