//! The stage's API server: objects of three kinds, which go when they are deleted and nothing holds them. Nobody collects
//! garbage, so that what is left behind is seen.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::stage::{Stage, State};
use crate::lifecycle::Cause;
use crate::operator::{Cluster, ClusterError, Credentials, Key, Note, Part, Whole};

const NAMESPACE: &str = "ns";

/// The objects, by kind and name.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_name: BTreeMap<(&'static str, String), Value>,
    version: u64,
}

impl Objects {
    /// Makes the object, or changes it by a merge patch.
    pub(super) fn apply(&mut self, kind: &'static str, name: &str, uid: &str, patch: &Value, now: DateTime<Utc>) {
        let id = (kind, name.to_owned());
        self.by_name.entry(id).or_insert_with(|| {
            json!({ "metadata": {
                "namespace": NAMESPACE, "name": name, "uid": uid, "generation": 0, "creationTimestamp": now,
            }})
        });
        self.merge(kind, name, patch).expect("it was just made");
    }

    /// As the API server: a new spec is a new generation, and what is deleted goes with its last finalizer.
    fn merge(&mut self, kind: &'static str, name: &str, patch: &Value) -> Result<Whole, ClusterError> {
        let object = self.by_name.get_mut(&(kind, name.to_owned())).ok_or(ClusterError::Gone)?;
        let wanted = &patch["metadata"]["resourceVersion"];
        if !wanted.is_null() && *wanted != object["metadata"]["resourceVersion"] {
            return Err(ClusterError::Conflict);
        }
        let before = object["spec"].clone();
        json_patch::merge(object, patch);
        if object["spec"] != before {
            let generation = object["metadata"]["generation"].as_i64().unwrap_or_default();
            object["metadata"]["generation"] = json!(generation + 1);
        }
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let changed = whole(object);
        if changed.metadata.deletion_timestamp.is_some() && !is_held(object) {
            self.by_name.remove(&(kind, name.to_owned()));
        }
        Ok(changed)
    }

    pub(super) fn delete(&mut self, kind: &'static str, name: &str, now: DateTime<Utc>) {
        let id = (kind, name.to_owned());
        match self.by_name.get_mut(&id) {
            Some(held) if is_held(held) && held["metadata"]["deletionTimestamp"].is_null() => {
                self.version += 1;
                held["metadata"]["deletionTimestamp"] = json!(now);
                held["metadata"]["resourceVersion"] = json!(self.version.to_string());
            }
            Some(held) if is_held(held) => {}
            Some(_) => drop(self.by_name.remove(&id)),
            None => {}
        }
    }

    pub(super) fn get(&self, kind: &'static str, name: &str) -> Value {
        self.by_name.get(&(kind, name.to_owned())).cloned().unwrap_or_default()
    }

    pub(super) fn version(&self, kind: &'static str, name: &str) -> Value {
        self.get(kind, name)["metadata"]["resourceVersion"].take()
    }

    pub(super) fn keys(&self, kind: &str) -> Vec<Key> {
        self.by_name.keys().filter(|(of, _)| *of == kind).map(|(_, name)| Key::new(NAMESPACE, name)).collect()
    }

    pub(super) fn has(&self, kind: &'static str, key: &Key) -> bool {
        self.by_name.contains_key(&(kind, key.name().to_owned()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

fn is_held(object: &Value) -> bool {
    object["metadata"]["finalizers"].as_array().is_some_and(|finalizers| !finalizers.is_empty())
}

fn whole(object: &Value) -> Whole {
    serde_json::from_value(object.clone()).expect("an object")
}

fn cut(_: Option<Cause>) -> ClusterError {
    ClusterError::Passing("connection reset".into())
}

/// The API server as the passes of one kind see it.
pub(super) struct Seat {
    pub(super) stage: Stage,
    pub(super) kind: &'static str,
}

impl Seat {
    async fn ask<T>(
        &self,
        call: &'static str,
        about: &str,
        effect: impl FnOnce(&mut State) -> Result<T, ClusterError>,
    ) -> Result<T, ClusterError> {
        self.stage.call(call, about, effect, cut).await
    }
}

impl Cluster for Seat {
    async fn get(&self, key: &Key) -> Result<Option<Whole>, ClusterError> {
        self.other(self.kind, key).await
    }

    async fn patch(&self, key: &Key, part: Part, patch: &Value) -> Result<Whole, ClusterError> {
        let (call, patch) = match part {
            Part::Object => ("patch", patch.clone()),
            Part::Status => {
                let version = &patch["metadata"]["resourceVersion"];
                ("patch status", json!({ "metadata": { "resourceVersion": version }, "status": patch["status"] }))
            }
        };
        assert!(patch["metadata"]["resourceVersion"].is_string(), "a patch for no version: {patch}");
        self.ask(call, key.name(), |state| state.objects.merge(self.kind, key.name(), &patch)).await
    }

    async fn tell(&self, _key: &Key, _uid: &str, _note: &Note) {}

    async fn credentials(&self, _namespace: &str, _at_most: Duration) -> Result<Credentials, ClusterError> {
        Ok(Credentials::Own)
    }

    async fn others(&self, kind: &'static str, _: &str, labels: &str) -> Result<Vec<Whole>, ClusterError> {
        let wanted: Vec<_> = labels.split(',').filter_map(|label| label.split_once('=')).collect();
        let carries = |object: &Whole| {
            let labels = object.metadata.labels.clone().unwrap_or_default();
            wanted.iter().all(|(label, value)| labels.get(*label).is_some_and(|there| there == value))
        };
        let effect = |state: &mut State| {
            if state.not_installed.contains(kind) {
                return Err(ClusterError::NotInstalled);
            }
            let all = state.objects.by_name.iter().filter(|((of, _), _)| *of == kind);
            Ok(all.map(|(_, object)| whole(object)).filter(carries).collect())
        };
        self.ask("list", kind, effect).await
    }

    async fn other(&self, kind: &'static str, key: &Key) -> Result<Option<Whole>, ClusterError> {
        let effect = |state: &mut State| Ok(state.objects.by_name.get(&(kind, key.name().to_owned())).map(whole));
        self.ask("get", key.name(), effect).await
    }

    async fn create_other(&self, kind: &'static str, _: &str, object: &Value) -> Result<Whole, ClusterError> {
        let name = object["metadata"]["name"].as_str().expect("a name");
        let effect = |state: &mut State| {
            if state.not_installed.contains(kind) {
                return Err(ClusterError::NotInstalled);
            }
            if !state.objects.get(kind, name).is_null() {
                return Err(ClusterError::Exists);
            }
            let uid = format!("{:08x}-0000-4000-8000-{:012x}", state.objects.version, state.objects.version);
            state.objects.apply(kind, name, &uid, object, state.now);
            Ok(whole(&state.objects.get(kind, name)))
        };
        self.ask("create", name, effect).await
    }

    async fn patch_other(&self, kind: &'static str, key: &Key, patch: &Value) -> Result<Whole, ClusterError> {
        assert!(patch["metadata"]["resourceVersion"].is_string(), "a patch for no version: {patch}");
        self.ask("patch", key.name(), |state| state.objects.merge(kind, key.name(), patch)).await
    }

    async fn delete_other(&self, kind: &'static str, key: &Key, uid: &str) -> Result<(), ClusterError> {
        let effect = |state: &mut State| {
            if state.objects.get(kind, key.name())["metadata"]["uid"] == uid {
                state.objects.delete(kind, key.name(), state.now);
            }
            Ok(())
        };
        self.ask("delete", key.name(), effect).await
    }

    async fn uid(&self) -> Option<String> {
        Some("cluster".to_owned())
    }
}
