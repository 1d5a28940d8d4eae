//! What is to be done in Application Auto Scaling, variant by variant: found by the comparison, carried out by the gateway.

use serde::{Deserialize, Serialize};

/// The changes of all variants that need any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// One after the other. What is refused for one variant does not keep the others from what is theirs.
    pub variants: Vec<VariantPlan>,
}

/// The changes of one variant, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantPlan {
    /// `endpoint/NAME/variant/NAME`.
    pub resource_id: String,
    /// The calls.
    pub changes: Vec<Change>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// `RegisterScalableTarget` with what the spec says, and with tags: there is none yet.
    Register,
    /// `RegisterScalableTarget` with what the spec says, which changes the one there is.
    Reregister,
    /// `PutScalingPolicy` with what the spec says.
    Put,
    /// `DeleteScalingPolicy` of that name.
    Delete(String),
    /// `DeregisterScalableTarget`.
    Deregister,
}

impl Plan {
    /// All that makes the variants from nothing.
    pub fn of_creation(resource_ids: Vec<String>) -> Self {
        let changes = || vec![Change::Register, Change::Put];
        let variant = |resource_id| VariantPlan { resource_id, changes: changes() };
        Self { variants: resource_ids.into_iter().map(variant).collect() }
    }

    /// All that takes the variants away: policies of any of these names, then the targets.
    pub fn of_removal(resource_ids: Vec<String>, policy_names: &[String]) -> Self {
        let changes = || policy_names.iter().cloned().map(Change::Delete).chain([Change::Deregister]).collect();
        let variant = |resource_id| VariantPlan { resource_id, changes: changes() };
        Self { variants: resource_ids.into_iter().map(variant).collect() }
    }
}
