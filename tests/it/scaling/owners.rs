//! What is somebody else's is left alone.

use serde_json::{Value, json};

use super::{DEFAULT_NAME, POLICIES, POLICY, hasty, id, is_true, now, policy, until_ready, world, writes_after};
use crate::support::Namespace;
use crate::support::namespace::condition_of;
use crate::support::simulator::Keys;

const ADOPT: &str = "sagemaker.aws.amazon.com/adopt=true";

#[track_caller]
fn until_taken(home: &Namespace) -> Value {
    home.until(POLICIES, POLICY, "NameTaken", |object| {
        condition_of(object, "Stalled").is_some_and(|it| it["status"] == "True" && it["reason"] == "NameTaken")
    })
}

#[test]
fn a_target_that_somebody_else_registered_is_left_alone_until_it_may_be_adopted() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("foreign");
    hand.register(&id("search"), 2, 8);
    hand.put(&id("search"), "theirs", 10.0);
    let seq = now(&aws);
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    let object = until_taken(&home);
    let told = condition_of(&object, "Stalled").unwrap()["message"].as_str().unwrap().to_owned();
    assert!(told.starts_with(&format!("{} exists in us-west-2", id("search"))), "{told}");
    assert!(told.contains("kubectl annotate"), "{told}");
    assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Error");
    assert_eq!(writes_after(&aws, seq), Vec::<String>::new(), "nothing half done either");

    home.kubectl(["annotate", "hap", POLICY, ADOPT]).run().ok();
    until_ready_but_for(&home, &hand);
}

/// The policy of the others tracks the same metric, which AWS does not allow twice: the object says so, and when it is
/// gone, all is well.
#[track_caller]
fn until_ready_but_for(home: &Namespace, hand: &super::hand::Hand) {
    home.until(POLICIES, POLICY, "AWS's own words", |object| {
        is_true(object, "Stalled") && object["status"]["additional"].as_str().is_some_and(|it| it.contains("Only one"))
    });
    hand.delete_policy(&id("search"), "theirs");
    until_ready(home);
    let taken = hand.targets().into_iter().find(|target| target.id == id("search")).expect("it is there");
    assert_eq!(taken.capacity, (1, 3));
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), [], "what was adopted is ours");
}

#[test]
fn an_object_that_found_its_variant_taken_goes_without_touching_it() {
    let (aws, hand) = world(&["shop"]);
    hand.register(&id("shop"), 2, 8);
    let home = Namespace::new("foreign-gone");
    let seq = now(&aws);
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_taken(&home);
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(writes_after(&aws, seq), Vec::<String>::new());
    assert_eq!(hand.targets()[0].capacity, (2, 8));
}

#[test]
fn a_variant_added_later_is_looked_at_as_closely() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("foreign-late");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    hand.register(&id("search"), 2, 8);
    let seq = now(&aws);
    let ids = ["shop", "search"].map(|name| json!({ "endpointName": name, "variantName": "main" }));
    home.patch(POLICIES, POLICY, &json!({ "spec": { "resourceId": ids } })).unwrap();
    until_taken(&home);
    assert_eq!(writes_after(&aws, seq), Vec::<String>::new());
    // Taken back, all is as it was; and with the object goes only what was its own.
    home.patch(POLICIES, POLICY, &json!({ "spec": { "resourceId": [ids[0]] } })).unwrap();
    until_ready(&home);
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    let left: Vec<_> = hand.targets().into_iter().map(|target| (target.id, target.capacity)).collect();
    assert_eq!(left, [(id("search"), (2, 8))]);
}

#[test]
fn two_objects_do_not_share_a_variant() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("shared");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    let mut second = policy(&["shop"], &json!({ "policyName": "second" }));
    second["metadata"]["name"] = json!("second");
    home.apply(second.to_string());
    home.until_condition(POLICIES, "second", "Stalled");
    home.delete(POLICIES, "second");
    home.until_gone(POLICIES, "second");
    assert_eq!(hand.policies(), [(id("shop"), DEFAULT_NAME.into(), "60".into())]);
}

#[test]
fn keys_of_another_account_let_nothing_go() {
    let (aws, hand) = world(&["shop"]);
    let home = Namespace::new("scaling-account");
    let operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop"], &json!({})).to_string());
    until_ready(&home);
    operator.kill();
    home.delete(POLICIES, POLICY);
    let foreign = hasty(&home, &aws).keys(Keys::Foreign).start();
    let is_wrong = |object: &Value| {
        condition_of(object, "Stalled").is_some_and(|it| it["status"] == "True" && it["reason"] == "WrongAccount")
    };
    home.until(POLICIES, POLICY, "WrongAccount", is_wrong);
    foreign.kill();
    assert_eq!(hand.targets().len(), 1);
    let _operator = hasty(&home, &aws).start();
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets(), []);
}
