//! Every field of SageMaker's requests for models, configurations and endpoints has a place in our definitions, and its
//! value arrives in the request.

use std::collections::BTreeSet;

use sagemaker_operator::api::hosting_deployment::{EndpointObserved, Names};
use sagemaker_operator::api::{EndpointConfigSpec, HostingDeployment, HostingDeploymentSpec, ModelSpec, crd};
use sagemaker_operator::aws::to_request;
use sagemaker_operator::lifecycle::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{DEPLOYMENTS, hasty, is_ready, object};
use crate::leaves::{Leaf, Model, Subject, at};
use crate::support::{Namespace, Simulator};

/// What a spec has beside the request's members.
const OURS: [&str; 2] = ["region", "sageMakerEndpoint"];

fn spec_schema(kind: &str) -> Value {
    let definition = crd::all().into_iter().find(|definition| definition.spec.names.kind == kind);
    let definition = serde_json::to_value(definition.expect("a definition of each kind")).expect("it can be written");
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].clone()
}

fn is_map(items: &Value) -> bool {
    items["properties"].as_object().is_some_and(|fields| fields.keys().eq(["name", "value"]))
}

/// The paths of all values of a schema: scalars, and lists of names and values.
fn paths(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(items) = schema.get("items") {
        if is_map(items) {
            found.insert(path.to_owned());
        } else {
            paths(items, &format!("{path}[]"), found);
        }
    } else if let Some(fields) = schema["properties"].as_object() {
        for (name, field) in fields {
            paths(field, format!("{path}.{name}").trim_start_matches('.'), found);
        }
    } else {
        found.insert(path.to_owned());
    }
}

/// A value with every field of a schema in it, each text saying where it stands.
fn whole(schema: &Value, path: &str) -> Value {
    if let Some(items) = schema.get("items") {
        return if is_map(items) { json!([{ "name": "NAME", "value": path }]) } else { json!([whole(items, path)]) };
    }
    match schema["type"].as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object().expect("an object has fields");
            let fields = fields.iter().map(|(name, field)| (name.clone(), whole(field, &format!("{path}.{name}"))));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Some("string") => json!(path),
        Some("integer") => json!(7),
        Some("number") => json!(0.5),
        Some("boolean") => json!(true),
        other => panic!("{path}: {other:?}"),
    }
}

fn typed<S: DeserializeOwned + Serialize>(spec: &Value) -> S {
    let typed: S = serde_json::from_value(spec.clone()).expect("the definition says what the type takes");
    assert_eq!(serde_json::to_value(&typed).expect("it can be written"), *spec, "nothing is lost in the type");
    typed
}

/// The leaves of an operation's request but for those paths.
fn leaves(operation: &str, but: &[&str]) -> Vec<Leaf> {
    let mut leaves = Model::sagemaker().leaves(operation);
    leaves.retain(|leaf| !but.iter().any(|path| leaf.wire_path().starts_with(path)));
    leaves
}

#[track_caller]
fn all_arrive(request: &Value, leaves: &[Leaf]) {
    let missing: Vec<_> = leaves.iter().filter(|leaf| at(request, leaf).is_empty()).map(Leaf::wire_path).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
}

/// A deployment of one model, made of a model's spec and a configuration's.
fn deployed(model: &Value, config: &Value) -> Value {
    let mut model = model.clone();
    let hosted = model.as_object_mut().expect("a spec is an object");
    hosted.remove("region");
    let tags = hosted.remove("tags");
    if let Some(only) = hosted.remove("primaryContainer") {
        model["containers"] = json!([only]);
    } else {
        // Several containers are what makes a pipeline.
        let second = json!({ "containerHostname": "second", "image": "image" });
        model["containers"].as_array_mut().expect("one or several").push(second);
    }
    model["name"] = json!("hosted");
    let mut spec = config.clone();
    for list in ["productionVariants", "shadowProductionVariants"] {
        for variant in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            variant["modelName"] = json!("hosted");
            for pool in variant.get_mut("instancePools").and_then(Value::as_array_mut).into_iter().flatten() {
                pool.as_object_mut().and_then(|pool| pool.remove("modelNameOverride"));
            }
        }
    }
    if let (None, Some(tags)) = (spec.get("tags"), tags) {
        spec["tags"] = tags;
    }
    spec["models"] = json!([model]);
    spec
}

/// The values of a request's leaves are those that its part asked for; names of models are SageMaker's own.
#[track_caller]
fn has_all(sent: &Value, wanted: &Value, leaves: &[Leaf]) {
    for leaf in leaves.iter().filter(|leaf| !leaf.wire_path().contains("ModelName")) {
        let sent = at(sent, leaf);
        // The operator adds tags of its own.
        assert!(at(wanted, leaf).iter().all(|value| sent.contains(value)), "{}: {sent:?}", leaf.wire_path());
    }
}

#[test]
fn every_leaf_of_a_deployment_arrives_in_sagemaker() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-leaves");
    let _operator = hasty(&home, &aws).start();
    let (models, configs) = (Subject::of("Model"), Subject::of("EndpointConfig"));
    let (models, configs) = (models.all_leaves_together(), configs.all_leaves_together());
    let alarms = json!({ "alarms": [{ "alarmName": "errors" }] });
    let blue_green = json!({
        "autoRollbackConfiguration": alarms,
        "blueGreenUpdatePolicy": {
            "maximumExecutionTimeoutInSeconds": 1800,
            "terminationWaitInSeconds": 60,
            "trafficRoutingConfiguration": {
                "type": "CANARY", "waitIntervalInSeconds": 90, "canarySize": { "type": "CAPACITY_PERCENT", "value": 20 },
            },
        },
    });
    let rolling = json!({
        "autoRollbackConfiguration": alarms,
        "rollingUpdatePolicy": {
            "maximumBatchSize": { "type": "CAPACITY_PERCENT", "value": 20 },
            "maximumExecutionTimeoutInSeconds": 1800,
            "rollbackMaximumBatchSize": { "type": "INSTANCE_COUNT", "value": 2 },
            "waitIntervalInSeconds": 90,
        },
    });
    let rolled_out = [&blue_green, &rolling];
    // Each way to deploy and to roll out, with one model or a pipeline of several containers.
    assert!(configs.len() >= rolled_out.len());
    let ways = models.iter().cycle().zip(rolled_out.into_iter().cycle());
    for (((_, model_leaves, model), deployment_config), (flavour, config_leaves, config)) in ways.zip(&configs) {
        let mut spec = deployed(&model.spec, &config.spec);
        spec["deploymentConfig"] = deployment_config.clone();
        home.apply(object("HostingDeployment", flavour.name, &spec).to_string());
        let there = home.until(DEPLOYMENTS, flavour.name, "ready", is_ready);
        let of = |operation: &str, name: &Value| {
            let mut calls = aws.applied(operation);
            calls.retain(|call| json!(call.name) == *name);
            assert_eq!(calls.len(), 1, "{operation} {name}");
            calls.remove(0).request
        };
        let status = &there["status"];
        has_all(&of("CreateModel", &status["modelNames"][0]["value"]), &model.wire, model_leaves);
        has_all(&of("CreateEndpointConfig", &status["endpointConfigName"]), &config.wire, config_leaves);
        let endpoint = of("CreateEndpoint", &status["endpointName"]);
        let wanted = to_request("HostingDeployment", &json!({ "deploymentConfig": deployment_config }));
        assert_eq!(endpoint["DeploymentConfig"], wanted["DeploymentConfig"]);
        assert!(endpoint["DeploymentConfig"].to_string().contains("Wait"), "{endpoint}");
    }
    assert!(aws.calls("UpdateEndpoint").is_empty(), "what SageMaker describes is what was wanted");

    // The same in an update.
    let (_, _, model) = &models[0];
    let (flavour, _, config) = &configs[0];
    for deployment_config in rolled_out {
        let mut spec = deployed(&model.spec, &config.spec);
        spec["deploymentConfig"] = deployment_config.clone();
        let container = &mut spec["models"][0]["containers"][0];
        container["image"] = json!(deployment_config.as_object().expect("an object").keys().next_back());
        home.apply(object("HostingDeployment", flavour.name, &spec).to_string());
        home.until(DEPLOYMENTS, flavour.name, "ready", is_ready);
        let updates = aws.applied("UpdateEndpoint");
        let wanted = to_request("HostingDeployment", &json!({ "deploymentConfig": deployment_config }));
        assert_eq!(updates.last().expect("an update").request["DeploymentConfig"], wanted["DeploymentConfig"]);
    }
}

#[test]
fn a_model_and_a_configuration_have_the_fields_of_the_api_and_no_others() {
    for (kind, operation, name, count) in [
        ("Model", "CreateModel", "ModelName", 65),
        ("EndpointConfig", "CreateEndpointConfig", "EndpointConfigName", 110),
    ] {
        let leaves = leaves(operation, &[name]);
        let mut ours = BTreeSet::new();
        paths(&spec_schema(kind), "", &mut ours);
        let mut expected: BTreeSet<_> = leaves.iter().map(Leaf::spec_path).collect();
        expected.extend(OURS.map(str::to_owned));
        assert_eq!(ours, expected, "{kind}");
        assert_eq!(leaves.len(), count, "{kind}");
    }
}

#[test]
fn each_field_of_a_model_and_a_configuration_arrives() {
    let model: ModelSpec = typed(&whole(&spec_schema("Model"), ""));
    all_arrive(&to_request("Model", &json!(model)), &leaves("CreateModel", &["ModelName"]));
    let config: EndpointConfigSpec = typed(&whole(&spec_schema("EndpointConfig"), ""));
    all_arrive(&to_request("EndpointConfig", &json!(config)), &leaves("CreateEndpointConfig", &["EndpointConfigName"]));
}

#[test]
fn each_field_of_a_deployment_arrives_in_one_of_its_three_requests() {
    let mut spec = whole(&spec_schema("HostingDeployment"), "");
    spec["retainDeploymentConfig"] = json!(false);
    let mut pipeline = spec["models"][0].clone();
    pipeline["name"] = json!("pipeline");
    let mut second = pipeline["containers"][0].clone();
    second["containerHostname"] = json!("second");
    pipeline["containers"].as_array_mut().expect("a list").push(second);
    spec["models"].as_array_mut().expect("a list").push(pipeline);
    let mut spec: HostingDeploymentSpec = typed(&spec);

    let (one, several) = (spec.model(&spec.models[0]), spec.model(&spec.models[1]));
    all_arrive(&to_request("Model", &json!(one)), &leaves("CreateModel", &["ModelName", "Containers"]));
    all_arrive(&to_request("Model", &json!(several)), &leaves("CreateModel", &["ModelName", "PrimaryContainer"]));
    let config = spec.config(&Names::new());
    all_arrive(&to_request("EndpointConfig", &json!(config)), &leaves("CreateEndpointConfig", &["EndpointConfigName"]));

    spec.resolved.config = Some("config".to_owned());
    let running = json!({ "EndpointStatus": "InService", "EndpointConfigName": "another" });
    let seen: EndpointObserved = serde_json::from_value(running).expect("an endpoint");
    let update = HostingDeployment::drift(&spec, &seen).update.expect("another configuration is to be rolled out");
    all_arrive(&update, &leaves("CreateEndpoint", &["EndpointName", "Tags"]));
    for member in ["RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig"] {
        assert!(!update[member].is_null(), "{member}");
    }
}
