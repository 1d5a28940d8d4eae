//! What the status remembers and says.

use serde_json::{Value, json};

use super::*;
use crate::api::hosting_autoscaling_policy::Attempt;
use crate::lifecycle::{Mark, Observation as _, Part};

const UID: &str = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";

fn place() -> Place {
    Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None }
}

fn spec(variants: &[&str]) -> HostingAutoscalingPolicySpec {
    let ids: Vec<_> = variants.iter().map(|name| json!({ "endpointName": name, "variantName": "main" })).collect();
    serde_json::from_value(json!({ "region": "us-west-2", "resourceId": ids })).unwrap()
}

fn id(endpoint: &str) -> String {
    format!("endpoint/{endpoint}/variant/main")
}

fn arn(endpoint: &str) -> String {
    format!("arn:aws:application-autoscaling:us-west-2:123456789012:scalable-target/{endpoint}")
}

/// A variant with a target and policies of these names.
fn made(endpoint: &str, policies: &[&str], more: &Value) -> Value {
    let policies: Vec<_> = policies.iter().map(|name| json!({ "policyName": name })).collect();
    let mut made = json!({
        "resourceId": id(endpoint), "wanted": true, "record": "listed", "ours": true, "policies": policies,
        "target": { "scalableTargetARN": arn(endpoint) },
    });
    json_patch::merge(&mut made, more);
    made
}

fn seen(variants: &[Value]) -> HostingAutoscalingPolicyObserved {
    serde_json::from_value(json!({ "variants": variants })).unwrap()
}

fn status(status: Value) -> HostingAutoscalingPolicyStatus {
    serde_json::from_value(status).unwrap()
}

#[test]
fn what_may_come_to_be_is_written_down_before_it_does() {
    let foresee = |status: &mut HostingAutoscalingPolicyStatus, variants: &[&str], name: &str, untagged| {
        HostingAutoscalingPolicy::foresee(status, &spec(variants), name, untagged);
    };
    let attempt = |endpoint: &str, untagged| Attempt { resource_id: id(endpoint), untagged };
    let mut status = status(json!({ "policyName": "old", "resourceIDList": [id("a"), id("b")] }));
    foresee(&mut status, &["b", "c"], "new", false);
    assert_eq!(
        (status.resource_id_list.clone(), status.attempts.clone()),
        (vec![id("a"), id("b")], vec![attempt("c", false)])
    );
    assert_eq!(status.policy_names("new"), ["new", "old"]);
    // A second change of mind before anything is done forgets nothing either, nor does a repetition without tags.
    foresee(&mut status, &["d"], "newer", false);
    foresee(&mut status, &["c", "d"], "newer", true);
    assert_eq!(status.attempts, [attempt("c", true), attempt("d", true)]);
    assert_eq!(status.policy_names("newer"), ["newer", "new", "old"]);
    let again = status.clone();
    foresee(&mut status, &["d"], "newer", false);
    assert_eq!(status, again);
    // A name that comes back is no former one.
    status.take_name("old");
    assert_eq!(status.policy_names("old"), ["old", "newer", "new"]);
}

#[test]
fn an_attempt_ends_with_its_answer() {
    let mut status = status(json!({ "resourceIDList": [id("a")] }));
    HostingAutoscalingPolicy::foresee(&mut status, &spec(&["b", "c", "d"]), "new", false);
    let part = Part { id: id("b"), arn: Some(arn("b")) };
    let parts = Parts { accepted: vec![part], refused: vec![id("c")], unanswered: vec![id("d")] };
    HostingAutoscalingPolicy::settle(&mut status, &parts);
    assert_eq!(status.resource_id_list, [id("a"), id("b")]);
    assert_eq!(status.scalable_target_arns, [arn("b")]);
    assert_eq!(status.attempts, [Attempt { resource_id: id("d"), untagged: false }]);
}

#[test]
fn what_is_gone_is_forgotten_and_what_is_not_yet_is_kept() {
    let mut status = status(json!({
        "policyName": "new", "formerPolicyNames": ["old", "older"],
        "resourceIDList": [id("gone"), id("left"), id("lost"), id("here")],
        "attempts": [{ "resourceID": id("coming") }, { "resourceID": id("gone") }, { "resourceID": id("here") }],
    }));
    let nothing = json!({ "target": null, "policies": [] });
    let unwanted = json!({ "wanted": false });
    let gone = json!({ "wanted": false, "target": null, "policies": [] });
    HostingAutoscalingPolicy::report(
        &mut status,
        &place(),
        "new",
        &seen(&[
            made("here", &["new"], &json!({})),
            made("coming", &[], &nothing),
            made("lost", &[], &nothing),
            made("adopted", &["new"], &json!({ "record": "silent", "ours": false })),
            made("left", &["older"], &unwanted),
            made("gone", &[], &gone),
        ]),
    );
    assert_eq!(status.resource_id_list, [id("here"), id("adopted"), id("left")]);
    assert_eq!(status.attempts, [Attempt { resource_id: id("coming"), untagged: false }]);
    assert_eq!(status.scalable_target_arns, [arn("here"), arn("adopted"), arn("left")]);
    assert_eq!(status.policy_names("new"), ["new", "older"]);
    assert_eq!(HostingAutoscalingPolicy::status_word(&status), Some("Reconciling"), "one is still to come");
}

#[test]
fn created_is_said_when_every_variant_has_its_policy() {
    for (variants, word) in [
        (vec![made("a", &["new"], &json!({}))], "Created"),
        (vec![made("a", &["new"], &json!({})), made("b", &["old"], &json!({}))], "Reconciling"),
        (vec![made("a", &["new"], &json!({})), made("b", &["old"], &json!({ "wanted": false }))], "Created"),
    ] {
        let mut status =
            HostingAutoscalingPolicyStatus { additional: Some("trouble".to_owned()), ..Default::default() };
        HostingAutoscalingPolicy::report(&mut status, &place(), "new", &seen(&variants));
        assert_eq!(HostingAutoscalingPolicy::status_word(&status), Some(word), "{variants:?}");
        assert_eq!(status.additional, None);
    }
}

#[test]
fn a_target_is_ours_by_record_or_tag_and_an_attempt_by_content_where_tags_are_silent() {
    let theirs = json!({ "uid": "somebody" });
    let ours = json!({ "uid": UID });
    for (record, owner, as_asked, is_ours) in [
        ("silent", json!("untold"), true, false),
        ("silent", json!("nobody"), true, false),
        ("silent", theirs.clone(), true, false),
        ("silent", ours.clone(), false, true),
        ("attempted", json!("untold"), true, true),
        ("attempted", json!("untold"), false, false),
        ("attempted", json!("nobody"), true, false),
        ("attempted", theirs.clone(), true, false),
        ("attempted", ours.clone(), false, true),
        ("attemptedUntagged", json!("untold"), true, true),
        ("attemptedUntagged", json!("nobody"), true, true),
        ("attemptedUntagged", json!("nobody"), false, false),
        ("attemptedUntagged", theirs, true, false),
        ("attemptedUntagged", ours, false, true),
        ("listed", json!("untold"), false, true),
    ] {
        let change = json!({ "record": record, "asAsked": as_asked, "ours": false, "target": { "owner": owner } });
        let seen = seen(&[made("a", &[], &json!({})), made("b", &[], &change)]).own_part(UID).unwrap();
        let other = id("b");
        assert_eq!(seen.mark(UID), if is_ours { Mark::Own } else { Mark::Others(&other) }, "{change}");
    }
    let absent = json!({ "record": "silent", "target": null });
    let seen = seen(&[made("a", &[], &json!({})), made("b", &[], &absent)]).own_part(UID).unwrap();
    assert_eq!(seen.mark(UID), Mark::Own, "there is nothing that could be anybody's");
}

#[test]
fn what_is_others_and_not_asked_for_is_nobodys_business_here() {
    let others =
        |record: &str| json!({ "record": record, "wanted": false, "asAsked": false, "target": { "owner": "nobody" } });
    let ids = |seen: &HostingAutoscalingPolicyObserved| {
        seen.variants.iter().map(|variant| variant.resource_id.clone()).collect::<Vec<_>>()
    };
    let kept = seen(&[made("a", &[], &json!({})), made("b", &[], &others("attempted"))]).own_part(UID).unwrap();
    assert_eq!((ids(&kept), kept.mark(UID)), (vec![id("a")], Mark::Own));
    let kept = seen(&[made("a", &[], &json!({})), made("b", &[], &others("attemptedUntagged"))]).own_part(UID).unwrap();
    assert_eq!(ids(&kept), [id("a")]);
    assert_eq!(seen(&[made("b", &[], &others("attempted"))]).own_part(UID), None);
    // Without tags it may be ours for all anybody knows.
    let kept = seen(&[made("b", &[], &others("attemptedUntagged"))]).own_part(UID).unwrap();
    assert_eq!(kept.mark(UID), Mark::Others(&id("b")));
}

#[test]
fn account_and_region_are_known_also_from_a_policy() {
    let policy = "arn:aws:autoscaling:us-west-2:123456789012:scalingPolicy:1:resource/sagemaker/x:policyName/new";
    for (change, known) in [
        (json!({}), arn("a")),
        (json!({ "target": {"scalableTargetARN": null}, "policies": [{ "policyARN": policy }] }), policy.to_owned()),
    ] {
        assert_eq!(seen(&[made("a", &[], &change)]).arn().unwrap().as_str(), known);
    }
    assert!(seen(&[]).arn().is_err());
}

#[test]
fn words_in_trouble_are_those_of_the_first_release() {
    for word in [None, Some("Created"), Some("Error"), Some("Reconciling")] {
        let status = status(json!({ "hostingAutoscalingPolicyStatus": word }));
        assert_eq!(HostingAutoscalingPolicy::word_in_trouble(&status, true), Some("Reconciling"), "{word:?}");
        assert_eq!(HostingAutoscalingPolicy::word_in_trouble(&status, false), Some("Error"), "{word:?}");
    }
}

#[test]
fn defaults_stand_each_for_itself() {
    let spec = |more: Value| {
        let mut spec = json!({ "region": "us-west-2", "resourceId": [] });
        json_patch::merge(&mut spec, &more);
        serde_json::from_value::<HostingAutoscalingPolicySpec>(spec).unwrap()
    };
    let words = |spec: &HostingAutoscalingPolicySpec| {
        [spec.namespace_in_use(), spec.dimension_in_use(), spec.type_in_use()].map(str::to_owned)
    };
    let dimension = "sagemaker:variant:DesiredInstanceCount";
    assert_eq!(words(&spec(json!({}))), ["sagemaker", dimension, "TargetTrackingScaling"]);
    // The first release took the one for unset when the other was.
    assert_eq!(words(&spec(json!({ "serviceNamespace": "x" }))), ["x", dimension, "TargetTrackingScaling"]);
    let other = json!({ "scalableDimension": "y", "policyType": "StepScaling", "serviceNamespace": "" });
    assert_eq!(words(&spec(other)), ["sagemaker", "y", "StepScaling"]);
    assert_eq!(HostingAutoscalingPolicy::given_name(&spec(json!({ "policyName": "" }))), None);
    assert_eq!(HostingAutoscalingPolicy::made_name(UID, "any"), "SageMakerEndpointInvocationScalingPolicy");
}

#[test]
fn a_variant_named_twice_is_one() {
    assert_eq!(spec(&["a", "b", "a"]).resource_ids(), [id("a"), id("b")]);
}

#[test]
fn the_address_of_sagemaker_is_not_where_scaling_is() {
    let mut spec = spec(&["a"]);
    spec.sage_maker_endpoint = Some("https://vpce.example.com".to_owned());
    assert_eq!(HostingAutoscalingPolicy::place(&spec).unwrap(), place());
}
