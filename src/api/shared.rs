//! Small shapes that several kinds share.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, SubsecRound, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::lifecycle::{InvalidIdent, Phase, Place};

/// What the first release wrote as the reason of a failure that left nothing in SageMaker.
pub(super) const V1_NEVER_STARTED: &str = "Unable to initialize operator";

/// A whole number. Tools write `60` or `60.0` for it, and the API server takes both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Whole(pub i64);

impl From<i64> for Whole {
    fn from(value: i64) -> Self {
        Self(value)
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Whole, E> {
        Ok(Whole(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Whole, E> {
        i64::try_from(value).map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Whole, E> {
        // Beyond 2^53 a float no longer tells whole numbers apart, so such a one is not what somebody typed.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits, as just checked")]
            let whole = value as i64;
            Ok(Whole(whole))
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

impl JsonSchema for Whole {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "int64" })
    }
}

/// The schema of a whole number that an admission rule compares. Where a field is an `integer`, the API server's rules take
/// `60.0` for an error, though its type takes it: so that both take it, such a field is a number without a fraction.
pub(super) fn compared(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "number", "multipleOf": 1 })
}

/// One entry of a map. Of two entries with the same name the later one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyValuePair {
    /// The entry's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub name: Option<String>,
    /// The entry's value; the empty text if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10240))]
    pub value: Option<String>,
}

impl KeyValuePair {
    /// An entry with both its parts.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: Some(name.to_owned()), value: Some(value.to_owned()) }
    }
}

/// A tag of the resource in AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// The key; unique within the resource, and not starting with `aws:`.
    #[schemars(length(min = 1, max = 128))]
    pub key: String,
    /// The value; may be empty.
    #[schemars(length(max = 256))]
    pub value: String,
}

impl From<&Tag> for crate::lifecycle::Tag {
    fn from(tag: &Tag) -> Self {
        Self { key: tag.key.clone(), value: tag.value.clone() }
    }
}

/// Where in your own network the containers get their interfaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VpcConfig {
    /// The security groups, such as `sg-0a1b2c3d`, all of the VPC that the subnets belong to.
    #[schemars(length(min = 1, max = 5), inner(length(max = 32)))]
    pub security_group_ids: Vec<String>,
    /// The subnets, such as `subnet-0a1b2c3d`. Not every instance type is offered in every availability zone.
    #[schemars(length(min = 1, max = 16), inner(length(max = 32)))]
    pub subnets: Vec<String>,
}

/// A metric that SageMaker reads out of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricDefinition {
    /// The metric's name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// A regular expression whose first group is the metric's value, searched for in every line.
    #[schemars(length(min = 1, max = 500))]
    pub regex: String,
}

/// The experiment that a job belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentConfig {
    /// An existing experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 120))]
    pub experiment_name: Option<String>,
    /// The run within the experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 120))]
    pub run_name: Option<String>,
    /// The name under which the job is shown there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 120))]
    pub trial_component_display_name: Option<String>,
    /// An existing trial of the experiment; a new one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 120))]
    pub trial_name: Option<String>,
}

/// The region and the address that a spec asks for; an empty address is none.
pub(crate) fn place(region: &str, endpoint: Option<&str>) -> Result<Place, InvalidIdent> {
    let endpoint = endpoint.filter(|address| !address.is_empty()).map(str::parse).transpose()?;
    Ok(Place { region: region.parse()?, endpoint, role: None })
}

/// The text, if there is one: an empty one says nothing.
pub(super) fn words(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// Where a job is in its life, by the word that all job kinds share.
pub(super) fn job_phase(word: &str) -> Phase {
    match word {
        "InProgress" => Phase::Active,
        "Stopping" => Phase::Stopping,
        "Completed" => Phase::Completed,
        "Failed" => Phase::Failed { reason: "Failed" },
        "Stopped" => Phase::Failed { reason: "Stopped" },
        // `Deleting`, and whatever SageMaker learns next.
        _ => Phase::Changing,
    }
}

/// A point in time as SageMaker writes it: seconds since 1970 with a fraction.
pub(crate) mod epoch {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and chrono refuses what is too far")]
        Ok(seconds.and_then(|seconds| DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)))
    }
}

/// The time without its fraction: the status is compared with what the API server gives back, which has none.
pub(crate) fn whole_second(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(0)
}

#[cfg(test)]
mod tests {
    use super::Whole;

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
        for (text, number) in [("60", 60), ("60.0", 60), ("-1.0", -1), ("6e1", 60), ("9223372036854775807", i64::MAX)] {
            assert_eq!(serde_json::from_str::<Whole>(text).unwrap(), Whole(number), "{text}");
        }
        for text in ["60.5", "\"60\"", "1e300", "true", "null", "18446744073709551615"] {
            assert!(serde_json::from_str::<Whole>(text).is_err(), "{text}");
        }
    }
}
