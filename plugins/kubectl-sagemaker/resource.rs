//! What SageMaker has of an object, whatever its kind: seen with the operator's own eyes, and the credentials of who asks.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sagemaker_operator::api::{
    BatchTransformJob, EndpointConfig, HostingAutoscalingPolicy, HostingDeployment, HyperparameterTuningJob, Model,
    ProcessingJob, TrainingJob,
};
use sagemaker_operator::aws::{Api, Clients, Options, Retries};
use sagemaker_operator::cli::{AwsFlags, Type};
use sagemaker_operator::lifecycle::{
    ANNOTATION_ADOPT, ANNOTATION_V1_ACCOUNT, AccountId, FINALIZER, Gateway, Handle, Intent, Kind, Known, Legacy,
    OnDrift, Past, Permit, Place, Refusal, Sighting, Step, legacy, look, next_step, past,
};
use serde_json::{Value, json};

use crate::held::Held;

/// How long after a Create "not found" may mean "not yet": the operator's usual patience.
const NOT_FOUND_WINDOW: Duration = Duration::from_mins(2);

/// What a person asks for needs no Lease.
#[derive(Debug)]
struct ByHand;

impl Permit for ByHand {
    fn may_write(&self) -> bool {
        true
    }
}

/// The way to AWS, with the credentials of who asks.
pub(crate) fn aws(flags: &AwsFlags) -> Api {
    Api::new(clients(flags, Retries::Sdk), Arc::new(ByHand), Arc::new(|_| {}))
}

/// The clients that the flags mean.
pub(crate) fn clients(flags: &AwsFlags, retries: Retries) -> Clients {
    let AwsFlags { profile, endpoint_url } = flags.clone();
    Clients::new(Options { profile, endpoint_url, retries, ..Options::default() })
}

/// What AWS said of an object's resource.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Whether it is there and whose it is.
    pub(crate) sighting: Sighting,
    /// What was done for the object, as far as it remembers.
    pub(crate) past: Past,
    /// What the operator would do next to have it gone.
    pub(crate) to_go: Step,
    /// SageMaker's word for its state.
    pub(crate) word: Option<String>,
    /// The finer word beside it, where that says more.
    pub(crate) finer: Option<String>,
    /// The status that SageMaker's answer makes, where there is an answer.
    pub(crate) status: Option<Value>,
}

/// An object's resource in AWS.
pub(crate) trait Resource: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Where it is.
    fn place(&self) -> &Place;

    /// Asks AWS for it.
    fn look<'a>(&'a self, aws: &'a Api) -> BoxFuture<'a, Result<Seen, Refusal>>;

    /// Stops a job, deletes what lasts.
    fn stop<'a>(&'a self, aws: &'a Api) -> BoxFuture<'a, Result<(), Refusal>>;
}

/// The resource of an object.
///
/// # Errors
/// What of the object cannot be read.
pub(crate) fn resource_of(held: &Held) -> Result<Box<dyn Resource>, String> {
    match held.object.type_ {
        Type::TrainingJob => of::<TrainingJob>(held),
        Type::ProcessingJob => of::<ProcessingJob>(held),
        Type::BatchTransformJob => of::<BatchTransformJob>(held),
        Type::HyperparameterTuningJob => of::<HyperparameterTuningJob>(held),
        Type::HostingDeployment => of::<HostingDeployment>(held),
        Type::Model => of::<Model>(held),
        Type::EndpointConfig => of::<EndpointConfig>(held),
        Type::HostingAutoscalingPolicy => of::<HostingAutoscalingPolicy>(held),
    }
}

fn of<K: Kind>(held: &Held) -> Result<Box<dyn Resource>, String>
where
    Api: Gateway<K>,
{
    Ok(Box::new(Typed::<K>::read(held)?))
}

/// What is known of an object of one kind.
struct Typed<K: Kind> {
    name: String,
    place: Place,
    uid: String,
    spec: K::Spec,
    status: K::Status,
    is_trial: bool,
    legacy: Option<Legacy>,
    v1_account: Option<AccountId>,
    may_adopt: bool,
}

impl<K: Kind> Typed<K> {
    fn read(held: &Held) -> Result<Self, String> {
        let data = &held.stored.data;
        let spec: K::Spec = serde_json::from_value(data["spec"].clone())
            .map_err(|error| format!("its spec cannot be read: {error}"))?;
        let mut status: K::Status = match &data["status"] {
            Value::Null => K::Status::default(),
            status => {
                serde_json::from_value(status.clone()).map_err(|error| format!("its status cannot be read: {error}"))?
            }
        };
        let uid = held.object.uid.clone();
        let name = K::name_in_use(&spec, &uid, &held.object.name);
        let named = K::recorded_name(&status).is_none_or(|recorded| recorded == name);
        let legacy = legacy::<K>(held.ours().contains(&FINALIZER), &status).filter(|_| named);
        if legacy.is_some() && K::common(&status).create_request.is_none() {
            K::inherit(&mut status, &spec);
        }
        Ok(Self {
            place: K::place(&spec).map_err(|error| error.to_string())?,
            legacy,
            is_trial: held.is_trial(),
            v1_account: held.annotation(ANNOTATION_V1_ACCOUNT).and_then(|account| account.parse().ok()),
            may_adopt: held.annotation(ANNOTATION_ADOPT) == Some("true"),
            name,
            uid,
            spec,
            status,
        })
    }

    fn handle(&self) -> Handle<'_, K> {
        Handle { name: &self.name, spec: &self.spec, status: &self.status, intent: Intent::Remove }
    }

    fn past(&self) -> Past {
        let started = if self.is_trial { Some(Legacy::Started) } else { self.legacy };
        past::<K>(&self.status, NOT_FOUND_WINDOW, Utc::now(), started)
    }
}

impl<K: Kind> Resource for Typed<K>
where
    Api: Gateway<K>,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn look<'a>(&'a self, aws: &'a Api) -> BoxFuture<'a, Result<Seen, Refusal>> {
        async move {
            let known = Known {
                handle: self.handle(),
                uid: &self.uid,
                is_trial: self.is_trial,
                legacy: self.legacy,
                v1_account: self.v1_account.as_ref(),
                may_adopt: self.may_adopt,
            };
            let (seen, sighting) = look(aws, &self.place, &known).await?;
            let past = self.past();
            let to_go = next_step(Intent::Remove, past, &sighting, K::SORT, OnDrift::Ignore);
            let status = seen.map(|seen| {
                let mut status = self.status.clone();
                K::report(&mut status, &self.place, &self.name, &seen);
                status
            });
            let word = status.as_ref().and_then(|status| K::status_word(status).map(str::to_owned));
            let status = status.map(|status| json!(status));
            let finer = status.as_ref().and_then(|status| status["secondaryStatus"].as_str().map(str::to_owned));
            Ok(Seen { sighting, past, to_go, finer: finer.filter(|finer| word.as_ref() != Some(finer)), word, status })
        }
        .boxed()
    }

    fn stop<'a>(&'a self, aws: &'a Api) -> BoxFuture<'a, Result<(), Refusal>> {
        async move { aws.stop(&self.place, &self.handle()).await }.boxed()
    }
}
