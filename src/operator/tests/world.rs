//! A world of one object: its AWS, its Kubernetes, its clock. Every call may be refused, lost, or be the last thing the
//! operator does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::fate::{self, Fate};
use super::kind::{Job, JobSeen, JobStatus};
use crate::lifecycle::{AccountId, Arn, Cause, Gateway, Kind, TAG_UID, Tag, is_true};
use crate::operator::{
    Children, Cluster, ClusterError, Credentials, FINALIZER, Key, Next, NoChildren, Note, Part, Reconciler, Rules,
    Whole,
};

pub(super) const UID: &str = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";
pub(super) const MINE: &str = "123456789012";
pub(super) const OTHERS: &str = "210987654321";
pub(super) const WINDOW: Duration = Duration::from_mins(2);

#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) status: &'static str,
    pub(super) tags: Vec<Tag>,
    pub(super) keep_alive: u32,
    /// Not to be seen before then.
    pub(super) visible_at: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) now: DateTime<Utc>,
    pub(super) object: Option<Value>,
    pub(super) version: u64,
    /// By account and name.
    pub(super) resources: BTreeMap<(String, String), Resource>,
    pub(super) account: &'static str,
    pub(super) appears_after: TimeDelta,
    pub(super) calls: Vec<String>,
    pub(super) creates: u32,
    /// With whose credentials AWS is asked.
    pub(super) credentials: Credentials,
    /// What the namespace says of that once the pass has begun.
    pub(super) new_credentials: Option<Credentials>,
    /// The account in which version 1 worked, if the administrator says so.
    pub(super) v1_account: Option<AccountId>,
    /// How many Creates may be under way.
    pub(super) creates_at_once: usize,
    pub(super) notes: Vec<Note>,
    /// Objects of other kinds, by kind and name.
    pub(super) others: BTreeMap<(&'static str, String), Value>,
    /// Whether they stay when they are deleted, as if something held them.
    pub(super) kept_others: bool,
    /// What is scaled, and how.
    pub(super) scaling: super::scaling::Service,
    /// What happens to the calls of that name, in order.
    pub(super) fates: BTreeMap<&'static str, VecDeque<Fate>>,
    /// What happens to the call of that number, whatever it is.
    pub(super) fate_at: BTreeMap<usize, Fate>,
}

#[derive(Debug, Clone)]
pub(super) struct World(Arc<Mutex<State>>);

pub(super) fn key() -> Key {
    Key::new("ns", "job")
}

impl World {
    pub(super) fn new(spec: &Value) -> Self {
        let object = json!({
            "metadata": { "namespace": "ns", "name": "job", "uid": UID, "resourceVersion": "1", "generation": 1 },
            "spec": spec,
        });
        Self(Arc::new(Mutex::new(State {
            now: Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap(),
            object: Some(object),
            version: 1,
            resources: BTreeMap::new(),
            account: MINE,
            appears_after: TimeDelta::zero(),
            calls: Vec::new(),
            creates: 0,
            credentials: Credentials::Own,
            new_credentials: None,
            v1_account: None,
            creates_at_once: 1,
            notes: Vec::new(),
            others: BTreeMap::new(),
            kept_others: false,
            scaling: super::scaling::Service::default(),
            fates: BTreeMap::new(),
            fate_at: BTreeMap::new(),
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the state")
    }

    /// One pass. `None` if the operator died in it.
    pub(super) fn pass(&self) -> Option<Result<Next, ClusterError>> {
        self.pass_with(0, false)
    }

    pub(super) fn pass_with(&self, attempt: u32, adopt_by_name: bool) -> Option<Result<Next, ClusterError>> {
        self.pass_keeping(attempt, adopt_by_name, Arc::new(NoChildren))
    }

    /// One pass of an object with children.
    pub(super) fn pass_keeping(
        &self,
        attempt: u32,
        adopt_by_name: bool,
        children: Arc<dyn Children<Job, Self>>,
    ) -> Option<Result<Next, ClusterError>> {
        self.pass_of(attempt, adopt_by_name, children)
    }

    /// One pass of an object of any kind.
    pub(super) fn pass_as<K: Kind>(&self, attempt: u32) -> Option<Result<Next, ClusterError>>
    where
        Self: Gateway<K>,
    {
        self.pass_of(attempt, false, Arc::new(NoChildren))
    }

    fn pass_of<K: Kind>(
        &self,
        attempt: u32,
        adopt_by_name: bool,
        children: Arc<dyn Children<K, Self>>,
    ) -> Option<Result<Next, ClusterError>>
    where
        Self: Gateway<K>,
    {
        let (now, creates_at_once) = {
            let mut state = self.state();
            state.now += TimeDelta::seconds(1);
            (state.now, state.creates_at_once)
        };
        let v1_account = self.state().v1_account.clone();
        let rules = Rules { adopt_by_name, v1_account, not_found_window: WINDOW, creates_at_once };
        let world = Arc::new(self.clone());
        let reconciler = Reconciler::<K, _, _>::new(Arc::clone(&world), world, rules).keeping(children);
        // Nothing here ever waits, so that a pass that does not end at once is one that died.
        reconciler.pass(&key(), attempt, now).now_or_never()
    }

    /// Passes until one says something else than "soon".
    pub(super) fn settle(&self) -> Next {
        for _ in 0..10 {
            match self.pass() {
                Some(Ok(Next::Soon)) => {}
                Some(Ok(next)) => return next,
                other => panic!("{other:?}"),
            }
        }
        panic!("it does not settle: {:#?}", self.state().calls);
    }

    pub(super) fn annotate(&self, key: &str, value: &str) {
        if let Some(object) = &mut self.state().object {
            object["metadata"]["annotations"][key] = json!(value);
        }
    }

    pub(super) fn delete_object(&self) {
        let mut state = self.state();
        if let Some(object) = &mut state.object {
            object["metadata"]["deletionTimestamp"] = json!("2026-11-23T12:00:00Z");
        }
        state.collect();
    }

    pub(super) fn set_status_of_job(&self, name: &str, status: &'static str) {
        let account = self.state().account.to_owned();
        self.state().resources.get_mut(&(account, name.to_owned())).expect("the job exists").status = status;
    }

    pub(super) fn status(&self) -> JobStatus {
        let object = self.state().object.clone().expect("the object exists");
        serde_json::from_value(object["status"].clone()).unwrap_or_default()
    }

    pub(super) fn says(&self, condition: &str) -> bool {
        is_true(&self.status().common.conditions, condition)
    }

    pub(super) fn reason(&self) -> String {
        crate::lifecycle::leading(&self.status().common.conditions).expect("a condition").reason.clone()
    }

    pub(super) fn job(&self) -> Resource {
        let state = self.state();
        assert_eq!(state.resources.len(), 1, "{:?}", state.resources);
        state.resources.values().next().expect("just counted").clone()
    }

    pub(super) fn job_name(&self) -> String {
        self.state().object.as_ref().expect("the object exists")["spec"]["jobName"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub(super) fn creates(&self) -> u32 {
        self.state().creates
    }

    pub(super) fn version(&self) -> u64 {
        self.state().version
    }

    pub(super) fn has_object(&self) -> bool {
        self.state().object.is_some()
    }

    pub(super) fn calls(&self, name: &str) -> usize {
        self.state().calls.iter().filter(|call| *call == name).count()
    }

    pub(super) fn fate(&self, call: &'static str, fate: Fate) {
        self.state().fates.entry(call).or_default().push_back(fate);
    }

    /// Makes a call, as its fate has it.
    pub(super) async fn call<T, E>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, E>,
        unheard: impl FnOnce(Option<Cause>) -> E,
    ) -> Result<T, E> {
        let fate = {
            let mut state = self.state();
            let number = state.calls.len();
            state.calls.push(name.to_owned());
            let by_name = state.fates.get_mut(name).and_then(VecDeque::pop_front);
            state.fate_at.remove(&number).or(by_name)
        };
        fate::meet(fate, || effect(&mut self.state()), unheard).await
    }
}

impl State {
    pub(super) fn seen(&self, name: &str) -> Option<JobSeen> {
        let resource = self.resources.get(&(self.account.to_owned(), name.to_owned()))?;
        (resource.visible_at <= self.now).then(|| JobSeen {
            status: resource.status.to_owned(),
            arn: self.arn(name),
            keep_alive: resource.keep_alive,
        })
    }

    pub(super) fn tags_of(&mut self, arn: &Arn) -> &mut Vec<Tag> {
        let name = arn.resource().trim_start_matches("job/").to_owned();
        &mut self.resources.get_mut(&(self.account.to_owned(), name)).expect("the job exists").tags
    }

    pub(super) fn arn(&self, name: &str) -> String {
        format!("arn:aws:sagemaker:us-west-2:{}:job/{name}", self.account)
    }

    /// As the API server: an object that is being deleted goes with its last finalizer.
    fn collect(&mut self) {
        let gone = self.object.as_ref().is_some_and(|object| {
            !object["metadata"]["deletionTimestamp"].is_null()
                && object["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty)
        });
        if gone {
            self.object = None;
        }
    }
}

fn cut(_: Option<Cause>) -> ClusterError {
    ClusterError::Passing("connection reset".into())
}

impl Cluster for World {
    async fn get(&self, _key: &Key) -> Result<Option<Whole>, ClusterError> {
        let effect = |state: &mut State| {
            Ok(state.object.clone().map(|object| serde_json::from_value(object).expect("an object")))
        };
        self.call("get", effect, cut).await
    }

    async fn patch(&self, _key: &Key, part: Part, patch: &Value) -> Result<Whole, ClusterError> {
        let effect = |state: &mut State| {
            let version = state.version;
            let Some(object) = &mut state.object else { return Err(ClusterError::Gone) };
            if patch["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"] {
                return Err(ClusterError::Conflict);
            }
            let mut new = object.clone();
            match part {
                Part::Object => json_patch::merge(&mut new, patch),
                Part::Status => json_patch::merge(&mut new, &json!({ "status": patch["status"] })),
            }
            assert_ne!(*object, new, "a patch that changes nothing: {patch}");
            new["metadata"]["resourceVersion"] = json!((version + 1).to_string());
            *object = new.clone();
            state.version += 1;
            state.collect();
            Ok(serde_json::from_value(new).expect("an object"))
        };
        let name = match part {
            Part::Object => "patch",
            Part::Status => "patch status",
        };
        self.call(name, effect, cut).await
    }

    async fn tell(&self, _key: &Key, _uid: &str, note: &Note) {
        self.state().notes.push(note.clone());
    }

    async fn credentials(&self, _namespace: &str, at_most: Duration) -> Result<Credentials, ClusterError> {
        let mut state = self.state();
        let known = state.credentials.clone();
        // What changes while a pass runs is seen by who asks for the present.
        Ok(if at_most.is_zero() { state.new_credentials.take().unwrap_or(known) } else { known })
    }

    async fn others(&self, kind: &'static str, _: &str, _: &str) -> Result<Vec<Whole>, ClusterError> {
        let effect = |state: &mut State| {
            let all = state.others.iter().filter(|((of, _), _)| *of == kind).map(|(_, object)| object.clone());
            Ok(all.map(|object| serde_json::from_value(object).expect("an object")).collect())
        };
        self.call("others", effect, cut).await
    }

    async fn other(&self, kind: &'static str, key: &Key) -> Result<Option<Whole>, ClusterError> {
        let effect = |state: &mut State| {
            let object = state.others.get(&(kind, key.name().to_owned())).cloned();
            Ok(object.map(|object| serde_json::from_value(object).expect("an object")))
        };
        self.call("other", effect, cut).await
    }

    async fn create_other(&self, kind: &'static str, _: &str, object: &Value) -> Result<Whole, ClusterError> {
        let effect = |state: &mut State| {
            let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
            if state.others.contains_key(&(kind, name.clone())) {
                return Err(ClusterError::Exists);
            }
            let mut object = object.clone();
            object["metadata"]["uid"] = json!(format!("uid-of-{name}"));
            object["metadata"]["namespace"] = json!("ns");
            state.others.insert((kind, name), object.clone());
            Ok(serde_json::from_value(object).expect("an object"))
        };
        self.call("create other", effect, cut).await
    }

    async fn patch_other(&self, kind: &'static str, key: &Key, patch: &Value) -> Result<Whole, ClusterError> {
        let effect = |state: &mut State| {
            let object = state.others.get_mut(&(kind, key.name().to_owned())).ok_or(ClusterError::Gone)?;
            json_patch::merge(object, patch);
            Ok(serde_json::from_value(object.clone()).expect("an object"))
        };
        self.call("patch other", effect, cut).await
    }

    async fn delete_other(&self, kind: &'static str, key: &Key, _uid: &str) -> Result<(), ClusterError> {
        let effect = |state: &mut State| {
            let id = (kind, key.name().to_owned());
            match state.others.get_mut(&id).filter(|_| state.kept_others) {
                Some(kept) => kept["metadata"]["deletionTimestamp"] = json!("2026-11-23T12:00:00Z"),
                None => drop(state.others.remove(&id)),
            }
            Ok(())
        };
        self.call("delete other", effect, cut).await
    }

    async fn uid(&self) -> Option<String> {
        Some("cluster".to_owned())
    }
}

/// An object as version 1 leaves it, whose job has that status.
pub(super) fn from_v1(name: &str, said: &str) -> World {
    let world = World::new(&json!({ "region": "us-west-2", "jobName": name }));
    if let Some(object) = &mut world.state().object {
        object["metadata"]["finalizers"] = json!([FINALIZER]);
        object["status"] = json!({ "phase": said, "name": name });
    }
    world
}

/// A job that somebody started by hand.
pub(super) fn foreign(world: &World, name: &str, uid: Option<&str>) {
    let mut state = world.state();
    let id = (state.account.to_owned(), name.to_owned());
    let visible_at = state.now;
    let tags = uid.map(|uid| Tag { key: TAG_UID.to_owned(), value: uid.to_owned() }).into_iter().collect();
    state.resources.insert(id, Resource { status: "InProgress", tags, keep_alive: 0, visible_at });
}
