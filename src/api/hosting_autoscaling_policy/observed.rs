//! What Application Auto Scaling says of the variants, put together from several answers.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::scaling::{
    PredictiveScalingPolicyConfiguration, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};
use super::spec::SuspendedState;
use crate::lifecycle::{Arn, InvalidIdent, Mark, Observation, Phase};

/// The variants of the spec, in its order, and those that the status remembers beside them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HostingAutoscalingPolicyObserved {
    /// One for each variant.
    pub variants: Vec<VariantSeen>,
}

/// What there is of one variant.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VariantSeen {
    /// `endpoint/NAME/variant/NAME`.
    pub resource_id: String,
    /// Whether the spec has it.
    pub wanted: bool,
    /// What the status says of whose it is.
    pub record: Record,
    /// Whether the target is this object's, as far as record, tags and content tell.
    pub ours: bool,
    /// Whether the target is as the spec asks for it.
    pub as_asked: bool,
    /// The scalable target, if there is one.
    pub target: Option<TargetSeen>,
    /// Those of its policies that have this object's present name or a former one.
    pub policies: Vec<PolicySeen>,
}

/// What the status says of whose a variant's target is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Record {
    /// Nothing.
    #[default]
    Silent,
    /// This object asked for it, with its tags, and has heard no answer.
    Attempted,
    /// The same without the tags that would prove it.
    AttemptedUntagged,
    /// It is this object's: AWS accepted its registration.
    Listed,
}

/// A scalable target.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TargetSeen {
    /// Its ARN.
    #[serde(rename = "scalableTargetARN")]
    pub scalable_target_arn: Option<String>,
    /// The least number of instances.
    pub min_capacity: Option<i64>,
    /// The greatest number of instances.
    pub max_capacity: Option<i64>,
    /// What is suspended.
    pub suspended_state: SuspendedState,
    /// Whose it is by its tags, as far as that was asked.
    pub owner: OwnerTag,
}

/// Whose a scalable target is by its tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OwnerTag {
    /// The tags were not asked for, or may not be.
    #[default]
    Untold,
    /// None of the tags names an object.
    Nobody,
    /// The object with that uid.
    Uid(String),
}

/// A scaling policy.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicySeen {
    /// Its name.
    pub policy_name: String,
    /// Its ARN.
    #[serde(rename = "policyARN")]
    pub policy_arn: Option<String>,
    /// How it scales.
    pub policy_type: String,
    /// As it was put.
    pub predictive_scaling_policy_configuration: Option<PredictiveScalingPolicyConfiguration>,
    /// As it was put.
    pub step_scaling_policy_configuration: Option<StepScalingPolicyConfiguration>,
    /// As it was put.
    pub target_tracking_scaling_policy_configuration: Option<TargetTrackingScalingPolicyConfiguration>,
}

impl VariantSeen {
    /// Whether anything is there.
    pub fn exists(&self) -> bool {
        self.target.is_some() || !self.policies.is_empty()
    }

    /// Whether the target is that object's. What was attempted with an unknown outcome is, if its tags say so; where they
    /// cannot say anything, if it is what was asked for.
    fn is_of(&self, uid: &str) -> bool {
        let owner = self.target.as_ref().map(|target| &target.owner);
        match (self.record, owner) {
            (Record::Listed, _) => true,
            (Record::Silent | Record::Attempted | Record::AttemptedUntagged, Some(OwnerTag::Uid(owner))) => {
                owner == uid
            }
            (Record::Attempted, Some(OwnerTag::Untold)) | (Record::AttemptedUntagged, Some(_)) => self.as_asked,
            (Record::Silent | Record::Attempted | Record::AttemptedUntagged, _) => false,
        }
    }
}

impl Observation for HostingAutoscalingPolicyObserved {
    /// What is there is in force. That the endpoint is not in service yet is said by the calls that need it.
    fn phase(&self) -> Phase {
        Phase::Active
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        let targets = self.variants.iter().filter_map(|variant| variant.target.as_ref()?.scalable_target_arn.as_ref());
        // Targets of an early age may have no ARN of their own; a policy's tells account and region as well.
        let policies = self.variants.iter().flat_map(|variant| &variant.policies);
        let mut arns = targets.chain(policies.filter_map(|policy| policy.policy_arn.as_ref()));
        arns.next().map_or("", String::as_str).parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        None
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Without the targets of others under variants that the spec does not name: they are nobody's business here. One that
    /// may be this object's without its tags stays, if it is all that is left for a person to decide about.
    fn own_part(mut self, uid: &str) -> Option<Self> {
        for variant in &mut self.variants {
            variant.ours = variant.is_of(uid);
        }
        let decided = self.variants.iter().any(|variant| variant.wanted || (variant.ours && variant.exists()));
        let undecided = |variant: &VariantSeen| !decided && variant.record == Record::AttemptedUntagged;
        self.variants.retain(|variant| variant.wanted || variant.ours || !variant.exists() || undecided(variant));
        self.variants.iter().any(VariantSeen::exists).then_some(self)
    }

    fn mark(&self, _uid: &str) -> Mark<'_> {
        match self.variants.iter().find(|variant| variant.exists() && !variant.ours) {
            Some(variant) => Mark::Others(&variant.resource_id),
            None => Mark::Own,
        }
    }
}
