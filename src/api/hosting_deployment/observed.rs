//! What `DescribeEndpoint` answers, as far as the operator looks at it.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::api::shared::epoch;
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// The state of an endpoint that serves by the one configuration that is told of.
pub const IN_SERVICE: &str = "InService";
/// The state of an endpoint that came to nothing: it takes nothing but a deletion.
pub const FAILED: &str = "Failed";
/// The state of an endpoint that answers nobody.
pub const OUT_OF_SERVICE: &str = "OutOfService";
/// The state of an endpoint whose update could neither be finished nor taken back: machines of both configurations serve.
pub const UPDATE_ROLLBACK_FAILED: &str = "UpdateRollbackFailed";

/// An endpoint as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EndpointObserved {
    /// The name.
    pub endpoint_name: String,
    /// The ARN, with the name in small letters.
    pub endpoint_arn: String,
    /// The configuration that serves.
    pub endpoint_config_name: Option<String>,
    /// `InService`, `Creating`, `Updating`, `RollingBack`, `Failed`, … or a word SageMaker has learnt since.
    pub endpoint_status: String,
    /// Why it, or its last update, failed.
    pub failure_reason: Option<String>,
    /// When it was created.
    #[serde(with = "epoch")]
    pub creation_time: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(with = "epoch")]
    pub last_modified_time: Option<DateTime<Utc>>,
    /// What answers.
    pub production_variants: Vec<VariantSeen>,
    /// What gets copies.
    pub shadow_production_variants: Vec<VariantSeen>,
    /// The update under way.
    pub pending_deployment_summary: Option<PendingDeployment>,
}

/// The update under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PendingDeployment {
    /// The configuration that it goes for.
    pub endpoint_config_name: Option<String>,
}

/// A variant.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VariantSeen {
    /// The name.
    pub variant_name: String,
    /// Its images.
    pub deployed_images: Vec<DeployedImageSeen>,
    /// Its share of the traffic.
    pub current_weight: Option<f64>,
    /// The share that it is to have.
    pub desired_weight: Option<f64>,
    /// How many machines it has.
    pub current_instance_count: Option<i64>,
    /// How many it is to have.
    pub desired_instance_count: Option<i64>,
}

/// An image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeployedImageSeen {
    /// The image as the model has it.
    pub specified_image: Option<String>,
    /// The image by its digest.
    pub resolved_image: Option<String>,
    /// When its tag was resolved.
    #[serde(with = "epoch")]
    pub resolution_time: Option<DateTime<Utc>>,
}

impl Observation for EndpointObserved {
    fn phase(&self) -> Phase {
        match self.endpoint_status.as_str() {
            IN_SERVICE => Phase::Active,
            "Deleting" => Phase::Stopping,
            FAILED => Phase::Failed { reason: FAILED },
            OUT_OF_SERVICE => Phase::Failed { reason: OUT_OF_SERVICE },
            UPDATE_ROLLBACK_FAILED => Phase::Failed { reason: UPDATE_ROLLBACK_FAILED },
            // `Creating`, `Updating`, `SystemUpdating`, `RollingBack`, and whatever SageMaker learns next.
            _ => Phase::Changing,
        }
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.endpoint_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        self.failure_reason.as_deref().filter(|reason| !reason.is_empty())
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified_time
    }
}

impl EndpointObserved {
    /// Whether what the endpoint serves by is known: it is not between two configurations.
    pub fn has_settled(&self) -> bool {
        match self.phase() {
            Phase::Active | Phase::Failed { reason: FAILED } => self.goes_for().is_none(),
            Phase::Failed { .. } | Phase::Changing | Phase::Stopping | Phase::Completed => false,
        }
    }

    /// Whether the endpoint serves, or is about to serve, by that configuration, as far as SageMaker tells: see
    /// [`EndpointObserved::has_settled`].
    pub fn uses(&self, config: &str) -> bool {
        self.endpoint_config_name.as_deref() == Some(config) || self.goes_for() == Some(config)
    }

    /// The configuration of the update under way.
    pub fn goes_for(&self) -> Option<&str> {
        self.pending_deployment_summary.as_ref()?.endpoint_config_name.as_deref()
    }
}
