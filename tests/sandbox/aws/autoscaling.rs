//! Application Auto Scaling, as far as endpoint variants go: targets and policies are kept, nothing is scaled.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::clock::{self, Millis};
use super::place::{Context, partition};
use super::refusal::Refusal;
use super::signature::hex;

/// A target has at most this many tags.
const MOST_TAGS: usize = 50;

/// Resource and dimension.
type TargetKey = (String, String);

/// Targets and policies of one account and region.
#[derive(Debug, Default)]
pub(super) struct AutoScaling {
    targets: BTreeMap<TargetKey, Value>,
    /// By the target's ARN.
    tags: BTreeMap<String, Map<String, Value>>,
    /// By target and name.
    policies: BTreeMap<(TargetKey, String), Value>,
}

/// The status word of an endpoint's variant; none if there is no such variant.
pub(super) type VariantStatus<'a> = &'a dyn Fn(&str, &str) -> Option<&'static str>;

impl AutoScaling {
    /// Answers one operation.
    pub(super) fn handle(
        &mut self,
        context: &Context<'_>,
        variant_status: VariantStatus<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Value, Refusal> {
        match operation {
            "ListTagsForResource" => return Ok(json!({ "Tags": self.tags_of(request)? })),
            "TagResource" => return self.tag(request),
            "UntagResource" => return self.untag(request),
            _ => {}
        }
        if request["ServiceNamespace"] != "sagemaker" {
            return Err(Refusal::validation(format!("Unsupported service namespace: {}", request["ServiceNamespace"])));
        }
        match operation {
            "RegisterScalableTarget" => self.register(context, variant_status, request),
            "DeregisterScalableTarget" => self.deregister(request),
            "PutScalingPolicy" => self.put(context, request),
            "DeleteScalingPolicy" => self.delete(request),
            "DescribeScalableTargets" => page(request, "ScalableTargets", self.targets.values()),
            "DescribeScalingPolicies" => page(request, "ScalingPolicies", self.policies.values()),
            "DescribeScalingActivities" => Ok(json!({ "ScalingActivities": [] })),
            other => Err(Refusal::new("UnknownOperationException", format!("The sandbox has no {other}."))),
        }
    }

    fn register(
        &mut self,
        context: &Context<'_>,
        variant_status: VariantStatus<'_>,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let key = target_key(request);
        check_variant(variant_status, &key)?;
        let old = self.targets.get(&key);
        let mut target = old.cloned().unwrap_or_else(|| new_target(context, &key));
        for member in ["MinCapacity", "MaxCapacity"] {
            if !request[member].is_null() {
                target[member] = request[member].clone();
            }
            if target[member].is_null() {
                let text = format!("{member} is required to register a new scalable target.");
                return Err(Refusal::validation(text));
            }
        }
        for (flag, value) in request["SuspendedState"].as_object().into_iter().flatten() {
            target["SuspendedState"][flag] = value.clone();
        }
        if target["MinCapacity"].as_i64() > target["MaxCapacity"].as_i64() {
            return Err(Refusal::validation("Maximum capacity cannot be less than minimum capacity"));
        }
        let arn = target["ScalableTargetARN"].clone();
        // Tags of the request are those of a new target; an old one keeps its own.
        let tags = || request["Tags"].as_object().cloned().unwrap_or_default();
        self.tags.entry(arn.as_str().unwrap_or_default().to_owned()).or_insert_with(tags);
        self.targets.insert(key, target);
        Ok(json!({ "ScalableTargetARN": arn }))
    }

    fn tags_of(&mut self, request: &Value) -> Result<&mut Map<String, Value>, Refusal> {
        let arn = request["ResourceARN"].as_str().unwrap_or_default();
        let missing = || Refusal::new("ResourceNotFoundException", format!("The resource {arn} does not exist."));
        self.tags.get_mut(arn).ok_or_else(missing)
    }

    fn tag(&mut self, request: &Value) -> Result<Value, Refusal> {
        let tags = self.tags_of(request)?;
        let mut all = tags.clone();
        all.extend(request["Tags"].as_object().cloned().into_iter().flatten());
        if all.len() > MOST_TAGS {
            let text = format!("A resource can have at most {MOST_TAGS} tags.");
            return Err(Refusal::new("TooManyTagsException", text));
        }
        *tags = all;
        Ok(json!({}))
    }

    fn untag(&mut self, request: &Value) -> Result<Value, Refusal> {
        let keys = request["TagKeys"].as_array().cloned().unwrap_or_default();
        self.tags_of(request)?.retain(|key, _| !keys.iter().any(|gone| gone == key));
        Ok(json!({}))
    }

    /// A target takes its policies along.
    fn deregister(&mut self, request: &Value) -> Result<Value, Refusal> {
        let key = target_key(request);
        let target = self.targets.remove(&key).ok_or_else(|| no_target(&key))?;
        self.tags.remove(target["ScalableTargetARN"].as_str().unwrap_or_default());
        self.policies.retain(|(target, _), _| *target != key);
        Ok(json!({}))
    }

    fn put(&mut self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let key = target_key(request);
        if !self.targets.contains_key(&key) {
            return Err(no_target(&key));
        }
        let name = request["PolicyName"].as_str().unwrap_or_default().to_owned();
        let old = self.policies.get(&(key.clone(), name.clone()));
        let mut policy = json!({
            "PolicyName": name,
            "ServiceNamespace": "sagemaker",
            "ResourceId": key.0,
            "ScalableDimension": key.1,
        });
        policy["PolicyARN"] = old.map_or_else(|| policy_arn(context, &key, &name), |old| old["PolicyARN"].clone());
        policy["CreationTime"] = old.map_or_else(|| clock::seconds(context.now), |old| old["CreationTime"].clone());
        let kind = [&request["PolicyType"], old.map_or(&Value::Null, |old| &old["PolicyType"])];
        let kind = kind.into_iter().find_map(Value::as_str).unwrap_or("StepScaling");
        policy["PolicyType"] = kind.into();
        let member = format!("{kind}PolicyConfiguration");
        let configuration = [&request[&member], old.map_or(&Value::Null, |old| &old[&member])];
        let Some(configuration) = configuration.into_iter().find(|it| !it.is_null()) else {
            return Err(Refusal::validation(format!("{member} is required for policy type {kind}.")));
        };
        policy[&member] = configuration.clone();
        let metric = metric_of(&policy);
        let is_rival = |((target, other), it): (&(TargetKey, String), &Value)| {
            *target == key && *other != name && !metric.is_null() && metric_of(it) == metric
        };
        if self.policies.iter().any(is_rival) {
            let text = "Only one TargetTrackingScaling policy for a given metric specification is allowed.";
            return Err(Refusal::validation(text));
        }
        // Target tracking watches through a pair of alarms of its own.
        let alarms = if kind == "TargetTrackingScaling" { alarms(context, &key, &name) } else { json!([]) };
        policy["Alarms"] = alarms.clone();
        let answer = json!({ "PolicyARN": policy["PolicyARN"], "Alarms": alarms });
        self.policies.insert((key, name), policy);
        Ok(answer)
    }

    fn delete(&mut self, request: &Value) -> Result<Value, Refusal> {
        let key = target_key(request);
        let name = request["PolicyName"].as_str().unwrap_or_default().to_owned();
        let missing = || {
            let text = format!(
                "No scaling policy found for service namespace: sagemaker, resource ID: {}, scalable dimension: {}, \
                 policy name: {name}",
                key.0, key.1
            );
            Refusal::new("ObjectNotFoundException", text)
        };
        self.policies.remove(&(key.clone(), name.clone())).map(|_| json!({})).ok_or_else(missing)
    }
}

/// What a policy tracks; null if it does not track anything.
fn metric_of(policy: &Value) -> Value {
    let tracked = &policy["TargetTrackingScalingPolicyConfiguration"];
    let metrics = ["PredefinedMetricSpecification", "CustomizedMetricSpecification"].map(|it| &tracked[it]);
    metrics.into_iter().find(|metric| !metric.is_null()).cloned().unwrap_or_default()
}

/// `endpoint/NAME/variant/NAME`, both there and in service; or `inference-component/NAME`, any of which is taken to be there.
fn check_variant(variant_status: VariantStatus<'_>, (resource, dimension): &TargetKey) -> Result<(), Refusal> {
    let parts = resource.split('/').collect::<Vec<_>>();
    let (endpoint, variant) = match parts[..] {
        ["endpoint", endpoint, "variant", variant] if dimension.starts_with("sagemaker:variant:") => {
            (endpoint, variant)
        }
        ["inference-component", _] if dimension == "sagemaker:inference-component:DesiredCopyCount" => return Ok(()),
        _ => {
            return Err(Refusal::validation(format!(
                "Unsupported service namespace, resource type or dimension: {resource}, {dimension}"
            )));
        }
    };
    match variant_status(endpoint, variant) {
        Some("InService") => Ok(()),
        Some(status) => Err(Refusal::validation(format!(
            "The endpoint {endpoint} is in status '{status}'. The status should be in 'InService' to register it as a \
             scalable target with variant {variant}"
        ))),
        None => Err(Refusal::validation(format!(
            "SageMaker endpoint not found. Check that the endpoint {endpoint} with variant {variant} exists."
        ))),
    }
}

fn new_target(context: &Context<'_>, (resource, dimension): &TargetKey) -> Value {
    let (partition, account, region) = (partition(context.region), context.account, context.region);
    let id = &hex(&Sha256::digest(format!("{resource} {dimension} {}", context.now)))[..34];
    json!({
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": dimension,
        "RoleARN": format!(
            "arn:{partition}:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/\
             AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        ),
        "CreationTime": clock::seconds(context.now),
        "ScalableTargetARN": format!("arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{id}"),
        "SuspendedState": {
            "DynamicScalingInSuspended": false,
            "DynamicScalingOutSuspended": false,
            "ScheduledScalingSuspended": false,
        },
    })
}

fn policy_arn(context: &Context<'_>, (resource, _): &TargetKey, name: &str) -> Value {
    let (partition, account, region) = (partition(context.region), context.account, context.region);
    let id = uuid(&format!("{resource} {name}"), context.now);
    format!("arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:{id}:resource/sagemaker/{resource}:policyName/{name}")
        .into()
}

fn alarms(context: &Context<'_>, (resource, _): &TargetKey, policy: &str) -> Value {
    let (partition, account, region) = (partition(context.region), context.account, context.region);
    let alarm = |side: &str| {
        let name = format!("TargetTracking-{resource}-{side}-{}", uuid(&format!("{resource} {policy} {side}"), 0));
        let arn = format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}");
        json!({ "AlarmName": name, "AlarmARN": arn })
    };
    ["AlarmHigh", "AlarmLow"].map(alarm).into_iter().collect()
}

fn uuid(of: &str, at: Millis) -> String {
    let hex = hex(&Sha256::digest(format!("{of} {at}")));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

/// One page of what the filters let through. The token is the number of items seen.
fn page<'a>(request: &Value, list: &str, items: impl Iterator<Item = &'a Value>) -> Result<Value, Refusal> {
    let among = |member: &str, value: &Value| {
        request[member].as_array().is_none_or(|wanted| wanted.is_empty() || wanted.contains(value))
    };
    let equal = |member: &str, item: &Value| request[member].is_null() || request[member] == item[member];
    let wanted: Vec<_> = items
        .filter(|item| equal("ResourceId", item) && equal("ScalableDimension", item))
        .filter(|item| among("ResourceIds", &item["ResourceId"]) && among("PolicyNames", &item["PolicyName"]))
        .collect();
    let invalid = || Refusal::new("InvalidNextTokenException", "Invalid pagination token");
    let from: usize = request["NextToken"].as_str().map_or(Ok(0), |token| token.parse().map_err(|_| invalid()))?;
    let limit = request["MaxResults"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(50).min(50);
    let shown: Vec<_> = wanted.iter().skip(from).take(limit).collect();
    let mut answer = json!({ list: shown });
    if from + shown.len() < wanted.len() {
        answer["NextToken"] = (from + shown.len()).to_string().into();
    }
    Ok(answer)
}

fn target_key(request: &Value) -> TargetKey {
    let text = |member: &str| request[member].as_str().unwrap_or_default().to_owned();
    (text("ResourceId"), text("ScalableDimension"))
}

fn no_target((resource, dimension): &TargetKey) -> Refusal {
    let text = format!(
        "No scalable target registered for service namespace: sagemaker, resource ID: {resource}, scalable dimension: \
         {dimension}"
    );
    Refusal::new("ObjectNotFoundException", text)
}
