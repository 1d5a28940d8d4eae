//! What SageMaker itself says of a training job, for a plugin whose object has gone or was written by v1.

use chrono::{DateTime, Utc};

use super::Clients;
use super::errors::refusal;
use crate::lifecycle::{Place, Refusal};

/// The part of a Describe answer that a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingReport {
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`, `Deleting` or a word of the future.
    pub status: String,
    /// The finer word beside it.
    pub secondary_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When its instances were given back.
    pub ended: Option<DateTime<Utc>>,
    /// The seconds that it trained and that are billed, for each instance.
    pub billed: Option<(u64, u64)>,
}

impl TrainingReport {
    /// Asks SageMaker, once.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(clients: &Clients, place: &Place, name: &str) -> Result<Self, Refusal> {
        let request = clients.sagemaker(place).await.describe_training_job().training_job_name(name);
        let answer = request.send().await.map_err(|error| refusal("DescribeTrainingJob", &error))?;
        let time =
            |time: Option<&aws_smithy_types::DateTime>| time.and_then(|time| DateTime::from_timestamp(time.secs(), 0));
        let seconds = |seconds: Option<i32>| seconds.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Self {
            status: answer.training_job_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            secondary_status: answer.secondary_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            failure_reason: answer.failure_reason().map(str::to_owned),
            created: time(answer.creation_time()),
            ended: time(answer.training_end_time()).or_else(|| time(answer.last_modified_time())),
            billed: seconds(answer.training_time_in_seconds()).zip(seconds(answer.billable_time_in_seconds())),
        })
    }
}
