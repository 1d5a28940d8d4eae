//! The variants of an endpoint: which model runs on which machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::Whole;

/// A model on machines, or on none of its own (serverless), with a share of the traffic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductionVariant {
    /// How each accelerator is divided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub accelerator_partition_layouts: Vec<AcceleratorPartitionLayout>,
    /// An Elastic Inference accelerator, such as `ml.eia2.medium`. AWS has retired them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub accelerator_type: Option<String>,
    /// The reserved machines to run on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_config: Option<CapacityReservationConfig>,
    /// How long a container may take until it answers pings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60))]
    pub container_startup_health_check_timeout_in_seconds: Option<Whole>,
    /// Where core dumps of a crashed container go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core_dump_config: Option<CoreDumpConfig>,
    /// Access to the machines through Systems Manager.
    #[serde(default, rename = "enableSSMAccess", skip_serializing_if = "Option::is_none")]
    pub enable_ssm_access: Option<bool>,
    /// The machine image, such as `al2-ami-sagemaker-inference-gpu-2`, which decides on the drivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub inference_ami_version: Option<String>,
    /// How many machines to start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub initial_instance_count: Option<Whole>,
    /// The variant's share of the traffic, in proportion to the sum of all weights; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_variant_weight: Option<f64>,
    /// Several instance types to choose from, by priority. Instead of `instanceType`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    pub instance_pools: Vec<InstancePool>,
    /// The machines, such as `ml.m5.xlarge`. Left out with `serverlessConfig` or `instancePools`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub instance_type: Option<String>,
    /// Lets SageMaker change the number of machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_instance_scaling: Option<ManagedInstanceScaling>,
    /// How long the download of the model may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60))]
    pub model_data_download_timeout_in_seconds: Option<Whole>,
    /// The model. In an EndpointConfig its name in SageMaker (a Model object's `status.sageMakerModelName`), in a
    /// HostingDeployment the name of one of `models`. Left out for inference components.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub model_name: Option<String>,
    /// Which machine a request goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_config: Option<RoutingConfig>,
    /// Runs without machines of its own, and costs only while it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serverless_config: Option<ServerlessConfig>,
    /// How long getting the machines may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 300))]
    pub variant_instance_provision_timeout_in_seconds: Option<Whole>,
    /// The variant's name, unique within the endpoint.
    #[schemars(length(max = 63))]
    pub variant_name: String,
    /// The size of each machine's volume, in GB.
    #[serde(default, rename = "volumeSizeInGB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub volume_size_in_gb: Option<Whole>,
}

/// How an accelerator is divided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceleratorPartitionLayout {
    /// The parts, such as `mig-1g.5gb`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 32)))]
    pub accelerator_partition_types: Vec<String>,
}

/// The reserved machines that a variant runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CapacityReservationConfig {
    /// `capacity-reservations-only`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub capacity_reservation_preference: Option<String>,
    /// The reservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 20, max = 258))]
    pub ml_reservation_arn: Option<String>,
}

/// Where core dumps of a crashed container go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoreDumpConfig {
    /// Where they are written: `s3://BUCKET/PREFIX`.
    #[schemars(length(max = 512))]
    pub destination_s3_uri: String,
    /// The KMS key that encrypts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub kms_key_id: Option<String>,
}

/// An instance type to choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstancePool {
    /// The instance type.
    #[schemars(length(max = 64))]
    pub instance_type: String,
    /// A model for this instance type instead of the variant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub model_name_override: Option<String>,
    /// 1 is chosen first.
    #[schemars(range(min = 1))]
    pub priority: Whole,
}

/// How SageMaker changes the number of machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedInstanceScaling {
    /// The most machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_instance_count: Option<Whole>,
    /// The fewest machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub min_instance_count: Option<Whole>,
    /// How machines are given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_in_policy: Option<ScaleInPolicy>,
    /// `ENABLED` or `DISABLED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub status: Option<String>,
}

/// How machines are given back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScaleInPolicy {
    /// How long to wait between two steps, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 5))]
    pub cooldown_in_minutes: Option<Whole>,
    /// The most machines to give back in a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub maximum_step_size: Option<Whole>,
    /// `IDLE_RELEASE` gives back what is idle, `CONSOLIDATION` moves inference components together first.
    #[schemars(length(max = 64))]
    pub strategy: String,
}

/// Which machine a request goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoutingConfig {
    /// How requests with the same beginning are recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_aware_routing_config: Option<PrefixAwareRoutingConfig>,
    /// `LEAST_OUTSTANDING_REQUESTS`, `RANDOM`, `PREFIX_AWARE` or `KV_AWARE`.
    #[schemars(length(max = 64))]
    pub routing_strategy: String,
}

/// How requests with the same beginning are recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrefixAwareRoutingConfig {
    /// How many requests a machine may have before another one is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub concurrency_threshold: Option<Whole>,
    /// How much of a request is compared, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1024))]
    pub prefix_length: Option<Whole>,
}

/// The size of a serverless variant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerlessConfig {
    /// How many requests it works on at a time.
    #[schemars(range(min = 1))]
    pub max_concurrency: Whole,
    /// Its memory: 1024, 2048, 3072, 4096, 5120 or 6144 MB.
    #[serde(rename = "memorySizeInMB")]
    #[schemars(range(min = 1024))]
    pub memory_size_in_mb: Whole,
    /// How many places are kept warm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub provisioned_concurrency: Option<Whole>,
}
