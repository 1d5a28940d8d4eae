//! What `DescribeEndpointConfig` answers, and how it is compared with what is wanted.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::spec::EndpointConfigSpec;
use crate::api::compare::{Content, FieldDefault};
use crate::api::shared::epoch;
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// An endpoint configuration as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointConfigObserved {
    /// The ARN.
    pub endpoint_config_arn: String,
    /// When it was created.
    #[serde(with = "epoch")]
    pub creation_time: Option<DateTime<Utc>>,
    /// What it is, in the words of its object.
    pub spec: EndpointConfigSpec,
}

impl Observation for EndpointConfigObserved {
    fn phase(&self) -> Phase {
        Phase::Active
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.endpoint_config_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        None
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.creation_time
    }
}

impl Content for EndpointConfigSpec {
    const DEFAULTS: &'static [FieldDefault] = &[
        ("productionVariants.initialVariantWeight", || json!(1.0)),
        ("shadowProductionVariants.initialVariantWeight", || json!(1.0)),
        ("productionVariants.routingConfig.routingStrategy", || json!("RANDOM")),
        ("shadowProductionVariants.routingConfig.routingStrategy", || json!("RANDOM")),
    ];
}

impl EndpointConfigSpec {
    /// The models that it names, by their names in SageMaker.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let variants = self.production_variants.iter().chain(&self.shadow_production_variants);
        variants.flat_map(|variant| {
            let pools = variant.instance_pools.iter().filter_map(|pool| pool.model_name_override.as_deref());
            variant.model_name.as_deref().into_iter().chain(pools)
        })
    }
}

impl EndpointConfigObserved {
    /// The content of the configuration, without what SageMaker says beside what was asked for.
    pub(super) fn content_beside(&self, wanted: &EndpointConfigSpec) -> Value {
        let mut seen = self.spec.clone();
        let variants = |spec: &EndpointConfigSpec| -> Vec<_> {
            spec.production_variants.iter().chain(&spec.shadow_production_variants).cloned().collect()
        };
        let wanted = variants(wanted);
        let seen_variants = seen.production_variants.iter_mut().chain(&mut seen.shadow_production_variants);
        for (seen, wanted) in seen_variants.zip(&wanted) {
            // SageMaker chooses these where nothing is said, and tells what it chose.
            seen.volume_size_in_gb = seen.volume_size_in_gb.filter(|_| wanted.volume_size_in_gb.is_some());
            seen.inference_ami_version =
                seen.inference_ami_version.take().filter(|_| wanted.inference_ami_version.is_some());
        }
        seen.content()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::compare;

    fn spec(variant: &Value) -> EndpointConfigSpec {
        let mut whole =
            json!({ "variantName": "v", "modelName": "m", "instanceType": "ml.m5.xlarge", "initialInstanceCount": 1 });
        json_patch::merge(&mut whole, variant);
        serde_json::from_value(json!({ "region": "us-west-2", "productionVariants": [whole] })).unwrap()
    }

    #[test]
    fn what_sagemaker_adds_is_no_difference_and_what_was_edited_is() {
        for (wanted, seen, differs) in [
            (json!({}), json!({ "initialVariantWeight": 1.0, "enableSSMAccess": false, "volumeSizeInGB": 30 }), vec![]),
            (json!({ "initialVariantWeight": 2 }), json!({ "initialVariantWeight": 2.0 }), vec![]),
            (json!({}), json!({ "initialVariantWeight": 2.0 }), vec!["productionVariants[0].initialVariantWeight"]),
            (
                json!({ "volumeSizeInGB": 10 }),
                json!({ "volumeSizeInGB": 30 }),
                vec!["productionVariants[0].volumeSizeInGB"],
            ),
            (json!({ "modelName": "other" }), json!({}), vec!["productionVariants[0].modelName"]),
        ] {
            let wanted = spec(&wanted);
            let seen = EndpointConfigObserved { spec: spec(&seen), ..EndpointConfigObserved::default() };
            assert_eq!(compare::drift(&wanted.content(), &seen.content_beside(&wanted)).fields, differs);
        }
    }
}
