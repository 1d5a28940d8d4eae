//! What the operator reports of a scaling policy.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::Common;

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
    /// The variants that this object scales, or may have begun to scale: what is in this list is taken away when it leaves
    /// the spec or the object is deleted.
    #[serde(default, rename = "resourceIDList", skip_serializing_if = "Vec::is_empty")]
    pub resource_id_list: Vec<String>,
    /// The scalable targets of these variants, which carry the tags.
    #[serde(default, rename = "scalableTargetARNs", skip_serializing_if = "Vec::is_empty")]
    pub scalable_target_arns: Vec<String>,
}

impl HostingAutoscalingPolicyStatus {
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
