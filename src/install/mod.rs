//! What installs the operator in a cluster: the files below `dist/rolebased` and `dist/charts`, written from code, so that
//! rights, ports and names cannot drift from what the operator does.
//!
//! Names, namespace and layout are those of version 1, as the AWS guide has them: its commands, and the trust policies
//! made after it, hold.

mod argocd;
mod charts;
mod deployment;
mod files;
mod jobs;
mod kustomize;
mod monitoring;
mod network;
mod objects;
mod rights;

pub use argocd::argocd;
pub use charts::charts;
pub use files::{File, files};
pub use kustomize::kustomize;
pub use monitoring::monitoring;

use crate::lifecycle::{OPERATOR_NAMESPACE, PLACEHOLDER_NAMESPACE, PLACEHOLDER_ROLE};

/// What all names start with.
const PREFIX: &str = "sagemaker-k8s-operator-";
/// How much of the cluster an operator looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    Cluster,
    /// The one that it runs in.
    Namespace,
}

/// Which of the separate clouds of AWS. China has ARNs, and reaches registries, of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// All regions but the others' own.
    Aws,
    /// The regions in China.
    China,
}

/// The image's name, at whatever registry.
const IMAGE: &str = "sagemaker-operator";
/// The version of all that is installed.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Partition {
    /// Where the image is pulled from. The name is reserved for examples, so that nobody else can own it: who publishes
    /// the image puts in the registry's own name.
    const fn registry(self) -> &'static str {
        match self {
            Self::Aws => "registry.example.com",
            Self::China => "cn.registry.example.com",
        }
    }
}

/// One installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Install {
    scope: Scope,
    partition: Partition,
}

impl Install {
    /// The operator's own namespace.
    fn namespace(self) -> &'static str {
        match self.scope {
            Scope::Cluster => OPERATOR_NAMESPACE,
            Scope::Namespace => PLACEHOLDER_NAMESPACE,
        }
    }

    /// The role in AWS, until a person puts in the real one.
    fn role_arn(self) -> String {
        let partition = match self.partition {
            Partition::Aws => "aws",
            Partition::China => "aws-cn",
        };
        format!("arn:{partition}:iam::123456789012:role/{PLACEHOLDER_ROLE}")
    }

    /// The image, which has this very version.
    fn image(self) -> String {
        format!("{}/{IMAGE}:v{VERSION}", self.partition.registry())
    }
}
