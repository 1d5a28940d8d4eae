//! What a test stands on: a real API server, an AWS simulator, and the product's programs as processes.
//!
//! One control plane serves the whole test binary; each test takes a namespace of its own, starts a simulator of its
//! own, and runs an operator that sees nothing but that namespace. Whatever it starts ends with it.
//!
//! ```ignore
//! let aws = Simulator::at_speed(20.0);
//! let home = Namespace::new("story");
//! let _operator = home.operator(&aws).start();
//! home.apply(MANIFEST);
//! home.until_condition("trainingjobs", "xgboost-mnist", "Complete");
//! assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
//! ```

pub(crate) mod ambush;
pub(crate) mod built;
pub(crate) mod cluster;
pub(crate) mod eventually;
pub(crate) mod helm;
pub(crate) mod https;
pub(crate) mod installed;
pub(crate) mod judges;
pub(crate) mod manifests;
pub(crate) mod meanwhile;
pub(crate) mod namespace;
pub(crate) mod operator;
pub(crate) mod process;
pub(crate) mod simulator;
pub(crate) mod tls;

pub(crate) use cluster::Cluster;
pub(crate) use eventually::eventually;
pub(crate) use meanwhile::meanwhile;
pub(crate) use namespace::Namespace;
pub(crate) use simulator::Simulator;
