//! What a status says of the past, and the patch from one status to the next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::lifecycle::{Arn, Condition, Kind, Past, Sort, is_true};

use super::legacy;
use super::object::Identity;

/// What the original operator did for an object that it left behind, as far as its status tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Legacy {
    /// It saw the resource.
    Started,
    /// It may have created the resource, and may have done so in vain.
    Uncertain,
    /// SageMaker refused its last Create after it had looked in vain.
    Refused,
}

/// What the status remembers. `window` is how long after a Create "not found" may mean "not yet".
pub(super) fn past<K: Kind>(status: &K::Status, window: Duration, now: DateTime<Utc>, legacy: Option<Legacy>) -> Past {
    let common = K::common(status);
    if K::SORT == Sort::Job && K::is_ended(status) {
        return Past::Ended;
    }
    match legacy {
        Some(Legacy::Started) => return Past::Accepted { settled: true },
        Some(Legacy::Uncertain) => return Past::Unanswered { settled: true, marked: false },
        Some(Legacy::Refused) | None => {}
    }
    let settled = common
        .create_request
        .as_ref()
        .is_none_or(|request| (now - request.at).to_std().is_ok_and(|passed| passed > window));
    if common.arn.is_some() {
        Past::Accepted { settled }
    } else if let Some(request) = &common.create_request {
        Past::Unanswered { settled, marked: !request.untagged }
    } else {
        Past::Nothing
    }
}

/// The ARN that the status records.
pub(super) fn recorded_arn<K: Kind>(status: &K::Status) -> Option<Arn> {
    K::recorded_arn(status).and_then(|text| text.parse().ok())
}

/// What the original operator did, if it was the original that held the object: its finalizer and a word of its own in the
/// status, which it wrote in this order, and none of what ours writes along with its first word. What may have been
/// started is marked as such from the first look on.
pub(super) fn legacy<K: Kind>(identity: &Identity, status: &K::Status) -> Option<Legacy> {
    let common = K::common(status);
    let marked = common.create_request.as_ref().is_some_and(|request| request.by_version_1);
    let untouched = common.create_request.is_none()
        && common.conditions.is_empty()
        && common.observed_generation.is_none()
        && K::status_word(status).is_some();
    if !identity.is_held() || K::recorded_arn(status).is_some() || !(marked || untouched) {
        return None;
    }
    // The original also writes `Failed` where it could not even start; the kind knows.
    let over = K::status_word(status) != Some("Failed") || K::is_ended(status);
    if was_seen::<K>(status) && over {
        Some(Legacy::Started)
    } else if !marked && says_refused(&json!(status)) {
        Some(Legacy::Refused)
    } else {
        Some(Legacy::Uncertain)
    }
}

/// Whether the status says that nothing came of the last Create, nor of any before it: a policy lists what did.
fn says_refused(status: &Value) -> bool {
    let lists_nothing = status["resourceIDList"].as_array().is_none_or(Vec::is_empty);
    lists_nothing && legacy::says_refused(status["additional"].as_str().unwrap_or_default())
}

/// Whether a condition says that the job has ended.
pub(super) fn says_ended(conditions: &[Condition]) -> bool {
    is_true(conditions, "Complete") || is_true(conditions, "Failed")
}

/// Whether the status word comes from SageMaker.
pub(super) fn was_seen<K: Kind>(status: &K::Status) -> bool {
    K::status_word(status).is_some_and(|word| !word.is_empty() && !K::is_own_word(word))
}

/// The JSON merge patch that turns one value into the other: what is new or different, and null for what is gone.
pub(super) fn merge_patch(from: &Value, to: &Value) -> Option<Value> {
    if from == to {
        return None;
    }
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return Some(to.clone());
    };
    let mut patch = Map::new();
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, new) in to {
        let change = match from.get(key) {
            Some(old) => merge_patch(old, new),
            None => Some(new.clone()),
        };
        if let Some(change) = change {
            patch.insert(key.clone(), change);
        }
    }
    Some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_patch_holds_only_what_changed() {
        let from = json!({"word": "InProgress", "secondary": "Training", "rules": [1, 2], "same": {"a": 1, "b": 2}});
        let to = json!({"word": "Completed", "rules": [1], "same": {"a": 1, "b": 3}, "model": "s3://…"});
        assert_eq!(
            merge_patch(&from, &to),
            Some(json!({
                "secondary": null, "word": "Completed", "rules": [1], "same": {"b": 3}, "model": "s3://…"
            }))
        );
        assert_eq!(merge_patch(&from, &from), None);
    }

    fn status() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof!["[a-c]{1,2}".prop_map(Value::from), (0..3).prop_map(Value::from)];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[a-c]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_patched_status_is_the_wanted_one(from in status(), to in status()) {
            let (from, to) = (json!({ "status": from }), json!({ "status": to }));
            let mut patched = from.clone();
            if let Some(patch) = merge_patch(&from, &to) {
                json_patch::merge(&mut patched, &patch);
            }
            prop_assert_eq!(patched, to);
        }
    }
}
