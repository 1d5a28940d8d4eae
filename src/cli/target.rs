//! What was typed: a type in any spelling, and a name.

use super::Complaint;
use crate::api::{GROUP, VERSION};

/// A kind of object, as a person may name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// Whether it runs to an end; the others last until they are deleted.
    pub fn is_job(self) -> bool {
        match self {
            Self::TrainingJob | Self::ProcessingJob | Self::BatchTransformJob | Self::HyperparameterTuningJob => true,
            Self::HostingDeployment | Self::Model | Self::EndpointConfig | Self::HostingAutoscalingPolicy => false,
        }
    }

    /// How kube addresses it, without asking the API server what there is.
    pub fn resource(self) -> kube::core::ApiResource {
        kube::core::ApiResource {
            group: GROUP.to_owned(),
            version: VERSION.to_owned(),
            api_version: format!("{GROUP}/{VERSION}"),
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
            // Its trials are training jobs, and log as such.
            Self::HyperparameterTuningJob => Some(Logged {
                group: "/aws/sagemaker/TrainingJobs",
                name_label: "HyperParameterTuningJobName",
                spec_name: "hyperParameterTuningJobName",
                status_name: "sageMakerHyperParameterTuningJobName",
                status_word: "hyperParameterTuningJobStatus",
            }),
            // Every endpoint has a group of its own below this one.
            Self::HostingDeployment => Some(Logged {
                group: "/aws/sagemaker/Endpoints",
                name_label: "EndpointName",
                spec_name: "endpointName",
                status_name: "endpointName",
                status_word: "endpointStatus",
            }),
            Self::Model | Self::EndpointConfig | Self::HostingAutoscalingPolicy => None,
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
    /// Its namespace; `None` for the one of flags and context.
    pub namespace: Option<String>,
    /// Its name in Kubernetes.
    pub name: String,
}

impl Target {
    /// `trainingjob/NAME`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.type_.singular(), self.name)
    }

    /// Reads objects as kubectl takes them: `TYPE NAME...`, `TYPE/NAME...`, or both; `command` is what was called, for
    /// hints. Another type's spelling after a name begins objects of that type.
    ///
    /// # Errors
    /// What is missing or not known.
    pub fn parse_all(command: &str, words: &[String]) -> Result<Vec<Self>, Complaint> {
        let mut targets: Vec<Self> = Vec::new();
        // The type of the names to come, and whether it has one yet.
        let mut current: Option<(Type, bool)> = None;
        let which = |type_: Type| {
            Complaint::usage(format!("which {}?", type_.singular()))
                .hint(format_args!("kubectl get {}", type_.kind()))
                .hint(format_args!("for all of them: {command} {} --all", type_.singular()))
        };
        for word in words {
            let (type_, name) = match (word.split_once('/'), current) {
                (Some((type_, name)), _) => (Type::named(type_)?, name),
                // What follows a type is a name, even if it looks like a type.
                (None, Some((type_, false))) => (type_, word.as_str()),
                (None, Some((type_, true))) => match Type::parse(word) {
                    Some(next) => {
                        current = Some((next, false));
                        continue;
                    }
                    None => (type_, word.as_str()),
                },
                (None, None) => {
                    current = Some((Type::named(word)?, false));
                    continue;
                }
            };
            if name.is_empty() {
                return Err(which(type_));
            }
            if let Some((_, has_name)) = current.as_mut().filter(|_| !word.contains('/')) {
                *has_name = true;
            }
            let target = Self { type_, namespace: None, name: name.to_owned() };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        match current {
            Some((type_, false)) => Err(which(type_)),
            _ if targets.is_empty() => {
                Err(Complaint::usage("which job?").hint(format_args!("{command} TrainingJob NAME")))
            }
            Some((_, true)) | None => Ok(targets),
        }
    }
}

impl Type {
    /// Reads a type that a person has typed.
    ///
    /// # Errors
    /// With near types and those that have logs.
    pub fn named(word: &str) -> Result<Self, Complaint> {
        Self::parse(word).ok_or_else(|| {
            let known = Self::ALL.iter().filter(|known| known.logged().is_some()).map(|known| known.kind());
            Self::unknown(word).hint(format_args!("types with logs: {}", known.collect::<Vec<_>>().join(", ")))
        })
    }

    /// What is told of a word that is no type, with near ones.
    pub fn unknown(word: &str) -> Complaint {
        let kinds: Vec<String> = Self::ALL.iter().map(|known| known.kind().to_owned()).collect();
        Complaint::usage(format!("there is no type {word:?}")).did_you_mean(&nearest(word, &kinds))
    }

    /// Reads types alone, where no name may come.
    ///
    /// # Errors
    /// What is missing, not known, or a name after all.
    pub fn all_named(words: &[String], because: &str) -> Result<Vec<Self>, Complaint> {
        let mut found = Vec::new();
        for word in words {
            let type_ = match (word.split_once('/'), found.is_empty()) {
                (None, true) => Self::named(word)?,
                (None, false) => Self::parse(word).ok_or_else(|| {
                    Complaint::usage(format!("either a name or {because}: {word}")).hint("leave out one of them")
                })?,
                (Some(_), _) => {
                    return Err(
                        Complaint::usage(format!("either a name or {because}: {word}")).hint("leave out one of them")
                    );
                }
            };
            if !found.contains(&type_) {
                found.push(type_);
            }
        }
        if found.is_empty() {
            let known = Self::ALL.iter().filter(|known| known.logged().is_some()).map(|known| known.kind());
            return Err(Complaint::usage(format!("which type? {because} needs one"))
                .hint(format_args!("types with logs: {}", known.collect::<Vec<_>>().join(", "))));
        }
        Ok(found)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.type_.singular(), self.name)
    }
}

/// The names that are a few slips of the finger away, the closest first.
pub fn nearest(word: &str, names: &[String]) -> Vec<String> {
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

    fn parse(words: &[&str]) -> Result<Vec<String>, Complaint> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let targets = Target::parse_all("kubectl smlogs", &words)?;
        Ok(targets.iter().map(Target::to_string).collect())
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
    fn types_and_names_come_in_any_mix() {
        for (words, targets) in [
            (&["TrainingJob", "a"][..], &["trainingjob/a"][..]),
            (&["trainingjobs/a"], &["trainingjob/a"]),
            (&["trainingjob", "a", "b", "a"], &["trainingjob/a", "trainingjob/b"]),
            (&["trainingjob/a", "processingjobs/b"], &["trainingjob/a", "processingjob/b"]),
            (
                &["trainingjob", "a", "ProcessingJob", "b", "c"],
                &["trainingjob/a", "processingjob/b", "processingjob/c"],
            ),
            (&["trainingjob", "a", "model/b", "c"], &["trainingjob/a", "model/b", "trainingjob/c"]),
            // Right after a type comes a name, whatever it looks like.
            (&["trainingjob", "model"], &["trainingjob/model"]),
        ] {
            let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
            assert_eq!(parse(words), Ok(targets), "{words:?}");
        }
    }

    #[test]
    fn what_is_not_clear_is_asked_for() {
        let complaints: Vec<String> = [
            &["trainjob", "a"][..],
            &["pods", "a"],
            &["TrainingJob"],
            &["trainingjob/"],
            &["trainingjob", "a", "processingjob"],
            &["a/b/c"],
        ]
        .into_iter()
        .map(|words| parse(words).unwrap_err().to_string())
        .collect();
        assert_snapshot!(complaints.join("\n"), @r#"
        error: there is no type "trainjob"
        did you mean: TrainingJob
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
        error: there is no type "pods"
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
        error: which trainingjob?
        hint: kubectl get TrainingJob
        hint: for all of them: kubectl smlogs trainingjob --all
        error: which trainingjob?
        hint: kubectl get TrainingJob
        hint: for all of them: kubectl smlogs trainingjob --all
        error: which processingjob?
        hint: kubectl get ProcessingJob
        hint: for all of them: kubectl smlogs processingjob --all
        error: there is no type "a"
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
        "#);
    }

    #[test]
    fn where_all_are_meant_a_name_is_one_too_many() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let types = |all: &[&str]| Type::all_named(&words(all), "--all");
        assert_eq!(
            types(&["trainingjobs", "TrainingJob", "processingjob"]),
            Ok(vec![Type::TrainingJob, Type::ProcessingJob])
        );
        let complaints = [&["trainingjob", "a"][..], &["trainingjob/a"], &[], &["pod"]];
        let complaints = complaints.map(|all| types(all).unwrap_err().to_string());
        assert_snapshot!(complaints.join("\n"), @r#"
        error: either a name or --all: a
        hint: leave out one of them
        error: either a name or --all: trainingjob/a
        hint: leave out one of them
        error: which type? --all needs one
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
        error: there is no type "pod"
        hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
        "#);
    }

    #[test]
    fn near_names_are_close_ones_only() {
        let names = ["xgboost-mnist", "xgboost-mnist-2", "bert-large"].map(str::to_owned);
        assert_eq!(nearest("xgbost-mnist", &names), ["xgboost-mnist", "xgboost-mnist-2"]);
        assert_eq!(nearest("resnet", &names), Vec::<String>::new());
    }
}
