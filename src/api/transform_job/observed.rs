//! What `DescribeTransformJob` answers, as far as the operator looks at it.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::api::shared::{epoch, job_phase, words};
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// A transform job as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BatchTransformJobObserved {
    /// The ARN.
    pub transform_job_arn: String,
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`, or a word SageMaker has learnt since.
    pub transform_job_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When the instances were ready.
    #[serde(with = "epoch")]
    pub transform_start_time: Option<DateTime<Utc>>,
    /// When the job ended.
    #[serde(with = "epoch")]
    pub transform_end_time: Option<DateTime<Utc>>,
}

impl Observation for BatchTransformJobObserved {
    fn phase(&self) -> Phase {
        job_phase(&self.transform_job_status)
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.transform_job_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        words(self.failure_reason.as_ref())
    }

    /// The one Describe of a job that does not say so; its List does.
    fn last_modified(&self) -> Option<DateTime<Utc>> {
        None
    }
}
