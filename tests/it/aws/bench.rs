//! A gateway on a test bench.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use sagemaker_operator::api::TrainingJob;
use sagemaker_operator::aws::{Api, Clients, Options, Sent};
use sagemaker_operator::lifecycle::{Assume, Created, Gateway, Handle, Intent, Kind, Permit, Place, Refusal, Tag};
use serde_json::{Value, json};

use crate::support::Simulator;
use crate::support::simulator::{Keys, REGION};

const UNBROKEN: &str = "nobody panics with the lock held";

/// A gateway whose permit and keys a test can take away.
pub(super) struct Bench {
    pub(super) api: Api,
    pub(super) place: Place,
    pub(super) permit: Arc<Switch>,
    pub(super) pocket: Pocket,
    pub(super) sent: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
pub(super) struct Switch(pub(super) AtomicBool);

impl Permit for Switch {
    fn may_write(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Keys that can be exchanged while somebody holds on to them.
#[derive(Debug, Clone)]
pub(super) struct Pocket(Arc<Mutex<Option<Credentials>>>);

impl Pocket {
    fn of(keys: Keys) -> Self {
        let pocket = Self(Arc::default());
        pocket.put(keys.id(), keys.secret());
        pocket
    }

    pub(super) fn put(&self, id: &str, secret: &str) {
        *self.0.lock().expect(UNBROKEN) = Some(Credentials::new(id, secret, None, None, "a pocket"));
    }

    pub(super) fn empty(&self) {
        *self.0.lock().expect(UNBROKEN) = None;
    }
}

impl ProvideCredentials for Pocket {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let found = self.0.lock().expect(UNBROKEN).clone();
        future::ProvideCredentials::ready(found.ok_or_else(|| CredentialsError::not_loaded("the pocket is empty")))
    }
}

impl Bench {
    pub(super) fn at(endpoint: &str) -> Self {
        Self::trusting(endpoint, None)
    }

    pub(super) fn trusting(endpoint: &str, bundle: Option<&Path>) -> Self {
        let permit = Arc::new(Switch(AtomicBool::new(true)));
        let pocket = Pocket::of(Keys::Ours);
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let options = Options {
            endpoint_url: Some(endpoint.parse().expect("an address")),
            credentials: Some(SharedCredentialsProvider::new(pocket.clone())),
            ca_bundle: bundle.map(Path::to_owned),
            cluster: Some("test".to_owned()),
            ..Options::default()
        };
        let log = Arc::clone(&sent);
        let observer =
            move |call: &Sent<'_>| log.lock().expect(UNBROKEN).push(format!("{} {:?}", call.operation, call.refused));
        let api = Api::new(Clients::new(options), Arc::clone(&permit) as Arc<dyn Permit>, Arc::new(observer));
        let place = Place { region: REGION.parse().expect("a region"), endpoint: None, role: None };
        Self { api, place, permit, pocket, sent }
    }

    pub(super) fn on(aws: &Simulator) -> Self {
        Self::at(aws.endpoint())
    }

    pub(super) fn with_role(mut self, role: &str) -> Self {
        let role = role.parse().expect("an ARN");
        self.place.role = Some(Assume { role, external_id: "team-a".to_owned() });
        self
    }

    pub(super) async fn create(&self, name: &str) -> Result<Created, Refusal> {
        Gateway::<TrainingJob>::create(&self.api, &self.place, name, &spec(), &tags()).await
    }

    pub(super) async fn describe(&self, name: &str) -> Result<<TrainingJob as Kind>::Observed, Refusal> {
        let (spec, status) = (spec(), <TrainingJob as Kind>::Status::default());
        let handle = Handle { name, spec: &spec, status: &status, intent: Intent::Keep };
        Gateway::<TrainingJob>::describe(&self.api, &self.place, &handle).await
    }

    pub(super) async fn stop(&self, name: &str) -> Result<(), Refusal> {
        let (spec, status) = (spec(), <TrainingJob as Kind>::Status::default());
        let handle = Handle { name, spec: &spec, status: &status, intent: Intent::Remove };
        Gateway::<TrainingJob>::stop(&self.api, &self.place, &handle).await
    }

    pub(super) async fn update(&self, name: &str, update: &Value) -> Result<(), Refusal> {
        let (spec, status) = (spec(), <TrainingJob as Kind>::Status::default());
        let handle = Handle { name, spec: &spec, status: &status, intent: Intent::Keep };
        Gateway::<TrainingJob>::update(&self.api, &self.place, &handle, update, &[]).await
    }

    pub(super) async fn account(&self) -> Result<String, Refusal> {
        Gateway::<TrainingJob>::account(&self.api, &self.place).await.map(|account| account.to_string())
    }
}

/// A job as in the samples.
pub(super) fn spec() -> <TrainingJob as Kind>::Spec {
    let spec = json!({
        "region": REGION,
        "roleArn": "arn:aws:iam::123456789012:role/train",
        "algorithmSpecification": {
            "trainingImage": "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1",
            "trainingInputMode": "File",
        },
        "hyperParameters": [{"name": "max_depth", "value": "5"}],
        "outputDataConfig": {"s3OutputPath": "s3://bucket/out"},
        "resourceConfig": {"instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5},
        "stoppingCondition": {"maxRuntimeInSeconds": 86400},
    });
    serde_json::from_value(spec).expect("a spec")
}

pub(super) fn tags() -> Vec<Tag> {
    vec![Tag { key: "team".to_owned(), value: "research".to_owned() }]
}
