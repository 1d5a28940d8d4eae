//! What SageMaker itself says of a job or an endpoint, for a plugin whose object has gone, tells too little, or never was.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::Clients;
use super::api::parse;
use super::errors::refusal;
use super::intercept::Wire;
use super::operation::Operation;
use super::wire::to_spec;
use crate::lifecycle::{Permit, Place, Refusal};

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
    /// An endpoint configuration.
    EndpointConfig,
}

/// How SageMaker and specs call it.
struct Terms {
    operation: &'static str,
    member: &'static str,
    kind: &'static str,
}

impl Subject {
    fn terms(self) -> Terms {
        let (operation, member, kind) = match self {
            Self::TrainingJob => ("DescribeTrainingJob", "TrainingJobName", "TrainingJob"),
            Self::ProcessingJob => ("DescribeProcessingJob", "ProcessingJobName", "ProcessingJob"),
            Self::TransformJob => ("DescribeTransformJob", "TransformJobName", "BatchTransformJob"),
            Self::TuningJob => {
                ("DescribeHyperParameterTuningJob", "HyperParameterTuningJobName", "HyperparameterTuningJob")
            }
            Self::Endpoint => ("DescribeEndpoint", "EndpointName", "HostingDeployment"),
            Self::EndpointConfig => ("DescribeEndpointConfig", "EndpointConfigName", "EndpointConfig"),
        };
        Terms { operation, member, kind }
    }
}

/// Whoever only looks has no Lease.
#[derive(Debug)]
pub(super) struct NoWrites;

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
    let Terms { operation, member, kind } = subject.terms();
    let body = Bytes::from(json!({ member: name }).to_string());
    let (wire, seen) = Wire::new(Operation(operation), body, Arc::new(NoWrites));
    // The question and the answer are our own JSON, and an error is a code and a message whatever was asked: the SDK's
    // lightest reading operation carries them all. Their own types would be half a megabyte that nobody looks at.
    let carrier = clients.sagemaker(place).await.get_sagemaker_servicecatalog_portfolio_status();
    if let Err(error) = carrier.customize().interceptor(wire).send().await {
        let refusal = refusal(operation, &error);
        clients.heed(place, Some(&refusal));
        return Err(refusal);
    }
    Ok(to_spec(kind, &parse(operation, seen.answer())?))
}
