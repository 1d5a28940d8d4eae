//! What the API server refuses of models, configurations and deployments, and in which words.

use serde_json::{Value, json};

use super::{DEPLOYMENTS, NAME, deployment, hasty, object, until_ready};
use crate::support::{Namespace, Simulator};

/// The API server's words for an object that it does not take.
#[track_caller]
fn refused(home: &Namespace, object: &Value) -> String {
    let applied = home.kubectl(["apply", "--dry-run=server", "-f", "-"]).stdin(object.to_string()).run();
    assert_ne!(applied.code(), 0, "it was taken: {object:#}");
    let (_, words) = applied.stderr.split_once("is invalid: ").expect("a refusal says why");
    words.trim().to_owned()
}

fn config(variants: &Value) -> Value {
    object("EndpointConfig", "refused", &json!({ "region": "us-west-2", "productionVariants": variants }))
}

#[test]
fn a_refusal_says_what_to_write() {
    let home = Namespace::new("hosting-admission");
    let container = json!({ "image": "image" });
    let both = json!({ "region": "us-west-2", "primaryContainer": container, "containers": [container] });
    let machines =
        |name: &str| json!({ "variantName": name, "instanceType": "ml.m5.large", "initialInstanceCount": 1 });
    let mut two_ways = machines("a");
    two_ways["serverlessConfig"] = json!({ "memorySizeInMB": 1024, "maxConcurrency": 1 });
    let said = [
        refused(&home, &object("Model", "refused", &both)),
        refused(&home, &object("Model", "refused", &json!({ "region": "us-west-2", "containers": [] }))),
        refused(&home, &config(&json!([machines("a"), machines("a")]))),
        refused(&home, &config(&json!([two_ways]))),
        refused(&home, &config(&json!([{ "variantName": "a" }]))),
        refused(&home, &deployment("image", &json!({ "endpointName": "my_endpoint" }))),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    spec: Invalid value: write either primaryContainer (one container) or containers (several), and not both
    spec: Invalid value: write either primaryContainer (one container) or containers (several), and not both
    spec: Invalid value: productionVariants: each variant needs a variantName of its own
    spec: Invalid value: productionVariants: write either instanceType with initialInstanceCount (machines; or instancePools) or serverlessConfig (none of your own) for each variant
    spec: Invalid value: productionVariants: write either instanceType with initialInstanceCount (machines; or instancePools) or serverlessConfig (none of your own) for each variant
    spec: Invalid value: endpointName takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to get a name made from the object's
    ");
}

#[test]
fn what_names_the_resource_stays_and_all_else_can_be_edited() {
    let home = Namespace::new("hosting-edits");
    home.apply(deployment("image", &json!({ "endpointName": "taken" })).to_string());
    // As long as nothing was started, another name can be chosen.
    home.patch(DEPLOYMENTS, NAME, &json!({ "spec": { "endpointName": "mine" } })).expect("nothing has that name yet");
    let arn = "arn:aws:sagemaker:us-west-2:123456789012:endpoint/mine";
    home.report(DEPLOYMENTS, NAME, &json!({ "observedGeneration": 2, "arn": arn }));
    for (patch, field) in [
        (json!({ "region": "us-east-1" }), Some("region")),
        (json!({ "endpointName": "other" }), Some("endpointName")),
        (json!({ "endpointName": null }), Some("endpointName")),
        (json!({ "tags": [{ "key": "team", "value": "a" }] }), None),
        (json!({ "kmsKeyId": "key", "retainAllVariantProperties": true }), None),
        (json!({ "models": [], "shadowProductionVariants": [] }), None),
    ] {
        let answer = home.patch(DEPLOYMENTS, NAME, &json!({ "spec": patch }));
        match (answer, field) {
            (Ok(_), None) => {}
            (Err(refused), Some(field)) => {
                assert!(refused.message.contains(&format!("{field} cannot be changed")), "{}", refused.message);
            }
            (answer, field) => panic!("{patch}: wanted {field:?}, got {answer:?}"),
        }
    }
}

#[test]
fn a_model_may_have_a_name_as_long_as_an_objects() {
    let aws = Simulator::at_speed(100.0);
    let home = Namespace::new("long-names");
    let _operator = hasty(&home, &aws).start();
    let name = "m".repeat(253);
    let mut object = deployment("image", &json!({}));
    object["spec"]["models"][0]["name"] = json!(name);
    object["spec"]["productionVariants"][0]["modelName"] = json!(name);
    home.apply(object.to_string());
    let object = until_ready(&home);
    assert_eq!(object["status"]["modelNames"][0]["name"], name);
    let model = &aws.applied("CreateModel")[0].request["ModelName"];
    assert_eq!(&aws.applied("CreateEndpointConfig")[0].request["ProductionVariants"][0]["ModelName"], model);
}
