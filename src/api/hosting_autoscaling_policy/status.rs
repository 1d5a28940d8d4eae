//! What the operator reports of a scaling policy.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::{Common, Part, Parts};

/// How the scaling stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostingAutoscalingPolicyStatus {
    /// What every kind reports.
    #[serde(flatten)]
    pub common: Common,
    /// What stands in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<String>,
    /// Registrations that were sent and whose outcome is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Names that the policy had before, under which a variant may still have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_policy_names: Vec<String>,
    /// `Created`, `Reconciling`, `Error` or `Deleted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosting_autoscaling_policy_status: Option<String>,
    /// When the operator last looked, as of the last change of this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_check_time: Option<DateTime<Utc>>,
    /// The policy's name in Application Auto Scaling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_name: Option<String>,
    /// The variants that this object scales, since AWS has accepted their registration: what is in this list is taken away
    /// when it leaves the spec or the object is deleted.
    #[serde(default, rename = "resourceIDList", skip_serializing_if = "Vec::is_empty")]
    pub resource_id_list: Vec<String>,
    /// The scalable targets of these variants, which carry the tags.
    #[serde(default, rename = "scalableTargetARNs", skip_serializing_if = "Vec::is_empty")]
    pub scalable_target_arns: Vec<String>,
}

/// A registration that was sent, written down before it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The variant.
    #[serde(rename = "resourceID")]
    pub resource_id: String,
    /// True if it left without our tags: what it may have registered cannot be told from somebody else's by them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untagged: bool,
}

impl HostingAutoscalingPolicyStatus {
    /// Notes that the variant is about to be registered.
    pub(super) fn attempt(&mut self, resource_id: String, untagged: bool) {
        if self.resource_id_list.contains(&resource_id) {
            return;
        }
        match self.attempts.iter_mut().find(|attempt| attempt.resource_id == resource_id) {
            // Either of the two may be the one that took effect.
            Some(attempt) => attempt.untagged |= untagged,
            None => self.attempts.push(Attempt { resource_id, untagged }),
        }
    }

    /// Notes what became of registrations.
    pub(super) fn settle(&mut self, parts: &Parts) {
        let Parts { accepted, refused, unanswered: _ } = parts;
        for Part { id, arn } in accepted {
            if !self.resource_id_list.contains(id) {
                self.resource_id_list.push(id.clone());
            }
            let new = arn.iter().filter(|arn| !self.scalable_target_arns.contains(arn)).cloned().collect::<Vec<_>>();
            self.scalable_target_arns.extend(new);
        }
        let is_known = |id: &String| refused.contains(id) || accepted.iter().any(|part| part.id == *id);
        self.attempts.retain(|attempt| !is_known(&attempt.resource_id));
    }

    /// The names that policies of this object may have.
    pub fn policy_names(&self, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        for other in self.policy_name.iter().chain(&self.former_policy_names) {
            if !other.is_empty() && !names.contains(other) {
                names.push(other.clone());
            }
        }
        names
    }

    /// Takes the name into use. One that it replaces is remembered: a policy may still have it.
    pub(super) fn take_name(&mut self, name: &str) {
        let names = self.policy_names(name);
        self.former_policy_names = names.into_iter().skip(1).collect();
        self.policy_name = Some(name.to_owned());
    }
}
