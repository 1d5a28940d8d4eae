//! HostingDeployment: an endpoint with its configuration and its models.

mod deployment;
mod kind;
mod observed;
mod parts;
mod rules;
mod spec;
mod status;

pub use deployment::{
    Alarm, AutoRollbackConfig, BlueGreenUpdatePolicy, CapacitySize, DeploymentConfig, RollingUpdatePolicy,
    TrafficRoutingConfig,
};
pub use observed::{
    DeployedImageSeen, EndpointObserved, FAILED, IN_SERVICE, OUT_OF_SERVICE, PendingDeployment, UPDATE_ROLLBACK_FAILED,
    VariantSeen,
};
pub use parts::Names;
pub use rules::{held, rules};
pub use spec::{HostedModel, HostingDeployment, HostingDeploymentSpec, Resolved, VariantProperty};
pub use status::{DeployedImage, HostingDeploymentStatus, VariantStatus};
