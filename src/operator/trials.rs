//! The trials of a tuning job: each training job that SageMaker starts for one appears as a TrainingJob, held by a
//! finalizer until the tuning job's object goes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::{FutureExt as _, StreamExt as _, stream};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracing::{info, warn};

use crate::lifecycle::{
    ANNOTATION_ADOPT, ANNOTATION_DELETION, Cause, Kind, LABEL_TUNING_JOB, Observation as _, Place, Refusal,
    TRIAL_FINALIZER, Trials, is_trial_of,
};

use super::children::{Answer, Children, Subject, Trouble};
use super::cluster::{Cluster, ClusterError, Note};
use super::object::{GROUP, Key, Whole};
use super::verdicts::verdict_of_end;

/// What a trial is in Kubernetes.
const TRIAL: &str = "TrainingJob";
/// How many trials of a tuning job are seen to at a time: a search of a thousand leaves room for everything else.
const AT_ONCE: usize = 4;
/// The longest name of an object.
const NAME_LIMIT: usize = 253;

/// Keeps the trials of tuning jobs.
#[derive(Debug)]
pub(super) struct Keeper<G> {
    aws: Arc<G>,
    /// What this process has seen to, by the uid of the tuning job's object.
    memory: Mutex<HashMap<String, Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    /// The trials that have their object, or will never have one.
    settled: HashSet<String>,
    /// Those of which somebody has been told that they do not appear.
    told: HashSet<String>,
    /// Whether all that were listed once are settled: then a listing can end at the first one that is known.
    whole: bool,
}

/// The parts of the tuning job that its trials need, free of its kind.
#[derive(Debug)]
struct Parent<'a> {
    kind: &'static str,
    key: &'a Key,
    uid: &'a str,
    place: &'a Place,
    name: &'a str,
}

impl<'a> Parent<'a> {
    fn of<K: Kind>(subject: &Subject<'a, K>) -> Self {
        Self { kind: K::KIND, key: subject.key, uid: subject.uid, place: subject.place, name: subject.name }
    }

    fn owner(&self) -> Value {
        json!([{
            "apiVersion": format!("{GROUP}/v1"), "kind": self.kind, "name": self.key.name(), "uid": self.uid,
            "controller": true,
        }])
    }

    /// Whether the object is of one of its trials: by our label, or as version 1 made them.
    fn has(&self, object: &Whole, trial: &str) -> bool {
        let named = object.spec["trainingJobName"] == trial;
        self.has_marked(object) || (named && is_held(object) && label_of(object).is_none())
    }

    fn has_marked(&self, object: &Whole) -> bool {
        label_of(object) == Some(self.uid)
    }

    /// Whether the object looks like a trial that version 1 left behind.
    fn has_left(&self, object: &Whole) -> bool {
        let is_trial = object.spec["trainingJobName"].as_str().is_some_and(|trial| is_trial_of(trial, self.name));
        is_trial && is_held(object) && label_of(object).is_none()
    }

    async fn tell<C: Cluster>(&self, cluster: &C, reason: &str, text: String) {
        warn!(object = %self.key, %text, "a trial does not appear");
        let note = Note { warning: true, reason: reason.to_owned(), action: "Spawn", text };
        cluster.tell(self.key, self.uid, &note).await;
    }
}

fn label_of(object: &Whole) -> Option<&str> {
    object.metadata.labels.as_ref()?.get(LABEL_TUNING_JOB).map(String::as_str)
}

fn is_held(object: &Whole) -> bool {
    object.metadata.finalizers.iter().flatten().any(|finalizer| finalizer == TRIAL_FINALIZER)
}

/// The object's name: SageMaker's, if Kubernetes takes it. Else it is made one that no other trial has.
fn object_name(trial: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let takes = trial.len() <= NAME_LIMIT
        && trial.bytes().all(|byte| is_plain(byte) || byte == b'-')
        && trial.bytes().next().is_some_and(is_plain)
        && trial.bytes().next_back().is_some_and(is_plain);
    if takes {
        return trial.to_owned();
    }
    let hash = format!("{:x}", Sha256::digest(trial));
    format!("{}-{}", trial.to_lowercase(), &hash[..8])
}

impl<G: Trials> Keeper<G> {
    pub(super) fn new(aws: Arc<G>) -> Self {
        Self { aws, memory: Mutex::default() }
    }

    /// Those of the tuning job's trials that are still to be seen to, newest first, and whether these are all.
    async fn unsettled(&self, parent: &Parent<'_>) -> Result<Vec<String>, Refusal> {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let page = self.aws.trials(parent.place, parent.name, next.as_deref()).await?;
            let met_known = self.remember(parent.uid, |memory| {
                let before = found.len();
                found.extend(page.items.iter().filter(|trial| !memory.settled.contains(*trial)).cloned());
                memory.whole && found.len() < before + page.items.len()
            });
            next = page.next;
            if met_known || next.is_none() {
                return Ok(found);
            }
        }
    }

    fn remember<T>(&self, uid: &str, with: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        with(memory.entry(uid.to_owned()).or_default())
    }

    /// Gives the trial its object, if it has none. True if nothing more is to be done: what can never be is told and left.
    async fn settle<C: Cluster>(&self, cluster: &C, parent: &Parent<'_>, trial: &str) -> Result<bool, Trouble> {
        let name = object_name(trial);
        let key = Key::new(parent.key.namespace(), &name);
        if let Some(there) = cluster.other(TRIAL, &key).await? {
            return self.meet(cluster, parent, trial, &there).await;
        }
        let spec = match self.aws.trial(parent.place, trial).await {
            Ok(spec) => spec,
            // Its record was deleted in between.
            Err(refusal) if refusal.cause == Cause::NotFound => return Ok(true),
            Err(refusal) if refusal.cause.may_pass() => return Err(refusal.into()),
            Err(refusal) => {
                parent.tell(cluster, "TrialUnreadable", format!("trial {trial} does not appear: {refusal}")).await;
                return Ok(true);
            }
        };
        let object = json!({
            "metadata": {
                "name": name,
                "namespace": parent.key.namespace(),
                "finalizers": [TRIAL_FINALIZER],
                "labels": { LABEL_TUNING_JOB: parent.uid },
                "annotations": { ANNOTATION_ADOPT: "true" },
                "ownerReferences": parent.owner(),
            },
            "spec": spec,
        });
        match cluster.create_other(TRIAL, parent.key.namespace(), &object).await {
            Ok(Whole { .. }) => {
                info!(tuning_job = %parent.key, %trial, "a trial appears");
                Ok(true)
            }
            Err(ClusterError::Refused(why)) => {
                let text = format!("trial {trial} does not appear: the API server refuses its TrainingJob: {why}");
                parent.tell(cluster, "TrialRefused", text).await;
                Ok(true)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// There is an object of the trial's name already.
    async fn meet<C: Cluster>(
        &self,
        cluster: &C,
        parent: &Parent<'_>,
        trial: &str,
        there: &Whole,
    ) -> Result<bool, Trouble> {
        if !parent.has(there, trial) {
            let is_news = self.remember(parent.uid, |memory| memory.told.insert(trial.to_owned()));
            if is_news {
                let text = format!(
                    "trial {trial} does not appear: there is another TrainingJob of the name {}\n\
                     hint: the trial appears when that is deleted, if this tuning job still runs then",
                    there.key().name()
                );
                parent.tell(cluster, "TrialNameTaken", text).await;
            }
            return Ok(false);
        }
        if parent.has_marked(there) {
            return Ok(true);
        }
        // Version 1 left it without a word of whose it is.
        let patch = json!({ "metadata": {
            "resourceVersion": there.metadata.resource_version,
            "labels": { LABEL_TUNING_JOB: parent.uid },
            "ownerReferences": parent.owner(),
        }});
        cluster.patch_other(TRIAL, &there.key(), &patch).await?;
        Ok(true)
    }

    async fn follow<C: Cluster>(&self, cluster: &C, parent: &Parent<'_>) -> Result<(), Trouble> {
        self.recall(cluster, parent).await?;
        let trials = match self.unsettled(parent).await {
            Ok(trials) => trials,
            // It is too young to be listed, or its record has just been deleted.
            Err(refusal) if refusal.cause == Cause::NotFound => return Ok(()),
            Err(refusal) => return Err(refusal.into()),
        };
        let results: Vec<_> = stream::iter(trials)
            .map(|trial| async move {
                let settled = self.settle(cluster, parent, &trial).await;
                (trial, settled)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut trouble = None;
        self.remember(parent.uid, |memory| {
            memory.whole = true;
            for (trial, settled) in results {
                match settled {
                    Ok(true) => {
                        memory.settled.insert(trial);
                    }
                    Ok(false) => memory.whole = false,
                    Err(error) => {
                        memory.whole = false;
                        trouble = Some(error);
                    }
                }
            }
        });
        trouble.map_or(Ok(()), Err)
    }

    /// After a start, what was made before is read in one list instead of one by one.
    async fn recall<C: Cluster>(&self, cluster: &C, parent: &Parent<'_>) -> Result<(), ClusterError> {
        let known = self.memory.lock().unwrap_or_else(PoisonError::into_inner).contains_key(parent.uid);
        if known {
            return Ok(());
        }
        let made = cluster.others(TRIAL, parent.key.namespace(), &format!("{LABEL_TUNING_JOB}={}", parent.uid)).await?;
        let names = made.iter().filter(|object| parent.has_marked(object));
        let names = names.filter_map(|object| object.spec["trainingJobName"].as_str().map(str::to_owned));
        self.remember(parent.uid, |memory| memory.settled.extend(names));
        Ok(())
    }

    /// Lets go of the trials and has them deleted; their own finalizer holds them as long as SageMaker runs them.
    /// `left` leaves what SageMaker runs as it is.
    async fn part<C: Cluster>(&self, cluster: &C, parent: &Parent<'_>, left: bool) -> Result<(), ClusterError> {
        // Version 1's have no label: all of the namespace are looked at, once in the life of a tuning job.
        let all = cluster.others(TRIAL, parent.key.namespace(), "").await?;
        let ours = all.into_iter().filter(|object| parent.has_marked(object) || parent.has_left(object));
        let results: Vec<_> = stream::iter(ours)
            .map(|object| send_off(cluster, parent, object, left))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        results.into_iter().collect::<Result<Vec<()>, _>>()?;
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).remove(parent.uid);
        Ok(())
    }
}

async fn send_off<C: Cluster>(cluster: &C, parent: &Parent<'_>, object: Whole, left: bool) -> Result<(), ClusterError> {
    let key = object.key();
    let sent = async {
        if left || is_held(&object) {
            let others: Vec<_> =
                object.metadata.finalizers.iter().flatten().filter(|finalizer| *finalizer != TRIAL_FINALIZER).collect();
            let mut patch = json!({ "metadata": {
                "resourceVersion": object.metadata.resource_version, "finalizers": others,
            }});
            if left {
                patch["metadata"]["annotations"] = json!({ ANNOTATION_DELETION: "retain" });
            }
            cluster.patch_other(TRIAL, &key, &patch).await?;
        }
        if object.metadata.deletion_timestamp.is_none() {
            cluster.delete_other(TRIAL, &key, object.metadata.uid.as_deref().unwrap_or_default()).await?;
        }
        Ok(())
    };
    match sent.await {
        Ok(()) | Err(ClusterError::Gone) => Ok(()),
        // One that cannot be let go of must not hold its parent for ever.
        Err(ClusterError::Refused(why)) => {
            let text = format!("trial {} stays behind: {why}", key.name());
            parent.tell(cluster, "TrialLeftBehind", text).await;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

impl<K: Kind, C: Cluster, G: Trials> Children<K, C> for Keeper<G> {
    fn follow<'a>(&'a self, cluster: &'a C, subject: Subject<'a, K>, seen: &'a K::Observed) -> Answer<'a> {
        async move {
            let parent = Parent::of(&subject);
            let followed = Keeper::follow(self, cluster, &parent).await;
            // The end is what nobody looks behind: it is written down with it that trials are still to appear.
            K::common_mut(subject.status).unfinished = followed.is_err() && seen.phase().has_ended();
            match followed {
                Ok(()) => Ok(None),
                // The tuning job itself is well: it is looked at again soon, also if it has ended.
                Err(Trouble::Aws(refusal)) if refusal.cause.may_pass() => Ok(verdict_of_end(parent.name, seen)),
                Err(Trouble::Aws(refusal)) => {
                    if self.remember(parent.uid, |memory| memory.told.insert(String::new())) {
                        parent.tell(cluster, "TrialsUnseen", format!("the trials do not appear: {refusal}")).await;
                    }
                    Ok(None)
                }
                Err(trouble @ Trouble::Cluster(_)) => Err(trouble),
            }
        }
        .boxed()
    }

    fn part<'a>(&'a self, cluster: &'a C, subject: Subject<'a, K>) -> Answer<'a> {
        async move {
            let parent = Parent::of(&subject);
            Keeper::part(self, cluster, &parent, false).await?;
            Ok(None)
        }
        .boxed()
    }

    fn leave<'a>(&'a self, cluster: &'a C, subject: Subject<'a, K>) -> Answer<'a> {
        async move {
            let parent = Parent::of(&subject);
            Keeper::part(self, cluster, &parent, true).await?;
            Ok(None)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_has_sagemakers_name_where_kubernetes_takes_it() {
        for (trial, name) in
            [("search-001-1a2b3c4d", "search-001-1a2b3c4d"), ("Search-001-1a2b3c4d", "search-001-1a2b3c4d-05383544")]
        {
            assert_eq!(object_name(trial), name);
        }
        assert_ne!(object_name("Search-1"), object_name("sEarch-1"));
    }

    #[test]
    fn what_version_1_left_is_told_from_the_trials_of_another_search() {
        let place = Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None };
        let key = Key::new("ns", "search");
        let parent = Parent { kind: "HyperparameterTuningJob", key: &key, uid: "u", place: &place, name: "search" };
        for (trial, finalizer, label, left) in [
            ("search-001-1a2b3c4d", TRIAL_FINALIZER, None, true),
            ("search-1000-1a2b3c4d", TRIAL_FINALIZER, None, true),
            ("search-b-001-1a2b3c4d", TRIAL_FINALIZER, None, false),
            ("search2-001-1a2b3c4d", TRIAL_FINALIZER, None, false),
            ("search-001-1a2b3c4d", "another", None, false),
            ("search-001-1a2b3c4d", TRIAL_FINALIZER, Some("another-uid"), false),
        ] {
            let labels = label.map(|uid| json!({ LABEL_TUNING_JOB: uid }));
            let object = json!({
                "metadata": { "finalizers": [finalizer], "labels": labels },
                "spec": { "trainingJobName": trial },
            });
            assert_eq!(
                parent.has_left(&serde_json::from_value(object).unwrap()),
                left,
                "{trial} {finalizer} {label:?}"
            );
        }
    }
}
