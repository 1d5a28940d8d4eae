//! What admission refuses beyond the types, in words that say what to write.
//!
//! A rule stands here only if SageMaker would refuse the same for certain: everything that the first release and
//! SageMaker both took is taken.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::{name_form, rule};

/// What may be changed in an existing TrainingJob: its tags, and what `UpdateTrainingJob` takes.
pub const MUTABLE: [&str; 5] = [
    "tags",
    "profilerConfig",
    "profilerRuleConfigurations",
    "remoteDebugConfig",
    "resourceConfig.keepAlivePeriodInSeconds",
];

/// The rules of a TrainingJob's spec.
pub fn rules() -> Vec<ValidationRule> {
    vec![
        name_form("trainingJobName"),
        rule(
            "has(self.serverlessJobConfig) || (has(self.algorithmSpecification) && has(self.resourceConfig) && \
             has(self.stoppingCondition))",
            "write algorithmSpecification (what to run), resourceConfig (the instances) and stoppingCondition (for how \
             long), or serverlessJobConfig",
        ),
        rule(
            "!has(self.algorithmSpecification) || has(self.algorithmSpecification.trainingImage) != \
             has(self.algorithmSpecification.algorithmName)",
            "algorithmSpecification needs either trainingImage (an image in ECR) or algorithmName (an algorithm \
             resource), and not both",
        ),
        rule(
            "!has(self.enableManagedSpotTraining) || !self.enableManagedSpotTraining || \
             (has(self.stoppingCondition) && has(self.stoppingCondition.maxWaitTimeInSeconds))",
            "managed spot training needs stoppingCondition.maxWaitTimeInSeconds: how long waiting for capacity and \
             running may take together, at least maxRuntimeInSeconds",
        ),
        rule(
            "!has(self.enableManagedSpotTraining) || !self.enableManagedSpotTraining || \
             !has(self.stoppingCondition) || !has(self.stoppingCondition.maxWaitTimeInSeconds) || \
             !has(self.stoppingCondition.maxRuntimeInSeconds) || \
             self.stoppingCondition.maxWaitTimeInSeconds >= self.stoppingCondition.maxRuntimeInSeconds",
            "stoppingCondition.maxWaitTimeInSeconds includes the time of running: make it at least \
             maxRuntimeInSeconds",
        ),
    ]
}
