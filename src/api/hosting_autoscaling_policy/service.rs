//! A policy in Application Auto Scaling, by whatever way its calls go: a scalable target and a policy for each variant.
//!
//! Each call says the whole of what it is about, and may be repeated: what a broken-off pass has done, the next one finds.

use std::collections::BTreeMap;
use std::future::Future;

use serde_json::Value;

use super::drift::{Fields, target_differs};
use super::observed::{HostingAutoscalingPolicyObserved, OwnerTag, PolicySeen, Record, TargetSeen, VariantSeen};
use super::plan::{Change, Plan, VariantPlan};
use super::spec::{HostingAutoscalingPolicy, HostingAutoscalingPolicySpec};
use crate::lifecycle::{Arn, Cause, Created, Handle, Intent, Part, Parts, Place, Refusal, TAG_UID, Tag};

type Policy = HostingAutoscalingPolicy;

/// The calls of Application Auto Scaling, one request each. `spec` says where and what all of them are about.
pub trait AutoScaling: Sync {
    /// The scalable targets of these resources, by resource id.
    fn targets(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        ids: &[String],
    ) -> impl Future<Output = Result<BTreeMap<String, TargetSeen>, Refusal>> + Send;

    /// The policies of a resource that have one of these names.
    fn policies(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        names: &[String],
    ) -> impl Future<Output = Result<Vec<PolicySeen>, Refusal>> + Send;

    /// The tags of a target.
    fn target_tags(&self, place: &Place, arn: &Arn) -> impl Future<Output = Result<Vec<Tag>, Refusal>> + Send;

    /// Registers a target as the spec wants it, with these tags if it is new. Returns its ARN.
    fn register(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        tags: &[Tag],
    ) -> impl Future<Output = Result<Option<String>, Refusal>> + Send;

    /// Takes a target away.
    fn deregister(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Puts the spec's policy of that name on a target. Returns its ARN.
    fn put(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>, Refusal>> + Send;

    /// Takes the policy of that name off a target.
    fn delete_policy(
        &self,
        place: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// Looks at all variants that the object is about.
///
/// # Errors
/// What the service refused; `NotFound` if none of the variants has a target.
pub async fn look<S: AutoScaling>(
    service: &S,
    place: &Place,
    handle: &Handle<'_, Policy>,
) -> Result<HostingAutoscalingPolicyObserved, Refusal> {
    let spec = handle.spec;
    let mut variants = sought(handle);
    let ids: Vec<_> = variants.iter().map(|variant| variant.resource_id.clone()).collect();
    let mut targets = if ids.is_empty() { BTreeMap::new() } else { service.targets(place, spec, &ids).await? };
    let names = handle.status.policy_names(handle.name);
    for variant in &mut variants {
        let id = &variant.resource_id;
        // What has no target has no policies.
        let Some(mut target) = targets.remove(id) else { continue };
        variant.policies = service.policies(place, spec, id, &names).await?;
        if variant.record != Record::Listed {
            target.owner = owner_of(service, place, target.scalable_target_arn.as_deref()).await?;
        }
        variant.as_asked = !target_differs(spec, &target, &mut Fields::default());
        variant.target = Some(target);
    }
    if variants.iter().any(VariantSeen::exists) {
        Ok(HostingAutoscalingPolicyObserved { variants })
    } else {
        Err(nothing())
    }
}

/// Makes all variants of the spec from nothing.
pub async fn make<S: AutoScaling>(
    service: &S,
    place: &Place,
    name: &str,
    spec: &HostingAutoscalingPolicySpec,
    tags: &[Tag],
) -> (Result<Created, Refusal>, Parts) {
    let mut work = Work { service, place, spec, name, tags, parts: Parts::default() };
    let done = work.carry_out(&Plan::of_creation(spec.resource_ids())).await;
    let created = done.and_then(|arn| {
        let arn = arn.as_deref().unwrap_or_default().parse();
        Ok(Created { arn: arn.map_err(|error: crate::lifecycle::InvalidIdent| unreadable(&error))? })
    });
    (created, work.parts)
}

/// Takes away what the status says that the object has.
///
/// # Errors
/// What the service refused.
pub async fn unmake<S: AutoScaling>(service: &S, place: &Place, handle: &Handle<'_, Policy>) -> Result<(), Refusal> {
    let Handle { name, spec, status, intent: _ } = handle;
    let plan = Plan::of_removal(status.resource_id_list.clone(), &status.policy_names(name));
    let mut work = Work { service, place, spec, name, tags: &[], parts: Parts::default() };
    work.carry_out(&plan).await.map(drop)
}

/// Carries out what the comparison found. A target that is new carries the tags.
pub async fn change<S: AutoScaling>(
    service: &S,
    place: &Place,
    handle: &Handle<'_, Policy>,
    update: &Value,
    tags: &[Tag],
) -> (Result<(), Refusal>, Parts) {
    let plan: Plan = match serde_json::from_value(update.clone()) {
        Ok(plan) => plan,
        Err(error) => return (Err(unreadable(&error)), Parts::default()),
    };
    let mut work = Work { service, place, spec: handle.spec, name: handle.name, tags, parts: Parts::default() };
    let done = work.carry_out(&plan).await;
    (done.map(drop), work.parts)
}

/// The variants to look at: those of the spec while they are to scale, and those that the status speaks of.
fn sought(handle: &Handle<'_, Policy>) -> Vec<VariantSeen> {
    let Handle { name: _, spec, status, intent } = handle;
    let asked_for = spec.resource_ids();
    let record = |id: &String| {
        let attempt = status.attempts.iter().find(|attempt| attempt.resource_id == *id);
        if status.resource_id_list.contains(id) {
            Record::Listed
        } else if attempt.is_some_and(|attempt| attempt.untagged) {
            Record::AttemptedUntagged
        } else if attempt.is_some() {
            Record::Attempted
        } else {
            Record::Silent
        }
    };
    let counts = |id: &&String| *intent == Intent::Keep || record(id) != Record::Silent;
    let attempted = status.attempts.iter().map(|attempt| &attempt.resource_id);
    let leftovers = status.resource_id_list.iter().chain(attempted).filter(|id| !asked_for.contains(id));
    let variant = |id: &String, wanted| VariantSeen {
        resource_id: id.clone(),
        wanted: wanted && *intent == Intent::Keep,
        record: record(id),
        ..VariantSeen::default()
    };
    let wanted = asked_for.iter().filter(counts).map(|id| variant(id, true));
    wanted.chain(leftovers.map(|id| variant(id, false))).collect()
}

/// Whose a target is by its tags. Tags that may not be read prove nothing.
async fn owner_of<S: AutoScaling>(service: &S, place: &Place, arn: Option<&str>) -> Result<OwnerTag, Refusal> {
    let Some(arn) = arn.and_then(|arn| arn.parse().ok()) else { return Ok(OwnerTag::Untold) };
    match service.target_tags(place, &arn).await {
        Ok(tags) => {
            let uid = tags.into_iter().find(|tag| tag.key == TAG_UID);
            Ok(uid.map_or(OwnerTag::Nobody, |tag| OwnerTag::Uid(tag.value)))
        }
        Err(refusal) if matches!(refusal.cause, Cause::Denied { .. }) => Ok(OwnerTag::Untold),
        Err(refusal) => Err(refusal),
    }
}

/// Calls that change something, and what became of them.
struct Work<'a, S> {
    service: &'a S,
    place: &'a Place,
    spec: &'a HostingAutoscalingPolicySpec,
    /// The policy's name.
    name: &'a str,
    /// Of targets that are new.
    tags: &'a [Tag],
    parts: Parts,
}

impl<S: AutoScaling> Work<'_, S> {
    /// Makes the calls of a plan. A refusal ends what is done for its variant; when all variants had their turn, the first
    /// one is told, or the first that leaves open what was done. Returns the first ARN that was given.
    async fn carry_out(&mut self, plan: &Plan) -> Result<Option<String>, Refusal> {
        let (mut first_arn, mut told) = (None, None::<Refusal>);
        for variant in &plan.variants {
            match self.carry_out_one(variant).await {
                Ok(arn) => first_arn = first_arn.or(arn),
                Err(refusal) => {
                    let is_open = |refusal: &Refusal| refusal.cause == Cause::Transient;
                    if told.as_ref().is_none_or(|told| is_open(&refusal) && !is_open(told)) {
                        told = Some(refusal);
                    }
                }
            }
        }
        told.map_or(Ok(first_arn), Err)
    }

    async fn carry_out_one(&mut self, variant: &VariantPlan) -> Result<Option<String>, Refusal> {
        let Self { service, place, spec, .. } = *self;
        let VariantPlan { resource_id: id, changes } = variant;
        let mut arn = None;
        for change in changes {
            match change {
                Change::Register => arn = arn.or(self.register(id).await?),
                Change::Reregister => arn = arn.or(service.register(place, spec, id, &[]).await?),
                Change::Put => arn = arn.or(service.put(place, spec, id, self.name).await?),
                Change::Delete(name) => gone(service.delete_policy(place, spec, id, name).await)?,
                Change::Deregister => gone(service.deregister(place, spec, id).await)?,
            }
        }
        Ok(arn)
    }

    /// Registers a variant that had no target, and notes what became of that.
    async fn register(&mut self, id: &str) -> Result<Option<String>, Refusal> {
        match self.register_own(id).await {
            Ok(arn) => {
                self.parts.accepted.push(Part { id: id.to_owned(), arn: arn.clone() });
                Ok(arn)
            }
            Err(refusal) => {
                let is_open = refusal.cause == Cause::Transient;
                let part = if is_open { &mut self.parts.unanswered } else { &mut self.parts.refused };
                part.push(id.to_owned());
                Err(refusal)
            }
        }
    }

    /// Registers it, and makes sure that nobody else did so since it was looked at: to register a target that is there
    /// changes it, but not its tags.
    async fn register_own(&self, id: &str) -> Result<Option<String>, Refusal> {
        let arn = self.service.register(self.place, self.spec, id, self.tags).await?;
        let Some(Tag { key: _, value: uid }) = self.tags.iter().find(|tag| tag.key == TAG_UID) else { return Ok(arn) };
        match owner_of(self.service, self.place, arn.as_deref()).await {
            Ok(OwnerTag::Uid(owner)) if owner != *uid => Err(taken(id)),
            Ok(OwnerTag::Uid(_) | OwnerTag::Nobody | OwnerTag::Untold) => Ok(arn),
            // Without the answer it is as if the registration's own had been lost.
            Err(refusal) => Err(Refusal { cause: Cause::Transient, ..refusal }),
        }
    }
}

/// What AWS says is gone needs no deletion: an endpoint takes its targets along.
fn gone(deleted: Result<(), Refusal>) -> Result<(), Refusal> {
    match deleted {
        Err(refusal) if refusal.cause == Cause::NotFound => Ok(()),
        other => other,
    }
}

/// None of the variants has a target: the answer that a Describe of something else gives in so many words.
fn nothing() -> Refusal {
    own_words("DescribeScalableTargets", Cause::NotFound, "none of the variants is a scalable target".to_owned())
}

/// Another object was quicker; the next look tells whose it is.
fn taken(id: &str) -> Refusal {
    own_words("ListTagsForResource", Cause::Busy, format!("{id} was registered for another object at the same time"))
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    own_words("RegisterScalableTarget", Cause::Transient, format!("the answer cannot be read: {error}"))
}

fn own_words(operation: &'static str, cause: Cause, message: String) -> Refusal {
    Refusal { operation, cause, code: String::new(), message, request_id: None }
}
