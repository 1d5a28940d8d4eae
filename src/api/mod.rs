//! The eight kinds of `sagemaker.aws.amazon.com/v1`: specs, statuses, printer columns and admission rules.
//!
//! A field is named as in the first release of the API where that release had it, else as SageMaker names it with a
//! small first letter. Maps are lists of `name` and `value`. Words that SageMaker chooses from a list are plain
//! strings, so that a word it learns tomorrow needs no new release of ours.

pub mod crd;
pub mod data;
pub mod debugger;
pub mod endpoint_config;
pub mod hosting_autoscaling_policy;
pub mod hosting_deployment;
pub mod model;
pub mod processing_job;
pub mod shared;
pub mod training_job;
pub mod transform_job;
pub mod tuning_job;

mod compare;
mod console;

pub use compare::{Content, FieldDefault};
pub use console::{log_streams, page};
pub use endpoint_config::{EndpointConfig, EndpointConfigSpec, EndpointConfigStatus};
pub use hosting_autoscaling_policy::{
    HostingAutoscalingPolicy, HostingAutoscalingPolicyObserved, HostingAutoscalingPolicySpec,
    HostingAutoscalingPolicyStatus,
};
pub use hosting_deployment::{HostingDeployment, HostingDeploymentSpec, HostingDeploymentStatus};
pub use model::{Model, ModelSpec, ModelStatus};
pub use processing_job::{ProcessingJob, ProcessingJobObserved, ProcessingJobSpec, ProcessingJobStatus};
pub use training_job::{TrainingJob, TrainingJobObserved, TrainingJobSpec, TrainingJobStatus};
pub use transform_job::{BatchTransformJob, BatchTransformJobObserved, BatchTransformJobSpec, BatchTransformJobStatus};
pub use tuning_job::{
    HyperparameterTuningJob, HyperparameterTuningJobObserved, HyperparameterTuningJobSpec,
    HyperparameterTuningJobStatus,
};

/// The group of all kinds.
pub const GROUP: &str = "sagemaker.aws.amazon.com";
/// The one version of all kinds.
pub const VERSION: &str = "v1";
