//! What is a difference and what is none, row by row.

use proptest::prelude::*;

use super::*;

const NAME: &str = "load";
const ID: &str = "endpoint/shop/variant/main";

fn spec(more: &Value) -> HostingAutoscalingPolicySpec {
    let mut spec = json!({
        "region": "us-west-2",
        "policyName": NAME,
        "minCapacity": 1,
        "maxCapacity": 3,
        "resourceId": [{ "endpointName": "shop", "variantName": "main" }],
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 60,
            "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
        },
    });
    json_patch::merge(&mut spec, more);
    serde_json::from_value(spec).unwrap()
}

/// A variant as the spec of [`spec`] makes it.
fn made() -> Value {
    json!({
        "resourceId": ID,
        "wanted": true,
        "record": "listed",
        "target": {
            "scalableTargetARN": "arn:aws:application-autoscaling:us-west-2:123456789012:scalable-target/1",
            "minCapacity": 1,
            "maxCapacity": 3,
            "suspendedState": {
                "dynamicScalingInSuspended": false,
                "dynamicScalingOutSuspended": false,
                "scheduledScalingSuspended": false,
            },
        },
        "policies": [policy(NAME)],
    })
}

fn policy(name: &str) -> Value {
    json!({
        "policyName": name,
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 60.0,
            "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
        },
    })
}

fn variant(change: &Value) -> Value {
    let mut variant = made();
    json_patch::merge(&mut variant, change);
    variant
}

fn found(spec_change: &Value, variants: &[Value]) -> (Option<Plan>, Vec<String>) {
    let seen = serde_json::from_value(json!({ "variants": variants })).unwrap();
    let Drift { update, fields } = drift(&spec(spec_change), NAME, &seen);
    (update.map(|plan| serde_json::from_value(plan).unwrap()), fields)
}

/// The changes of the one variant, and the fields.
fn changes(spec_change: &Value, variant: Value) -> (Vec<Change>, Vec<String>) {
    let (plan, fields) = found(spec_change, &[variant]);
    (plan.map(|plan| plan.variants[0].changes.clone()).unwrap_or_default(), fields)
}

#[test]
fn what_is_as_wanted_is_left_alone_however_it_is_written() {
    let tracking = |more: Value| json!({ "targetTrackingScalingPolicyConfiguration": more });
    for (case, spec_change) in [
        ("as it is", json!({})),
        ("nothing suspended, in so many words", json!({ "suspendedState": { "scheduledScalingSuspended": false } })),
        ("no capacity wanted", json!({ "minCapacity": null, "maxCapacity": null })),
        ("the default type", json!({ "policyType": "TargetTrackingScaling" })),
        ("an empty type", json!({ "policyType": "" })),
        ("a flag that is off anyhow", tracking(json!({ "disableScaleIn": false }))),
        ("the default cooldowns", tracking(json!({ "scaleInCooldown": 300, "scaleOutCooldown": 300.0 }))),
        ("an empty label", tracking(json!({ "predefinedMetricSpecification": { "resourceLabel": "" } }))),
        ("tags, which are followed elsewhere", json!({ "tags": [{ "key": "a", "value": "b" }] })),
    ] {
        assert_eq!(changes(&spec_change, made()), (vec![], vec![]), "{case}");
    }
}

#[test]
fn each_difference_is_one_call_and_names_its_field() {
    use Change::{Put, Register, Reregister};
    let tracking = |more: Value| json!({ "targetTrackingScalingPolicyConfiguration": more });
    let in_policy = |member: &str| format!("targetTrackingScalingPolicyConfiguration.{member}");
    for (spec_change, seen, calls, field) in [
        (json!({ "maxCapacity": 4 }), made(), vec![Reregister], "maxCapacity".to_owned()),
        (json!({ "minCapacity": 0 }), made(), vec![Reregister], "minCapacity".to_owned()),
        (
            json!({ "suspendedState": { "dynamicScalingInSuspended": true } }),
            made(),
            vec![Reregister],
            "suspendedState".to_owned(),
        ),
        // What the spec no longer says is not so any more.
        (
            json!({}),
            variant(&json!({ "target": { "suspendedState": { "dynamicScalingOutSuspended": true } } })),
            vec![Reregister],
            "suspendedState".to_owned(),
        ),
        (tracking(json!({ "targetValue": 60.5 })), made(), vec![Put], in_policy("targetValue")),
        (tracking(json!({ "scaleInCooldown": 0 })), made(), vec![Put], in_policy("scaleInCooldown")),
        (tracking(json!({ "disableScaleIn": true })), made(), vec![Put], in_policy("disableScaleIn")),
        (json!({}), variant(&json!({ "target": null, "policies": [] })), vec![Register, Put], "resourceId".to_owned()),
        (
            json!({}),
            variant(&json!({ "policies": [] })),
            vec![Put],
            "targetTrackingScalingPolicyConfiguration".to_owned(),
        ),
    ] {
        assert_eq!(changes(&spec_change, seen), (calls, vec![field]), "{spec_change}");
    }
}

#[test]
fn a_policy_under_a_former_name_goes_before_the_new_one_comes() {
    let (calls, fields) = changes(&json!({}), variant(&json!({ "policies": [policy("old")] })));
    assert_eq!(calls, [Change::Delete("old".to_owned()), Change::Put]);
    assert_eq!(fields[0], "policyName");
    let (calls, _) = changes(&json!({}), variant(&json!({ "policies": [policy("old"), policy(NAME)] })));
    assert_eq!(calls, [Change::Delete("old".to_owned())], "the new one is there already");
}

#[test]
fn a_policy_of_another_type_is_made_anew() {
    let step = json!({
        "policyType": "StepScaling",
        "stepScalingPolicyConfiguration": { "adjustmentType": "ExactCapacity" },
    });
    let (calls, fields) = changes(&step, made());
    assert_eq!(calls, [Change::Delete(NAME.to_owned()), Change::Put]);
    assert_eq!(fields, ["policyType"]);
}

#[test]
fn a_variant_that_left_the_spec_loses_its_policies_and_then_its_target() {
    let gone = |change: Value| {
        let mut gone = variant(&json!({ "wanted": false, "resourceId": "endpoint/old/variant/main" }));
        json_patch::merge(&mut gone, &change);
        gone
    };
    let (plan, fields) = found(&json!({}), &[made(), gone(json!({ "policies": [policy(NAME), policy("old")] }))]);
    let changes = [Change::Delete(NAME.to_owned()), Change::Delete("old".to_owned()), Change::Deregister].to_vec();
    let resource_id = "endpoint/old/variant/main".to_owned();
    assert_eq!(plan, Some(Plan { variants: vec![VariantPlan { resource_id, changes }] }));
    assert_eq!(fields, ["resourceId"]);
    let nothing = gone(json!({ "target": null, "policies": [] }));
    assert_eq!(found(&json!({}), &[made(), nothing]), (None, vec![]), "there is nothing left of it");
}

#[test]
fn every_variant_is_compared_and_not_only_the_first() {
    let wrong = variant(&json!({ "resourceId": "endpoint/b/variant/main", "target": { "maxCapacity": 9 } }));
    let (plan, fields) = found(&json!({}), &[made(), wrong]);
    assert_eq!(plan.unwrap().variants[0].resource_id, "endpoint/b/variant/main");
    assert_eq!(fields, ["maxCapacity"]);
}

#[test]
fn lists_have_no_order_and_a_query_returns_its_data_unless_it_says_otherwise() {
    let dimension = |name: &str| json!({ "name": name, "value": "v" });
    let custom = |dimensions: [&str; 2], first: Value, second: Value| {
        json!({ "targetTrackingScalingPolicyConfiguration": {
            "predefinedMetricSpecification": null,
            "customizedMetricSpecification": { "dimensions": dimensions.map(dimension), "metrics": [first, second] },
        } })
    };
    let (a, b) = (json!({ "id": "a", "returnData": false }), json!({ "id": "b" }));
    let seen = |configuration: Value| {
        let mut policy = policy(NAME);
        json_patch::merge(&mut policy, &configuration);
        variant(&json!({ "policies": [policy] }))
    };
    let actual = seen(custom(["x", "y"], a.clone(), json!({ "id": "b", "returnData": true })));
    assert_eq!(changes(&custom(["y", "x"], b.clone(), a.clone()), actual.clone()), (vec![], vec![]));
    let (calls, fields) = changes(&custom(["x", "y"], json!({ "id": "a" }), b), actual);
    assert_eq!(calls, [Change::Put]);
    assert_eq!(fields, ["targetTrackingScalingPolicyConfiguration.customizedMetricSpecification"]);
}

#[test]
fn the_defaults_of_the_other_types_go_without_saying() {
    for (type_, field, written, left_out) in [
        (
            "StepScaling",
            "stepScalingPolicyConfiguration",
            json!({ "cooldown": 300, "metricAggregationType": "Average", "adjustmentType": "ExactCapacity" }),
            json!({ "adjustmentType": "ExactCapacity" }),
        ),
        (
            "PredictiveScaling",
            "predictiveScalingPolicyConfiguration",
            json!({
                "metricSpecifications": [{ "targetValue": 5 }], "mode": "ForecastOnly", "schedulingBufferTime": 300,
                "maxCapacityBreachBehavior": "HonorMaxCapacity",
            }),
            json!({ "metricSpecifications": [{ "targetValue": 5.0 }] }),
        ),
    ] {
        for (ours, theirs) in [(&written, &left_out), (&left_out, &written)] {
            let seen = variant(&json!({ "policies": [{ "policyName": NAME, "policyType": type_, field: theirs }] }));
            let wanted = json!({ "policyType": type_, field: ours });
            assert_eq!(changes(&wanted, seen), (vec![], vec![]), "{type_}");
        }
    }
}

proptest! {
    /// Nothing is ever taken from a variant that is wanted, and nothing put into one that is not.
    #[test]
    fn a_plan_does_what_it_is_for(
        wanted in any::<bool>(), has_target in any::<bool>(), most in 1_i64..5, names in prop::sample::subsequence(vec![NAME, "old", "older"], 0..=3),
    ) {
        let policies: Vec<_> = names.iter().map(|name| policy(name)).collect();
        let mut seen = variant(&json!({ "wanted": wanted, "target": { "maxCapacity": most }, "policies": policies }));
        if !has_target {
            seen["target"] = Value::Null;
        }
        let (calls, fields) = changes(&json!({}), seen);
        prop_assert_eq!(calls.is_empty(), fields.is_empty());
        let is_making = |call: &Change| matches!(call, Change::Register | Change::Reregister | Change::Put);
        if wanted {
            prop_assert!(!calls.contains(&Change::Deregister));
            let settled = has_target && most == 3 && names == [NAME];
            prop_assert_eq!(calls.is_empty(), settled);
        } else {
            prop_assert!(!calls.iter().any(is_making));
            prop_assert_eq!(calls.contains(&Change::Deregister), has_target);
        }
    }
}
