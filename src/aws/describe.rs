//! What SageMaker itself says of a job or an endpoint, for a plugin whose object has gone, tells too little, or never was.

use std::sync::Arc;
use std::time::Instant;

use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Clients;
use super::api::parse;
use super::errors::refusal;
use super::intercept::{Seen, Wire};
use super::operation::Operation;
use super::wire::to_spec;
use crate::lifecycle::{Cause, Permit, Place, Refusal};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A training job.
    TrainingJob,
    /// A processing job.
    ProcessingJob,
    /// A transform job.
    TransformJob,
    /// A tuning job.
    TuningJob,
    /// An endpoint.
    Endpoint,
}

/// Whoever only looks has no Lease.
#[derive(Debug)]
struct NoWrites;

impl Permit for NoWrites {
    fn may_write(&self) -> bool {
        false
    }
}

/// Asks SageMaker once. The answer is in the words that specs and statuses use; its times are seconds since 1970.
///
/// # Errors
/// Why there is no answer.
pub async fn describe(clients: &Clients, place: &Place, subject: Subject, name: &str) -> Result<Value, Refusal> {
    let client = clients.sagemaker(place).await;
    // The SDK's own types know less than the answer says, so it is read as it came.
    let wire = |operation: &'static str, member: &str| {
        let body = Bytes::from(json!({ member: name }).to_string());
        let (wire, seen) = Wire::new(Operation(operation), body, Arc::new(NoWrites));
        (wire, Question { clients, place, operation, seen })
    };
    match subject {
        Subject::TrainingJob => {
            let (wire, question) = wire("DescribeTrainingJob", "TrainingJobName");
            question.answer("TrainingJob", client.describe_training_job().customize().interceptor(wire).send().await)
        }
        Subject::ProcessingJob => {
            let (wire, question) = wire("DescribeProcessingJob", "ProcessingJobName");
            question
                .answer("ProcessingJob", client.describe_processing_job().customize().interceptor(wire).send().await)
        }
        Subject::TransformJob => {
            let (wire, question) = wire("DescribeTransformJob", "TransformJobName");
            question
                .answer("BatchTransformJob", client.describe_transform_job().customize().interceptor(wire).send().await)
        }
        Subject::TuningJob => {
            let (wire, question) = wire("DescribeHyperParameterTuningJob", "HyperParameterTuningJobName");
            let described = client.describe_hyper_parameter_tuning_job().customize().interceptor(wire).send().await;
            question.answer("HyperparameterTuningJob", described)
        }
        Subject::Endpoint => {
            let (wire, question) = wire("DescribeEndpoint", "EndpointName");
            question.answer("HostingDeployment", client.describe_endpoint().customize().interceptor(wire).send().await)
        }
    }
}

/// A call that has left.
struct Question<'a> {
    clients: &'a Clients,
    place: &'a Place,
    operation: &'static str,
    seen: Arc<Seen>,
}

impl Question<'_> {
    fn answer<T, E>(&self, kind: &str, typed: Result<T, SdkError<E, HttpResponse>>) -> Result<Value, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if let Err(error) = typed {
            let refusal = refusal(self.operation, &error);
            if refusal.cause == Cause::Credentials {
                // They may have been renewed since: the next call reads them again.
                self.clients.distrust(self.place, Instant::now());
            }
            return Err(refusal);
        }
        Ok(to_spec(kind, &parse(self.operation, self.seen.answer())?))
    }
}
