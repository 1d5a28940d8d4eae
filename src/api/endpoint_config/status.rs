//! What the operator reports of the configuration.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::Common;

/// How the configuration stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointConfigStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// The resource in AWS, as the first release reports it; the same as `arn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_config_arn: Option<String>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<DateTime<Utc>>,
    /// The configuration's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sage_maker_endpoint_config_name: Option<String>,
    /// `Created` once SageMaker has it; before that the operator's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}
