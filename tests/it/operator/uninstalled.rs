//! The definition of a kind goes while the operator runs, with the objects of it, and comes back.

use serde_json::{Value, json};

use super::{JOB, JOBS, condition, hasty, job};
use crate::hosting::{NAME, deployment};
use crate::support::eventually::PATIENCE;
use crate::support::{Namespace, Simulator, eventually};

const DEFINITION: &str = "models.sagemaker.aws.amazon.com";
const MODEL: &str = "by-hand";

fn model() -> String {
    let spec = json!({
        "region": "us-west-2",
        "executionRoleArn": "arn:aws:iam::123456789012:role/host",
        "primaryContainer": { "image": "image:1" },
    });
    let model = json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "Model", "metadata": { "name": MODEL }, "spec": spec,
    });
    model.to_string()
}

/// Waits until the deployment says so of its present spec; returns the message.
#[track_caller]
fn until_said(home: &Namespace, type_: &str, reason: &str) -> String {
    let said = |object: &Value| {
        condition(object, type_).filter(|it| it["status"] == "True" && it["reason"] == reason).cloned()
    };
    let object = home.until("hostingdeployments", NAME, reason, |object| said(object).is_some());
    said(&object).expect("just seen")["message"].as_str().unwrap_or_default().to_owned()
}

/// Runs a job from its manifest to its end.
#[track_caller]
fn run_a_job(home: &Namespace) {
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
}

#[test]
fn a_kind_whose_definition_goes_is_taken_up_again_when_it_is_back_and_the_others_never_wait() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::alone("uninstalled");
    let mut operator = hasty(&home, &aws).start();
    home.apply(model());
    home.until_condition("models", MODEL, "Ready");

    // The last object cannot go yet, and the definition waits for it.
    aws.deny("sagemaker:DeleteModel");
    home.kubectl(["delete", "crd", DEFINITION, "--wait=false"]).run().ok();
    home.until("models", MODEL, "held", |object| {
        condition(object, "Stalled").is_some_and(|it| it["status"] == "True" && it["reason"] == "AccessDenied")
    });
    home.apply(deployment("image:1", &json!({})).to_string());
    let refused = until_said(&home, "Stalled", "ChildRefused");
    assert!(refused.contains("not allowed while custom resource definition is terminating"), "{refused}");
    run_a_job(&home);
    assert!(aws.applied("DeleteModel").is_empty());

    aws.allow_all();
    let definition = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{DEFINITION}");
    eventually("the end of the definition", PATIENCE, || match home.cluster().get(&definition) {
        None => Ok(()),
        Some(there) => Err(format!("{:#}", there["status"])),
    });
    assert_eq!(aws.applied("DeleteModel").len(), 1, "what its objects had goes with them");
    let told = operator.process().until_stderr_has("the definition of this kind is not installed");
    assert!(told.contains("kind=\"Model\"") && told.contains("hint: apply the CRDs"), "{told}");
    run_a_job(&home);
    let missed = until_said(&home, "Reconciling", "KindNotInstalled");
    assert!(missed.contains("hint: apply the CustomResourceDefinitions"), "{missed}");
    let log = operator.process().stderr();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!(warnings.len() < 100, "it tells more than it does: {warnings:#?}");

    home.cluster().install_kinds();
    home.apply(model());
    home.until_condition("models", MODEL, "Ready");
    crate::hosting::until_ready(&home);
    assert_eq!(operator.process().ended(), None);
    let count = |operation: &str| aws.applied(operation).len();
    assert_eq!((count("CreateModel"), count("CreateEndpoint"), count("CreateTrainingJob")), (3, 1, 2));
    home.delete("models", MODEL);
    home.until_gone("models", MODEL);
    assert!(home.get("hostingdeployments", NAME).is_some_and(|it| it["metadata"]["deletionTimestamp"] == Value::Null));
}
