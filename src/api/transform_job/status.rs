//! What the operator reports of a batch transform.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::Common;

/// How the transform stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTransformJobStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// Why it failed, or what stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// The job's log in the AWS console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_log_url: Option<String>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// The job's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sage_maker_transform_job_name: Option<String>,
    /// When the predictions were complete and the instances given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform_end_time: Option<DateTime<Utc>>,
    /// SageMaker's word for the job's state, or the operator's own before SageMaker has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform_job_status: Option<String>,
    /// When the instances were ready and billing began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform_start_time: Option<DateTime<Utc>>,
}
