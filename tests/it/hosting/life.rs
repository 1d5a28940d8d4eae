//! From the manifest to the end.

use serde_json::{Value, json};

use super::{CONFIGS, Client, DEPLOYMENTS, MODELS, NAME, deployment, hasty, names, until_ready, until_stalled, writes};
use crate::support::eventually::PATIENCE;
use crate::support::{Namespace, Simulator, built, eventually};

fn sample(file: &str) -> String {
    std::fs::read_to_string(built::root().join("tests/samples").join(file)).expect("the sample is there")
}

#[test]
fn the_sample_serves_and_goes_again() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-sample");
    let _operator = hasty(&home, &aws).start();
    home.apply(sample("xgboost-mnist-hostingdeployment.yaml"));
    home.until_condition(DEPLOYMENTS, "hosting-deployment", "Ready");
    let object = home.get(DEPLOYMENTS, "hosting-deployment").unwrap();
    let uid = object["metadata"]["uid"].as_str().unwrap().replace('-', "");
    let (status, endpoint) = (&object["status"], format!("hosting-deployment-{uid}"));
    assert_eq!(status["endpointStatus"], "InService");
    assert_eq!(status["endpointName"], endpoint);
    assert_eq!(
        status["endpointUrl"],
        format!("https://runtime.sagemaker.us-east-2.amazonaws.com/endpoints/{endpoint}/invocations")
    );
    assert_eq!(status["modelNames"][0]["name"], "xgboost-model");
    assert_eq!(status["productionVariants"][0]["currentWeight"], 1);
    assert_eq!(names(&home, MODELS), [format!("xgboost-model-1-{uid}")], "named as version 1 did");
    assert_eq!(names(&home, CONFIGS), [format!("hosting-deployment-1-{uid}")]);
    let table = home.kubectl(["get", DEPLOYMENTS]).run().ok();
    let columns: Vec<_> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(columns, ["NAME", "STATUS", "SAGEMAKER-ENDPOINT-NAME"]);

    home.delete(DEPLOYMENTS, "hosting-deployment");
    home.until_gone(DEPLOYMENTS, "hosting-deployment");
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]));
    assert_eq!(
        writes(&aws),
        [
            "CreateModel",
            "CreateEndpointConfig",
            "CreateEndpoint",
            "DeleteEndpoint",
            "DeleteEndpointConfig",
            "DeleteModel"
        ]
    );
}

#[test]
fn names_with_points_become_names_that_sagemaker_takes() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-points");
    let _operator = hasty(&home, &aws).start();
    let variant = json!({
        "variantName": "v", "modelName": "digits.2", "instanceType": "ml.m5.large", "initialInstanceCount": 1,
    });
    let mut object = deployment("image:1", &json!({ "productionVariants": [variant] }));
    object["metadata"]["name"] = json!("digits.v2");
    object["spec"]["models"][0]["name"] = json!("digits.2");
    home.apply(object.to_string());
    let object = home.until(DEPLOYMENTS, "digits.v2", "ready", super::is_ready);
    let status = &object["status"];
    for name in [&status["endpointName"], &status["endpointConfigName"], &status["modelNames"][0]["value"]] {
        let name = name.as_str().expect("a name");
        assert!(name.starts_with("digits-") && !name.contains('.'), "{name}");
    }
    home.delete(DEPLOYMENTS, "digits.v2");
    home.until_gone(DEPLOYMENTS, "digits.v2");
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]));
}

#[test]
fn the_sample_that_asks_for_a_model_it_does_not_have_says_so() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-broken");
    let _operator = hasty(&home, &aws).start();
    home.apply(sample("xgboost-multi-model-hostingdeployment.yaml"));
    let why = until_stalled(&home, DEPLOYMENTS, "multi-model-hosting-deployment", "InvalidSpec");
    insta::assert_snapshot!(why, @r"
    the variant AllTraffic asks for the model xgboost-model, but models has only: multi-model-xgboost
    hint: give the variant's modelName and the model's name the same value
    ");
    let object = home.get(DEPLOYMENTS, "multi-model-hosting-deployment").unwrap();
    assert_eq!(object["status"]["endpointStatus"], "ReconcilingEndpoint", "the first release's word");
    let mended = json!({ "spec": { "models": [{
        "name": "xgboost-model",
        "executionRoleArn": "arn:aws:iam::123456789012:role/host",
        "containers": [{ "image": "multi", "modelDataUrl": "s3://my-bucket/xgboost/", "mode": "MultiModel" }],
    }]}});
    home.patch(DEPLOYMENTS, "multi-model-hosting-deployment", &mended).expect("a spec can be edited");
    home.until_condition(DEPLOYMENTS, "multi-model-hosting-deployment", "Ready");
}

#[test]
fn a_deletion_waits_for_an_endpoint_that_is_still_coming_up_or_changing() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("hosting-early");
    let _operator = hasty(&home, &aws).start();
    for stage in ["Creating", "Updating"] {
        home.apply(deployment("image:1", &json!({})).to_string());
        if stage == "Updating" {
            until_ready(&home);
            home.apply(deployment("image:2", &json!({})).to_string());
        }
        home.until(DEPLOYMENTS, NAME, stage, |object| object["status"]["endpointStatus"] == stage);
        home.delete(DEPLOYMENTS, NAME);
        home.until_gone(DEPLOYMENTS, NAME);
        assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]), "{stage}");
    }
    let count = |operation: &str| aws.applied(operation).len();
    assert_eq!((count("CreateEndpoint"), count("DeleteEndpoint")), (2, 2));
    assert_eq!((count("CreateEndpointConfig"), count("DeleteEndpointConfig")), (3, 3));
    assert_eq!((count("CreateModel"), count("DeleteModel")), (3, 3));
}

#[test]
fn children_deleted_by_hand_stay_until_the_endpoint_no_longer_needs_them() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-by-hand");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let object = until_ready(&home);
    let endpoint = object["status"]["endpointName"].as_str().unwrap().to_owned();
    let (model, config) = (names(&home, MODELS).remove(0), names(&home, CONFIGS).remove(0));
    home.delete(MODELS, &model);
    home.delete(CONFIGS, &config);
    // New ones are made and rolled out, and then the old ones may go.
    home.until_gone(CONFIGS, &config);
    home.until_gone(MODELS, &model);
    let rolled_out = until_ready(&home);
    assert_ne!(rolled_out["status"]["endpointConfigName"], object["status"]["endpointConfigName"]);
    let order: Vec<_> = writes(&aws).into_iter().skip(3).collect();
    let (first, mut last) = (&order[..3], order[3..].to_vec());
    last.sort();
    assert_eq!(
        first,
        ["CreateModel", "CreateEndpointConfig", "UpdateEndpoint"],
        "nothing goes under a running endpoint"
    );
    assert_eq!(last, ["DeleteEndpointConfig", "DeleteModel"]);
    assert_eq!(Client::of(&aws).endpoint(&endpoint).map(|it| it.endpoint_status), Some("InService".to_owned()));
}

#[test]
fn a_foreground_deletion_takes_the_endpoint_first() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-foreground");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    home.kubectl(["delete", DEPLOYMENTS, NAME, "--cascade=foreground", "--wait=false"]).run().ok();
    home.until_gone(DEPLOYMENTS, NAME);
    eventually("the end of all children", PATIENCE, || match (names(&home, MODELS), names(&home, CONFIGS)) {
        (models, configs) if models.is_empty() && configs.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    });
    let last: Vec<_> = writes(&aws).into_iter().skip(3).collect();
    assert_eq!(last[0], "DeleteEndpoint", "{last:?}");
    assert_eq!(last.len(), 3, "{last:?}");
}

#[test]
fn an_edit_of_tags_or_of_how_to_roll_out_rolls_nothing_out() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-tags");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let before = until_ready(&home);
    let alarms = json!([{ "alarmName": "errors" }]);
    let patch = json!({
        "tags": [{ "key": "team", "value": "a" }],
        "retainAllVariantProperties": true,
        "deploymentConfig": { "autoRollbackConfiguration": { "alarms": alarms } },
    });
    home.apply(deployment("image:1", &patch).to_string());
    let after = until_ready(&home);
    assert_eq!(after["status"]["endpointConfigName"], before["status"]["endpointConfigName"]);
    assert!(aws.calls("UpdateEndpoint").is_empty() && aws.applied("CreateModel").len() == 1);
    // Endpoint, model and configuration get the tag.
    eventually("three resources with the tag", PATIENCE, || match aws.applied("AddTags").len() {
        3 => Ok(()),
        tagged => Err(tagged.to_string()),
    });

    home.apply(deployment("image:2", &patch).to_string());
    until_ready(&home);
    let updates = aws.applied("UpdateEndpoint");
    assert_eq!(updates.len(), 1);
    let request: &Value = &updates[0].request;
    assert_eq!(request["RetainAllVariantProperties"], true);
    assert_eq!(request["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"][0]["AlarmName"], "errors");
}

#[test]
fn an_endpoint_that_is_to_stay_keeps_all_that_it_needs() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-retain");
    let _operator = hasty(&home, &aws).start();
    let mut object = deployment("image:1", &json!({}));
    object["metadata"]["annotations"] = json!({ "sagemaker.aws.amazon.com/deletion-policy": "retain" });
    home.apply(object.to_string());
    until_ready(&home);
    let children = (names(&home, MODELS).remove(0), names(&home, CONFIGS).remove(0));
    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    // Not every control plane that the tests run on collects garbage, and one that does may be faster.
    for (plural, name) in [(MODELS, &children.0), (CONFIGS, &children.1)] {
        home.kubectl(["delete", plural, name, "--wait=false", "--ignore-not-found"]).run().ok();
        home.until_gone(plural, name);
    }
    assert_eq!(writes(&aws), ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]);
}
