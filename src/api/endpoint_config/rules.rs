//! What admission refuses beyond the types, in words that say what to write.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::rule;

/// The rules of an EndpointConfig's spec.
pub fn rules() -> Vec<ValidationRule> {
    variant_rules()
}

/// The rules of the variants, in an EndpointConfig as in a HostingDeployment.
pub(crate) fn variant_rules() -> Vec<ValidationRule> {
    ["productionVariants", "shadowProductionVariants"]
        .into_iter()
        .flat_map(|list| {
            [
                rule(
                    &format!(
                        "!has(self.{list}) || self.{list}.all(a, self.{list}.exists_one(b, b.variantName == \
                         a.variantName))"
                    ),
                    &format!("{list}: each variant needs a variantName of its own"),
                ),
                rule(
                    &format!(
                        "!has(self.{list}) || self.{list}.all(v, has(v.serverlessConfig) != (has(v.instanceType) || \
                         has(v.instancePools)))"
                    ),
                    &format!(
                        "{list}: write either instanceType with initialInstanceCount (machines; or instancePools) or \
                         serverlessConfig (none of your own) for each variant"
                    ),
                ),
            ]
        })
        .collect()
}
