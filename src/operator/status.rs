//! Whether a status tells of an end, and the patch from one status to the next.

use serde_json::{Map, Value};

use crate::lifecycle::{Condition, is_true};

/// Whether a condition says that the job has ended.
pub(super) fn says_ended(conditions: &[Condition]) -> bool {
    is_true(conditions, "Complete") || is_true(conditions, "Failed")
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
    use serde_json::json;

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
