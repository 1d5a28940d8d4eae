//! One log that is read: of an object, or of a job that is known by its name in SageMaker alone.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sagemaker_operator::aws::{Clients, Subject, describe};
use sagemaker_operator::cli::{Complaint, Logged, Object, Type, log_trouble, wrong_region};
use sagemaker_operator::lifecycle::{Cause, Place, Refusal};
use sagemaker_operator::logs::{LogError, Millis, Origin, Selection, Trouble, Whose};

use crate::wanted::Wanted;

/// A log.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) type_: Type,
    pub(crate) logged: Logged,
    pub(crate) place: Place,
    /// What its lines are headed by, where there are several logs.
    pub(crate) label: Option<Arc<str>>,
    /// The trial that has done best, where no object tells.
    pub(crate) best: Option<String>,
    known: Known,
}

/// What the log is known by.
#[derive(Debug, Clone)]
enum Known {
    Object(Box<Object>),
    Job(String),
}

/// Which of a tuning job's trials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trial {
    /// The one with the best result so far.
    Best,
    /// The one with this number, counted from 1.
    Number(u32),
    /// The training job of this name in SageMaker.
    Named(String),
}

impl std::str::FromStr for Trial {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse::<u32>()) {
            ("best", _) => Ok(Self::Best),
            ("" | "0", _) => Err("not a trial: best, a number from 1 on, or the name of its training job"),
            (_, Ok(number)) => Ok(Self::Number(number)),
            (name, Err(_)) => Ok(Self::Named(name.to_owned())),
        }
    }
}

impl Source {
    pub(crate) fn of_object(object: Object, logged: Logged, place: Place) -> Self {
        Self { type_: object.type_, logged, place, label: None, best: None, known: Known::Object(Box::new(object)) }
    }

    pub(crate) fn of_job(type_: Type, logged: Logged, job: String, place: Place) -> Self {
        Self { type_, logged, place, label: None, best: None, known: Known::Job(job) }
    }

    /// The object as it was when it was found.
    pub(crate) fn object(&self) -> Option<&Object> {
        match &self.known {
            Known::Object(object) => Some(object),
            Known::Job(_) => None,
        }
    }

    /// The name in SageMaker, as far as it is known.
    pub(crate) fn job(&self) -> Option<&str> {
        match &self.known {
            Known::Object(object) => object.sagemaker_name(),
            Known::Job(job) => Some(job),
        }
    }

    /// What SageMaker says of it under the name that is known, as if an object said so.
    ///
    /// # Errors
    /// Why SageMaker does not tell.
    pub(crate) async fn describe(&self, clients: &Clients) -> Result<Object, Refusal> {
        self.describe_as(self.job().unwrap_or_default(), clients).await
    }

    /// The same under another name: an object gets its own late.
    pub(crate) async fn describe_as(&self, job: &str, clients: &Clients) -> Result<Object, Refusal> {
        let said = describe(clients, &self.place, subject(self.type_), job).await?;
        Ok(Object::described(self.type_, job, said))
    }

    /// What a person calls it: `trainingjob/NAME`.
    pub(crate) fn title(&self) -> String {
        let name = match &self.known {
            Known::Object(object) => &object.name,
            Known::Job(job) => job,
        };
        format!("{}/{name}", self.type_.singular())
    }

    /// With its namespace, where its name alone does not tell it from the others.
    pub(crate) fn full_title(&self) -> String {
        match &self.known {
            Known::Object(object) if self.label.as_deref().is_some_and(|label| label != object.name) => {
                format!("{} in namespace {}", self.title(), object.namespace)
            }
            Known::Object(_) | Known::Job(_) => self.title(),
        }
    }

    /// A moment before which the job cannot have been asked for, but if it is older than its object.
    pub(crate) fn created(&self, now: DateTime<Utc>) -> Millis {
        // Nobody tells when a job without an object began: its streams do.
        let created = self.object().map_or(Some(now), |object| object.created);
        Millis(created.map_or(0, |created| created.timestamp_millis()))
    }

    /// What of the log of `job` is wanted. `best` is the trial that has done best so far, where that is asked for.
    pub(crate) fn selection(&self, job: &str, wanted: &Wanted, best: Option<&str>) -> Result<Selection, Complaint> {
        let whose = match (self.type_, &wanted.trial) {
            (Type::HyperparameterTuningJob, trial) => match trial {
                None => Whose::Trials { tuning: job.into(), number: None },
                Some(Trial::Number(number)) => Whose::Trials { tuning: job.into(), number: Some(*number) },
                Some(Trial::Named(name)) => Whose::Job(name.as_str().into()),
                Some(Trial::Best) => Whose::Job(best.ok_or_else(|| self.no_best())?.into()),
            },
            (Type::HostingDeployment, _) => Whose::Endpoint { variant: wanted.variant.as_deref().map(Into::into) },
            _ => Whose::Job(job.into()),
        };
        let group = match self.type_ {
            Type::HostingDeployment => format!("{}/{job}", self.logged.group),
            _ => self.logged.group.to_owned(),
        };
        let Wanted { which, until, pattern, .. } = wanted;
        Ok(Selection {
            which: which.clone(),
            until: *until,
            pattern: pattern.as_deref().map(Into::into),
            ..Selection::new(&group, whose)
        })
    }

    /// By what lines of that selection are told apart.
    pub(crate) fn origin(&self, selection: Selection) -> Origin {
        let object = self.object().map(|object| format!("{}/{}", object.namespace, object.name).into());
        Origin { label: self.label.clone(), kind: self.type_.kind(), object, selection }
    }

    /// Why the log cannot be read.
    pub(crate) fn complain(&self, error: &LogError, selection: &Selection) -> Complaint {
        let region = &self.place.region;
        let mut complaint = log_trouble(error, region, &selection.group);
        if error.trouble == Trouble::Invalid && selection.pattern.is_some() {
            complaint = complaint
                .hint("--filter takes words, \"a phrase\", -without, ?either; for a regular expression use --grep");
        }
        match self.object() {
            Some(object) => wrong_region(complaint, object, region),
            None => complaint,
        }
    }

    /// Why SageMaker does not tell of it.
    pub(crate) fn untold(&self, refusal: Refusal) -> Complaint {
        let region = &self.place.region;
        if refusal.cause == Cause::Credentials {
            return log_trouble(&refusal.into(), region, self.logged.group);
        }
        Complaint::new(format!("SageMaker in {region} does not tell of {}: {}", self.title(), refusal.message))
            .hint("check the network, --region and --endpoint-url")
    }

    fn no_best(&self) -> Complaint {
        Complaint::new(format!("no trial of {} has a result yet", self.title()))
            .hint("leave out --trial to read all of them")
    }
}

/// What SageMaker calls what logs for an object of that type.
fn subject(type_: Type) -> Subject {
    match type_ {
        Type::TrainingJob => Subject::TrainingJob,
        Type::ProcessingJob => Subject::ProcessingJob,
        Type::BatchTransformJob => Subject::TransformJob,
        Type::HyperparameterTuningJob => Subject::TuningJob,
        Type::HostingDeployment | Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => {
            Subject::Endpoint
        }
    }
}

/// Heads lines by short names that tell the sources apart.
pub(crate) fn label_all(sources: &mut [Source]) {
    if sources.len() < 2 {
        return;
    }
    let names: Vec<[String; 3]> = sources.iter().map(names).collect();
    // The shortest names that are all different.
    let level = (0..3).find(|level| {
        let mut all: Vec<&String> = names.iter().map(|names| &names[*level]).collect();
        all.sort();
        all.windows(2).all(|pair| pair[0] != pair[1])
    });
    for (source, names) in sources.iter_mut().zip(&names) {
        source.label = Some(names[level.unwrap_or(2)].as_str().into());
    }
}

/// Its name, with its namespace, with its type too.
fn names(source: &Source) -> [String; 3] {
    let (name, namespace) = match &source.known {
        Known::Object(object) => (object.name.as_str(), object.namespace.as_str()),
        Known::Job(job) => (job.as_str(), ""),
    };
    let type_ = source.type_.singular();
    [name.to_owned(), format!("{namespace}/{name}"), format!("{namespace}/{type_}/{name}")]
}
