//! Hosting autoscaling policies, which live in Application Auto Scaling: a scalable target and a policy for each variant.
//!
//! Each call says the whole of what it is about, and may be repeated: what a broken-off pass has done, the next one finds.

use aws_sdk_applicationautoscaling::Client;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::api::HostingAutoscalingPolicy;
use crate::api::hosting_autoscaling_policy::{
    Change, HostingAutoscalingPolicyObserved, HostingAutoscalingPolicySpec, OwnerTag, Plan, PolicySeen, SuspendedState,
    TargetSeen, VariantPlan, VariantSeen,
};
use crate::aws::api::{Api, unreadable};
use crate::aws::operation::Operation;
use crate::aws::wire::{to_request, to_spec};
use crate::lifecycle::{
    AccountId, Arn, Cause, Created, Gateway, Handle, Intent, Kind as _, Page, Place, Refusal, Summary, TAG_UID, Tag,
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

const DESCRIBE_TARGETS: &str = "DescribeScalableTargets";
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
        let mut variants = sought(handle);
        for some in variants.chunks_mut(IDS_AT_ONCE) {
            self.see_targets(place, handle.spec, some).await?;
        }
        let names = handle.status.policy_names(handle.name);
        // What has no target has no policies.
        for variant in variants.iter_mut().filter(|variant| variant.target.is_some()) {
            variant.policies = self.policies(place, handle.spec, &variant.resource_id, &names).await?;
            let Some(target) = &mut variant.target else { continue };
            if variant.wanted && !variant.remembered {
                target.owner = self.owner_of(place, target).await?;
            }
        }
        if variants.iter().any(VariantSeen::exists) {
            Ok(HostingAutoscalingPolicyObserved { variants })
        } else {
            Err(nothing())
        }
    }

    async fn create(
        &self,
        place: &Place,
        name: &str,
        spec: &HostingAutoscalingPolicySpec,
        tags: &[Tag],
    ) -> Result<Created, Refusal> {
        let target = Target { place, spec, name, tags, or_untagged: false };
        let arn = self.carry_out(&target, &Plan::of_creation(spec.resource_ids())).await?;
        let arn = arn.as_deref().unwrap_or_default().parse();
        Ok(Created { arn: arn.map_err(|error| unreadable(REGISTER, &error))? })
    }

    async fn stop(&self, place: &Place, handle: &Handle<'_, Policy>) -> Result<(), Refusal> {
        let ids = sought(handle).into_iter().map(|variant| variant.resource_id).collect();
        let plan = Plan::of_removal(ids, &handle.status.policy_names(handle.name));
        let target = Target { place, spec: handle.spec, name: handle.name, tags: &[], or_untagged: false };
        self.carry_out(&target, &plan).await.map(drop)
    }

    async fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
        update: &Value,
        tags: &[Tag],
    ) -> Result<(), Refusal> {
        let plan: Plan = serde_json::from_value(update.clone()).map_err(|error| unreadable(REGISTER, &error))?;
        let target = Target { place, spec: handle.spec, name: handle.name, tags, or_untagged: true };
        self.carry_out(&target, &plan).await.map(drop)
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

/// What calls are about.
#[derive(Debug, Clone, Copy)]
struct Target<'a> {
    place: &'a Place,
    spec: &'a HostingAutoscalingPolicySpec,
    /// The policy's name.
    name: &'a str,
    /// Of targets that are new.
    tags: &'a [Tag],
    /// Whether a new target may do with the tags of the spec where ours are denied.
    or_untagged: bool,
}

/// The variants to look at: those of the spec while they are to scale, and those that the status remembers.
fn sought(handle: &Handle<'_, Policy>) -> Vec<VariantSeen> {
    let Handle { name: _, spec, status, intent } = handle;
    let asked_for = spec.resource_ids();
    let remembered = &status.resource_id_list;
    // Version 1 emptied its list before it registered anew, and took what the spec names for its own.
    let common = Policy::common(status);
    let marked = common.create_request.as_ref().is_some_and(|request| request.by_version_1);
    let left_by_v1 = marked || (common.conditions.is_empty() && Policy::recorded_name(status).is_some());
    let counts = |id: &String| *intent == Intent::Keep || left_by_v1 || remembered.contains(id);
    let leftovers = remembered.iter().filter(|id| !asked_for.contains(id));
    let variant = |id: &String, wanted| VariantSeen {
        resource_id: id.clone(),
        wanted: wanted && *intent == Intent::Keep,
        remembered: remembered.contains(id) || left_by_v1,
        ..VariantSeen::default()
    };
    let wanted = asked_for.iter().filter(|id| counts(id)).map(|id| variant(id, true));
    wanted.chain(leftovers.map(|id| variant(id, false))).collect()
}

/// None of the variants has a target: the answer that a Describe of something else gives in so many words.
fn nothing() -> Refusal {
    Refusal {
        operation: DESCRIBE_TARGETS,
        cause: Cause::NotFound,
        code: String::new(),
        message: "none of the variants is a scalable target".to_owned(),
        request_id: None,
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

impl Api {
    /// Fills in the targets of these variants.
    async fn see_targets(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        variants: &mut [VariantSeen],
    ) -> Result<(), Refusal> {
        let ids: Vec<_> = variants.iter().map(|variant| variant.resource_id.as_str()).collect();
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
                let seen: TargetSeen = seen.map_err(|error| unreadable(DESCRIBE_TARGETS, &error))?;
                if let Some(variant) = variants.iter_mut().find(|variant| variant.resource_id == id) {
                    variant.target = Some(seen);
                }
            }
            match answer["NextToken"].as_str() {
                Some(next) => body["NextToken"] = json!(next),
                None => return Ok(()),
            }
        }
    }

    /// The policies of a variant that have one of these names.
    async fn policies(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        resource_id: &str,
        names: &[String],
    ) -> Result<Vec<PolicySeen>, Refusal> {
        let mut policies = Vec::new();
        let mut body = address(spec, resource_id);
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

    /// Whose a target is by its tags. Tags that may not be read prove nothing, so that it is not taken for ours.
    async fn owner_of(&self, place: &Place, target: &TargetSeen) -> Result<OwnerTag, Refusal> {
        let Some(arn) = target.scalable_target_arn.as_deref().and_then(|arn| arn.parse().ok()) else {
            return Ok(OwnerTag::Untold);
        };
        match Gateway::<Policy>::tags(self, place, &arn).await {
            Ok(tags) => {
                let uid = tags.into_iter().find(|tag| tag.key == TAG_UID);
                Ok(uid.map_or(OwnerTag::Untold, |tag| OwnerTag::Uid(tag.value)))
            }
            Err(refusal) if matches!(refusal.cause, Cause::Denied { .. }) => Ok(OwnerTag::Untold),
            Err(refusal) => Err(refusal),
        }
    }

    /// Makes the calls of a plan. A refusal ends what is done for its variant; the first one is told when all variants had
    /// their turn. Returns the ARN of the first target that was registered.
    async fn carry_out(&self, target: &Target<'_>, plan: &Plan) -> Result<Option<String>, Refusal> {
        let request = request_of(target.spec)?;
        let (mut first_arn, mut first_refusal) = (None, None);
        for variant in &plan.variants {
            match self.carry_out_one(target, &request, variant).await {
                Ok(arn) => first_arn = first_arn.or(arn),
                Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
            }
        }
        first_refusal.map_or(Ok(first_arn), Err)
    }

    async fn carry_out_one(
        &self,
        target: &Target<'_>,
        request: &Value,
        variant: &VariantPlan,
    ) -> Result<Option<String>, Refusal> {
        let mut arn = None;
        let VariantPlan { resource_id, changes } = variant;
        for change in changes {
            match change {
                Change::Register => {
                    let mut registered = self.register(target, request, resource_id, target.tags).await;
                    if target.or_untagged && registered.as_ref().is_err_and(denies_tagging) {
                        registered = self.register(target, request, resource_id, &Policy::tags(target.spec)).await;
                    }
                    arn = arn.or(registered?);
                }
                Change::Reregister => arn = arn.or(self.register(target, request, resource_id, &[]).await?),
                Change::Put => arn = arn.or(self.put(target, request, resource_id).await?),
                Change::Delete(name) => gone(self.delete_policy(target, resource_id, name).await)?,
                Change::Deregister => gone(self.deregister(target, resource_id).await)?,
            }
        }
        Ok(arn)
    }

    /// Returns the target's ARN.
    async fn register(
        &self,
        target: &Target<'_>,
        request: &Value,
        resource_id: &str,
        tags: &[Tag],
    ) -> Result<Option<String>, Refusal> {
        let mut body = address(target.spec, resource_id);
        picked(request, &["MinCapacity", "MaxCapacity", "RoleARN"], &mut body);
        let suspended = target.spec.suspended_state.as_ref().map(SuspendedState::whole).unwrap_or_default().whole();
        body["SuspendedState"] = to_request("", &json!(suspended));
        if !tags.is_empty() {
            body["Tags"] = tag_map(tags);
        }
        let send = |client: Client, wire| client.register_scalable_target().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation(REGISTER), target.place, &body, send).await?;
        Ok(answer["ScalableTargetARN"].as_str().map(str::to_owned))
    }

    /// Returns the policy's ARN.
    async fn put(&self, target: &Target<'_>, request: &Value, resource_id: &str) -> Result<Option<String>, Refusal> {
        let mut body = address(target.spec, resource_id);
        body["PolicyName"] = json!(target.name);
        body["PolicyType"] = json!(target.spec.type_in_use());
        picked(request, &CONFIGURATIONS, &mut body);
        let send = |client: Client, wire| client.put_scaling_policy().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation(PUT), target.place, &body, send).await?;
        Ok(answer["PolicyARN"].as_str().map(str::to_owned))
    }

    async fn delete_policy(&self, target: &Target<'_>, resource_id: &str, name: &str) -> Result<(), Refusal> {
        let mut body = address(target.spec, resource_id);
        body["PolicyName"] = json!(name);
        let send = |client: Client, wire| client.delete_scaling_policy().customize().interceptor(wire).send();
        self.call_scaling(Operation(DELETE), target.place, &body, send).await.map(drop)
    }

    async fn deregister(&self, target: &Target<'_>, resource_id: &str) -> Result<(), Refusal> {
        let body = address(target.spec, resource_id);
        let send = |client: Client, wire| client.deregister_scalable_target().customize().interceptor(wire).send();
        self.call_scaling(Operation(DEREGISTER), target.place, &body, send).await.map(drop)
    }
}

fn denies_tagging(refusal: &Refusal) -> bool {
    matches!(&refusal.cause, Cause::Denied { action: Some(action), .. } if action.ends_with(":TagResource"))
}

/// What AWS says is gone needs no deletion: an endpoint takes its targets along.
fn gone(deleted: Result<(), Refusal>) -> Result<(), Refusal> {
    match deleted {
        Err(refusal) if refusal.cause == Cause::NotFound => Ok(()),
        other => other,
    }
}
