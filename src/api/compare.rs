//! Whether two specs ask for the same: what AWS fills in by itself, and other ways to write nothing, make no difference.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::lifecycle::Drift;

/// A field's value if the spec leaves it out. The path has no indices: `productionVariants.initialVariantWeight`.
pub type FieldDefault = (&'static str, fn() -> Value);

/// Fields of a spec that say nothing about what the resource is.
const ASIDE: [&str; 3] = ["region", "sageMakerEndpoint", "tags"];

/// A spec whose resource is compared by what it is.
pub trait Content: Serialize {
    /// What AWS takes a field for that is left out.
    const DEFAULTS: &'static [FieldDefault];

    /// What makes its resource the one it is, in the one form in which equal ones are equal.
    fn content(&self) -> Value {
        canonical(self, Self::DEFAULTS)
    }
}

/// The spec in the one form in which equal ones are equal: without what is nothing, off or the default, numbers of one
/// sort, names and values sorted.
fn canonical<S: Serialize + ?Sized>(spec: &S, defaults: &[FieldDefault]) -> Value {
    let mut value = serde_json::to_value(spec).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| !ASIDE.contains(&name.as_str()));
    }
    plain(value, "", defaults).unwrap_or_else(|| json!({}))
}

fn plain(value: Value, path: &str, defaults: &[FieldDefault]) -> Option<Value> {
    let value = match value {
        Value::Object(fields) => {
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let kept: Map<_, _> = fields
                .into_iter()
                .filter_map(|(name, field)| plain(field, &below(&name), defaults).map(|field| (name, field)))
                .collect();
            Value::Object(kept)
        }
        Value::Array(items) if is_map(&items) => pairs(&items),
        // An item that says nothing has its place all the same.
        Value::Array(items) => {
            items.into_iter().map(|item| plain(item, path, defaults).unwrap_or_else(|| json!({}))).collect()
        }
        Value::Number(number) => json!(number.as_f64()),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    };
    let is_nothing = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    };
    let is_default = defaults.iter().any(|(of, default)| *of == path && default() == value);
    (!is_nothing && !is_default).then_some(value)
}

/// Whether the list is written for a map: of names and values alone.
fn is_map(items: &[Value]) -> bool {
    let is_pair = |item: &Value| {
        item.as_object().is_some_and(|item| !item.is_empty() && item.keys().all(|key| key == "name" || key == "value"))
    };
    !items.is_empty() && items.iter().all(is_pair)
}

/// The pairs in the order of their names; of two with the same name the later one.
fn pairs(items: &[Value]) -> Value {
    let text = |item: &Value, part: &str| item[part].as_str().unwrap_or_default().to_owned();
    let map: BTreeMap<_, _> = items.iter().map(|item| (text(item, "name"), text(item, "value"))).collect();
    map.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// How what is there differs from what is wanted, both in canonical form.
pub(crate) fn drift(wanted: &Value, seen: &Value) -> Drift {
    let mut fields = Vec::new();
    differences(wanted, seen, "", &mut fields);
    // What cannot be changed in place is replaced: there is no request to be made.
    Drift { update: (!fields.is_empty()).then(|| json!({})), fields }
}

fn differences(wanted: &Value, seen: &Value, path: &str, found: &mut Vec<String>) {
    match (wanted, seen) {
        _ if wanted == seen => {}
        (Value::Object(wanted), Value::Object(seen)) => {
            let more = seen.keys().filter(|name| !wanted.contains_key(*name));
            for name in wanted.keys().chain(more) {
                let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differences(&of(wanted), &of(seen), &path, found);
            }
        }
        (Value::Array(wanted), Value::Array(seen)) if wanted.len() == seen.len() && !is_map(wanted) => {
            for (index, (wanted, seen)) in wanted.iter().zip(seen).enumerate() {
                differences(wanted, seen, &format!("{path}[{index}]"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: &[FieldDefault] = &[("list.weight", || json!(1.0)), ("mode", || json!("SingleModel"))];

    #[test]
    fn other_ways_to_write_the_same_are_the_same() {
        for (one, other) in [
            (json!({ "off": false, "text": "", "list": [], "null": null, "inner": { "off": false } }), json!({})),
            (json!({ "mode": "SingleModel" }), json!({})),
            (json!({ "list": [{ "weight": 1 }] }), json!({ "list": [{}] })),
            (json!({ "count": 2 }), json!({ "count": 2.0 })),
            (
                json!({ "region": "us-west-2", "tags": [{ "key": "a", "value": "b" }] }),
                json!({ "region": "eu-west-1" }),
            ),
            (
                json!({ "environment": [{ "name": "b" }, { "name": "a", "value": "0" }, { "name": "a", "value": "1" }] }),
                json!({ "environment": [{ "name": "a", "value": "1" }, { "name": "b", "value": "" }] }),
            ),
        ] {
            assert_eq!(canonical(&one, DEFAULTS), canonical(&other, DEFAULTS), "{one} {other}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        for (wanted, seen, fields) in [
            (json!({ "a": 1 }), json!({ "a": 1 }), vec![]),
            (json!({ "a": { "b": "x" } }), json!({ "a": { "b": "y" } }), vec!["a.b"]),
            (json!({ "a": true }), json!({}), vec!["a"]),
            (json!({}), json!({ "vpcConfig": { "subnets": ["s"] } }), vec!["vpcConfig"]),
            (json!({ "list": [{ "weight": 2 }] }), json!({ "list": [{ "weight": 1 }] }), vec!["list[0].weight"]),
            (json!({ "list": [{ "weight": 2 }] }), json!({ "list": [{}, {}] }), vec!["list"]),
            (json!({ "mode": "MultiModel" }), json!({}), vec!["mode"]),
            (
                json!({ "environment": [{ "name": "a", "value": "1" }] }),
                json!({ "environment": [{ "name": "a", "value": "2" }] }),
                vec!["environment"],
            ),
        ] {
            let drift = drift(&canonical(&wanted, DEFAULTS), &canonical(&seen, DEFAULTS));
            assert_eq!(drift.fields, fields, "{wanted} {seen}");
            assert_eq!(drift.update.is_some(), !fields.is_empty());
        }
    }
}
