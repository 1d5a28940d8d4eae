//! Made, changed, followed.

use std::fs;

use serde_json::{Value, json};

use super::hand::Hand;
use super::{DEFAULT_NAME, POLICIES, POLICY, change, hasty, id, now, policy, until_ready, world, writes_after};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::namespace::condition_of;
use crate::support::{Namespace, Simulator, built};

#[test]
fn an_inference_component_is_scaled_by_its_copies() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("component");
    let _operator = hasty(&home, &aws).start();
    let component = json!({
        "resourceId": [{ "inferenceComponentName": "digits" }],
        "scalableDimension": "sagemaker:inference-component:DesiredCopyCount",
        "targetTrackingScalingPolicyConfiguration": {
            "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy" },
        },
    });
    home.apply(policy(&[], &component).to_string());
    let object = until_ready(&home);
    assert_eq!(object["status"]["resourceIDList"], json!(["inference-component/digits"]));
    home.delete(POLICIES, POLICY);
    home.until_gone(POLICIES, POLICY);
    for operation in ["RegisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy", "DeregisterScalableTarget"] {
        let calls = aws.applied(operation);
        assert_eq!(calls.len(), 1, "{operation}");
        let request = &calls[0].request;
        assert_eq!(request["ResourceId"], "inference-component/digits", "{operation}");
        assert_eq!(request["ScalableDimension"], "sagemaker:inference-component:DesiredCopyCount", "{operation}");
    }
}

#[test]
fn a_policy_is_put_in_force_on_every_variant() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("scaled");
    let _operator = hasty(&home, &aws).start();
    let state = json!({ "suspendedState": { "dynamicScalingInSuspended": true } });
    home.apply(policy(&["shop", "search"], &state).to_string());
    let object = until_ready(&home);

    assert_eq!(object["spec"]["policyName"], DEFAULT_NAME, "the name is written back");
    let status = &object["status"];
    assert_eq!(status["hostingAutoscalingPolicyStatus"], "Created");
    assert_eq!(status["policyName"], DEFAULT_NAME);
    assert_eq!(status["resourceIDList"], json!([id("shop"), id("search")]));
    assert!(status["additional"].is_null() && status["formerPolicyNames"].is_null(), "{status:#}");
    for (kind, wanted) in [("Ready", "True"), ("Reconciling", "False"), ("Stalled", "False")] {
        assert_eq!(condition_of(&object, kind).map(|it| &it["status"]), Some(&Value::from(wanted)), "{kind}");
    }
    assert_eq!(object["metadata"]["finalizers"], json!(["sagemaker-operator-finalizer"]));

    let targets = hand.targets();
    let seen: Vec<_> = targets.iter().map(|it| (it.id.as_str(), it.capacity, it.suspended)).collect();
    let suspended = [true, false, false];
    assert_eq!(seen, [(id("search").as_str(), (1, 3), suspended), (id("shop").as_str(), (1, 3), suspended)]);
    assert_eq!(
        hand.policies(),
        [(id("search"), DEFAULT_NAME.into(), "60".into()), (id("shop"), DEFAULT_NAME.into(), "60".into())]
    );
    let mut arns: Vec<_> = targets.iter().map(|target| Value::from(target.arn.as_str())).collect();
    arns.reverse();
    assert_eq!(status["scalableTargetARNs"], Value::Array(arns));
    assert_eq!(status["arn"], status["scalableTargetARNs"][0]);
    let uid = object["metadata"]["uid"].as_str().unwrap();
    for target in &targets {
        let tags = hand.tags(&target.arn);
        let has =
            |key: &str, value: &str| tags.contains(&(format!("sagemaker.aws.amazon.com/{key}"), value.to_owned()));
        assert!(has("k8s-uid", uid) && has("k8s-object", &format!("{}/{POLICY}", home.name())), "{tags:?}");
    }

    let events: Vec<_> = home.events(POLICY).into_iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(events, ["Created", "AsWanted"]);
    let table = home.kubectl(["get", "hap", "--no-headers"]).run().ok();
    assert!(table.starts_with(&format!("{POLICY}   Created   ")), "{table}");

    // Nothing is written again at the looks that follow.
    let seq = now(&aws);
    eventually("a few sweeps", PATIENCE, || {
        let looks = aws.calls("DescribeScalableTargets").iter().filter(|call| call.seq > seq).count();
        if looks >= 3 { Ok(()) } else { Err(format!("{looks} looks")) }
    });
    assert_eq!(writes_after(&aws, seq), Vec::<String>::new());
}

#[test]
fn both_samples_run_unmodified() {
    let aws = Simulator::at_speed(100.0);
    let hand = Hand::in_region(&aws, "us-east-2");
    let endpoints = [
        ("Endpoint-20200410010239-FZFY", "variant-name-1"),
        ("xgboost-2020-06-01-20-39-37-305", "AllTraffic"),
        ("Endpoint-20200410015622-Z0LK", "variant-name-1"),
    ];
    for (endpoint, variant) in endpoints {
        hand.start_endpoint(endpoint, variant);
    }
    let home = Namespace::new("scaling-samples");
    let _operator = hasty(&home, &aws).start();
    for sample in ["custom", "predefined"] {
        let path = built::root().join(format!("tests/samples/scaling/hap-{sample}-metric.yaml"));
        home.apply(fs::read_to_string(path).expect("the sample is there"));
    }
    for name in ["hap-custom", "hap-predefined"] {
        home.until_condition(POLICIES, name, "Ready");
        let object = home.get(POLICIES, name).unwrap();
        assert_eq!(object["status"]["hostingAutoscalingPolicyStatus"], "Created", "{object:#}");
    }
    let target = |(endpoint, variant): (&str, &str)| format!("endpoint/{endpoint}/variant/{variant}");
    let put = |name: &str| {
        let calls = aws.applied("PutScalingPolicy").into_iter();
        let of_policy = calls.filter(|call| call.request["PolicyName"] == name);
        of_policy.map(|call| call.request).collect::<Vec<_>>()
    };
    let [custom] = &put("CPUUtilizationScalingPolicy")[..] else { panic!("one policy for one variant") };
    assert_eq!(custom["ResourceId"], target(endpoints[0]));
    assert_eq!(
        custom["TargetTrackingScalingPolicyConfiguration"],
        json!({
            "TargetValue": 60.0,
            "ScaleInCooldown": 700,
            "ScaleOutCooldown": 300,
            "CustomizedMetricSpecification": {
                "MetricName": "CPUUtilization",
                "Namespace": "/aws/sagemaker/Endpoints",
                "Dimensions": [
                    { "Name": "EndpointName", "Value": "Endpoint-20200410010239-FZFY" },
                    { "Name": "VariantName", "Value": "variant-name-1" },
                ],
                "Statistic": "Average",
                "Unit": "Percent",
            },
        })
    );
    let predefined = put(DEFAULT_NAME);
    let ids: Vec<_> = predefined.iter().map(|put| put["ResourceId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, [target(endpoints[1]), target(endpoints[2])]);
    assert!(predefined.iter().all(|put| put["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] == true));
    assert_eq!(hand.targets().len(), 3);
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("edited");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);

    let seq = now(&aws);
    change(&home, &json!({ "maxCapacity": 5, "suspendedState": { "scheduledScalingSuspended": true } }));
    let both = |operation: &str| ["shop", "search"].map(|name| format!("{operation} {}", id(name)));
    assert_eq!(writes_after(&aws, seq), both("RegisterScalableTarget"));
    let seq = now(&aws);
    change(&home, &json!({ "targetTrackingScalingPolicyConfiguration": { "targetValue": 70.5 } }));
    assert_eq!(writes_after(&aws, seq), both("PutScalingPolicy"));
    let seq = now(&aws);
    // What is no longer said is no longer so.
    change(&home, &json!({ "suspendedState": null }));
    assert_eq!(writes_after(&aws, seq), both("RegisterScalableTarget"));

    assert!(hand.targets().iter().all(|target| target.capacity == (1, 5) && target.suspended == [false; 3]));
    assert!(hand.policies().iter().all(|(_, _, value)| value == "70.5"));
    let updated: Vec<_> = home.events(POLICY).into_iter().filter(|event| event["reason"] == "Updated").collect();
    let note = updated[0]["note"].as_str().unwrap();
    assert!(note.ends_with("is updated in SageMaker: maxCapacity, suspendedState"), "{note}");
}

#[test]
fn variants_come_and_go_with_the_spec() {
    let (aws, hand) = world(&["shop", "search", "ads"]);
    let home = Namespace::new("variants");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    let seq = now(&aws);
    let ids = ["search", "ads"].map(|name| json!({ "endpointName": name, "variantName": "main" }));
    let object = change(&home, &json!({ "resourceId": ids }));
    assert_eq!(
        writes_after(&aws, seq),
        [
            format!("RegisterScalableTarget {}", id("ads")),
            format!("PutScalingPolicy {}", id("ads")),
            format!("DeleteScalingPolicy {}", id("shop")),
            format!("DeregisterScalableTarget {}", id("shop")),
        ]
    );
    assert_eq!(object["status"]["resourceIDList"], json!([id("search"), id("ads")]));
    // Every id at once, the case that made the original forget the old ones.
    change(&home, &json!({ "resourceId": [{ "endpointName": "shop", "variantName": "main" }] }));
    let left: Vec<_> = hand.targets().into_iter().map(|target| target.id).collect();
    assert_eq!(left, [id("shop")]);
    assert_eq!(hand.policies().len(), 1);
    let uid = object["metadata"]["uid"].as_str().unwrap();
    assert!(hand.tags(&hand.targets()[0].arn).iter().any(|(_, value)| value == uid), "late ones carry the tags too");
}

#[test]
fn a_renamed_policy_leaves_nothing_under_its_old_name() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("renamed");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({ "policyName": "first" })).to_string());
    until_ready(&home);
    let seq = now(&aws);
    let object = change(&home, &json!({ "policyName": "second" }));
    let each = |name: &str| [format!("DeleteScalingPolicy {}", id(name)), format!("PutScalingPolicy {}", id(name))];
    assert_eq!(writes_after(&aws, seq), [each("shop"), each("search")].concat());
    assert_eq!(
        hand.policies(),
        [(id("search"), "second".into(), "60".into()), (id("shop"), "second".into(), "60".into())]
    );
    assert_eq!(object["status"]["policyName"], "second");
    home.until(POLICIES, POLICY, "the old name forgotten", |object| object["status"]["formerPolicyNames"].is_null());

    // Renamed again while AWS refuses: none of the names is lost.
    aws.deny("application-autoscaling:DeleteScalingPolicy");
    home.patch(POLICIES, POLICY, &json!({ "spec": { "policyName": "third" } })).unwrap();
    home.until_condition(POLICIES, POLICY, "Stalled");
    home.patch(POLICIES, POLICY, &json!({ "spec": { "policyName": "fourth" } })).unwrap();
    home.until(POLICIES, POLICY, "a fourth name", |object| object["status"]["policyName"] == "fourth");
    aws.allow_all();
    until_ready(&home);
    assert_eq!(
        hand.policies(),
        [(id("search"), "fourth".into(), "60".into()), (id("shop"), "fourth".into(), "60".into())]
    );
}

#[test]
fn what_somebody_changes_by_hand_is_put_right() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("by-hand");
    let _operator = hasty(&home, &aws).start();
    home.apply(policy(&["shop", "search"], &json!({})).to_string());
    until_ready(&home);
    let is_right = || {
        let targets = hand.targets();
        let right = targets.len() == 2 && targets.iter().all(|target| target.capacity == (1, 3));
        let policies = hand.policies();
        let right = right && policies.len() == 2 && policies.iter().all(|(_, _, value)| value == "60");
        if right { Ok(()) } else { Err(format!("{targets:?} {policies:?}")) }
    };
    // The second variant, which the original never looked at.
    let second = id("search");
    hand.register(&second, 0, 9);
    eventually("the capacity as it was", PATIENCE, is_right);
    hand.put(&second, DEFAULT_NAME, 5.0);
    eventually("the target value as it was", PATIENCE, is_right);
    hand.delete_policy(&second, DEFAULT_NAME);
    eventually("the policy again", PATIENCE, is_right);
    hand.deregister(&second);
    eventually("the target again", PATIENCE, is_right);
    for name in ["shop", "search"] {
        hand.deregister(&id(name));
    }
    eventually("both again", PATIENCE, is_right);
    assert_eq!(until_ready(&home)["status"]["hostingAutoscalingPolicyStatus"], "Created");
}

#[test]
fn an_edit_of_the_tags_reaches_every_target() {
    let (aws, hand) = world(&["shop", "search"]);
    let home = Namespace::new("scaling-tags");
    let _operator = hasty(&home, &aws).start();
    let tags = |value: &str| json!({ "tags": [{ "key": "team", "value": value }] });
    let with_two = json!({ "tags": [tags("blue")["tags"][0], { "key": "left", "value": "over" }] });
    home.apply(policy(&["shop", "search"], &with_two).to_string());
    until_ready(&home);
    change(&home, &tags("red"));
    for target in hand.targets() {
        let tags: Vec<_> = hand.tags(&target.arn).into_iter().filter(|(key, _)| !key.contains("k8s")).collect();
        assert_eq!(tags, [("team".to_owned(), "red".to_owned())], "{}", target.id);
    }
    assert_eq!((aws.applied("TagResource").len(), aws.applied("UntagResource").len()), (2, 2));
}
