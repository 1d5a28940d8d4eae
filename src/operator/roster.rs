//! What is remembered of every object: a few dozen bytes, so that ten thousand finished jobs cost next to nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::lifecycle::{Kind, is_true};

use super::object::{Glimpse, Identity, Key};
use super::status::says_ended;

/// Where an object stands, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stand {
    New,
    Reconciling,
    Running,
    Complete,
    Failed,
    Ready,
    Stalled,
    /// Being deleted, whatever else may be said of it.
    Deleting,
}

impl Stand {
    pub(super) const ALL: [Self; 8] = [
        Self::New,
        Self::Reconciling,
        Self::Running,
        Self::Complete,
        Self::Failed,
        Self::Ready,
        Self::Stalled,
        Self::Deleting,
    ];

    /// The label of the metric.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reconciling => "reconciling",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Ready => "ready",
            Self::Stalled => "stalled",
            Self::Deleting => "deleting",
        }
    }
}

/// An object, as far as the watch needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Of all that a person can change: another one means that there is something to do.
    fingerprint: u64,
    stand: Stand,
    deleting: bool,
    /// The listing it was last seen in.
    round: u32,
}

/// What is new about an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Somebody wants something of it, or it has never been looked at.
    Wanted,
    /// It has ended and nothing is to be done.
    Quiet,
    /// Nothing but what we wrote ourselves.
    Echo,
}

/// All objects of a kind.
#[derive(Debug, Default)]
pub(super) struct Roster {
    entries: HashMap<Key, Entry>,
    round: u32,
}

impl Roster {
    /// Takes note of the object as the watch shows it. The last part is whether it is other than it was to those who
    /// keep it: new, changed by a person, or standing elsewhere.
    pub(super) fn note<K: Kind>(&mut self, object: &Glimpse) -> (Key, News, bool) {
        let identity = Identity::of(object);
        let status: K::Status = serde_json::from_value(object.status.clone()).unwrap_or_default();
        let stand = stand_of::<K>(&status);
        let (fingerprint, deleting) = (fingerprint(&identity, object), identity.deleting);
        let entry = Entry { fingerprint, stand, deleting, round: self.round };
        let before = self.entries.insert(identity.key.clone(), entry);
        let news = match before {
            Some(before) if before.fingerprint == entry.fingerprint => News::Echo,
            None if is_over::<K>(&identity, &status) => News::Quiet,
            Some(_) | None => News::Wanted,
        };
        let moved = match before {
            Some(before) => before.stand != stand || before.fingerprint != entry.fingerprint,
            // One that ended long ago is nothing new to its keeper when the operator starts.
            None => news != News::Quiet,
        };
        (identity.key, news, moved)
    }

    /// Forgets an object that has gone.
    pub(super) fn remove(&mut self, key: &Key) {
        self.entries.remove(key);
    }

    /// A new listing begins: what it does not show has gone.
    pub(super) fn begin(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// The listing is complete. Returns what has gone unseen.
    pub(super) fn complete(&mut self) -> Vec<Key> {
        let round = self.round;
        let gone: Vec<Key> =
            self.entries.iter().filter(|(_, entry)| entry.round != round).map(|(key, _)| key.clone()).collect();
        for key in &gone {
            self.entries.remove(key);
        }
        // The first listing grows the map by doubling; what it does not need is given back.
        self.entries.shrink_to_fit();
        gone
    }

    /// How many objects stand so.
    pub(super) fn count(&self, stand: Stand) -> usize {
        let counted = |entry: &&Entry| stand == if entry.deleting { Stand::Deleting } else { entry.stand };
        self.entries.values().filter(counted).count()
    }

    /// All keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.entries.keys()
    }
}

/// A job that has ended, of which the operator has said so for this very spec, and that asks for nothing more.
fn is_over<K: Kind>(identity: &Identity, status: &K::Status) -> bool {
    let common = K::common(status);
    says_ended(&common.conditions)
        && !identity.deleting
        && identity.is_held()
        && common.observed_generation == identity.generation
        && !K::has_loose_ends(status)
        && !common.unfinished
}

fn stand_of<K: Kind>(status: &K::Status) -> Stand {
    let conditions = &K::common(status).conditions;
    let stands = [
        ("Complete", Stand::Complete),
        ("Failed", Stand::Failed),
        ("Stalled", Stand::Stalled),
        ("Ready", Stand::Ready),
        ("Reconciling", Stand::Reconciling),
    ];
    match stands.into_iter().find(|(kind, _)| is_true(conditions, kind)) {
        Some((_, stand)) => stand,
        None if conditions.is_empty() => Stand::New,
        None => Stand::Running,
    }
}

fn fingerprint(identity: &Identity, object: &Glimpse) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The uid too: an object that was deleted and made again while the watch was away is another one.
    (&identity.uid, identity.generation, identity.deleting, identity.is_held()).hash(&mut hasher);
    object.metadata.annotations.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::lifecycle::FINALIZER;
    use crate::operator::tests::kind::Job;

    fn object(change: &Value) -> Glimpse {
        let mut object = json!({
            "metadata": {
                "namespace": "ns", "name": "job", "uid": "u", "generation": 1, "finalizers": [FINALIZER]
            },
            "status": {}
        });
        json_patch::merge(&mut object, change);
        serde_json::from_value(object).unwrap()
    }

    fn ended() -> Value {
        json!({ "status": { "observedGeneration": 1, "conditions": [{
            "type": "Complete", "status": "True", "reason": "Completed", "message": "",
            "lastTransitionTime": "2026-11-23T12:00:00Z",
        }]}})
    }

    #[test]
    fn only_what_a_person_changes_is_news() {
        let mut roster = Roster::default();
        for (change, news) in [
            (json!({}), News::Wanted),
            (json!({}), News::Echo),
            (json!({ "status": { "jobStatus": "InProgress" } }), News::Echo),
            (json!({ "metadata": { "resourceVersion": "9", "labels": { "a": "b" } } }), News::Echo),
            (json!({ "metadata": { "annotations": { "a": "b" } } }), News::Wanted),
            (json!({ "metadata": { "generation": 2 } }), News::Wanted),
            (json!({ "metadata": { "deletionTimestamp": "2026-11-23T12:00:00Z" } }), News::Wanted),
        ] {
            assert_eq!(roster.note::<Job>(&object(&change)).1, news, "{change}");
        }
    }

    #[test]
    fn a_job_that_has_ended_is_quiet_at_first_sight() {
        assert_eq!(Roster::default().note::<Job>(&object(&ended())).1, News::Quiet);
        for awake in [
            json!({ "metadata": { "deletionTimestamp": "2026-11-23T12:00:00Z" } }),
            json!({ "metadata": { "generation": 2 } }),
            json!({ "metadata": { "finalizers": [] } }),
            json!({ "status": { "unfinished": true } }),
        ] {
            let mut change = ended();
            json_patch::merge(&mut change, &awake);
            assert_eq!(Roster::default().note::<Job>(&object(&change)).1, News::Wanted, "{awake}");
        }
    }

    #[test]
    fn what_is_being_deleted_stands_so_whatever_is_said_of_it() {
        let mut roster = Roster::default();
        let mut going = ended();
        json_patch::merge(&mut going, &json!({ "metadata": { "deletionTimestamp": "2026-11-23T12:00:00Z" } }));
        for (change, stand) in [(json!({}), Stand::New), (ended(), Stand::Complete), (going, Stand::Deleting)] {
            roster.note::<Job>(&object(&change));
            assert_eq!(Stand::ALL.map(|stand| roster.count(stand)).iter().sum::<usize>(), 1);
            assert_eq!(roster.count(stand), 1, "{change}");
        }
    }

    #[test]
    fn what_a_new_listing_does_not_show_has_gone() {
        let mut roster = Roster::default();
        roster.note::<Job>(&object(&json!({})));
        roster.note::<Job>(&object(&json!({ "metadata": { "name": "other" } })));
        roster.begin();
        roster.note::<Job>(&object(&json!({})));
        assert_eq!(roster.complete(), [Key::new("ns", "other")]);
        assert_eq!(roster.keys().count(), 1);
    }

    #[test]
    fn an_entry_takes_a_few_dozen_bytes() {
        assert!(size_of::<(Key, Entry)>() <= 32, "{}", size_of::<(Key, Entry)>());
    }
}
