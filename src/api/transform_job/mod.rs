//! BatchTransformJob: predictions for a whole data set from a model, without an endpoint.

mod kind;
mod observed;
mod rules;
mod spec;
mod status;

pub use observed::BatchTransformJobObserved;
pub use rules::{MUTABLE, rules};
pub use spec::{
    BatchTransformJob, BatchTransformJobSpec, DataCaptureConfig, DataProcessing, ModelClientConfig,
    TransformDataSource, TransformInput, TransformOutput, TransformResources, TransformS3DataSource,
};
pub use status::BatchTransformJobStatus;
