//! Endpoints on a real API server and the AWS simulator, with their models, configurations and scaling policies: judged
//! by the simulator's journal.

mod admission;
mod adoption;
mod again;
mod hand;
mod lasting;
mod leaves;
mod life;
mod rollout;

use std::sync::Arc;

use sagemaker_operator::api::hosting_deployment::EndpointObserved;
use sagemaker_operator::api::{EndpointConfig, HostingDeployment};
use sagemaker_operator::aws::{Api, Clients, Options};
use sagemaker_operator::lifecycle::{Cause, Gateway, Handle, Intent, Kind, Permit, Place, Refusal};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::namespace::condition_of;
use crate::support::operator::hasty;
use crate::support::simulator::{Keys, REGION};
use crate::support::{Namespace, Simulator};

const DEPLOYMENTS: &str = "hostingdeployments";
const MODELS: &str = "models";
const CONFIGS: &str = "endpointconfigs";
pub(crate) const NAME: &str = "digits";

/// A deployment of one model with that image, changed by a merge patch of its spec.
pub(crate) fn deployment(image: &str, patch: &Value) -> Value {
    let mut spec = json!({
        "region": REGION,
        "models": [{
            "name": "Digits",
            "executionRoleArn": "arn:aws:iam::123456789012:role/host",
            "containers": [{ "containerHostname": "host", "image": image, "modelDataUrl": "s3://bucket/model.tar.gz" }],
        }],
        "productionVariants": [{
            "variantName": "AllTraffic",
            "modelName": "Digits",
            "instanceType": "ml.m5.large",
            "initialInstanceCount": 1,
        }],
    });
    json_patch::merge(&mut spec, patch);
    object("HostingDeployment", NAME, &spec)
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": kind,
        "metadata": { "name": name },
        "spec": spec,
    })
}

/// Waits until the operator has seen this generation and the endpoint is as wanted.
#[track_caller]
pub(crate) fn until_ready(home: &Namespace) -> Value {
    home.until(DEPLOYMENTS, NAME, "ready", is_ready)
}

fn is_ready(object: &Value) -> bool {
    let generation = &object["metadata"]["generation"];
    condition_of(object, "Ready").is_some_and(|it| it["status"] == "True" && it["observedGeneration"] == *generation)
}

/// Waits until the object is stalled for that reason; returns the message.
#[track_caller]
fn until_stalled(home: &Namespace, plural: &str, name: &str, why: &str) -> String {
    let is_stalled = |object: &Value| {
        condition_of(object, "Stalled").is_some_and(|it| it["status"] == "True" && it["reason"] == why)
    };
    let object = home.until(plural, name, &format!("Stalled by {why}"), is_stalled);
    condition_of(&object, "Stalled").expect("just seen")["message"].as_str().unwrap_or_default().to_owned()
}

/// The names of all objects of that sort.
fn names(home: &Namespace, plural: &str) -> Vec<String> {
    let names = home.kubectl(["get", plural, "-o", "jsonpath={.items[*].metadata.name}"]).run().ok();
    names.split_whitespace().map(str::to_owned).collect()
}

/// How often each operation took effect, of those that write.
fn writes(aws: &Simulator) -> Vec<String> {
    aws.journal().into_iter().filter(|call| call.applied).map(|call| call.operation).collect()
}

/// Somebody beside the operator who asks SageMaker.
struct Client {
    api: Api,
    place: Place,
    runtime: Runtime,
}

#[derive(Debug)]
struct Always;

impl Permit for Always {
    fn may_write(&self) -> bool {
        true
    }
}

impl Client {
    fn of(aws: &Simulator) -> Self {
        let keys = Keys::Ours;
        let credentials = aws_credential_types::Credentials::new(keys.id(), keys.secret(), None, None, "test");
        let options = Options {
            endpoint_url: Some(aws.endpoint().parse().expect("an address")),
            credentials: Some(aws_credential_types::provider::SharedCredentialsProvider::new(credentials)),
            ..Options::default()
        };
        Self {
            api: Api::new(Clients::new(options), Arc::new(Always), Arc::new(|_: &_| {})),
            place: Place { region: REGION.parse().expect("a region"), endpoint: None, role: None },
            runtime: Runtime::new().expect("a runtime can be built"),
        }
    }

    fn endpoint(&self, name: &str) -> Option<EndpointObserved> {
        self.describe::<HostingDeployment>(name)
    }

    fn has_config(&self, name: &str) -> bool {
        self.describe::<EndpointConfig>(name).is_some()
    }

    /// What there is of that name, whatever an object may say.
    fn describe<K: Kind<Spec: Default>>(&self, name: &str) -> Option<K::Observed>
    where
        Api: Gateway<K>,
    {
        let (spec, status) = (K::Spec::default(), K::Status::default());
        let handle = Handle { name, spec: &spec, status: &status, intent: Intent::Keep };
        found(self.runtime.block_on(Gateway::<K>::describe(&self.api, &self.place, &handle)))
    }
}

#[track_caller]
fn found<T>(answer: Result<T, Refusal>) -> Option<T> {
    match answer {
        Ok(found) => Some(found),
        Err(refusal) if refusal.cause == Cause::NotFound => None,
        Err(refusal) => panic!("{refusal}"),
    }
}
