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
//! A test (`tests/it/arrows.rs`) holds these arrows.

pub mod api;
pub mod aws;
pub mod cli;
pub mod lifecycle;
pub mod logs;
pub mod operator;
