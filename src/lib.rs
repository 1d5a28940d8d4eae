//! The SageMaker operators for Kubernetes: the map of the house.
//!
//! ```text
//!  plugins/*        src/main.rs
//!     │  └── cli ──┐     │
//!     │            │  operator
//!     ├──── aws ───┼─────┘         operator never names aws: main.rs joins them through the ports
//!     │      │     │
//!    logs   api ───┘
//!            │
//!        lifecycle                  pure modules know neither kube clients nor the SDK, nor the clock
//! ```
//!
//! Beside them lie `net`, what `cli` and `operator` share about the way to a server; `access`, what each part has to be
//! allowed; and `install`, which writes the installers from it. A test (`tests/it/arrows.rs`) holds these arrows.
//!
//! # For programs that read or write the objects
//!
//! The types in [`api`] work with any `kube` client. Without default features nothing but they and [`lifecycle`] is
//! built, and no AWS SDK:
//!
//! ```toml
//! sagemaker-operator = { version = "2", default-features = false }
//! kube = "5"
//! ```
//!
//! A program that starts a training job and waits for its end:
//!
#![cfg_attr(not(feature = "operator"), doc = "```ignore")]
#![cfg_attr(feature = "operator", doc = "```no_run")]
//! use kube::api::{Api, PostParams};
//! use kube::runtime::wait::await_condition;
//! use sagemaker_operator::api::TrainingJob;
//!
//! # async fn train() -> Result<(), Box<dyn std::error::Error>> {
//! let client = kube::Client::try_default().await?;
//! let jobs: Api<TrainingJob> = Api::namespaced(client, "default");
//! let manifest = serde_json::json!({
//!     "apiVersion": "sagemaker.aws.amazon.com/v1",
//!     "kind": "TrainingJob",
//!     "metadata": { "name": "xgboost-mnist" },
//!     "spec": {
//!         "region": "us-west-2",
//!         "roleArn": "arn:aws:iam::123456789012:role/train",
//!         "algorithmSpecification": {
//!             "trainingImage": "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1",
//!             "trainingInputMode": "File"
//!         },
//!         "outputDataConfig": { "s3OutputPath": "s3://my-bucket/xgboost" },
//!         "resourceConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
//!         "stoppingCondition": { "maxRuntimeInSeconds": 86400 }
//!     }
//! });
//! jobs.create(&PostParams::default(), &serde_json::from_value(manifest)?).await?;
//!
//! let has_ended = |job: Option<&TrainingJob>| {
//!     let word = job.and_then(|job| job.status.as_ref()?.training_job_status.as_deref());
//!     matches!(word, Some("Completed" | "Failed" | "Stopped"))
//! };
//! let job = await_condition(jobs, "xgboost-mnist", has_ended).await?;
//! if let Some(status) = job.and_then(|job| job.status) {
//!     println!("{:?}", status.training_job_status);
//! }
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod api;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "plugins")]
pub mod cli;
#[cfg(any(feature = "operator", feature = "plugins"))]
pub mod install;
pub mod lifecycle;
#[cfg(feature = "logs")]
pub mod logs;
#[cfg(any(feature = "operator", feature = "plugins"))]
mod net;
#[cfg(feature = "operator")]
pub mod operator;
