//! Ways to ask for a resource that exclude each other: together they hold every leaf.

/// A way to ask for a resource; each excludes the others.
#[derive(Debug)]
pub(crate) struct Flavour {
    pub(crate) name: &'static str,
    /// What makes such a resource complete, beside what the API requires of all.
    pub(super) base: &'static [&'static str],
    /// The paths that only such a resource has. The last flavour of a kind takes every leaf that no other one has for itself.
    pub(super) own: &'static [&'static str],
}

/// What the model does not say of a structure or of the items of a list: that they need one of these places, and which
/// they get here.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) items: &'static str,
    pub(super) places: &'static [&'static str],
    pub(super) default: &'static str,
}

pub(super) const OF_TRAINING: &[Flavour] = &[
    Flavour {
        name: "algorithm",
        base: &[
            "AlgorithmSpecification.AlgorithmName",
            "ResourceConfig.InstanceGroups[].InstanceCount",
            "StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "AlgorithmSpecification.AlgorithmName",
            "ResourceConfig.InstanceGroups[]",
            "InputDataConfig[].DataSource.S3DataSource.InstanceGroupNames[]",
        ],
    },
    Flavour {
        name: "preferences",
        base: &[
            "AlgorithmSpecification.TrainingImage",
            "ResourceConfig.InstancePreferences[].InstanceType",
            "StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "ResourceConfig.InstancePreferences[]",
            "ResourceConfig.SelectedInstance",
            "InputDataConfig[].DataSource.FileSystemDataSource",
        ],
    },
    Flavour {
        name: "serverless",
        base: &["ServerlessJobConfig.BaseModelArn"],
        own: &["ServerlessJobConfig", "InputDataConfig[].DataSource.DatasetSource", "ModelPackageConfig"],
    },
    Flavour {
        name: "image",
        base: &[
            "AlgorithmSpecification.TrainingImage",
            "ResourceConfig.InstanceCount",
            "ResourceConfig.InstanceType",
            "ResourceConfig.VolumeSizeInGB",
            "StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[],
    },
];

pub(super) const SOURCES_OF_TRAINING: &[Source] = &[Source {
    items: "InputDataConfig[]",
    places: &["InputDataConfig[].DataSource."],
    default: "InputDataConfig[].DataSource.S3DataSource.S3Uri",
}];

const ONE_CLUSTER: &[&str] =
    &["ProcessingResources.ClusterConfig.InstanceCount", "ProcessingResources.ClusterConfig.InstanceType"];

pub(super) const OF_PROCESSING: &[Flavour] = &[
    Flavour {
        name: "athena",
        base: ONE_CLUSTER,
        own: &["ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition"],
    },
    Flavour {
        name: "redshift",
        base: &[
            "ProcessingResources.ClusterConfig.InstanceCount",
            "ProcessingResources.ClusterConfig.InstanceType",
            "ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterId",
        ],
        own: &["ProcessingInputs[].DatasetDefinition", "ProcessingInputs[].AppManaged"],
    },
    Flavour {
        name: "features",
        base: ONE_CLUSTER,
        own: &["ProcessingOutputConfig.Outputs[].FeatureStoreOutput", "ProcessingOutputConfig.Outputs[].AppManaged"],
    },
    Flavour {
        name: "preferences",
        base: &["ProcessingResources.ClusterConfig.InstancePreferences[].InstanceType"],
        own: &[
            "ProcessingResources.ClusterConfig.InstancePreferences[]",
            "ProcessingResources.ClusterConfig.SelectedInstance",
        ],
    },
    Flavour { name: "plain", base: ONE_CLUSTER, own: &[] },
];

pub(super) const SOURCES_OF_PROCESSING: &[Source] = &[
    Source {
        items: "ProcessingInputs[]",
        places: &["ProcessingInputs[].S3Input.", "ProcessingInputs[].DatasetDefinition."],
        default: "ProcessingInputs[].S3Input.S3Uri",
    },
    Source {
        items: "ProcessingOutputConfig.Outputs[]",
        places: &["ProcessingOutputConfig.Outputs[].S3Output.", "ProcessingOutputConfig.Outputs[].FeatureStoreOutput."],
        default: "ProcessingOutputConfig.Outputs[].S3Output.S3Uri",
    },
];

pub(super) const OF_TRANSFORM: &[Flavour] = &[Flavour { name: "transform", base: &[], own: &[] }];

/// One definition or several, and in each of them what excludes each other.
pub(super) const OF_TUNING: &[Flavour] = &[
    Flavour {
        name: "algorithms",
        base: &[
            "TrainingJobDefinitions[].AlgorithmSpecification.AlgorithmName",
            "TrainingJobDefinitions[].TuningObjective.MetricName",
            "TrainingJobDefinitions[].ResourceConfig.InstanceGroups[].InstanceCount",
            "TrainingJobDefinitions[].StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinitions[].AlgorithmSpecification.AlgorithmName",
            "TrainingJobDefinitions[].ResourceConfig.InstanceGroups[]",
            "TrainingJobDefinitions[].InputDataConfig[].DataSource.S3DataSource.InstanceGroupNames[]",
        ],
    },
    Flavour {
        name: "preferences-of-several",
        base: &[
            "TrainingJobDefinitions[].AlgorithmSpecification.TrainingImage",
            "TrainingJobDefinitions[].TuningObjective.MetricName",
            "TrainingJobDefinitions[].ResourceConfig.InstancePreferences[].InstanceType",
            "TrainingJobDefinitions[].StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinitions[].ResourceConfig.InstancePreferences[]",
            "TrainingJobDefinitions[].ResourceConfig.SelectedInstance",
            "TrainingJobDefinitions[].InputDataConfig[].DataSource.FileSystemDataSource",
        ],
    },
    Flavour {
        name: "choices",
        base: &[
            "TrainingJobDefinitions[].AlgorithmSpecification.TrainingImage",
            "TrainingJobDefinitions[].TuningObjective.MetricName",
            "TrainingJobDefinitions[].HyperParameterTuningResourceConfig.InstanceType",
            "TrainingJobDefinitions[].StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinitions[].HyperParameterTuningResourceConfig",
            "TrainingJobDefinitions[].InputDataConfig[].DataSource.DatasetSource",
        ],
    },
    Flavour {
        name: "images",
        base: &[
            "TrainingJobDefinitions[].AlgorithmSpecification.TrainingImage",
            "TrainingJobDefinitions[].TuningObjective.MetricName",
            "TrainingJobDefinitions[].ResourceConfig.InstanceType",
            "TrainingJobDefinitions[].ResourceConfig.InstanceCount",
            "TrainingJobDefinitions[].ResourceConfig.VolumeSizeInGB",
            "TrainingJobDefinitions[].StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &["TrainingJobDefinitions[]"],
    },
    Flavour {
        name: "algorithm",
        base: &[
            "TrainingJobDefinition.AlgorithmSpecification.AlgorithmName",
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            "TrainingJobDefinition.ResourceConfig.InstanceGroups[].InstanceCount",
            "TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinition.AlgorithmSpecification.AlgorithmName",
            "TrainingJobDefinition.ResourceConfig.InstanceGroups[]",
            "TrainingJobDefinition.InputDataConfig[].DataSource.S3DataSource.InstanceGroupNames[]",
        ],
    },
    Flavour {
        name: "preferences",
        base: &[
            "TrainingJobDefinition.AlgorithmSpecification.TrainingImage",
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            "TrainingJobDefinition.ResourceConfig.InstancePreferences[].InstanceType",
            "TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinition.ResourceConfig.InstancePreferences[]",
            "TrainingJobDefinition.ResourceConfig.SelectedInstance",
            "TrainingJobDefinition.InputDataConfig[].DataSource.FileSystemDataSource",
        ],
    },
    Flavour {
        name: "choice",
        base: &[
            "TrainingJobDefinition.AlgorithmSpecification.TrainingImage",
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            "TrainingJobDefinition.HyperParameterTuningResourceConfig.InstanceType",
            "TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[
            "TrainingJobDefinition.HyperParameterTuningResourceConfig",
            "TrainingJobDefinition.InputDataConfig[].DataSource.DatasetSource",
        ],
    },
    Flavour {
        name: "image",
        base: &[
            "TrainingJobDefinition.AlgorithmSpecification.TrainingImage",
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            "TrainingJobDefinition.ResourceConfig.InstanceType",
            "TrainingJobDefinition.ResourceConfig.InstanceCount",
            "TrainingJobDefinition.ResourceConfig.VolumeSizeInGB",
            "TrainingJobDefinition.StoppingCondition.MaxRuntimeInSeconds",
        ],
        own: &[],
    },
];

pub(super) const SOURCES_OF_TUNING: &[Source] = &[
    Source {
        items: "TrainingJobDefinition.InputDataConfig[]",
        places: &["TrainingJobDefinition.InputDataConfig[].DataSource."],
        default: "TrainingJobDefinition.InputDataConfig[].DataSource.S3DataSource.S3Uri",
    },
    Source {
        items: "TrainingJobDefinitions[].InputDataConfig[]",
        places: &["TrainingJobDefinitions[].InputDataConfig[].DataSource."],
        default: "TrainingJobDefinitions[].InputDataConfig[].DataSource.S3DataSource.S3Uri",
    },
];

/// One container or several.
pub(super) const OF_MODEL: &[Flavour] = &[
    Flavour {
        name: "pipeline",
        base: &["Containers[].Image", "ExecutionRoleArn"],
        own: &["Containers[]", "InferenceExecutionConfig"],
    },
    Flavour { name: "primary", base: &["PrimaryContainer.Image", "ExecutionRoleArn"], own: &[] },
];

/// What the variants run on.
pub(super) const OF_CONFIG: &[Flavour] = &[
    Flavour {
        name: "serverless",
        base: &["ProductionVariants[].ModelName", "ProductionVariants[].ServerlessConfig.MaxConcurrency"],
        own: &["ProductionVariants[].ServerlessConfig", "ShadowProductionVariants[].ServerlessConfig"],
    },
    Flavour {
        name: "pools",
        base: &["ProductionVariants[].ModelName", "ProductionVariants[].InstancePools[].InstanceType"],
        own: &["ProductionVariants[].InstancePools[]", "ShadowProductionVariants[].InstancePools[]"],
    },
    Flavour {
        name: "machines",
        base: &[
            "ProductionVariants[].ModelName",
            "ProductionVariants[].InstanceType",
            "ProductionVariants[].InitialInstanceCount",
        ],
        own: &[],
    },
];

pub(super) const SOURCES_OF_CONFIG: &[Source] = &[
    Source {
        items: "ShadowProductionVariants[]",
        places: &[
            "ShadowProductionVariants[].ServerlessConfig.",
            "ShadowProductionVariants[].InstancePools[].",
            "ShadowProductionVariants[].InstanceType",
        ],
        default: "ShadowProductionVariants[].InstanceType",
    },
    // Structures that must be there, though nothing has to be in them.
    Source {
        items: "AsyncInferenceConfig",
        places: &["AsyncInferenceConfig.OutputConfig."],
        default: "AsyncInferenceConfig.OutputConfig.S3OutputPath",
    },
    Source {
        items: "ExplainerConfig.ClarifyExplainerConfig",
        places: &["ExplainerConfig.ClarifyExplainerConfig.ShapConfig.ShapBaselineConfig."],
        default: "ExplainerConfig.ClarifyExplainerConfig.ShapConfig.ShapBaselineConfig.ShapBaseline",
    },
];
