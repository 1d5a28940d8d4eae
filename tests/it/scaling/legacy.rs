//! Objects as the first release left them.

use serde_json::{Value, json};

use super::hand::Hand;
use super::{DEFAULT_NAME, POLICIES, POLICY, change, hasty, id, now, policy, until_ready, world, writes_after};
use crate::support::{Namespace, Simulator};

/// What the original wrote back into the spec.
fn defaults() -> Value {
    json!({
        "policyName": DEFAULT_NAME,
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "sagemaker",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "suspendedState": {
            "dynamicScalingInSuspended": false,
            "dynamicScalingOutSuspended": false,
            "scheduledScalingSuspended": false,
        },
        "targetTrackingScalingPolicyConfiguration": { "targetValue": 60 },
    })
}

/// The object in the cluster, with the original's finalizer and this status.
fn leave(home: &Namespace, endpoints: &[&str], status: &Value) {
    let mut object = policy(endpoints, &defaults());
    object["metadata"]["finalizers"] = json!(["sagemaker-operator-finalizer"]);
    home.apply(object.to_string());
    // The original's own status had none of the defaults of ours.
    let mut whole = status.clone();
    whole["observedGeneration"] = Value::Null;
    home.report(POLICIES, POLICY, &whole);
}

fn created(endpoints: &[&str]) -> Value {
    let ids: Vec<_> = endpoints.iter().map(|name| id(name)).collect();
    json!({ "hostingAutoscalingPolicyStatus": "Created", "policyName": DEFAULT_NAME, "resourceIDList": ids })
}

/// What the original made in AWS, without tags.
fn make(hand: &Hand, endpoints: &[&str]) {
    for endpoint in endpoints {
        hand.register(&id(endpoint), 1, 3);
        hand.put(&id(endpoint), DEFAULT_NAME, 60.0);
    }
}

/// Everything that was called after, but for the looks.
fn changes_after(aws: &Simulator, seq: u64) -> Vec<String> {
    let is_look = |name: &str| name.starts_with("Describe") || name.starts_with("List") || name.starts_with("Get");
    let calls = aws.journal().into_iter().filter(|call| call.seq > seq && !is_look(&call.operation));
    calls.map(|call| call.operation).collect()
}

#[test]
fn a_policy_in_force_is_taken_over_without_a_call_that_changes_anything() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("v1-created");
    make(&hand, &["shop", "search"]);
    leave(&home, &["shop", "search"], &created(&["shop", "search"]));
    let before = home.get(POLICIES, POLICY).unwrap()["spec"].clone();
    let seq = now(&aws);
    let _operator = hasty(&home, &aws).start();
    let object = until_ready(&home);
    assert_eq!(changes_after(&aws, seq), Vec::<String>::new());
    assert_eq!(object["spec"], before);
    assert_eq!(object["status"]["resourceIDList"], json!([id("shop"), id("search")]));
    assert!(object["status"]["arn"].is_string());

    // From here on it is like any other.
    let seq = now(&aws);
    change(&home, &json!({ "resourceId": [{ "endpointName": "shop", "variantName": "main" }] }));
    assert_eq!(
        writes_after(&aws, seq),
        [format!("DeleteScalingPolicy {}", id("search")), format!("DeregisterScalableTarget {}", id("search"))]
    );
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}

#[test]
fn a_deletion_that_the_original_did_not_finish_is_finished() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("v1-deleting");
    make(&hand, &["shop", "search"]);
    leave(&home, &["shop", "search"], &created(&["shop", "search"]));
    // One of them it had done already.
    hand.deregister(&id("shop"));
    home.delete(POLICIES, POLICY);
    let _operator = hasty(&home, &aws).start();
    home.until_gone(POLICIES, POLICY);
    assert_eq!((hand.targets().len(), hand.policies().len()), (0, 0));
}

#[test]
fn what_the_original_made_without_writing_it_down_is_found() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("v1-error");
    // It cleared its list, registered, and was then refused the policy.
    hand.register(&id("shop"), 1, 3);
    let status = json!({
        "hostingAutoscalingPolicyStatus": "Error", "policyName": DEFAULT_NAME,
        "additional": "Unable to apply HostingAutoscalingPolicy: hosting autoscaling policy was not applied, description is empty",
    });
    leave(&home, &["shop"], &status);
    let _operator = hasty(&home, &aws).start();
    let object = until_ready(&home);
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Created");
    assert!(object["status"]["additional"].is_null());
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}

#[test]
fn the_fields_that_the_original_filled_in_may_be_left_out_again() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("v1-defaults");
    make(&hand, &["shop"]);
    leave(&home, &["shop"], &created(&["shop"]));
    let seq = now(&aws);
    let _operator = hasty(&home, &aws).start();
    until_ready(&home);
    // As `kubectl replace` with the manifest of old does.
    let bare = json!({ "policyName": null, "policyType": null, "serviceNamespace": null, "scalableDimension": null, "suspendedState": null });
    let object = change(&home, &bare);
    assert_eq!(object["spec"]["policyName"], DEFAULT_NAME);
    assert_eq!(changes_after(&aws, seq), Vec::<String>::new());
}
