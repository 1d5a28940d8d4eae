//! Writing the status: only when it changed, for the version it was made from, and with an Event for a real transition.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::lifecycle::{Condition, Gateway, Kind, Observation as _, Sort, Standing, Verdict, conditions, leading};

use super::case::Case;
use super::cluster::{Cluster, ClusterError, Note, Part};
use super::object::Identity;
use super::status::merge_patch;

/// Reasons that say only that work has begun: an Event follows when it has led to something.
pub(super) const QUIET: [&str; 3] = ["Synchronizing", "WaitingForTurn", "Creating"];

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    /// Fills the v1 fields from what AWS said, and remembers the ARN.
    pub(super) fn report(&mut self, seen: &K::Observed) {
        let before = self.status.clone();
        K::report(&mut self.status, &self.place, &self.name, seen);
        if self.status != before {
            self.news = seen.last_modified();
        }
        let common = K::common_mut(&mut self.status);
        if let Ok(arn) = seen.arn() {
            common.arn = Some(arn.as_str().to_owned());
        }
        if K::SORT == Sort::Lasting {
            // Seen once, it may be deleted, and then "not found" is the answer that was wanted.
            common.create_request = None;
        }
    }

    /// Fills the v1 fields while AWS has nothing to say.
    pub(super) fn report_without(&mut self, word: &str, additional: Option<&str>) {
        K::report_without(&mut self.status, &self.place, &self.name, word, additional);
    }

    /// Puts the trouble into the v1 fields: the original's word for an error, unless SageMaker's own word is known, which
    /// stays true until SageMaker says otherwise.
    pub(super) fn complain(&mut self, verdict: &Verdict) {
        let line = verdict.message.lines().next().unwrap_or_default().to_owned();
        if let Some(word) = K::word_in_trouble(&self.status, verdict.standing == Standing::Reconciling) {
            self.report_without(word, Some(&line));
        }
    }

    /// Writes the status with the conditions of the verdict, if anything is new.
    pub(super) async fn publish(&mut self, verdict: Verdict, trouble: bool) -> Result<(), ClusterError> {
        self.write(Some(&verdict), trouble).await
    }

    /// Writes the status with the conditions as they are.
    pub(super) async fn remember(&mut self) -> Result<(), ClusterError> {
        self.write(None, false).await
    }

    async fn write(&mut self, verdict: Option<&Verdict>, trouble: bool) -> Result<(), ClusterError> {
        let cluster = &*self.reconciler.cluster;
        publish::<K, C>(cluster, &mut self.identity, &self.before, &mut self.status, verdict, trouble, self.now)
            .await?;
        self.before = self.status.clone();
        if let Some(changed) = self.news.take() {
            let lag = self.clock + self.begun.elapsed() - changed;
            // Two clocks are compared here, so that it may seem to be negative.
            self.reconciler.metrics.status_lag(K::KIND, lag.to_std().unwrap_or_default());
        }
        Ok(())
    }
}

/// As [`Case::publish`], also for an object that cannot be read.
pub(super) async fn publish<K: Kind, C: Cluster>(
    cluster: &C,
    identity: &mut Identity,
    before: &K::Status,
    after: &mut K::Status,
    verdict: Option<&Verdict>,
    trouble: bool,
    now: DateTime<Utc>,
) -> Result<(), ClusterError> {
    let old = K::common(before).conditions.clone();
    if let Some(verdict) = verdict {
        let common = K::common_mut(after);
        common.conditions = conditions(K::SORT, verdict, identity.generation, now, &old);
        common.observed_generation = identity.generation;
    }

    // Compared as JSON, for that is what the API server keeps: a fraction of a second that is not written is no change.
    let from = json!(before);
    if json!(after) == from {
        return Ok(());
    }
    K::checked(after, now);
    let Some(status) = merge_patch(&from, &json!(after)) else { return Ok(()) };
    let patch = json!({ "metadata": { "resourceVersion": identity.version }, "status": status });
    let object = cluster.patch(&identity.key, Part::Status, &patch).await?;
    identity.version = object.metadata.resource_version.unwrap_or_default();
    let new = &K::common(after).conditions;
    let note = verdict.and_then(|verdict| transition(&old, new, verdict, trouble, identity.deleting));
    if let Some(note) = note {
        cluster.tell(&identity.key, &identity.uid, &note).await;
    }
    Ok(())
}

/// The Event of a change of the leading condition; other words for the same thing are none.
fn transition(old: &[Condition], new: &[Condition], verdict: &Verdict, trouble: bool, deleting: bool) -> Option<Note> {
    let essence = |condition: &Condition| (condition.type_.clone(), condition.status.clone(), condition.reason.clone());
    if leading(old).map(essence) == leading(new).map(essence) || QUIET.contains(&verdict.reason.as_str()) {
        return None;
    }
    let warning = trouble
        || match verdict.standing {
            Standing::Failed | Standing::Refused => true,
            Standing::Reconciling | Standing::Running | Standing::Completed | Standing::AsWanted => false,
        };
    Some(Note {
        warning,
        reason: verdict.reason.clone(),
        action: if deleting { "Delete" } else { "Reconcile" },
        text: verdict.message.clone(),
    })
}
