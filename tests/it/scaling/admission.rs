//! What the API server takes and refuses.

use http::Method;
use serde_json::{Value, json};

use super::{POLICIES, policy};
use crate::support::cluster::Refused;
use crate::support::{Cluster, Namespace};

fn try_to_create(object: &Value) -> Result<Value, Refused> {
    let path =
        format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/default/{POLICIES}?dryRun=All&fieldValidation=Strict");
    Cluster::shared().request(Method::POST, &path, Some(object))
}

#[test]
fn a_refusal_says_what_to_write() {
    let table = [
        ("no variants", json!({ "resourceId": null })),
        ("a variant without a name", json!({ "resourceId": [{ "endpointName": "shop" }] })),
        (
            "a component and a variant",
            json!({
                "resourceId": [{ "endpointName": "a", "inferenceComponentName": "b" }],
                "scalableDimension": "sagemaker:inference-component:DesiredCopyCount",
            }),
        ),
        ("a component scaled as a variant", json!({ "resourceId": [{ "inferenceComponentName": "b" }] })),
        (
            "a variant scaled as a component",
            json!({ "scalableDimension": "sagemaker:inference-component:DesiredCopyCount" }),
        ),
        ("nothing to track", json!({ "targetTrackingScalingPolicyConfiguration": null })),
        ("no steps", json!({ "policyType": "StepScaling" })),
        ("no forecast", json!({ "policyType": "PredictiveScaling" })),
    ];
    let refusals: Vec<_> = table
        .iter()
        .map(|(case, patch)| {
            let refused = try_to_create(&policy(&["shop"], patch)).expect_err(case);
            let words =
                refused.message.split_once("spec: Invalid value: ").map_or(&*refused.message, |(_, words)| words);
            format!("{case}: {words}")
        })
        .collect();
    insta::assert_snapshot!(refusals.join("\n"), @"
    no variants: write resourceId: a list of the variants to scale, each with endpointName and variantName, or of inference components, each with inferenceComponentName alone
    a variant without a name: write resourceId: a list of the variants to scale, each with endpointName and variantName, or of inference components, each with inferenceComponentName alone
    a component and a variant: write resourceId: a list of the variants to scale, each with endpointName and variantName, or of inference components, each with inferenceComponentName alone
    a component scaled as a variant: inference components, and they alone, are scaled with scalableDimension: sagemaker:inference-component:DesiredCopyCount
    a variant scaled as a component: inference components, and they alone, are scaled with scalableDimension: sagemaker:inference-component:DesiredCopyCount
    nothing to track: policyType TargetTrackingScaling needs targetTrackingScalingPolicyConfiguration: the metric to watch and the value to keep it near
    no steps: policyType StepScaling needs stepScalingPolicyConfiguration: the steps to take when an alarm goes off
    no forecast: policyType PredictiveScaling needs predictiveScalingPolicyConfiguration: the metrics to forecast by
    ");
}

#[test]
fn what_the_original_took_is_taken() {
    for more in [
        json!({ "policyName": "", "policyType": "", "serviceNamespace": "", "scalableDimension": "" }),
        json!({ "sageMakerEndpoint": "https://vpce.example.com" }),
        json!({ "minCapacity": null, "maxCapacity": null }),
        json!({ "targetTrackingScalingPolicyConfiguration": { "targetValue": 60 } }),
        json!({ "targetTrackingScalingPolicyConfiguration": { "targetValue": 0.5, "predefinedMetricSpecification": {} } }),
        json!({ "targetTrackingScalingPolicyConfiguration": { "customizedMetricSpecification": { "dimensions": [{}] } } }),
        json!({ "minCapacity": 1.0, "maxCapacity": 2.0 }),
        // A type that AWS learns tomorrow.
        json!({ "policyType": "TelepathicScaling" }),
    ] {
        try_to_create(&policy(&["shop"], &more)).unwrap_or_else(|refused| panic!("{more}: {}", refused.message));
    }
}

#[test]
fn only_where_and_what_is_scaled_must_stay() {
    let home = Namespace::new("scaling-stays");
    home.apply(policy(&["shop"], &json!({})).to_string());
    // As the operator does when there is something in AWS.
    let arn = "arn:aws:application-autoscaling:us-west-2:123456789012:scalable-target/1";
    home.report(POLICIES, "load", &json!({ "arn": arn }));
    let refused =
        |patch: Value| home.patch(POLICIES, "load", &json!({ "spec": patch })).expect_err("it must stay").message;
    assert!(refused(json!({ "region": "us-east-1" })).contains("region cannot be changed"));
    let dimension = json!({ "scalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency" });
    assert!(refused(dimension).contains("scalableDimension cannot be changed"));
    for taken in [
        json!({ "scalableDimension": "sagemaker:variant:DesiredInstanceCount", "serviceNamespace": "sagemaker" }),
        json!({ "scalableDimension": null, "serviceNamespace": "" }),
        json!({ "policyName": "one" }),
        json!({ "policyName": "two" }),
        json!({ "resourceId": [{ "endpointName": "other", "variantName": "main" }] }),
    ] {
        home.patch(POLICIES, "load", &json!({ "spec": taken })).unwrap_or_else(|refused| panic!("{}", refused.message));
    }
}
