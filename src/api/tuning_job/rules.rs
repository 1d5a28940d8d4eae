//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::{name_form, rule};

/// What may be changed in an existing HyperparameterTuningJob.
pub const MUTABLE: [&str; 1] = ["tags"];

/// The rules of a HyperparameterTuningJob's spec.
pub fn rules() -> Vec<ValidationRule> {
    vec![
        name_form("hyperParameterTuningJobName"),
        rule(
            "has(self.trainingJobDefinition) != \
             (has(self.trainingJobDefinitions) && size(self.trainingJobDefinitions) > 0)",
            "write trainingJobDefinition (what each trial trains), or trainingJobDefinitions for several algorithms, \
             and not both",
        ),
        rule(
            "!has(self.hyperParameterTuningJobConfig.resourceLimits.maxNumberOfTrainingJobs) || \
             self.hyperParameterTuningJobConfig.resourceLimits.maxParallelTrainingJobs <= \
             self.hyperParameterTuningJobConfig.resourceLimits.maxNumberOfTrainingJobs",
            "hyperParameterTuningJobConfig.resourceLimits.maxParallelTrainingJobs (trials at a time) is \
             maxNumberOfTrainingJobs (trials in all) at most",
        ),
        each_definition(
            "has(it.resourceConfig) || has(it.hyperParameterTuningResourceConfig)",
            "needs machines: resourceConfig or hyperParameterTuningResourceConfig",
        ),
        each_definition(
            "has(it.tuningObjective) || has(self.hyperParameterTuningJobConfig.hyperParameterTuningJobObjective)",
            "needs a metric to make best: hyperParameterTuningJobConfig.hyperParameterTuningJobObjective, or \
             tuningObjective in each of several definitions",
        ),
        each_definition(
            "(has(it.algorithmSpecification.trainingImage) && it.algorithmSpecification.trainingImage != '') != \
             has(it.algorithmSpecification.algorithmName)",
            "needs in algorithmSpecification either trainingImage (an image in ECR) or algorithmName (an algorithm \
             resource), and not both",
        ),
        each_definition(
            "!has(it.enableManagedSpotTraining) || !it.enableManagedSpotTraining || \
             (has(it.stoppingCondition.maxWaitTimeInSeconds) && (!has(it.stoppingCondition.maxRuntimeInSeconds) || \
             it.stoppingCondition.maxWaitTimeInSeconds >= it.stoppingCondition.maxRuntimeInSeconds))",
            "with enableManagedSpotTraining needs stoppingCondition.maxWaitTimeInSeconds: how long waiting for \
             capacity and running may take together, at least maxRuntimeInSeconds",
        ),
    ]
}

/// A rule for the one definition and for each of several; `it` stands for the definition.
fn each_definition(holds: &str, needs: &str) -> ValidationRule {
    let one = holds.replace("it.", "self.trainingJobDefinition.");
    rule(
        &format!(
            "(!has(self.trainingJobDefinition) || ({one})) && \
             (!has(self.trainingJobDefinitions) || self.trainingJobDefinitions.all(it, {holds}))"
        ),
        &format!("trainingJobDefinition {needs}"),
    )
}
