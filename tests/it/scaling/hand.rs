//! Somebody who calls AWS by hand, beside the operator.

use std::future::Future;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_applicationautoscaling::types::{
    PolicyType, ScalableDimension, ServiceNamespace, SuspendedState, TargetTrackingScalingPolicyConfiguration,
};
use aws_sdk_sagemaker::types::{ContainerDefinition, ProductionVariant, ProductionVariantInstanceType};
use sagemaker_operator::aws::{Clients, Options, Retries};
use sagemaker_operator::lifecycle::Place;
use tokio::runtime::Runtime;

use crate::support::Simulator;
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::simulator::{Keys, REGION};

/// The two services in one region.
pub(super) struct Hand {
    runtime: Runtime,
    sagemaker: aws_sdk_sagemaker::Client,
    scaling: aws_sdk_applicationautoscaling::Client,
}

/// A scalable target as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) capacity: (i32, i32),
    /// Scaling in, scaling out, scheduled.
    pub(super) suspended: [bool; 3],
    pub(super) arn: String,
}

impl Hand {
    pub(super) fn on(aws: &Simulator) -> Self {
        Self::in_region(aws, REGION)
    }

    pub(super) fn in_region(aws: &Simulator, region: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let credentials = Credentials::new(Keys::Ours.id(), Keys::Ours.secret(), None, None, "by hand");
        let clients = Clients::new(Options {
            endpoint_url: Some(aws.endpoint().parse().expect("an address")),
            credentials: Some(SharedCredentialsProvider::new(credentials)),
            retries: Retries::Sdk,
            ..Options::default()
        });
        let place = Place { region: region.parse().expect("a region"), endpoint: None, role: None };
        let (sagemaker, scaling) = runtime
            .block_on(async { (clients.sagemaker(&place).await, clients.application_autoscaling(&place).await) });
        Self { runtime, sagemaker, scaling }
    }

    fn done<T, E: std::fmt::Debug>(&self, call: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(call).expect("AWS does what a person asks for by hand")
    }

    /// Makes an endpoint of one variant, which takes a while to be in service.
    pub(super) fn start_endpoint(&self, name: &str, variant: &str) {
        let (config, model) = (format!("{name}-config"), format!("{name}-model"));
        let role = "arn:aws:iam::123456789012:role/execution";
        let container = ContainerDefinition::builder().image("image").build();
        let create = self.sagemaker.create_model().model_name(&model).execution_role_arn(role);
        self.done(create.primary_container(container).send());
        let variant = ProductionVariant::builder()
            .variant_name(variant)
            .model_name(&model)
            .instance_type(ProductionVariantInstanceType::MlM5Xlarge)
            .initial_instance_count(1)
            .build();
        let create = self.sagemaker.create_endpoint_config().endpoint_config_name(&config);
        self.done(create.production_variants(variant).send());
        self.done(self.sagemaker.create_endpoint().endpoint_name(name).endpoint_config_name(&config).send());
    }

    pub(super) fn until_in_service(&self, name: &str) {
        eventually(&format!("endpoint {name} in service"), PATIENCE, || {
            let endpoint = self.done(self.sagemaker.describe_endpoint().endpoint_name(name).send());
            let status = endpoint.endpoint_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
            if status == "InService" { Ok(()) } else { Err(status) }
        });
    }

    pub(super) fn delete_endpoint(&self, name: &str) {
        self.done(self.sagemaker.delete_endpoint().endpoint_name(name).send());
    }

    /// All targets, by id.
    pub(super) fn targets(&self) -> Vec<Target> {
        let describe = self.scaling.describe_scalable_targets().service_namespace(ServiceNamespace::Sagemaker);
        let answer = self.done(describe.send());
        let mut targets: Vec<_> = answer
            .scalable_targets()
            .iter()
            .map(|target| {
                let state = target.suspended_state().cloned().unwrap_or_else(|| SuspendedState::builder().build());
                let suspended = [
                    state.dynamic_scaling_in_suspended(),
                    state.dynamic_scaling_out_suspended(),
                    state.scheduled_scaling_suspended(),
                ];
                Target {
                    id: target.resource_id().to_owned(),
                    capacity: (target.min_capacity(), target.max_capacity()),
                    suspended: suspended.map(Option::unwrap_or_default),
                    arn: target.scalable_target_arn().unwrap_or_default().to_owned(),
                }
            })
            .collect();
        targets.sort_by(|one, other| one.id.cmp(&other.id));
        targets
    }

    /// All policies, as resource id, name and target value in words.
    pub(super) fn policies(&self) -> Vec<(String, String, String)> {
        let describe = self.scaling.describe_scaling_policies().service_namespace(ServiceNamespace::Sagemaker);
        let answer = self.done(describe.send());
        let mut policies: Vec<_> = answer
            .scaling_policies()
            .iter()
            .map(|policy| {
                let tracked = policy.target_tracking_scaling_policy_configuration();
                let value = tracked.map_or(0.0, TargetTrackingScalingPolicyConfiguration::target_value);
                (policy.resource_id().to_owned(), policy.policy_name().to_owned(), value.to_string())
            })
            .collect();
        policies.sort();
        policies
    }

    /// The tags of a target, sorted.
    pub(super) fn tags(&self, arn: &str) -> Vec<(String, String)> {
        let answer = self.done(self.scaling.list_tags_for_resource().resource_arn(arn).send());
        let mut tags: Vec<_> = answer.tags().cloned().unwrap_or_default().into_iter().collect();
        tags.sort();
        tags
    }

    pub(super) fn register(&self, id: &str, min: i32, max: i32) {
        let register = self.scaling.register_scalable_target().service_namespace(ServiceNamespace::Sagemaker);
        let register = register.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
        self.done(register.resource_id(id).min_capacity(min).max_capacity(max).send());
    }

    pub(super) fn deregister(&self, id: &str) {
        let deregister = self.scaling.deregister_scalable_target().service_namespace(ServiceNamespace::Sagemaker);
        let deregister = deregister.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
        self.done(deregister.resource_id(id).send());
    }

    /// Puts a policy as the manifests of these tests ask for.
    pub(super) fn put(&self, id: &str, name: &str, value: f64) {
        use aws_sdk_applicationautoscaling::types::{MetricType, PredefinedMetricSpecification};
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::SageMakerVariantInvocationsPerInstance)
            .build();
        let tracked = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(value)
            .predefined_metric_specification(metric.expect("it has a type"))
            .build();
        let put = self.scaling.put_scaling_policy().service_namespace(ServiceNamespace::Sagemaker);
        let put = put.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount).resource_id(id);
        let put = put.policy_name(name).policy_type(PolicyType::TargetTrackingScaling);
        self.done(put.target_tracking_scaling_policy_configuration(tracked.expect("it has a value")).send());
    }

    pub(super) fn delete_policy(&self, id: &str, name: &str) {
        let delete = self.scaling.delete_scaling_policy().service_namespace(ServiceNamespace::Sagemaker);
        let delete = delete.scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
        self.done(delete.resource_id(id).policy_name(name).send());
    }
}
