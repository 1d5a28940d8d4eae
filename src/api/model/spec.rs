//! What a user asks for: every field of `CreateModel`.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html>

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::container::{Container, InferenceExecutionConfig};
use super::status::ModelStatus;
use crate::api::shared::{Tag, VpcConfig};

/// The model to make. SageMaker cannot change a model, so an edit of anything but `tags` deletes it and makes it again
/// under the same name, unless something still needs it.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "sagemaker.aws.amazon.com",
    version = "v1",
    kind = "Model",
    plural = "models",
    namespaced,
    status = "ModelStatus",
    derive = "PartialEq",
    category = "sagemaker",
    doc = "A model in Amazon SageMaker: containers with their data, ready to be deployed.",
    printcolumn(name = "Status", type_ = "string", json_path = ".status.status"),
    printcolumn(name = "Sage-Maker-Model-Name", type_ = "string", json_path = ".status.sageMakerModelName")
)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::duplicated_attributes, reason = "each printer column names its type")]
pub struct ModelSpec {
    /// The containers of an inference pipeline, or of a model that is called container by container. Instead of
    /// `primaryContainer`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 15))]
    pub containers: Vec<Container>,
    /// Cuts the containers off from any network; SageMaker itself still brings the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_network_isolation: Option<bool>,
    /// The IAM role that SageMaker takes on to read the model and pull the image. The operator's own role needs
    /// `iam:PassRole` for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub execution_role_arn: Option<String>,
    /// How the containers of a model are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference_execution_config: Option<InferenceExecutionConfig>,
    /// The only container. Instead of `containers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_container: Option<Container>,
    /// The AWS region, such as `us-west-2`. It cannot be changed.
    #[schemars(length(max = 64))]
    pub region: String,
    /// The address of SageMaker, if it is not the region's own: a VPC endpoint, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub sage_maker_endpoint: Option<String>,
    /// Tags of the model in AWS. A change of them replaces nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub tags: Vec<Tag>,
    /// Where in your own network the containers get their interfaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
}
