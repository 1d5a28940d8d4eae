//! TrainingJob: one run of a training algorithm.

mod drift;
mod kind;
mod observed;
mod resources;
mod rules;
mod spec;
mod status;

pub use observed::{
    ModelArtifacts, RuleEvaluationSeen, TrainingJobObserved, Transition as TransitionSeen, WarmPoolStatus,
};
pub use resources::{
    InstanceGroup, InstancePlacementConfig, InstancePreference, PlacementSpecification, ResourceConfig, RetryStrategy,
    StoppingCondition,
};
pub use rules::{MUTABLE, rules};
pub use spec::{
    AlgorithmSpecification, InfraCheckConfig, MlflowConfig, ModelPackageConfig, RemoteDebugConfig, ServerlessJobConfig,
    SessionChainingConfig, TrainingImageConfig, TrainingJob, TrainingJobSpec, TrainingRepositoryAuthConfig,
};
pub use status::{RuleEvaluation, TrainingJobStatus, Transition};
