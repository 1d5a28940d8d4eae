//! From a spec to the body of a request.

use serde_json::{Map, Value};

use super::table::{Form, NOT_SENT, below, capital, quirks_of};

/// The request of a kind's Create operation, without the resource's name: that is decided elsewhere.
///
/// Nulls, empty strings and empty lists are left out, as v1 did, except the empty value of a tag or a dimension, which
/// means something.
pub fn to_request(kind: &str, spec: &Value) -> Value {
    match spec {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| !NOT_SENT.contains(&name.as_str()));
            object(kind, "", fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Value::Object(Map::new())
        }
    }
}

fn object<'a>(kind: &str, path: &str, fields: impl Iterator<Item = (&'a String, &'a Value)>) -> Value {
    let mut members = Map::new();
    for quirk in quirks_of(kind, path) {
        match quirk.form {
            Form::MapAlways => members.insert(quirk.wire.to_owned(), Value::Object(Map::new())),
            Form::ListAlways => members.insert(quirk.wire.to_owned(), Value::Array(Vec::new())),
            Form::Same | Form::Map => None,
        };
    }
    for (name, field) in fields {
        let quirk = quirks_of(kind, path).find(|quirk| quirk.spec == name);
        let member = quirk.map_or_else(|| capital(name), |quirk| quirk.wire.to_owned());
        let sent = match quirk.map(|quirk| quirk.form) {
            Some(Form::Map | Form::MapAlways) => map(field),
            Some(Form::Same | Form::ListAlways) | None => value(kind, &below(path, name), field),
        };
        if !is_nothing(&member, &sent) {
            members.insert(member, sent);
        }
    }
    Value::Object(members)
}

fn value(kind: &str, path: &str, field: &Value) -> Value {
    match field {
        Value::Object(fields) => object(kind, path, fields.iter()),
        Value::Array(items) => items.iter().map(|item| value(kind, path, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => field.clone(),
    }
}

/// `[{name, value}, …]` as a map. The last of equal names wins; a missing value is an empty one. An empty list gives
/// null, which is not sent.
fn map(list: &Value) -> Value {
    let text = |pair: &Value, member: &str| pair.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let pairs = list.as_array().into_iter().flatten();
    let map: Map<String, Value> = pairs.map(|pair| (text(pair, "name"), text(pair, "value").into())).collect();
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

fn is_nothing(member: &str, sent: &Value) -> bool {
    match sent {
        Value::Null => true,
        Value::String(text) => text.is_empty() && member != "Value",
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_training_job_becomes_the_request_that_v1_sent() {
        let spec = json!({
            "region": "us-west-2",
            "sageMakerEndpoint": "https://api.sagemaker.example.com",
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "trainingJobName": "",
            "enableManagedSpotTraining": false,
            "hyperParameters": [{"name": "max_depth", "value": "5"}, {"name": "eta", "value": "0.2"}, {"name": "eta", "value": "0.3"}, {"name": "silent"}],
            "debugHookConfig": {
                "s3OutputPath": "s3://bucket/debug",
                "ruleParameters": [{"name": "save_interval", "value": "10"}],
                "collectionConfigurations": [{"collectionName": "losses"}],
            },
            "debugRuleConfigurations": [{"ruleConfigurationName": "LossNotDecreasing", "ruleParameters": []}],
            "profilerConfig": {"profilingParameters": []},
            "inputDataConfig": [{"channelName": "train", "compressionType": "None", "recordWrapperType": ""}],
            "resourceConfig": {"volumeKmsKeyId": "", "volumeSizeInGB": 5, "instanceGroups": []},
            "vpcConfig": {"securityGroupIds": ["sg-1"], "subnets": []},
            "tags": [{"key": "team", "value": ""}],
            "environment": null,
        });
        let expected = json!({
            "RoleArn": "arn:aws:iam::123456789012:role/train",
            "EnableManagedSpotTraining": false,
            "HyperParameters": {"max_depth": "5", "eta": "0.3", "silent": ""},
            "DebugHookConfig": {
                "S3OutputPath": "s3://bucket/debug",
                "HookParameters": {"save_interval": "10"},
                "CollectionConfigurations": [{"CollectionName": "losses", "CollectionParameters": {}}],
            },
            "DebugRuleConfigurations": [{"RuleConfigurationName": "LossNotDecreasing", "RuleParameters": {}}],
            "ProfilerConfig": {},
            "InputDataConfig": [{"ChannelName": "train", "CompressionType": "None"}],
            "ResourceConfig": {"VolumeSizeInGB": 5},
            "VpcConfig": {"SecurityGroupIds": ["sg-1"]},
            "Tags": [{"Key": "team", "Value": ""}],
        });
        assert_eq!(to_request("TrainingJob", &spec), expected);
    }

    #[test]
    fn parameters_are_always_sent_as_in_v1_but_the_environment_is_not() {
        assert_eq!(to_request("TrainingJob", &json!({})), json!({"HyperParameters": {}}));
        assert_eq!(to_request("ProcessingJob", &json!({})), json!({"Environment": {}}));
        assert_eq!(to_request("BatchTransformJob", &json!({"environment": []})), json!({}));
        assert_eq!(
            to_request(
                "Model",
                &json!({"containers": [{"image": "a"}, {"environment": [{"name": "A", "value": "1"}]}]})
            ),
            json!({"Containers": [{"Image": "a", "Environment": {}}, {"Environment": {"A": "1"}}]})
        );
        assert_eq!(
            to_request("HostingDeployment", &json!({})),
            json!({"Tags": [], "ExcludeRetainedVariantProperties": []})
        );
    }

    #[test]
    fn tuning_jobs_have_parameters_in_each_definition() {
        let definition = json!({"definitionName": "a", "staticHyperParameters": [{"name": "eta", "value": "1"}]});
        assert_eq!(
            to_request(
                "HyperparameterTuningJob",
                &json!({"trainingJobDefinition": definition, "trainingJobDefinitions": [definition]})
            ),
            json!({
                "TrainingJobDefinition": {"DefinitionName": "a", "StaticHyperParameters": {"eta": "1"}},
                "TrainingJobDefinitions": [{"DefinitionName": "a", "StaticHyperParameters": {"eta": "1"}}],
            })
        );
    }

    #[test]
    fn names_of_v1_with_a_capital_stay() {
        let spec = json!({"dataProcessing": {"inputFilter": "$", "JoinSource": "Input", "OutputFilter": "$[0]"}});
        assert_eq!(
            to_request("BatchTransformJob", &spec),
            json!({"DataProcessing": {"InputFilter": "$", "JoinSource": "Input", "OutputFilter": "$[0]"}})
        );
    }
}
