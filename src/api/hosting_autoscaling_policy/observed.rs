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
    /// Whether the status says that it is this object's.
    pub remembered: bool,
    /// The scalable target, if there is one.
    pub target: Option<TargetSeen>,
    /// Those of its policies that have this object's present name or a former one.
    pub policies: Vec<PolicySeen>,
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
    /// The tags were not asked for, or may not be, or say nothing.
    #[default]
    Untold,
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

    /// A target that this object has not written down before it was made, and whose tags name no or another object, is
    /// somebody else's.
    fn mark(&self, uid: &str) -> Mark<'_> {
        let is_others = |variant: &&VariantSeen| {
            let owner = variant.target.as_ref().map(|target| &target.owner);
            !variant.remembered && owner.is_some_and(|owner| *owner != OwnerTag::Uid(uid.to_owned()))
        };
        match self.variants.iter().find(is_others) {
            Some(variant) => Mark::Others(&variant.resource_id),
            None => Mark::Own,
        }
    }
}
