//! What admission refuses beyond the types, in words that say what to write.
//!
//! Which models the variants ask for is not checked here: the first release took such an object, and its status says
//! what is missing.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::ValidationRule;

use crate::api::crd::rule;
use crate::api::endpoint_config::variant_rules;

/// What holds of a HostingDeployment once its endpoint may be there. The rule sees the whole object.
pub fn held() -> Vec<ValidationRule> {
    vec![rule(
        "(has(self.spec.endpointName) ? self.spec.endpointName : '') == (has(oldSelf.spec.endpointName) ? \
         oldSelf.spec.endpointName : '')",
        "endpointName cannot be changed: it names the endpoint in SageMaker. Make a new HostingDeployment for another \
         name",
    )]
}

/// The rules of a HostingDeployment's spec.
pub fn rules() -> Vec<ValidationRule> {
    let mut rules = vec![rule(
        "!has(self.endpointName) || self.endpointName.matches('^([a-zA-Z0-9](-*[a-zA-Z0-9])*)?$')",
        "endpointName takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to \
             get a name made from the object's",
    )];
    rules.extend(variant_rules());
    rules
}
