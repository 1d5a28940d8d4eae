//! HostingAutoscalingPolicy as the generic core sees it: one resource, whose parts are the targets and policies of all its
//! variants.

use chrono::{DateTime, Utc};

use super::drift::drift;
use super::observed::{HostingAutoscalingPolicyObserved, VariantSeen};
use super::spec::{DEFAULT_NAME, HostingAutoscalingPolicy, HostingAutoscalingPolicySpec};
use super::status::HostingAutoscalingPolicyStatus;
use crate::api::shared::whole_second;
use crate::lifecycle::{Arn, Cause, Common, Drift, InvalidIdent, Kind, OnDrift, Parts, Place, Refusal, Sort, Tag};

/// The first release's word for what was there, written right before the object went.
const DELETED: &str = "Deleted";

impl Kind for HostingAutoscalingPolicy {
    type Spec = HostingAutoscalingPolicySpec;
    type Status = HostingAutoscalingPolicyStatus;
    type Observed = HostingAutoscalingPolicyObserved;

    const KIND: &'static str = "HostingAutoscalingPolicy";
    const NAME_FIELD: Option<&'static str> = Some("policyName");
    const NAME_LIMIT: usize = 256;
    const SORT: Sort = Sort::Lasting;
    const ON_DRIFT: OnDrift = OnDrift::Update;
    const FIRST_STATUS: &'static str = "Reconciling";
    const ERROR_STATUS: &'static str = "Error";

    /// The address of SageMaker is of no use here.
    fn place(spec: &HostingAutoscalingPolicySpec) -> Result<Place, InvalidIdent> {
        Ok(Place { region: spec.region.parse()?, endpoint: None, role: None })
    }

    fn given_name(spec: &HostingAutoscalingPolicySpec) -> Option<&str> {
        spec.policy_name.as_deref().filter(|name| !name.is_empty())
    }

    fn made_name(_uid: &str, _object_name: &str) -> String {
        DEFAULT_NAME.to_owned()
    }

    fn set_name(spec: &mut HostingAutoscalingPolicySpec, name: &str) {
        spec.policy_name = Some(name.to_owned());
    }

    fn recorded_name(status: &HostingAutoscalingPolicyStatus) -> Option<&str> {
        status.policy_name.as_deref().filter(|name| !name.is_empty())
    }

    fn status_word(status: &HostingAutoscalingPolicyStatus) -> Option<&str> {
        // What was deleted is neither there nor in trouble: it is made again, or let go.
        status.hosting_autoscaling_policy_status.as_deref().filter(|word| !word.is_empty() && *word != DELETED)
    }

    fn is_ended(_status: &HostingAutoscalingPolicyStatus) -> bool {
        false
    }

    fn report(
        status: &mut HostingAutoscalingPolicyStatus,
        _place: &Place,
        name: &str,
        seen: &HostingAutoscalingPolicyObserved,
    ) {
        let is_made = |variant: &VariantSeen| {
            variant.target.is_some() && variant.policies.iter().any(|policy| policy.policy_name == name)
        };
        let all_made = seen.variants.iter().filter(|variant| variant.wanted).all(is_made);
        let word = if all_made { "Created" } else { Self::FIRST_STATUS };
        status.hosting_autoscaling_policy_status = Some(word.to_owned());
        status.additional = None;
        status.take_name(name);
        // A name that no variant has any more is forgotten, and so is a variant that has nothing any more: whoever registers
        // it next, if it is not this object, has it.
        let has = |name: &String| {
            let mut policies = seen.variants.iter().flat_map(|variant| &variant.policies);
            policies.any(|policy| policy.policy_name == *name)
        };
        status.former_policy_names.retain(has);
        let is_pending = |id: &String| {
            let mut variants = seen.variants.iter();
            variants.any(|variant| variant.wanted && !variant.exists() && variant.resource_id == *id)
        };
        status.attempts.retain(|attempt| is_pending(&attempt.resource_id));
        // Those of others among them are here by permission.
        let ours = seen.variants.iter().filter(|variant| variant.exists());
        status.resource_id_list = ours.clone().map(|variant| variant.resource_id.clone()).collect();
        status.scalable_target_arns =
            ours.filter_map(|variant| variant.target.as_ref()?.scalable_target_arn.clone()).collect();
    }

    fn report_without(
        status: &mut HostingAutoscalingPolicyStatus,
        _place: &Place,
        name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.hosting_autoscaling_policy_status = Some(word.to_owned());
        status.additional = additional.map(str::to_owned);
        status.take_name(name);
    }

    /// Version 1 emptied its list before it registered anew: what it registered then is an attempt that nobody wrote down.
    fn inherit(status: &mut HostingAutoscalingPolicyStatus, spec: &HostingAutoscalingPolicySpec) {
        for id in spec.resource_ids() {
            status.attempt(id, true);
        }
    }

    fn nothing_there(status: &mut HostingAutoscalingPolicyStatus) {
        status.resource_id_list.clear();
        status.scalable_target_arns.clear();
    }

    /// Each variant of the spec may come to be.
    fn foresee(
        status: &mut HostingAutoscalingPolicyStatus,
        spec: &HostingAutoscalingPolicySpec,
        name: &str,
        untagged: bool,
    ) {
        status.take_name(name);
        for id in spec.resource_ids() {
            status.attempt(id, untagged);
        }
    }

    fn carry_over(from: &HostingAutoscalingPolicyStatus, into: &mut HostingAutoscalingPolicyStatus) {
        into.attempts.clone_from(&from.attempts);
        into.former_policy_names.clone_from(&from.former_policy_names);
        into.policy_name.clone_from(&from.policy_name);
        into.resource_id_list.clone_from(&from.resource_id_list);
        into.scalable_target_arns.clone_from(&from.scalable_target_arns);
    }

    fn settle(status: &mut HostingAutoscalingPolicyStatus, parts: &Parts) {
        status.settle(parts);
    }

    fn report_deleted(status: &mut HostingAutoscalingPolicyStatus) {
        status.hosting_autoscaling_policy_status = Some(DELETED.to_owned());
    }

    /// The words are all the operator's own, so that none outlives its truth.
    fn word_in_trouble(_status: &HostingAutoscalingPolicyStatus, passing: bool) -> Option<&'static str> {
        Some(if passing { Self::FIRST_STATUS } else { Self::ERROR_STATUS })
    }

    fn checked(status: &mut HostingAutoscalingPolicyStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &HostingAutoscalingPolicyStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut HostingAutoscalingPolicyStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &HostingAutoscalingPolicySpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn tagged(status: &HostingAutoscalingPolicyStatus) -> Vec<Arn> {
        status.scalable_target_arns.iter().filter_map(|arn| arn.parse().ok()).collect()
    }

    fn drift(spec: &HostingAutoscalingPolicySpec, seen: &HostingAutoscalingPolicyObserved) -> Drift {
        drift(spec, Self::given_name(spec).unwrap_or(DEFAULT_NAME), seen)
    }

    fn hint(refusal: &Refusal) -> Option<String> {
        if refusal.cause == Cause::Invalid {
            Some("correct the spec, all of which but the region may be edited in place".to_owned())
        } else if refusal.cause == Cause::Busy && refusal.operation == "RegisterScalableTarget" {
            Some("nothing to do: the variant scales as soon as its endpoint is InService".to_owned())
        } else {
            None
        }
    }
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
