//! What stands in the way, and what the object says of it.

use serde_json::{Value, json};

use super::{DEFAULT_NAME, POLICIES, POLICY, hasty, id, is_true, now, policy, until_ready, world, writes_after};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::namespace::condition_of;
use crate::support::{Namespace, Simulator};

fn message(object: &Value, condition: &str) -> String {
    condition_of(object, condition).and_then(|it| it["message"].as_str()).unwrap_or_default().to_owned()
}

#[test]
fn a_policy_waits_for_its_endpoint_to_be_in_service() {
    let aws = Simulator::at_speed(10.0);
    let hand = super::hand::Hand::on(&aws);
    let home = Namespace::new("waiting");
    let _operator = hasty(&home, &aws).start();
    // Not even begun, as when both are applied together.
    home.apply(policy(&["shop"], &json!({})).to_string());
    let is_waiting =
        |object: &Value| is_true(object, "Reconciling") && message(object, "Reconciling").contains("not found");
    let object = home.until(POLICIES, POLICY, "waiting for an endpoint", is_waiting);
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Reconciling");
    let told = eventually("an event", PATIENCE, || {
        let events: Vec<_> =
            home.events(POLICY).into_iter().map(|event| (event["type"].clone(), event["reason"].clone())).collect();
        if events.is_empty() { Err("none".to_owned()) } else { Ok(events) }
    });
    assert_eq!(told, [(json!("Normal"), json!("Busy"))]);
    hand.start_endpoint("shop", "main");
    let is_told = || aws.calls("RegisterScalableTarget").iter().any(|call| call.outcome == "ValidationException");
    assert!(is_told(), "it was AWS that said so");
    let object = until_ready(&home);
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Created");
    assert_eq!(hand.targets()[0].capacity, (1, 3));
}

#[test]
fn an_endpoint_that_is_not_ready_does_not_hold_up_the_others() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("not-held-up");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["later", "shop"], &json!({})).to_string());
    home.until(POLICIES, POLICY, "one of two", |object| {
        is_true(object, "Reconciling")
            && object["status"]["scalableTargetARNs"].as_array().is_some_and(|it| it.len() == 1)
    });
    assert_eq!(hand.policies(), [(id("shop"), DEFAULT_NAME.into(), "60".into())]);
    let object = home.get(POLICIES, POLICY).unwrap();
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Reconciling", "not before all of it is made");
    hand.start_endpoint("later", "main");
    until_ready(&home);
    assert_eq!(hand.policies().len(), 2);
}

#[test]
fn a_denied_call_is_said_with_its_action_and_made_up_for() {
    for action in ["application-autoscaling:PutScalingPolicy", "cloudwatch:PutMetricAlarm"] {
        let (aws, hand) = world(&["shop"]);
        let home = Namespace::new("denied");
        let _operator = hasty(&home, &aws).start();
        aws.deny(action);
        home.apply(policy(&["shop"], &json!({})).to_string());
        let object = home.until(POLICIES, POLICY, "Stalled", |object| is_true(object, "Stalled"));
        let told = message(&object, "Stalled");
        assert!(told.contains(action) && told.contains("hint: allow"), "{told}");
        assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Error");
        assert!(object["status"]["additional"].as_str().unwrap().contains(action), "{object:#}");
        assert_eq!(hand.policies(), []);
        aws.allow_all();
        let object = until_ready(&home);
        assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Created");
        assert_eq!(hand.policies().len(), 1);
    }
}

#[test]
fn a_trouble_after_the_first_success_is_not_hidden_behind_it() {
    let (aws, _hand) = world(&["shop"]);
    let home = Namespace::new("later-denied");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    aws.deny("application-autoscaling:RegisterScalableTarget");
    home.patch(POLICIES, POLICY, &json!({ "spec": { "maxCapacity": 7 } })).unwrap();
    let object = home.until(POLICIES, POLICY, "Stalled", |object| is_true(object, "Stalled"));
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Error", "and not Created");
    assert_eq!(condition_of(&object, "Ready").unwrap()["status"], "False");
}

#[test]
fn where_tagging_is_denied_the_policy_does_without() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("untagged");
    aws.deny("application-autoscaling:TagResource");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    assert!(home.events(POLICY).iter().any(|event| event["reason"] == "TagsDenied"), "{:#?}", home.events(POLICY));
    let ids = ["shop", "search"].map(|name| json!({ "endpointName": name, "variantName": "main" }));
    super::change(&home, &json!({ "resourceId": ids }));
    assert_eq!(hand.targets().len(), 2);
    assert!(hand.targets().iter().all(|target| hand.tags(&target.arn).is_empty()));
    // What was written down is ours without tags, and goes with the object.
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}

#[test]
fn a_lost_answer_is_made_up_for() {
    for operation in ["RegisterScalableTarget", "PutScalingPolicy"] {
        for action in ["resetBefore", "resetAfter", "truncate"] {
            let (aws, hand) = world(&["shop", "search"]);
            let home = Namespace::new("lost-answer");
            let _operator = hasty(&home, &aws).start();
            aws.fault(&json!({ "operation": operation, "nth": 1, "count": 1, "action": action }));
            home.apply(policy(&["shop", "search"], &json!({})).to_string());
            until_ready(&home);
            assert_eq!((hand.targets().len(), hand.policies().len()), (2, 2), "{operation} {action}");
            home.delete(POLICIES, POLICY);
            home.until_gone(POLICIES, POLICY);
            assert_eq!((hand.targets().len(), hand.policies().len()), (0, 0), "{operation} {action}");
        }
    }
}

#[test]
fn what_aws_refuses_is_said_in_its_words() {
    let (aws, _hand) = world(&["shop"]);
    let home = Namespace::new("refused");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({ "minCapacity": null, "maxCapacity": null })).to_string());
    let object = home.until(POLICIES, POLICY, "Stalled", |object| is_true(object, "Stalled"));
    let told = message(&object, "Stalled");
    assert!(told.contains("MinCapacity is required to register a new scalable target"), "{told}");
    assert!(told.contains("edited in place"), "{told}");
    assert_eq!(writes_after(&aws, 0), Vec::<String>::new());
    home.patch(POLICIES, POLICY, &json!({ "spec": { "minCapacity": 1, "maxCapacity": 2 } })).unwrap();
    until_ready(&home);
}

/// Waits until AWS has done what an operation asks for, while the answer is still on its way.
fn until_applied(aws: &Simulator, operation: &str, seq: u64) {
    eventually(operation, PATIENCE, || {
        let done = aws.applied(operation).iter().any(|call| call.seq > seq);
        if done { Ok(()) } else { Err(format!("{:?}", writes_after(aws, seq))) }
    });
}

#[test]
fn an_operator_that_dies_in_a_call_leaves_nothing_unfinished() {
    for operation in ["RegisterScalableTarget", "PutScalingPolicy"] {
        let (aws, hand) = world(&["shop", "search"]);
        let home = Namespace::new("died");
        let operator = hasty(&home, &aws).start();
        aws.fault(&json!({ "operation": operation, "nth": 1, "action": { "hangAfterMs": 60_000 } }));
        home.apply(policy(&["shop", "search"], &json!({})).to_string());
        until_applied(&aws, operation, 0);
        operator.kill();
        let _operator = hasty(&home, &aws).start();
        until_ready(&home);
        assert_eq!((hand.targets().len(), hand.policies().len()), (2, 2), "{operation}");
    }
}

#[test]
fn a_change_of_mind_after_a_death_in_a_change_leaves_nothing_behind() {
    // Each has to wait for the dead one's Lease to run out, so that they had better wait together.
    std::thread::scope(|scope| {
        for operation in
            ["RegisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy", "DeregisterScalableTarget"]
        {
            scope.spawn(move || change_mind_after_a_death_in(operation));
        }
    });
}

fn change_mind_after_a_death_in(operation: &str) {
    let (aws, hand) = world(&["shop", "search", "ads"]);
    let home = Namespace::new("changed-mind");
    let operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({ "policyName": "first" })).to_string());
    until_ready(&home);
    let wish = |endpoint: &str, name: &str| {
        let ids = [json!({ "endpointName": endpoint, "variantName": "main" })];
        home.patch(POLICIES, POLICY, &json!({ "spec": { "resourceId": ids, "policyName": name } }))
            .expect("both may change");
    };
    let seq = now(&aws);
    aws.fault(&json!({ "operation": operation, "nth": 1, "action": { "hangAfterMs": 60_000 } }));
    wish("search", "second");
    until_applied(&aws, operation, seq);
    operator.kill();
    wish("ads", "third");
    let _operator = hasty(&home, &aws).start();
    let object = until_ready(&home);
    assert_eq!(hand.policies(), [(id("ads"), "third".into(), "60".into())], "{operation}");
    let left: Vec<_> = hand.targets().into_iter().map(|target| target.id).collect();
    assert_eq!(left, [id("ads")], "{operation}");
    assert_eq!(object["status"]["resourceIDList"], json!([id("ads")]), "{operation}");
}
