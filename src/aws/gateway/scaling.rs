//! Hosting autoscaling policies, which live in Application Auto Scaling: the calls that their service consists of.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::Client;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::api::HostingAutoscalingPolicy;
use crate::api::hosting_autoscaling_policy::{
    AutoScaling, HostingAutoscalingPolicyObserved, HostingAutoscalingPolicySpec, PolicySeen, SuspendedState,
    TargetSeen, change, look, make, unmake,
};
use crate::aws::api::{Api, unreadable};
use crate::aws::operation::Operation;
use crate::aws::wire::{to_request, to_spec};
use crate::lifecycle::{
    AccountId, Arn, Created, Gateway, Handle, Kind as _, Page, Parts, Place, Refusal, Summary, Tag,
};

type Policy = HostingAutoscalingPolicy;

/// The most resource ids that one `DescribeScalableTargets` takes.
const IDS_AT_ONCE: usize = 50;
/// The members of a `PutScalingPolicy` that say how to scale.
const CONFIGURATIONS: [&str; 3] = [
    "PredictiveScalingPolicyConfiguration",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
];

pub(super) const DESCRIBE_TARGETS: &str = "DescribeScalableTargets";
const DESCRIBE_POLICIES: &str = "DescribeScalingPolicies";
const REGISTER: &str = "RegisterScalableTarget";
const DEREGISTER: &str = "DeregisterScalableTarget";
const PUT: &str = "PutScalingPolicy";
const DELETE: &str = "DeleteScalingPolicy";

impl Gateway<Policy> for Api {
    async fn describe(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
    ) -> Result<HostingAutoscalingPolicyObserved, Refusal> {
        look(self, place, handle).await
    }

    async fn create(
        &self,
        place: &Place,
        name: &str,
        spec: &HostingAutoscalingPolicySpec,
        tags: &[Tag],
    ) -> Result<Created, Refusal> {
        make(self, place, name, spec, tags).await.0
    }

    async fn create_parts(
        &self,
        place: &Place,
        name: &str,
        spec: &HostingAutoscalingPolicySpec,
        tags: &[Tag],
    ) -> (Result<Created, Refusal>, Parts) {
        make(self, place, name, spec, tags).await
    }

    async fn stop(&self, place: &Place, handle: &Handle<'_, Policy>) -> Result<(), Refusal> {
        unmake(self, place, handle).await
    }

    async fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
        update: &Value,
        tags: &[Tag],
    ) -> Result<(), Refusal> {
        change(self, place, handle, update, tags).await.0
    }

    async fn update_parts(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
        update: &Value,
        tags: &[Tag],
    ) -> (Result<(), Refusal>, Parts) {
        change(self, place, handle, update, tags).await
    }

    /// There is no listing of what has changed; the slow sweep finds it.
    async fn changed_since(
        &self,
        _place: &Place,
        _since: DateTime<Utc>,
        _next: Option<&str>,
    ) -> Result<Page<Summary>, Refusal> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn tags(&self, place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        let body = json!({ "ResourceARN": arn.as_str() });
        let send = |client: Client, wire| client.list_tags_for_resource().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation("ListTagsForResource"), place, &body, send).await?;
        let tags = answer["Tags"].as_object().into_iter().flatten();
        let tag = |(key, value): (&String, &Value)| Tag {
            key: key.clone(),
            value: value.as_str().unwrap_or_default().to_owned(),
        };
        Ok(tags.map(tag).collect())
    }

    async fn add_tags(&self, place: &Place, arn: &Arn, tags: &[Tag]) -> Result<(), Refusal> {
        let body = json!({ "ResourceARN": arn.as_str(), "Tags": tag_map(tags) });
        let send = |client: Client, wire| client.tag_resource().customize().interceptor(wire).send();
        self.call_scaling(Operation("TagResource"), place, &body, send).await.map(drop)
    }

    async fn delete_tags(&self, place: &Place, arn: &Arn, keys: &[String]) -> Result<(), Refusal> {
        let body = json!({ "ResourceARN": arn.as_str(), "TagKeys": keys });
        let send = |client: Client, wire| client.untag_resource().customize().interceptor(wire).send();
        self.call_scaling(Operation("UntagResource"), place, &body, send).await.map(drop)
    }

    async fn account(&self, place: &Place) -> Result<AccountId, Refusal> {
        Api::account(self, place).await
    }
}

fn tag_map(tags: &[Tag]) -> Value {
    let entries = tags.iter().map(|Tag { key, value }| (key.clone(), Value::from(value.as_str())));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn picked(request: &Value, members: &[&str], into: &mut Value) {
    for member in members.iter().filter(|member| !request[**member].is_null()) {
        into[*member] = request[*member].clone();
    }
}

/// Where and what every call names.
fn address(spec: &HostingAutoscalingPolicySpec, resource_id: &str) -> Value {
    json!({
        "ServiceNamespace": spec.namespace_in_use(),
        "ScalableDimension": spec.dimension_in_use(),
        "ResourceId": resource_id,
    })
}

/// The spec as a request, of which each call takes its part.
fn request_of(spec: &HostingAutoscalingPolicySpec) -> Result<Value, Refusal> {
    let spec = serde_json::to_value(spec).map_err(|error| super::invalid(REGISTER, &error))?;
    Ok(to_request(Policy::KIND, &spec))
}

impl AutoScaling for Api {
    async fn targets(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        ids: &[String],
    ) -> Result<BTreeMap<String, TargetSeen>, Refusal> {
        let mut targets = BTreeMap::new();
        for some in ids.chunks(IDS_AT_ONCE) {
            self.see_targets(place, spec, some, &mut targets).await?;
        }
        Ok(targets)
    }

    async fn policies(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        names: &[String],
    ) -> Result<Vec<PolicySeen>, Refusal> {
        let mut policies = Vec::new();
        let mut body = address(spec, id);
        body["PolicyNames"] = json!(names);
        loop {
            let send = |client: Client, wire| client.describe_scaling_policies().customize().interceptor(wire).send();
            let answer = self.call_scaling(Operation(DESCRIBE_POLICIES), place, &body, send).await?;
            for policy in answer["ScalingPolicies"].as_array().into_iter().flatten() {
                let seen = serde_json::from_value(to_spec(Policy::KIND, policy));
                policies.push(seen.map_err(|error| unreadable(DESCRIBE_POLICIES, &error))?);
            }
            match answer["NextToken"].as_str() {
                Some(next) => body["NextToken"] = json!(next),
                None => return Ok(policies),
            }
        }
    }

    async fn target_tags(&self, place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        Gateway::<Policy>::tags(self, place, arn).await
    }

    async fn register(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        tags: &[Tag],
    ) -> Result<Option<String>, Refusal> {
        let mut body = address(spec, id);
        picked(&request_of(spec)?, &["MinCapacity", "MaxCapacity", "RoleARN"], &mut body);
        let suspended = spec.suspended_state.as_ref().map(SuspendedState::whole).unwrap_or_default().whole();
        body["SuspendedState"] = to_request("", &json!(suspended));
        if !tags.is_empty() {
            body["Tags"] = tag_map(tags);
        }
        let send = |client: Client, wire| client.register_scalable_target().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation(REGISTER), place, &body, send).await?;
        Ok(answer["ScalableTargetARN"].as_str().map(str::to_owned))
    }

    async fn deregister(&self, place: &Place, spec: &HostingAutoscalingPolicySpec, id: &str) -> Result<(), Refusal> {
        let body = address(spec, id);
        let send = |client: Client, wire| client.deregister_scalable_target().customize().interceptor(wire).send();
        self.call_scaling(Operation(DEREGISTER), place, &body, send).await.map(drop)
    }

    async fn put(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> Result<Option<String>, Refusal> {
        let mut body = address(spec, id);
        body["PolicyName"] = json!(name);
        body["PolicyType"] = json!(spec.type_in_use());
        picked(&request_of(spec)?, &CONFIGURATIONS, &mut body);
        let send = |client: Client, wire| client.put_scaling_policy().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation(PUT), place, &body, send).await?;
        Ok(answer["PolicyARN"].as_str().map(str::to_owned))
    }

    async fn delete_policy(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        let mut body = address(spec, id);
        body["PolicyName"] = json!(name);
        let send = |client: Client, wire| client.delete_scaling_policy().customize().interceptor(wire).send();
        self.call_scaling(Operation(DELETE), place, &body, send).await.map(drop)
    }
}

impl Api {
    /// Adds the targets of these resources, all of which fit into one question.
    async fn see_targets(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        ids: &[String],
        into: &mut BTreeMap<String, TargetSeen>,
    ) -> Result<(), Refusal> {
        let mut body = json!({
            "ServiceNamespace": spec.namespace_in_use(),
            "ScalableDimension": spec.dimension_in_use(),
            "ResourceIds": ids,
        });
        loop {
            let send = |client: Client, wire| client.describe_scalable_targets().customize().interceptor(wire).send();
            let answer = self.call_scaling(Operation(DESCRIBE_TARGETS), place, &body, send).await?;
            for target in answer["ScalableTargets"].as_array().into_iter().flatten() {
                let id = target["ResourceId"].as_str().unwrap_or_default();
                let seen = serde_json::from_value(to_spec(Policy::KIND, target));
                into.insert(id.to_owned(), seen.map_err(|error| unreadable(DESCRIBE_TARGETS, &error))?);
            }
            match answer["NextToken"].as_str() {
                Some(next) => body["NextToken"] = json!(next),
                None => return Ok(()),
            }
        }
    }
}
