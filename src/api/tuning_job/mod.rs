//! HyperparameterTuningJob: a search for the best parameters of a training, by many trainings.

mod kind;
mod observed;
mod ranges;
mod rules;
mod spec;
mod status;

pub use observed::{HyperparameterTuningJobObserved, ObjectiveSeen, TrialSeen};
pub use ranges::{AutoParameter, CategoricalParameterRange, ParameterRanges, ScaledParameterRange};
pub use rules::{MUTABLE, rules};
pub use spec::{
    Autotune, BestObjectiveNotImproving, ConvergenceDetected, HyperbandStrategyConfig, HyperparameterTuningJob,
    HyperparameterTuningJobSpec, InstanceConfig, ParentTuningJob, ResourceLimits, StrategyConfig,
    TrainingJobDefinition, TuningAlgorithmSpecification, TuningJobCompletionCriteria, TuningJobConfig, TuningObjective,
    TuningResourceConfig, WarmStartConfig,
};
pub use status::{
    BestTrainingJob, HyperparameterTuningJobStatus, ObjectiveMetric, ObjectiveStatusCounters, TrainingJobStatusCounters,
};
