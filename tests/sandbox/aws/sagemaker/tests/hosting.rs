//! Models, endpoint configurations, endpoints and their scaling.

use serde_json::{Value, json};

use super::{ROLE, World};

/// A configuration of one variant and its model.
fn configure(world: &mut World, config: &str, image: &str, count: i64) {
    let container = json!({ "Image": image });
    let model = format!("model-{config}");
    world.ok("CreateModel", json!({ "ModelName": model, "ExecutionRoleArn": ROLE, "PrimaryContainer": container }));
    let variant = json!({ "VariantName": "main", "ModelName": model, "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": count, "InitialVariantWeight": count });
    world.ok("CreateEndpointConfig", json!({ "EndpointConfigName": config, "ProductionVariants": [variant] }));
}

/// A world with an endpoint in service on configuration `one`.
fn serving() -> World {
    let mut world = World::new();
    for (config, image, count) in
        [("one", "image", 1), ("two", "image", 2), ("bad", "fails", 1), ("worse", "fails-stuck", 1)]
    {
        configure(&mut world, config, image, count);
    }
    world.ok("CreateEndpoint", update("one"));
    world.after(120);
    world
}

fn update(config: &str) -> Value {
    json!({ "EndpointName": "Shop", "EndpointConfigName": config })
}

fn endpoint() -> Value {
    json!({ "EndpointName": "Shop" })
}

fn statuses(world: &mut World) -> Vec<String> {
    world.course("DescribeEndpoint", &endpoint(), "EndpointStatus", 200)
}

/// Configuration, failure reason, count and weight.
fn state(world: &mut World) -> (Value, bool, Value, Value) {
    let shown = world.ok("DescribeEndpoint", endpoint());
    let variant = &shown["ProductionVariants"][0];
    let failed = shown["FailureReason"].is_string();
    (
        shown["EndpointConfigName"].clone(),
        failed,
        variant["CurrentInstanceCount"].clone(),
        variant["CurrentWeight"].clone(),
    )
}

#[test]
fn endpoints_come_up_change_roll_back_and_go() {
    for (config, course, after) in [
        ("two", vec!["Updating", "InService"], (json!("two"), false, json!(2), json!(2.0))),
        ("bad", vec!["Updating", "RollingBack", "InService"], (json!("one"), true, json!(1), json!(1.0))),
        ("worse", vec!["Updating", "RollingBack", "UpdateRollbackFailed"], (json!("one"), true, json!(1), json!(1.0))),
    ] {
        let mut world = serving();
        assert_eq!(state(&mut world), (json!("one"), false, json!(1), json!(1.0)));
        world.ok("UpdateEndpoint", update(config));
        assert_eq!(statuses(&mut world), course, "{config}");
        assert_eq!(state(&mut world), after, "{config}");
        world.ok("DeleteEndpoint", endpoint());
        assert_eq!(statuses(&mut world), ["Deleting", "gone"]);
    }
}

#[test]
fn an_endpoint_that_fails_can_only_be_deleted() {
    let mut world = World::new();
    configure(&mut world, "bad", "fails", 1);
    world.ok("CreateEndpoint", update("bad"));
    assert_eq!(statuses(&mut world), ["Creating", "Failed"]);
    insta::assert_snapshot!(world.refused("UpdateEndpoint", update("bad")), @r#"ValidationException: Cannot update endpoint "arn:aws:sagemaker:us-west-2:123456789012:endpoint/shop" in status Failed."#);
    world.ok("DeleteEndpoint", endpoint());
}

#[test]
fn an_endpoint_between_two_configurations_needs_both_and_takes_another() {
    let mut world = serving();
    world.ok("UpdateEndpoint", update("worse"));
    assert_eq!(statuses(&mut world), ["Updating", "RollingBack", "UpdateRollbackFailed"]);
    world.ok("UpdateEndpoint", update("two"));
    assert_eq!(statuses(&mut world), ["Updating", "InService"]);
    assert_eq!(state(&mut world), (json!("two"), false, json!(2), json!(2.0)));

    for (sort, name) in [("EndpointConfig", "worse"), ("Model", "model-worse"), ("EndpointConfig", "one")] {
        let mut world = serving();
        world.ok("UpdateEndpoint", update("worse"));
        world.after(200);
        world.ok(&format!("Delete{sort}"), json!({ format!("{sort}Name"): name }));
        assert!(world.refused("UpdateEndpoint", update("two")).contains("Could not find"), "{name}");
    }
}

#[test]
fn an_update_may_be_taken_back_without_a_word() {
    let mut world = serving();
    configure(&mut world, "quiet", "fail-silent", 1);
    world.ok("UpdateEndpoint", update("quiet"));
    assert_eq!(statuses(&mut world), ["Updating", "RollingBack", "InService"]);
    assert_eq!(state(&mut world), (json!("one"), false, json!(1), json!(1.0)));
}

#[test]
fn an_endpoint_that_dies_can_be_updated_and_deleted() {
    let mut world = serving();
    configure(&mut world, "dying", "dies", 1);
    world.ok("UpdateEndpoint", update("dying"));
    assert_eq!(statuses(&mut world), ["Updating", "InService", "OutOfService"]);
    assert_eq!(state(&mut world).0, json!("dying"));
    world.ok("UpdateEndpoint", update("two"));
    assert_eq!(statuses(&mut world), ["Updating", "InService"]);
    world.ok("DeleteEndpoint", endpoint());
}

#[test]
fn an_endpoint_under_way_refuses_to_be_changed() {
    let mut world = serving();
    world.ok("UpdateEndpoint", update("two"));
    insta::assert_snapshot!(world.refused("UpdateEndpoint", update("one")), @r#"ValidationException: Cannot update in-progress endpoint "arn:aws:sagemaker:us-west-2:123456789012:endpoint/shop"."#);
    insta::assert_snapshot!(world.refused("DeleteEndpoint", endpoint()), @r#"ValidationException: Cannot update in-progress endpoint "arn:aws:sagemaker:us-west-2:123456789012:endpoint/shop"."#);
}

#[test]
fn an_update_needs_the_configuration_it_comes_from() {
    let mut world = serving();
    world.ok("DeleteEndpointConfig", json!({ "EndpointConfigName": "one" }));
    insta::assert_snapshot!(world.refused("UpdateEndpoint", update("two")), @r#"ValidationException: Could not find endpoint configuration "arn:aws:sagemaker:us-west-2:123456789012:endpoint-config/one"."#);
}

#[test]
fn weights_and_counts_are_kept_if_asked() {
    for (retain, exclude, expected) in [
        (false, json!([]), (json!(2), json!(2.0))),
        (true, json!([]), (json!(7), json!(0.5))),
        (true, json!([{ "VariantPropertyType": "DesiredWeight" }]), (json!(7), json!(2.0))),
        (true, json!([{ "VariantPropertyType": "DesiredInstanceCount" }]), (json!(2), json!(0.5))),
    ] {
        let mut world = serving();
        let wish = json!({ "VariantName": "main", "DesiredInstanceCount": 7, "DesiredWeight": 0.5 });
        world.ok(
            "UpdateEndpointWeightsAndCapacities",
            json!({ "EndpointName": "Shop", "DesiredWeightsAndCapacities": [wish] }),
        );
        assert_eq!(statuses(&mut world), ["Updating", "InService"]);
        let mut request = update("two");
        request["RetainAllVariantProperties"] = retain.into();
        request["ExcludeRetainedVariantProperties"] = exclude.clone();
        world.ok("UpdateEndpoint", request);
        world.after(90);
        let (_, _, count, weight) = state(&mut world);
        assert_eq!((count, weight), expected, "{retain} {exclude}");
    }
}

#[test]
fn an_unknown_variant_cannot_be_scaled() {
    let wish = json!({ "VariantName": "other", "DesiredInstanceCount": 7 });
    let request = json!({ "EndpointName": "Shop", "DesiredWeightsAndCapacities": [wish] });
    insta::assert_snapshot!(serving().refused("UpdateEndpointWeightsAndCapacities", request), @r#"ValidationException: The variant name(s) "other" is/are not present within endpoint configuration "one"."#);
}

#[test]
fn a_target_is_registered_once_its_endpoint_is_in_service_and_takes_its_policies_along() {
    let mut world = World::new();
    configure(&mut world, "one", "image", 1);
    world.ok("CreateEndpoint", update("one"));
    let target = json!({ "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Shop/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount" });
    let with = |more: Value| {
        let mut request = target.clone();
        for (key, value) in more.as_object().into_iter().flatten() {
            request[key] = value.clone();
        }
        request
    };
    let register = with(json!({ "MinCapacity": 1, "MaxCapacity": 3 }));
    let put = with(json!({ "PolicyName": "load", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": { "TargetValue": 70.5 } }));
    insta::assert_snapshot!(world.refused("RegisterScalableTarget", register.clone()), @"ValidationException: The endpoint Shop is in status 'Creating'. The status should be in 'InService' to register it as a scalable target with variant main");
    world.after(120);
    insta::assert_snapshot!(world.refused("PutScalingPolicy", put.clone()), @"ObjectNotFoundException: No scalable target registered for service namespace: sagemaker, resource ID: endpoint/Shop/variant/main, scalable dimension: sagemaker:variant:DesiredInstanceCount");
    world.ok("RegisterScalableTarget", register);
    let first = world.ok("PutScalingPolicy", put.clone());
    assert_eq!(first["Alarms"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.ok("PutScalingPolicy", put)["PolicyARN"], first["PolicyARN"], "the same policy, changed");
    let list = json!({ "ServiceNamespace": "sagemaker" });
    let policies = |world: &mut World| world.ok("DescribeScalingPolicies", list.clone())["ScalingPolicies"].clone();
    assert_eq!(policies(&mut world)[0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"], json!(70.5));
    world.ok("DeregisterScalableTarget", target.clone());
    assert_eq!(policies(&mut world), json!([]));
    insta::assert_snapshot!(world.refused("DeleteScalingPolicy", with(json!({ "PolicyName": "load" }))), @"ObjectNotFoundException: No scaling policy found for service namespace: sagemaker, resource ID: endpoint/Shop/variant/main, scalable dimension: sagemaker:variant:DesiredInstanceCount, policy name: load");
}

#[test]
fn a_target_keeps_the_tags_it_was_registered_with_and_those_it_is_given() {
    let mut world = serving();
    let target = json!({ "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Shop/variant/main",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount" });
    let register = |tags: Value| {
        let mut request = target.clone();
        request["MinCapacity"] = 1.into();
        request["MaxCapacity"] = 3.into();
        request["Tags"] = tags;
        request
    };
    let arn = world.ok("RegisterScalableTarget", register(json!({ "team": "a", "left": "over" })))["ScalableTargetARN"]
        .clone();
    let of_target = || json!({ "ResourceARN": arn });
    world.ok("RegisterScalableTarget", register(json!({ "team": "late" })));
    assert_eq!(world.ok("ListTagsForResource", of_target())["Tags"], json!({ "team": "a", "left": "over" }));
    world.ok("TagResource", json!({ "ResourceARN": arn, "Tags": { "team": "b", "new": "" } }));
    world.ok("UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["left", "gone"] }));
    assert_eq!(world.ok("ListTagsForResource", of_target())["Tags"], json!({ "team": "b", "new": "" }));
    let many: Value = (0..49).map(|n| (format!("k{n}"), Value::from(""))).collect::<serde_json::Map<_, _>>().into();
    let refused = world.refused("TagResource", json!({ "ResourceARN": arn, "Tags": many }));
    assert_eq!(refused, "TooManyTagsException: A resource can have at most 50 tags.");
    world.ok("DeregisterScalableTarget", target.clone());
    assert!(world.refused("ListTagsForResource", of_target()).starts_with("ResourceNotFoundException"));
}

#[test]
fn a_metric_is_tracked_by_one_policy_of_a_target() {
    let mut world = serving();
    let put = |name: &str, metric: &str| {
        let metric = json!({ "PredefinedMetricType": metric });
        json!({ "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Shop/variant/main",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration":
                { "TargetValue": 5.0, "PredefinedMetricSpecification": metric } })
    };
    let invocations = "SageMakerVariantInvocationsPerInstance";
    world.ok(
        "RegisterScalableTarget",
        json!({ "ServiceNamespace": "sagemaker", "MinCapacity": 1, "MaxCapacity": 3,
        "ResourceId": "endpoint/Shop/variant/main", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount" }),
    );
    world.ok("PutScalingPolicy", put("one", invocations));
    world.ok("PutScalingPolicy", put("one", invocations));
    world.ok("PutScalingPolicy", put("other", "SageMakerVariantProvisionedConcurrencyUtilization"));
    insta::assert_snapshot!(world.refused("PutScalingPolicy", put("two", invocations)), @"ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed.");
}
