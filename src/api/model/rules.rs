//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::rule;

/// The rules of a Model's spec.
pub fn rules() -> Vec<ValidationRule> {
    vec![rule(
        "has(self.primaryContainer) != (has(self.containers) && self.containers.size() > 0)",
        "write either primaryContainer (one container) or containers (several), and not both",
    )]
}
