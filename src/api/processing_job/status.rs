//! What the operator reports of a processing.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::Common;

/// How the processing stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingJobStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// Why it failed, or what stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// The job's log in the AWS console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_log_url: Option<String>,
    /// What the container left in `/opt/ml/output/message` when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_message: Option<String>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// When the job ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_end_time: Option<DateTime<Utc>>,
    /// SageMaker's word for the job's state, or the operator's own before SageMaker has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_job_status: Option<String>,
    /// When the container started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_start_time: Option<DateTime<Utc>>,
    /// The job's name in SageMaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sage_maker_processing_job_name: Option<String>,
}
