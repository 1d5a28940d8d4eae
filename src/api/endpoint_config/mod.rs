//! EndpointConfig: which models run on which machines.

mod explainer;
mod kind;
mod observed;
mod rules;
mod spec;
mod status;
mod traffic;
mod variant;

pub use explainer::{
    ClarifyExplainerConfig, ClarifyInferenceConfig, ClarifyShapBaselineConfig, ClarifyShapConfig, ClarifyTextConfig,
    ExplainerConfig,
};
pub use observed::EndpointConfigObserved;
pub use rules::rules;
pub use spec::{EndpointConfig, EndpointConfigSpec};
pub use status::EndpointConfigStatus;
pub use traffic::{
    AsyncInferenceClientConfig, AsyncInferenceConfig, AsyncInferenceNotificationConfig, AsyncInferenceOutputConfig,
    CaptureContentTypeHeader, CaptureOption, CrossRegionTrafficConfig, DataCaptureConfig, MetricsConfig,
};
pub use variant::{
    AcceleratorPartitionLayout, CapacityReservationConfig, CoreDumpConfig, InstancePool, ManagedInstanceScaling,
    PrefixAwareRoutingConfig, ProductionVariant, RoutingConfig, ScaleInPolicy, ServerlessConfig,
};

pub(crate) use rules::variant_rules;
