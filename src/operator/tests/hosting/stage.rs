//! The stage: the objects of three kinds, what SageMaker has of them, one clock, and an operator that may die in any call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::super::fate::{self, Fate};
use super::super::world::{UID, WINDOW};
use super::cluster::{Objects, Seat};
use super::sagemaker::SageMaker;
use crate::api::{EndpointConfig, HostingDeployment, Model};
use crate::lifecycle::{Cause, Gateway, Kind};
use crate::operator::children::Keeper;
use crate::operator::hosting::Parts;
use crate::operator::in_use::InUse;
use crate::operator::{Key, Next, Reconciler, Rules};

/// The deployment's name.
pub(super) const NAME: &str = "digits";
/// How much time passes between two rounds.
const ROUND: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug)]
pub(super) struct State {
    pub(super) now: DateTime<Utc>,
    pub(super) objects: Objects,
    pub(super) aws: SageMaker,
    calls: Vec<String>,
    /// How often each call took effect.
    applied: BTreeMap<&'static str, usize>,
    /// What happens to the call of that number.
    fates: BTreeMap<usize, Fate>,
    /// The calls that are refused, with why.
    pub(super) refused: BTreeMap<&'static str, Cause>,
    /// What happens to the next call of that name.
    next_fates: BTreeMap<&'static str, Fate>,
    /// The kinds that the API server does not know.
    pub(super) not_installed: BTreeSet<&'static str>,
    /// The objects that the operator has no reason to look at again until they change, with their versions.
    at_rest: BTreeMap<(&'static str, Key), Value>,
}

#[derive(Debug, Clone)]
pub(super) struct Stage(Arc<Mutex<State>>);

impl Stage {
    pub(super) fn new(appears_after: TimeDelta, accidents: &[(usize, Fate)]) -> Self {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
        let (aws, fates) = (SageMaker::new(appears_after), accidents.iter().cloned().collect());
        let (objects, calls, applied) = (Objects::default(), Vec::new(), BTreeMap::new());
        let (refused, next_fates, at_rest) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(State {
            now,
            objects,
            aws,
            calls,
            applied,
            fates,
            refused,
            next_fates,
            not_installed: BTreeSet::new(),
            at_rest,
        })))
    }

    /// One whose deployment serves its first edit.
    #[track_caller]
    pub(super) fn serving() -> Self {
        let stage = Self::new(TimeDelta::zero(), &[]);
        stage.put(1);
        stage.until("in service", |stage| stage.serves(1));
        stage
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the state")
    }

    /// Applies the deployment: of two models, the first one with an image of this edit.
    pub(super) fn put(&self, edit: u32) {
        self.put_image(&format!("image:{edit}"));
    }

    /// Applies the deployment with the first model of that image.
    pub(super) fn put_image(&self, image: &str) {
        let model = |name: &str, image: String| {
            json!({
                "name": name,
                "executionRoleArn": "arn:aws:iam::123456789012:role/host",
                "containers": [{ "image": image, "modelDataUrl": "s3://bucket/model.tar.gz" }],
            })
        };
        let variant = |name: &str| {
            json!({
                "variantName": name, "modelName": name, "instanceType": "ml.m5.large", "initialInstanceCount": 1,
            })
        };
        let spec = json!({
            "region": "us-west-2",
            "models": [model("digits", image.to_owned()), model("other", "image:1".to_owned())],
            "productionVariants": [variant("digits"), variant("other")],
        });
        let now = self.state().now;
        self.state().objects.apply(HostingDeployment::KIND, NAME, UID, &json!({ "spec": spec }), now);
    }

    /// Changes the deployment's spec by a merge patch.
    pub(super) fn merge(&self, spec: &Value) {
        let now = self.state().now;
        self.state().objects.apply(HostingDeployment::KIND, NAME, UID, &json!({ "spec": spec }), now);
    }

    /// Gives the deployment a tag.
    pub(super) fn tag(&self, key: &str) {
        self.merge(&json!({ "tags": [{ "key": key, "value": "a" }] }));
    }

    /// Deletes a configuration in Kubernetes.
    pub(super) fn delete_child(&self, config: &str) {
        let now = self.state().now;
        self.state().objects.delete(EndpointConfig::KIND, config, now);
    }

    /// The next call of that name takes effect, and its answer does not arrive.
    pub(super) fn lose_answer(&self, call: &'static str) {
        self.state().next_fates.insert(call, Fate::AnswerLost);
    }

    /// The next call of that name does not arrive.
    pub(super) fn lose_request(&self, call: &'static str) {
        self.state().next_fates.insert(call, Fate::Lost);
    }

    /// The slow sweep has come round.
    pub(super) fn look_at_all(&self) {
        self.state().at_rest.clear();
    }

    pub(super) fn delete(&self) {
        let now = self.state().now;
        self.state().objects.delete(HostingDeployment::KIND, NAME, now);
    }

    /// Deletes all models and configurations in Kubernetes.
    pub(super) fn delete_children(&self) {
        let mut state = self.state();
        let now = state.now;
        for kind in [Model::KIND, EndpointConfig::KIND] {
            for key in state.objects.keys(kind) {
                state.objects.delete(kind, key.name(), now);
            }
        }
    }

    /// The operator looks at every object, and time passes. Where it dies, the rest of the round is not done.
    pub(super) fn round(&self) {
        let alive = self.pass_all::<HostingDeployment>(|_| Arc::new(Parts))
            && self.pass_all::<EndpointConfig>(|aws| Arc::new(InUse(aws)))
            && self.pass_all::<Model>(|aws| Arc::new(InUse(aws)));
        let mut state = self.state();
        if !alive {
            // Who takes over looks at everything.
            state.at_rest.clear();
        }
        state.now += if alive { ROUND } else { TimeDelta::seconds(1) };
        let now = state.now;
        state.aws.advance(now);
    }

    /// Passes over all objects of a kind; false if the operator died in one of them.
    fn pass_all<K: Kind>(&self, keeper: impl Fn(Arc<Self>) -> Keeper<K, Seat>) -> bool
    where
        Self: Gateway<K>,
    {
        let (keys, now) = {
            let state = self.state();
            (state.objects.keys(K::KIND), state.now)
        };
        let rules = Rules { adopt_by_name: false, v1_account: None, not_found_window: WINDOW, creates_at_once: 1 };
        let aws = Arc::new(self.clone());
        let seat = Arc::new(Seat { stage: self.clone(), kind: K::KIND });
        let reconciler = Reconciler::<K, _, _>::new(Arc::clone(&aws), seat, rules).keeping(keeper(aws));
        // Nothing here ever waits, so that a pass that does not end at once is one that died.
        keys.into_iter().filter(|key| !self.is_at_rest::<K>(key)).all(|key| {
            let next = reconciler.pass(&key, 0, now).now_or_never();
            assert!(!matches!(next, Some(Ok(Next::Gone)) if self.state().objects.has(K::KIND, &key)), "{key} is there");
            if let Some(Ok(Next::Watch(_))) = next {
                let mut state = self.state();
                let version = state.objects.version(K::KIND, key.name());
                state.at_rest.insert((K::KIND, key), version);
            }
            next.is_some()
        })
    }

    /// Endpoints move by themselves, so that a listing would have the operator look at them.
    fn is_at_rest<K: Kind>(&self, key: &Key) -> bool {
        let state = self.state();
        let seen = state.at_rest.get(&(K::KIND, key.clone()));
        K::KIND != HostingDeployment::KIND && seen == Some(&state.objects.version(K::KIND, key.name()))
    }

    /// Whether the deployment says that the endpoint is as wanted, and it is: it serves with the image of that edit.
    pub(super) fn serves(&self, edit: u32) -> bool {
        let state = self.state();
        let object = state.objects.get(HostingDeployment::KIND, NAME);
        says(&object, "Ready").is_some() && state.aws.serves(&format!("image:{edit}"))
    }

    /// The reason and the message with which the deployment says that of its present spec, if it does.
    pub(super) fn says(&self, condition: &str) -> Option<(String, String)> {
        says(&self.state().objects.get(HostingDeployment::KIND, NAME), condition)
    }

    /// The models that the deployment names.
    pub(super) fn model_names(&self) -> Value {
        self.state().objects.get(HostingDeployment::KIND, NAME)["status"]["modelNames"].take()
    }

    /// Lets rounds pass until that is so, and nothing is done that must never be done.
    #[track_caller]
    pub(super) fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..60 {
            self.round();
            assert_eq!(self.offence(), None, "{:#?}", self.calls());
            if is_so(self) {
                return;
            }
        }
        panic!("never {what}\n{:#?}\n{self:#?}", self.calls());
    }

    /// Has the endpoint be in that state.
    pub(super) fn set_status(&self, status: &'static str) {
        let mut state = self.state();
        let now = state.now;
        state.aws.set_status(status, now);
    }

    /// Whether nothing but what is used is there any more, in Kubernetes as in SageMaker.
    pub(super) fn is_tidy(&self) -> bool {
        let state = self.state();
        let objects = (state.objects.keys(Model::KIND).len(), state.objects.keys(EndpointConfig::KIND).len());
        objects == (2, 1) && state.aws.counts() == (2, 1, 1)
    }

    /// Whether the deployment waits for a model that SageMaker refuses, and beside that model nothing is there but what
    /// serves.
    pub(super) fn waits_tidily(&self) -> bool {
        let waits = self.says("Stalled").is_some_and(|(reason, _)| reason == "ChildStalled");
        let objects = (self.names(Model::KIND).len(), self.names(EndpointConfig::KIND).len());
        let state = self.state();
        let (models, configs, _) = state.aws.counts();
        waits && objects == (models + 1, configs) && configs == 1 && !state.aws.has_unused_models()
    }

    /// The names of all objects of a kind.
    pub(super) fn names(&self, kind: &str) -> Vec<String> {
        self.state().objects.keys(kind).iter().map(|key| key.name().to_owned()).collect()
    }

    /// Whether nothing is there any more, in Kubernetes nor in SageMaker.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.state();
        state.objects.is_empty() && state.aws.counts() == (0, 0, 0)
    }

    /// What was done that must never be done.
    pub(super) fn offence(&self) -> Option<String> {
        self.state().aws.offence.clone()
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How often the call took effect.
    pub(super) fn applied(&self, call: &str) -> usize {
        self.state().applied.get(call).copied().unwrap_or_default()
    }

    /// Makes a call, as its fate has it.
    pub(super) async fn call<T, E>(
        &self,
        name: &'static str,
        about: &str,
        effect: impl FnOnce(&mut State) -> Result<T, E>,
        unheard: impl FnOnce(Option<Cause>) -> E,
    ) -> Result<T, E> {
        let fate = {
            let mut state = self.state();
            let number = state.calls.len();
            let refused = state.refused.get(name).cloned().map(Fate::Refused);
            let next = state.next_fates.remove(name);
            let fate = state.fates.remove(&number).or(refused).or(next);
            let note = fate.as_ref().map(|fate| format!(" ({fate:?})")).unwrap_or_default();
            state.calls.push(format!("{number} {name} {about}{note}"));
            fate
        };
        let counted = || {
            let mut state = self.state();
            let done = effect(&mut state);
            if done.is_ok() {
                *state.applied.entry(name).or_default() += 1;
            }
            done
        };
        fate::meet(fate, counted, unheard).await
    }
}

/// What an object says of its present spec in a condition that is true.
fn says(object: &Value, condition: &str) -> Option<(String, String)> {
    let said = object["status"]["conditions"].as_array()?.iter().find(|said| {
        said["type"] == condition
            && said["status"] == "True"
            && said["observedGeneration"] == object["metadata"]["generation"]
    })?;
    let text = |field: &str| said[field].as_str().unwrap_or_default().to_owned();
    Some((text("reason"), text("message")))
}
