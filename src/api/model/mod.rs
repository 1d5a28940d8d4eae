//! Model: containers with their data, ready to be deployed.

mod container;
mod kind;
mod observed;
mod rules;
mod spec;
mod status;

pub use container::{
    AdditionalModelDataSource, Container, ContainerMetricsConfig, ImageConfig, InferenceExecutionConfig,
    MetricsEndpoint, ModelDataSource, MultiModelConfig, RepositoryAuthConfig, S3ModelDataSource,
};
pub use observed::ModelObserved;
pub use rules::rules;
pub use spec::{Model, ModelSpec};
pub use status::ModelStatus;
