//! What `DescribeProcessingJob` answers, as far as the operator looks at it.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeProcessingJob.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::api::shared::{epoch, job_phase, words};
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// A processing job as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ProcessingJobObserved {
    /// The ARN.
    pub processing_job_arn: String,
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`, or a word SageMaker has learnt since.
    pub processing_job_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What the container left behind when it ended.
    pub exit_message: Option<String>,
    /// When it last changed.
    #[serde(with = "epoch")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// When the container started.
    #[serde(with = "epoch")]
    pub processing_start_time: Option<DateTime<Utc>>,
    /// When the job ended.
    #[serde(with = "epoch")]
    pub processing_end_time: Option<DateTime<Utc>>,
}

impl Observation for ProcessingJobObserved {
    fn phase(&self) -> Phase {
        job_phase(&self.processing_job_status)
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.processing_job_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        words(self.failure_reason.as_ref())
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified_time
    }
}
