//! From a Describe answer back to a spec: what a resource is, in the words its object would use.

use serde_json::{Map, Value, json};

use super::table::{Form, below, quirks_of, small};

/// The members of an answer under the names that a spec of this kind has for them. Members that no spec has (times,
/// statuses, ARNs) come along; reading the result into the kind's own type leaves them out.
///
/// Maps become lists sorted by name, so that two answers can be compared.
pub fn to_spec(kind: &str, answer: &Value) -> Value {
    value(kind, "", answer)
}

fn value(kind: &str, path: &str, member: &Value) -> Value {
    match member {
        Value::Object(members) => object(kind, path, members),
        Value::Array(items) => items.iter().map(|item| value(kind, path, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => member.clone(),
    }
}

fn object(kind: &str, path: &str, members: &Map<String, Value>) -> Value {
    let mut fields = Map::new();
    for (name, member) in members {
        let quirk = quirks_of(kind, path).find(|quirk| quirk.wire == name);
        let field = quirk.map_or_else(|| small(name), |quirk| quirk.spec.to_owned());
        let said = match quirk.map(|quirk| quirk.form) {
            Some(Form::Map | Form::MapAlways) => list(member),
            Some(Form::Same | Form::ListAlways) | None => value(kind, &below(path, &field), member),
        };
        // AWS fills in what was not asked for; an empty list or map says no more than an absent one.
        if said != Value::Null && said != json!([]) {
            fields.insert(field, said);
        }
    }
    Value::Object(fields)
}

/// A map as `[{name, value}, …]`; the map is sorted already.
fn list(map: &Value) -> Value {
    let pairs = map.as_object().into_iter().flatten();
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::table::QUIRKS;
    use super::super::to_request;
    use super::*;

    #[test]
    fn an_answer_reads_like_the_spec_that_asked_for_it() {
        let answer = json!({
            "TrainingJobName": "xgboost",
            "TrainingJobArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/xgboost",
            "HyperParameters": {"eta": "0.2", "max_depth": "5"},
            "DebugHookConfig": {"S3OutputPath": "s3://bucket", "HookParameters": {"save_interval": "10"}},
            "DebugRuleConfigurations": [{"RuleConfigurationName": "A", "RuleParameters": {}}],
            "ResourceConfig": {"VolumeSizeInGB": 5, "InstanceType": "ml.m5.xlarge"},
            "EnableNetworkIsolation": false,
        });
        let expected = json!({
            "trainingJobName": "xgboost",
            "trainingJobArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/xgboost",
            "hyperParameters": [{"name": "eta", "value": "0.2"}, {"name": "max_depth", "value": "5"}],
            "debugHookConfig": {
                "s3OutputPath": "s3://bucket",
                "ruleParameters": [{"name": "save_interval", "value": "10"}],
            },
            "debugRuleConfigurations": [{"ruleConfigurationName": "A"}],
            "resourceConfig": {"volumeSizeInGB": 5, "instanceType": "ml.m5.xlarge"},
            "enableNetworkIsolation": false,
        });
        assert_eq!(to_spec("TrainingJob", &answer), expected);
    }

    #[test]
    fn tuned_parameters_of_the_best_trial_are_a_list() {
        let answer = json!({"BestTrainingJob": {"TunedHyperParameters": {"eta": "0.2"}}});
        assert_eq!(
            to_spec("HyperparameterTuningJob", &answer),
            json!({"bestTrainingJob": {"tunedHyperParameters": [{"name": "eta", "value": "0.2"}]}})
        );
    }

    /// A value as a spec may hold it, in the one form that comes back the same: no empty strings, no empty lists.
    fn plain(depth: u32) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~]{1,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(depth, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
                fields(inner).prop_map(Value::Object),
            ]
        })
    }

    /// An object whose names no quirk claims.
    fn fields(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
        proptest::collection::btree_map("x[a-zA-Z0-9]{0,6}", inner, 0..4).prop_map(|map| map.into_iter().collect())
    }

    /// What a quirk's field may hold.
    fn held(form: Form) -> BoxedStrategy<Value> {
        let pairs = proptest::collection::btree_map("[ -~]{1,8}", "[ -~]{0,8}", 1..4);
        let pairs =
            pairs.prop_map(|map| map.iter().map(|(name, value)| json!({"name": name, "value": value})).collect());
        match form {
            Form::Map | Form::MapAlways => pairs.boxed(),
            Form::ListAlways => proptest::collection::vec("[a-z]{1,5}", 1..3).prop_map(Value::from).boxed(),
            Form::Same => "[ -~]{1,12}".prop_map(Value::from).boxed(),
        }
    }

    /// Puts a field at a path, with plain objects on the way to it.
    fn put(spec: &mut Map<String, Value>, parent: &str, field: &str, value: Value) {
        let mut at = spec;
        for step in parent.split('.').filter(|step| !step.is_empty()) {
            let next = at.entry(step).or_insert_with(|| Value::Object(Map::new()));
            at = next.as_object_mut().expect("no plain field has the name of a step");
        }
        at.insert(field.to_owned(), value);
    }

    /// A spec of some kind with some of its quirks and other fields.
    fn spec() -> impl Strategy<Value = (&'static str, Value)> {
        let quirks: Vec<_> = QUIRKS.iter().map(|quirk| proptest::option::of(held(quirk.form))).collect();
        (0..QUIRKS.len(), quirks, fields(plain(3))).prop_map(|(chosen, held, mut spec)| {
            let kind = QUIRKS[chosen].kind;
            for (quirk, value) in QUIRKS.iter().zip(held).filter(|(quirk, _)| quirk.kind == kind) {
                if let Some(value) = value {
                    put(&mut spec, quirk.parent, quirk.spec, value);
                }
            }
            (kind, Value::Object(spec))
        })
    }

    proptest! {
        #[test]
        fn a_spec_comes_back_from_its_own_request((kind, spec) in spec()) {
            prop_assert_eq!(to_spec(kind, &to_request(kind, &spec)), spec);
        }

        #[test]
        fn a_request_comes_back_from_its_own_spec((kind, spec) in spec()) {
            let request = to_request(kind, &spec);
            prop_assert_eq!(to_request(kind, &to_spec(kind, &request)), request);
        }
    }
}
