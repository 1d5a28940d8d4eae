//! HostingAutoscalingPolicy, from the manifest to what Application Auto Scaling holds and back.

mod admission;
mod again;
mod deletion;
mod hand;
pub(crate) mod leaves;
mod legacy;
mod life;
mod owners;
mod troubles;

use serde_json::{Value, json};

use crate::support::namespace::condition_of;
use crate::support::operator::Setup;
use crate::support::simulator::Call;
use crate::support::{Namespace, Simulator};
use hand::Hand;

const POLICIES: &str = "hostingautoscalingpolicies";
const POLICY: &str = "load";
/// The name in AWS unless the object says otherwise.
const DEFAULT_NAME: &str = "SageMakerEndpointInvocationScalingPolicy";

/// An operator in a hurry, which looks at everything once a second or so.
fn hasty<'a>(home: &'a Namespace, aws: &'a Simulator) -> Setup<'a> {
    home.operator(aws).args([
        "--poll-interval=300ms",
        "--sweep-interval=1s",
        "--retry-base=200ms",
        "--retry-cap=1s",
        "--stalled-interval=2s",
        "--not-found-window=2s",
        "--lease-duration=10s",
    ])
}

/// A policy for the variant `main` of these endpoints, with `more` merged into its spec.
fn policy(endpoints: &[&str], more: &Value) -> Value {
    let ids: Vec<_> = endpoints.iter().map(|name| json!({ "endpointName": name, "variantName": "main" })).collect();
    let mut spec = json!({
        "region": "us-west-2",
        "resourceId": ids,
        "minCapacity": 1,
        "maxCapacity": 3,
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 60.0,
            "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
        },
    });
    json_patch::merge(&mut spec, more);
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "HostingAutoscalingPolicy",
        "metadata": { "name": POLICY },
        "spec": spec,
    })
}

fn id(endpoint: &str) -> String {
    format!("endpoint/{endpoint}/variant/main")
}

/// Waits until the policy is as its present spec wants it.
#[track_caller]
fn until_ready(home: &Namespace) -> Value {
    home.until(POLICIES, POLICY, "Ready", |object| {
        is_true(object, "Ready") && object["status"]["observedGeneration"] == object["metadata"]["generation"]
    })
}

fn is_true(object: &Value, condition: &str) -> bool {
    condition_of(object, condition).is_some_and(|condition| condition["status"] == "True")
}

/// Changes the spec and waits until that is done.
#[track_caller]
fn change(home: &Namespace, spec: &Value) -> Value {
    home.patch(POLICIES, POLICY, &json!({ "spec": spec })).expect("this may be changed");
    until_ready(home)
}

/// What was written to Application Auto Scaling since, as `Operation resource` in order.
fn writes_after(aws: &Simulator, seq: u64) -> Vec<String> {
    let writes = aws.journal().into_iter().filter(|call| call.seq > seq && call.applied && is_of_scaling(call));
    writes.map(|call| format!("{} {}", call.operation, call.name.unwrap_or_default())).collect()
}

fn is_of_scaling(call: &Call) -> bool {
    ["RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy"]
        .contains(&call.operation.as_str())
}

/// The number of the last call so far.
fn now(aws: &Simulator) -> u64 {
    aws.journal().last().map_or(0, |call| call.seq)
}

/// A simulator at a hundred times the usual speed, and a hand in it with these endpoints in service.
fn world(endpoints: &[&str]) -> (Simulator, Hand) {
    let aws = Simulator::at_speed(100.0);
    let hand = Hand::on(&aws);
    for endpoint in endpoints {
        hand.start_endpoint(endpoint, "main");
    }
    for endpoint in endpoints {
        hand.until_in_service(endpoint);
    }
    (aws, hand)
}
