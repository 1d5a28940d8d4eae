//! ProcessingJob: one run of a container over data, before or after a training.

mod kind;
mod observed;
mod rules;
mod spec;
mod status;

pub use observed::ProcessingJobObserved;
pub use rules::{MUTABLE, rules};
pub use spec::{
    AppSpecification, AthenaDatasetDefinition, ClusterConfig, DatasetDefinition, FeatureStoreOutput,
    InstancePreference, NetworkConfig, ProcessingInput, ProcessingJob, ProcessingJobSpec, ProcessingOutput,
    ProcessingOutputConfig, ProcessingResources, RedshiftDatasetDefinition, S3Input, S3Output, StoppingCondition,
};
pub use status::ProcessingJobStatus;
