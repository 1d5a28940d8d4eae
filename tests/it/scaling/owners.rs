//! What is somebody else's is left alone.

use serde_json::{Value, json};

use super::hand::Hand;
use super::{DEFAULT_NAME, POLICIES, POLICY, hasty, id, is_true, now, policy, until_ready, world, writes_after};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::namespace::condition_of;
use crate::support::simulator::Keys;
use crate::support::{Namespace, Simulator};

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
fn what_was_refused_to_this_object_is_whoever_registers_it() {
    let aws = Simulator::at_speed(100.0);
    let hand = Hand::on(&aws);
    let home = Namespace::new("refused-then-theirs");
    let operator = hasty(&home, &aws).start();
    // Applied before there is an endpoint.
    home.apply(policy(&["shop"], &json!({})).to_string());
    home.until(POLICIES, POLICY, "refused", |object| {
        condition_of(object, "Reconciling").is_some_and(|it| it["reason"] == "Busy")
            && object["status"]["attempts"].is_null()
    });
    let object = home.get(POLICIES, POLICY).unwrap();
    assert!(object["status"]["resourceIDList"].is_null(), "{object:#}");
    // For the hand to be the quicker one.
    operator.kill();
    hand.start_endpoint("shop", "main");
    hand.until_in_service("shop");
    hand.register(&id("shop"), 1, 3);
    let _operator = hasty(&home, &aws).start();
    until_taken(&home);
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    assert_eq!(hand.targets().len(), 1);
    assert_eq!(aws.applied("DeregisterScalableTarget").len(), 0);
}

#[test]
fn of_two_policies_that_wait_for_one_endpoint_one_has_it() {
    let aws = Simulator::at_speed(100.0);
    let hand = Hand::on(&aws);
    let home = Namespace::new("both-wait");
    let _operator = hasty(&home, &aws).start();
    for name in ["first", "second"] {
        let mut object = policy(&["shop"], &json!({ "policyName": name }));
        object["metadata"]["name"] = json!(name);
        home.apply(object.to_string());
    }
    for name in ["first", "second"] {
        home.until(POLICIES, name, "waiting", |object| is_true(object, "Reconciling"));
    }
    hand.start_endpoint("shop", "main");
    let has_it = |name: &str| is_true(&home.get(POLICIES, name).unwrap(), "Ready");
    let is_refused = |name: &str| {
        condition_of(&home.get(POLICIES, name).unwrap(), "Stalled").is_some_and(|it| it["reason"] == "NameTaken")
    };
    let mut loser = "";
    eventually("one of them has it, and the other says so", PATIENCE, || {
        let pairs = [("first", "second"), ("second", "first")];
        let decided = pairs.into_iter().find(|(one, other)| has_it(one) && is_refused(other));
        loser = decided.map(|(_, other)| other).ok_or("undecided")?;
        Ok(())
    });
    home.delete(POLICIES, loser);
    home.until_gone(POLICIES, loser);
    assert_eq!((hand.targets().len(), hand.policies().len()), (1, 1));
    assert!(hand.policies()[0].1 != loser);
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
