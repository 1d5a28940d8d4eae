//! How the scaling differs from its object, variant by variant, and what would change it.
//!
//! Compared is what is meant: what Application Auto Scaling takes for granted may be written or left out, and lists have no
//! order.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::observed::{HostingAutoscalingPolicyObserved, PolicySeen, TargetSeen, VariantSeen};
use super::plan::{Change, Plan, VariantPlan};
use super::spec::{HostingAutoscalingPolicySpec, SuspendedState};
use crate::lifecycle::Drift;

/// The paths of the spec that differ, each once.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<String>);

impl Fields {
    fn add(&mut self, field: &str) {
        if !self.0.iter().any(|known| known == field) {
            self.0.push(field.to_owned());
        }
    }
}

/// What differs, and the plan that would change it.
pub(super) fn drift(spec: &HostingAutoscalingPolicySpec, name: &str, seen: &HostingAutoscalingPolicyObserved) -> Drift {
    let mut fields = Fields::default();
    let mut plan = Plan::default();
    for variant in &seen.variants {
        let changes =
            if variant.wanted { bring(spec, name, variant, &mut fields) } else { remove(variant, &mut fields) };
        if !changes.is_empty() {
            plan.variants.push(VariantPlan { resource_id: variant.resource_id.clone(), changes });
        }
    }
    Drift { update: (!plan.variants.is_empty()).then(|| json!(plan)), fields: fields.0 }
}

/// What brings a variant to what the spec says. A policy that is to go goes first: two of them may not track one metric.
fn bring(spec: &HostingAutoscalingPolicySpec, name: &str, variant: &VariantSeen, fields: &mut Fields) -> Vec<Change> {
    let mut changes = Vec::new();
    match &variant.target {
        None => {
            fields.add("resourceId");
            changes.push(Change::Register);
        }
        Some(target) if target_differs(spec, target, fields) => changes.push(Change::Reregister),
        Some(_) => {}
    }
    for other in variant.policies.iter().filter(|policy| policy.policy_name != name) {
        fields.add("policyName");
        changes.push(Change::Delete(other.policy_name.clone()));
    }
    match variant.policies.iter().find(|policy| policy.policy_name == name) {
        None => {
            if variant.target.is_some() {
                fields.add(configuration_of(spec.type_in_use()));
            }
            changes.push(Change::Put);
        }
        Some(policy) if policy.policy_type != spec.type_in_use() => {
            fields.add("policyType");
            changes.extend([Change::Delete(name.to_owned()), Change::Put]);
        }
        Some(policy) if policy_differs(spec, policy, fields) => changes.push(Change::Put),
        Some(_) => {}
    }
    changes
}

/// What takes a variant away that the spec no longer has.
fn remove(variant: &VariantSeen, fields: &mut Fields) -> Vec<Change> {
    let mut changes: Vec<_> =
        variant.policies.iter().map(|policy| Change::Delete(policy.policy_name.clone())).collect();
    if variant.target.is_some() {
        changes.push(Change::Deregister);
    }
    if !changes.is_empty() {
        fields.add("resourceId");
    }
    changes
}

pub(super) fn target_differs(spec: &HostingAutoscalingPolicySpec, target: &TargetSeen, fields: &mut Fields) -> bool {
    let mut differs = false;
    let capacities = [
        ("minCapacity", spec.min_capacity, target.min_capacity),
        ("maxCapacity", spec.max_capacity, target.max_capacity),
    ];
    for (field, wanted, actual) in capacities {
        // A capacity that is left out is nobody's wish.
        if wanted.is_some_and(|wanted| Some(wanted.0) != actual) {
            fields.add(field);
            differs = true;
        }
    }
    let wanted = spec.suspended_state.as_ref().map(SuspendedState::whole).unwrap_or_default().whole();
    if wanted != target.suspended_state.whole() {
        fields.add("suspendedState");
        differs = true;
    }
    differs
}

/// The field that says how a policy of that type scales.
fn configuration_of(policy_type: &str) -> &'static str {
    match policy_type {
        "StepScaling" => "stepScalingPolicyConfiguration",
        "PredictiveScaling" => "predictiveScalingPolicyConfiguration",
        _ => "targetTrackingScalingPolicyConfiguration",
    }
}

fn policy_differs(spec: &HostingAutoscalingPolicySpec, policy: &PolicySeen, fields: &mut Fields) -> bool {
    let field = configuration_of(spec.type_in_use());
    let (wanted, actual) = match field {
        "stepScalingPolicyConfiguration" => (
            plain(spec.step_scaling_policy_configuration.as_ref()),
            plain(policy.step_scaling_policy_configuration.as_ref()),
        ),
        "predictiveScalingPolicyConfiguration" => (
            plain(spec.predictive_scaling_policy_configuration.as_ref()),
            plain(policy.predictive_scaling_policy_configuration.as_ref()),
        ),
        _ => (
            plain(spec.target_tracking_scaling_policy_configuration.as_ref()),
            plain(policy.target_tracking_scaling_policy_configuration.as_ref()),
        ),
    };
    let before = fields.0.len();
    let members = wanted.keys().chain(actual.keys());
    for member in members.filter(|member| wanted.get(*member) != actual.get(*member)) {
        fields.add(&format!("{field}.{member}"));
    }
    // Two variants may differ in the same field.
    fields.0.len() > before || wanted != actual
}

/// A configuration in the one form that all ways to write it have in common.
fn plain<T: Serialize>(configuration: Option<&T>) -> Map<String, Value> {
    match normal(json!(configuration)) {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn normal(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| (name, normal(member)));
            members.filter(|(name, member)| !goes_without_saying(name, member)).collect()
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(normal).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        // 60 and 60.0 are the same number.
        Value::Number(number) => json!(number.as_f64()),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// Whether the service takes it so anyhow. Source of the defaults:
/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html> and its data types.
fn goes_without_saying(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => *flag == (name == "returnData"),
        Value::Number(number) => {
            let waits = ["scaleInCooldown", "scaleOutCooldown", "cooldown", "schedulingBufferTime"];
            waits.contains(&name) && number.as_f64() == Some(300.0)
        }
        Value::String(text) => {
            let words = [
                ("metricAggregationType", "Average"),
                ("mode", "ForecastOnly"),
                ("maxCapacityBreachBehavior", "HonorMaxCapacity"),
            ];
            text.is_empty() || words.contains(&(name, text))
        }
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

#[cfg(test)]
#[path = "drift_tests.rs"]
mod tests;
