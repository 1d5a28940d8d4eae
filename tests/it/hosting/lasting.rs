//! Models and configurations that people write by hand.

use sagemaker_operator::api::HostingDeployment;
use sagemaker_operator::lifecycle::Gateway;
use serde_json::{Value, json};

use super::{
    CONFIGS, Client, DEPLOYMENTS, MODELS, NAME, deployment, hasty, object, until_ready, until_stalled, writes,
};
use crate::support::namespace::condition_of;
use crate::support::simulator::REGION;
use crate::support::{Namespace, Simulator};

fn model(image: &str) -> Value {
    let spec = json!({
        "region": REGION,
        "executionRoleArn": "arn:aws:iam::123456789012:role/host",
        "primaryContainer": { "image": image, "environment": [{ "name": "A", "value": "1" }] },
    });
    object("Model", "by-hand", &spec)
}

fn config(model: &str, patch: &Value) -> Value {
    let mut variant = json!({
        "variantName": "v", "modelName": model, "instanceType": "ml.m5.large", "initialInstanceCount": 1,
    });
    json_patch::merge(&mut variant, patch);
    object("EndpointConfig", "by-hand", &json!({ "region": REGION, "productionVariants": [variant] }))
}

fn aws_name(home: &Namespace, plural: &str, field: &str) -> String {
    home.until_condition(plural, "by-hand", "Ready");
    home.get(plural, "by-hand").expect("just seen")["status"][field].as_str().expect("a name").to_owned()
}

/// Waits until the operator has caught up with the spec.
fn until_caught_up(home: &Namespace, plural: &str) -> Value {
    home.until(plural, "by-hand", "ready again", super::is_ready)
}

#[test]
fn a_model_and_a_configuration_follow_their_specs_and_go() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("lasting");
    let _operator = hasty(&home, &aws).start();
    home.apply(model("image:1").to_string());
    let name = aws_name(&home, MODELS, "sageMakerModelName");
    let table = home.kubectl(["get", MODELS]).run().ok();
    assert_eq!(table.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>(), ["by-hand", "Created", &*name]);
    // No weight is said, and SageMaker tells its own.
    home.apply(config(&name, &json!({})).to_string());
    aws_name(&home, CONFIGS, "sageMakerEndpointConfigName");
    home.apply(config(&name, &json!({ "initialVariantWeight": 2 })).to_string());
    until_caught_up(&home, CONFIGS);
    home.apply(model("image:2").to_string());
    until_caught_up(&home, MODELS);
    assert_eq!(aws.applied("CreateModel")[1].request["ModelName"], name, "under the same name");
    home.delete(CONFIGS, "by-hand");
    home.until_gone(CONFIGS, "by-hand");
    home.delete(MODELS, "by-hand");
    home.until_gone(MODELS, "by-hand");
    assert_eq!(
        writes(&aws),
        [
            "CreateModel",
            "CreateEndpointConfig",
            "DeleteEndpointConfig",
            "CreateEndpointConfig",
            "DeleteModel",
            "CreateModel",
            "DeleteEndpointConfig",
            "DeleteModel"
        ]
    );
}

#[test]
fn what_somebody_made_of_a_model_behind_its_object_is_corrected_or_only_told() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("lasting-drift");
    let _operator = hasty(&home, &aws).start();
    home.apply(model("image:1").to_string());
    let name = aws_name(&home, MODELS, "sageMakerModelName");
    let until_as_wanted = || {
        home.until(MODELS, "by-hand", "as wanted", |object| {
            condition_of(object, "Ready").is_some_and(|it| it["reason"] == "AsWanted")
        });
    };
    let annotate = |value: Value| {
        let annotations = json!({ "sagemaker.aws.amazon.com/drift": value });
        home.patch(MODELS, "by-hand", &json!({ "metadata": { "annotations": annotations } })).unwrap();
    };
    // What was never as wanted has not drifted: it was not applied.
    until_as_wanted();
    annotate(json!("observe"));
    // At once: what is gone for a moment was not applied.
    aws.forge_model(&name, "image:forged");
    home.patch(MODELS, "by-hand", &json!({ "metadata": { "annotations": { "look": "again" } } })).unwrap();
    let told = home.until(MODELS, "by-hand", "Drifted", |object| {
        condition_of(object, "Ready").is_some_and(|it| it["reason"] == "Drifted")
    });
    let message = condition_of(&told, "Ready").unwrap()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("primaryContainer.image"), "{message}");
    let made = aws.applied("CreateModel").len();
    annotate(Value::Null);
    until_as_wanted();
    let models = aws.applied("CreateModel");
    assert_eq!((models.len(), &models[made].request["PrimaryContainer"]["Image"]), (made + 1, &json!("image:1")));
}

#[test]
fn a_configuration_in_use_by_an_endpoint_of_anybody_is_neither_replaced_nor_deleted() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("lasting-in-use");
    let _operator = hasty(&home, &aws).start();
    home.apply(model("image:1").to_string());
    let name = aws_name(&home, MODELS, "sageMakerModelName");
    home.apply(config(&name, &json!({})).to_string());
    let config_name = aws_name(&home, CONFIGS, "sageMakerEndpointConfigName");
    // Somebody's own endpoint, of which Kubernetes knows nothing.
    let client = Client::of(&aws);
    let mut spec: sagemaker_operator::api::HostingDeploymentSpec =
        serde_json::from_value(deployment("image", &json!({}))["spec"].clone()).expect("a spec");
    spec.resolved.config = Some(config_name);
    client.runtime.block_on(async {
        let made = Gateway::<HostingDeployment>::create(&client.api, &client.place, "theirs", &spec, &[]).await;
        made.map(drop).expect("an endpoint can be made");
    });

    home.apply(config(&name, &json!({ "initialVariantWeight": 2 })).to_string());
    let why = until_stalled(&home, CONFIGS, "by-hand", "InUse");
    assert!(why.contains("the endpoint theirs uses it"), "{why}");
    home.apply(config(&name, &json!({})).to_string());
    until_caught_up(&home, CONFIGS);
    home.delete(CONFIGS, "by-hand");
    home.delete(MODELS, "by-hand");
    let held = |plural: &str| {
        home.until(plural, "by-hand", "held", |object| {
            condition_of(object, "Reconciling").is_some_and(|it| it["reason"] == "InUse")
        });
    };
    held(CONFIGS);
    held(MODELS);
    assert!(aws.calls("DeleteEndpointConfig").is_empty() && aws.calls("DeleteModel").is_empty());
}

#[test]
fn what_may_not_be_looked_at_holds_nothing() {
    for denied in ["sagemaker:DescribeEndpoint", "sagemaker:ListEndpoints"] {
        let aws = Simulator::at_speed(60.0);
        let home = Namespace::new("lasting-denied");
        let _operator = hasty(&home, &aws).start();
        home.apply(model("image:1").to_string());
        let name = aws_name(&home, MODELS, "sageMakerModelName");
        home.apply(config(&name, &json!({})).to_string());
        aws_name(&home, CONFIGS, "sageMakerEndpointConfigName");
        aws.make_model("theirs", "image");
        let variant = json!({
            "VariantName": "v", "ModelName": "theirs", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
        });
        aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": "theirs", "ProductionVariants": [variant] }));
        aws.ask("CreateEndpoint", &json!({ "EndpointName": "theirs", "EndpointConfigName": "theirs" }));
        aws.deny(denied);
        home.delete(MODELS, "by-hand");
        home.delete(CONFIGS, "by-hand");
        home.until_gone(MODELS, "by-hand");
        home.until_gone(CONFIGS, "by-hand");
        let now = std::time::UNIX_EPOCH.elapsed().expect("a time").as_secs_f64();
        let yesterday = now - 86_400.0;
        for listed in aws.calls("ListEndpoints") {
            let since = listed.request["LastModifiedTimeAfter"].as_f64().expect("a time");
            assert!(since > yesterday, "only what may use it is asked for: {since}");
        }
    }
}

#[test]
fn an_endpoint_without_machines_of_its_own_serves() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("serverless");
    let _operator = hasty(&home, &aws).start();
    let variant = json!({
        "variantName": "v", "modelName": "Digits",
        "serverlessConfig": { "memorySizeInMB": 2048, "maxConcurrency": 5 },
    });
    let output = json!({ "outputConfig": { "s3OutputPath": "s3://bucket/answers" } });
    let patch = json!({ "productionVariants": [variant], "asyncInferenceConfig": output });
    home.apply(deployment("image:1", &patch).to_string());
    until_ready(&home);
    let made = aws.applied("CreateEndpointConfig");
    assert_eq!(made[0].request["ProductionVariants"][0]["ServerlessConfig"]["MemorySizeInMB"], 2048);
    assert_eq!(made[0].request["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"], "s3://bucket/answers");
    assert_eq!(home.get(DEPLOYMENTS, NAME).unwrap()["status"]["endpointStatus"], "InService");
}
