//! A deployment taken apart: the models and the configuration that it consists of.

use std::collections::{BTreeMap, BTreeSet};

use super::spec::{HostedModel, HostingDeploymentSpec};
use crate::api::endpoint_config::{EndpointConfigSpec, ProductionVariant};
use crate::api::model::ModelSpec;

/// Models by their names in the spec, with their names in SageMaker.
pub type Names = BTreeMap<String, String>;

impl HostingDeploymentSpec {
    /// What is wrong with the spec as a whole, in a sentence for people.
    ///
    /// # Errors
    /// The sentence.
    pub fn check(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for model in &self.models {
            if model.name.is_empty() {
                return Err("each of models needs a name".to_owned());
            }
            if !names.insert(model.name.as_str()) {
                return Err(format!("two of models are named {}: each needs a name of its own", model.name));
            }
            model.check()?;
        }
        for variant in self.variants() {
            if let Some(model) = variant.model_name.as_deref()
                && !names.contains(model)
            {
                let known: Vec<_> = names.iter().copied().collect();
                return Err(format!(
                    "the variant {} asks for the model {model}, but models has only: {}\n\
                     hint: give the variant's modelName and the model's name the same value",
                    variant.variant_name,
                    known.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// The Model that one of `models` is.
    pub fn model(&self, model: &HostedModel) -> ModelSpec {
        let HostedModel {
            containers,
            enable_network_isolation,
            execution_role_arn,
            inference_execution_config,
            name: _,
            primary_container: _,
            vpc_config,
        } = model;
        let (primary_container, containers) = match &containers[..] {
            [only] => (Some(only.clone()), Vec::new()),
            several => (None, several.to_vec()),
        };
        ModelSpec {
            containers,
            enable_network_isolation: *enable_network_isolation,
            execution_role_arn: execution_role_arn.clone(),
            inference_execution_config: inference_execution_config.clone(),
            primary_container,
            region: self.region.clone(),
            sage_maker_endpoint: self.sage_maker_endpoint.clone(),
            tags: self.tags.clone(),
            vpc_config: vpc_config.clone(),
        }
    }

    /// The `EndpointConfig` that deploys the models of those names.
    pub fn config(&self, names: &Names) -> EndpointConfigSpec {
        let Self {
            async_inference_config,
            cross_region_traffic_config,
            data_capture_config,
            deployment_config: _,
            enable_network_isolation,
            endpoint_name: _,
            exclude_retained_variant_properties: _,
            execution_role_arn,
            explainer_config,
            kms_key_id,
            metrics_config,
            models: _,
            production_variants,
            region,
            resolved: _,
            retain_all_variant_properties: _,
            retain_deployment_config: _,
            sage_maker_endpoint,
            shadow_production_variants,
            tags,
            vpc_config,
        } = self;
        EndpointConfigSpec {
            async_inference_config: async_inference_config.clone(),
            cross_region_traffic_config: cross_region_traffic_config.clone(),
            data_capture_config: data_capture_config.clone(),
            enable_network_isolation: *enable_network_isolation,
            execution_role_arn: execution_role_arn.clone(),
            explainer_config: explainer_config.clone(),
            kms_key_id: kms_key_id.clone(),
            metrics_config: metrics_config.clone(),
            production_variants: production_variants.iter().map(|variant| named(variant, names)).collect(),
            region: region.clone(),
            sage_maker_endpoint: sage_maker_endpoint.clone(),
            shadow_production_variants: shadow_production_variants.iter().map(|it| named(it, names)).collect(),
            tags: tags.clone(),
            vpc_config: vpc_config.clone(),
        }
    }

    fn variants(&self) -> impl Iterator<Item = &ProductionVariant> {
        self.production_variants.iter().chain(&self.shadow_production_variants)
    }
}

/// The variant with its models' names in SageMaker. What is none of the deployment's models is a name there already.
fn named(variant: &ProductionVariant, names: &Names) -> ProductionVariant {
    let name = |model: &String| names.get(model).unwrap_or(model).clone();
    let mut variant = variant.clone();
    variant.model_name = variant.model_name.as_ref().map(name);
    for pool in &mut variant.instance_pools {
        pool.model_name_override = pool.model_name_override.as_ref().map(name);
    }
    variant
}

impl HostedModel {
    fn check(&self) -> Result<(), String> {
        let Self { name, containers, primary_container, .. } = self;
        if containers.is_empty() {
            return Err(format!("the model {name} needs at least one of containers"));
        }
        let mut hosts = BTreeSet::new();
        for host in containers.iter().filter_map(|container| container.container_hostname.as_deref()) {
            if !hosts.insert(host) {
                return Err(format!("two containers of the model {name} have the containerHostname {host}"));
            }
        }
        if containers.len() > 1 && hosts.len() < containers.len() {
            return Err(format!("each container of the model {name} needs a containerHostname, as there are several"));
        }
        match primary_container.as_deref() {
            Some(primary) if containers.len() == 1 && !primary.is_empty() && !hosts.contains(primary) => {
                Err(format!("the model {name} has no container with the containerHostname {primary}"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(models: &Value, variants: &[&str]) -> HostingDeploymentSpec {
        let variants: Vec<_> = variants
            .iter()
            .enumerate()
            .map(|(n, model)| json!({ "variantName": format!("v{n}"), "modelName": model, "instanceType": "ml.m5.large" }))
            .collect();
        let spec = json!({ "region": "us-west-2", "models": models, "productionVariants": variants });
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn what_does_not_fit_together_is_said_in_a_sentence() {
        let model = |name: &str, hosts: &[Option<&str>]| {
            let containers: Vec<_> =
                hosts.iter().map(|host| json!({ "image": "i", "containerHostname": host })).collect();
            json!({ "name": name, "containers": containers })
        };
        let mut primary = model("a", &[Some("x")]);
        primary["primaryContainer"] = json!("y");
        let said: Vec<_> = [
            spec(&json!([model("a", &[None])]), &["b"]),
            spec(&json!([model("a", &[None]), model("a", &[None])]), &["a"]),
            spec(&json!([model("a", &[])]), &["a"]),
            spec(&json!([model("a", &[Some("x"), None])]), &["a"]),
            spec(&json!([model("a", &[Some("x"), Some("x")])]), &["a"]),
            spec(&json!([primary]), &["a"]),
            spec(&json!([model("", &[None])]), &["a"]),
        ]
        .iter()
        .map(|spec| spec.check().expect_err("it does not fit"))
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        the variant v0 asks for the model b, but models has only: a
        hint: give the variant's modelName and the model's name the same value
        two of models are named a: each needs a name of its own
        the model a needs at least one of containers
        each container of the model a needs a containerHostname, as there are several
        two containers of the model a have the containerHostname x
        the model a has no container with the containerHostname y
        each of models needs a name
        ");
        assert_eq!(
            spec(&json!([model("a", &[None]), model("b", &[Some("x"), Some("y")])]), &["b", "a"]).check(),
            Ok(())
        );
    }

    #[test]
    fn one_container_is_the_primary_one_and_several_are_a_pipeline() {
        let two = json!([{ "image": "i", "containerHostname": "x" }, { "image": "j", "containerHostname": "y" }]);
        let spec = spec(
            &json!([{ "name": "a", "containers": [{ "image": "i" }] }, { "name": "b", "containers": two }]),
            &["a"],
        );
        let (one, several) = (spec.model(&spec.models[0]), spec.model(&spec.models[1]));
        assert_eq!((one.primary_container.is_some(), one.containers.len()), (true, 0));
        assert_eq!((several.primary_container.is_some(), several.containers.len()), (false, 2));
        let config = spec.config(&Names::from([("a".to_owned(), "a-in-aws".to_owned())]));
        assert_eq!(config.production_variants[0].model_name.as_deref(), Some("a-in-aws"));
    }
}
