//! What was typed: a type in any spelling, and a name.

use super::Complaint;

/// The API group of all kinds.
const GROUP: &str = "sagemaker.aws.amazon.com";

/// A kind of object, as a person may name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A training job.
    TrainingJob,
    /// A processing job.
    ProcessingJob,
    /// A batch transform job.
    BatchTransformJob,
    /// A hyperparameter tuning job.
    HyperparameterTuningJob,
    /// A deployment of models on an endpoint.
    HostingDeployment,
    /// A model.
    Model,
    /// The configuration of an endpoint.
    EndpointConfig,
    /// A scaling policy of an endpoint's variants.
    HostingAutoscalingPolicy,
}

/// Where the log of a kind of job is, and how its object tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// The log group.
    pub group: &'static str,
    /// What SageMaker calls such a job's name: `TrainingJobName`.
    pub name_label: &'static str,
    /// The spec's field with that name.
    pub spec_name: &'static str,
    /// The status' field with that name.
    pub status_name: &'static str,
    /// The status' field with SageMaker's word for the state.
    pub status_word: &'static str,
}

impl Type {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::TrainingJob,
        Self::ProcessingJob,
        Self::BatchTransformJob,
        Self::HyperparameterTuningJob,
        Self::HostingDeployment,
        Self::Model,
        Self::EndpointConfig,
        Self::HostingAutoscalingPolicy,
    ];

    /// The kind as manifests write it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::TrainingJob => "TrainingJob",
            Self::ProcessingJob => "ProcessingJob",
            Self::BatchTransformJob => "BatchTransformJob",
            Self::HyperparameterTuningJob => "HyperparameterTuningJob",
            Self::HostingDeployment => "HostingDeployment",
            Self::Model => "Model",
            Self::EndpointConfig => "EndpointConfig",
            Self::HostingAutoscalingPolicy => "HostingAutoscalingPolicy",
        }
    }

    /// The kind in lower case: what stands before the slash in `trainingjob/NAME`.
    pub fn singular(self) -> String {
        self.kind().to_ascii_lowercase()
    }

    /// The resource's name in the API's paths.
    pub fn plural(self) -> &'static str {
        match self {
            Self::TrainingJob => "trainingjobs",
            Self::ProcessingJob => "processingjobs",
            Self::BatchTransformJob => "batchtransformjobs",
            Self::HyperparameterTuningJob => "hyperparametertuningjobs",
            Self::HostingDeployment => "hostingdeployments",
            Self::Model => "models",
            Self::EndpointConfig => "endpointconfigs",
            Self::HostingAutoscalingPolicy => "hostingautoscalingpolicies",
        }
    }

    /// How kube addresses it, without asking the API server what there is.
    pub fn resource(self) -> kube::core::ApiResource {
        kube::core::ApiResource {
            group: GROUP.to_owned(),
            version: "v1".to_owned(),
            api_version: format!("{GROUP}/v1"),
            kind: self.kind().to_owned(),
            plural: self.plural().to_owned(),
        }
    }

    /// Where its log is; `None` for kinds that have none of their own.
    pub fn logged(self) -> Option<Logged> {
        match self {
            Self::TrainingJob => Some(Logged {
                group: "/aws/sagemaker/TrainingJobs",
                name_label: "TrainingJobName",
                spec_name: "trainingJobName",
                status_name: "sageMakerTrainingJobName",
                status_word: "trainingJobStatus",
            }),
            Self::ProcessingJob => Some(Logged {
                group: "/aws/sagemaker/ProcessingJobs",
                name_label: "ProcessingJobName",
                spec_name: "processingJobName",
                status_name: "sageMakerProcessingJobName",
                status_word: "processingJobStatus",
            }),
            Self::BatchTransformJob => Some(Logged {
                group: "/aws/sagemaker/TransformJobs",
                name_label: "TransformJobName",
                spec_name: "transformJobName",
                status_name: "sageMakerTransformJobName",
                status_word: "transformJobStatus",
            }),
            Self::HyperparameterTuningJob
            | Self::HostingDeployment
            | Self::Model
            | Self::EndpointConfig
            | Self::HostingAutoscalingPolicy => None,
        }
    }

    /// Reads a type in any case, singular or plural, with or without the API group.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let word = lower.split('.').next().unwrap_or_default();
        Self::ALL.into_iter().find(|type_| word == type_.singular() || word == type_.plural())
    }
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its kind.
    pub type_: Type,
    /// Its name in Kubernetes.
    pub name: String,
}

impl Target {
    /// Reads `TYPE NAME` or `TYPE/NAME`; `command` is what was called, for hints.
    ///
    /// # Errors
    /// What is missing, too much or not known.
    pub fn parse(command: &str, words: &[String]) -> Result<Self, Complaint> {
        let (type_, names): (&str, Vec<&str>) = match words {
            [] => return Err(Complaint::usage("which job?").hint(format_args!("{command} TrainingJob NAME"))),
            [first, rest @ ..] => match first.split_once('/') {
                Some((type_, name)) => (type_, std::iter::once(name).chain(rest.iter().map(String::as_str)).collect()),
                None => (first, rest.iter().map(String::as_str).collect()),
            },
        };
        let Some(type_) = Type::parse(type_) else {
            let kinds: Vec<String> = Type::ALL.iter().map(|known| known.kind().to_owned()).collect();
            let known = Type::ALL.iter().filter(|known| known.logged().is_some()).map(|known| known.kind());
            return Err(Complaint::usage(format!("there is no type {type_:?}"))
                .did_you_mean(&nearest(type_, &kinds))
                .hint(format_args!("types with logs: {}", known.collect::<Vec<_>>().join(", "))));
        };
        match names[..] {
            [name] if !name.is_empty() => Ok(Self { type_, name: name.to_owned() }),
            [] | [_] => Err(Complaint::usage(format!("which {}?", type_.singular()))
                .hint(format_args!("kubectl get {}", type_.kind()))),
            [..] => Err(Complaint::usage(format!("one {} at a time: {}", type_.singular(), names.join(", ")))
                .hint(format_args!("{command} {} {}", type_.singular(), names[0]))),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.type_.singular(), self.name)
    }
}

/// The names that are a few slips of the finger away, the closest first.
pub(super) fn nearest(word: &str, names: &[String]) -> Vec<String> {
    let word = word.to_lowercase();
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.len().max(word.len()) / 3)
        .collect();
    near.sort();
    near.into_iter().take(3).map(|(_, name)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn parse(words: &[&str]) -> Result<Target, Complaint> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Target::parse("kubectl smlogs", &words)
    }

    #[test]
    fn every_spelling_of_v1_is_understood() {
        for spelling in ["TrainingJob", "Trainingjob", "trainingjob", "trainingjobs", "TrainingJobs"] {
            assert_eq!(Type::parse(spelling), Some(Type::TrainingJob), "{spelling}");
        }
        for spelling in ["batchtransformjob", "BatchtransformJob", "batchtransformjobs", "BatchTransformJobs"] {
            assert_eq!(Type::parse(spelling), Some(Type::BatchTransformJob), "{spelling}");
        }
        assert_eq!(Type::parse("HyperParameterTuningJob"), Some(Type::HyperparameterTuningJob));
        assert_eq!(Type::parse("trainingjobs.sagemaker.aws.amazon.com"), Some(Type::TrainingJob));
        assert_eq!(Type::parse("pods"), None);
    }

    #[test]
    fn type_and_name_come_as_one_word_or_two() {
        let job = Target { type_: Type::TrainingJob, name: "xgboost".to_owned() };
        assert_eq!(parse(&["TrainingJob", "xgboost"]), Ok(job.clone()));
        assert_eq!(parse(&["trainingjobs/xgboost"]), Ok(job));
    }

    #[test]
    fn what_is_not_clear_is_asked_for() {
        let complaints: Vec<String> =
            [&["trainjob", "a"][..], &["pods", "a"], &["TrainingJob"], &["trainingjob/"], &["trainingjob", "a", "b"]]
                .into_iter()
                .map(|words| parse(words).unwrap_err().to_string())
                .collect();
        assert_snapshot!(complaints.join("\n"), @r#"
        error: there is no type "trainjob"
        did you mean: TrainingJob
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob
        error: there is no type "pods"
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob
        error: which trainingjob?
        hint: kubectl get TrainingJob
        error: which trainingjob?
        hint: kubectl get TrainingJob
        error: one trainingjob at a time: a, b
        hint: kubectl smlogs trainingjob a
        "#);
    }

    #[test]
    fn near_names_are_close_ones_only() {
        let names = ["xgboost-mnist", "xgboost-mnist-2", "bert-large"].map(str::to_owned);
        assert_eq!(nearest("xgbost-mnist", &names), ["xgboost-mnist", "xgboost-mnist-2"]);
        assert_eq!(nearest("resnet", &names), Vec::<String>::new());
    }
}
