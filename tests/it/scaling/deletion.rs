//! Deleted in every state.

use serde_json::{Value, json};

use super::hand::Hand;
use super::{DEFAULT_NAME, POLICIES, POLICY, hasty, id, is_true, now, policy, until_ready, world, writes_after};
use crate::support::{Namespace, Simulator};

#[test]
fn policies_go_before_their_targets_and_the_object_after_both() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("gone");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    let seq = now(&aws);
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    let each =
        |name: &str| [format!("DeleteScalingPolicy {}", id(name)), format!("DeregisterScalableTarget {}", id(name))];
    assert_eq!(writes_after(&aws, seq), [each("shop"), each("search")].concat());
    assert_eq!(hand.targets(), []);
}

#[test]
fn an_object_that_never_came_so_far_goes_without_a_call() {
    let aws = Simulator::at_speed(1.0);
    let hand = Hand::on(&aws);
    hand.start_endpoint("shop", "main");
    let home = Namespace::new("never");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    home.until(POLICIES, POLICY, "waiting", |object| is_true(object, "Reconciling"));
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(writes_after(&aws, 0), Vec::<String>::new());
}

#[test]
fn what_is_made_in_part_goes_as_well() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("in-part");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "missing"], &json!({})).to_string());
    home.until(POLICIES, POLICY, "one of two", |object| {
        object["status"]["scalableTargetARNs"].as_array().is_some_and(|it| it.len() == 1)
    });
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!((hand.targets().len(), hand.policies().len()), (0, 0));
}

#[test]
fn an_object_is_held_until_aws_has_said_that_all_is_gone() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("held");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    let denied = "application-autoscaling:DeregisterScalableTarget";
    aws.deny(denied);
    home.delete(POLICIES, POLICY);
    let is_held = |object: &Value| is_true(object, "Stalled") && object["metadata"]["deletionTimestamp"].is_string();
    let object = home.until(POLICIES, POLICY, "held", is_held);
    assert!(object["status"]["additional"].as_str().unwrap().contains(denied), "{object:#}");
    assert_eq!(hand.targets().len(), 2);
    aws.allow_all();
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}

#[test]
fn a_look_that_fails_lets_nothing_go() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("blind");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    let broken = json!({ "error": { "code": "ValidationException", "message": "not found, or so", "status": 400 } });
    aws.fault(&json!({ "operation": "DescribeScalableTargets", "probability": 1.0, "action": broken }));
    home.delete(POLICIES, POLICY);
    home.until_condition(POLICIES, POLICY, "Stalled");
    assert_eq!(hand_targets_after_healing(&aws, &hand), 1);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}

fn hand_targets_after_healing(aws: &Simulator, hand: &Hand) -> usize {
    let left = aws.applied("DeregisterScalableTarget").len();
    aws.heal();
    assert_eq!(left, 0, "an error was taken for an answer");
    hand.policies().len()
}

#[test]
fn targets_that_went_with_their_endpoint_count_as_gone() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("endpoint-first");
    let operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    // Nobody puts anything right while the endpoints go.
    operator.kill();
    for name in ["shop", "search"] {
        hand.delete_endpoint(name);
        hand.deregister(&id(name));
    }
    let seq = now(&aws);
    home.delete(POLICIES, POLICY);
    let _operator = hasty(&home, &aws).start();
    home.until_gone(POLICIES, POLICY);
    assert_eq!(writes_after(&aws, seq), Vec::<String>::new());
}

#[test]
fn a_rename_that_was_never_carried_out_leaves_nothing_behind() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("renamed-and-gone");
    let operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    operator.kill();
    home.patch(POLICIES, POLICY, &json!({ "spec": { "policyName": "other" } })).unwrap();
    home.delete(POLICIES, POLICY);
    assert_eq!(hand.policies(), [(id("shop"), DEFAULT_NAME.into(), "60".into())]);
    let _operator = hasty(&home, &aws).start();
    home.until_gone(POLICIES, POLICY);
    assert_eq!((hand.targets().len(), hand.policies().len()), (0, 0));
}
