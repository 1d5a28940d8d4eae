//! What somebody changes behind the operator's back again and again: each time it is corrected once, or only told of.

use serde_json::{Value, json};

use super::{DEFAULT_NAME, POLICIES, POLICY, hasty, id, now, policy, until_ready, world, writes_after};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::namespace::condition_of;
use crate::support::{Namespace, Simulator};

/// Waits until the operator has looked at all there is, from now on.
#[track_caller]
fn until_looked_at(aws: &Simulator) {
    let seq = now(aws);
    eventually("two looks", PATIENCE, || {
        match aws.calls("DescribeScalableTargets").iter().filter(|call| call.seq > seq).count() {
            looks if looks >= 2 => Ok(()),
            looks => Err(format!("{looks} looks")),
        }
    });
}

#[test]
fn each_change_is_corrected_once_or_told_of_where_it_is_only_to_be_observed() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("scaling-again");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    let second = id("search");
    let is_right = || {
        let (policies, targets) = (hand.policies(), hand.targets());
        let is_right =
            policies.iter().all(|(_, _, value)| value == "60") && targets.iter().all(|it| it.capacity == (1, 3));
        if is_right { Ok(()) } else { Err(format!("{policies:?} {targets:?}")) }
    };
    let seq = now(&aws);
    for value in [5.0, 6.0, 7.0] {
        hand.put(&second, DEFAULT_NAME, value);
        eventually("the target value as it was", PATIENCE, is_right);
        hand.register(&second, 0, 9);
        eventually("the capacity as it was", PATIENCE, is_right);
    }
    until_looked_at(&aws);
    // Each time by the hand, and by the operator.
    let twice = |operation: &str| [(); 2].map(|()| format!("{operation} {second}"));
    let each = [twice("PutScalingPolicy"), twice("RegisterScalableTarget")].concat();
    assert_eq!(writes_after(&aws, seq), [each.clone(), each.clone(), each].concat());

    let annotate = |drift: Value| {
        let patch = json!({ "metadata": { "annotations": { "sagemaker.aws.amazon.com/drift": drift } } });
        home.patch(POLICIES, POLICY, &patch).expect("an object can be annotated");
    };
    annotate(json!("observe"));
    until_looked_at(&aws);
    let seq = now(&aws);
    for value in [8.0, 9.0, 10.0] {
        hand.put(&second, DEFAULT_NAME, value);
        until_looked_at(&aws);
        home.until(POLICIES, POLICY, "told", |object| {
            condition_of(object, "Ready").is_some_and(|it| it["status"] == "True" && it["reason"] == "Drifted")
        });
    }
    assert_eq!(writes_after(&aws, seq), [(); 3].map(|()| format!("PutScalingPolicy {second}")));
    annotate(Value::Null);
    eventually("the target value as it was", PATIENCE, is_right);
    until_looked_at(&aws);
    assert_eq!(writes_after(&aws, seq).len(), 3 + 1);
}
