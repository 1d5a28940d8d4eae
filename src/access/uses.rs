//! What people want a policy for, and the files that are checked in.

use super::document::{ACCOUNT, Document, ISSUER, Partition};
use super::iam::{PARTS, Part};
use super::policy::{Terms, policy};
use super::trust;
use crate::lifecycle::{OPERATOR_NAMESPACE, PLACEHOLDER_NAMESPACE};

/// What somebody wants to do: its name, what it is, and the parts.
pub const USES: [(&str, &str, &[Part]); 10] = [
    ("all", "The operator, for all kinds", ALL),
    ("training", "The operator, for TrainingJobs", &[Part::Kind("TrainingJob")]),
    ("processing", "The operator, for ProcessingJobs", &[Part::Kind("ProcessingJob")]),
    ("transform", "The operator, for BatchTransformJobs", &[Part::Kind("BatchTransformJob")]),
    ("tuning", "The operator, for HyperparameterTuningJobs", &[Part::Kind("HyperparameterTuningJob")]),
    (
        "hosting",
        "The operator, for HostingDeployments, Models and EndpointConfigs",
        &[Part::Kind("HostingDeployment"), Part::Kind("Model"), Part::Kind("EndpointConfig")],
    ),
    ("autoscaling", "The operator, for HostingAutoscalingPolicies", &[Part::Kind("HostingAutoscalingPolicy")]),
    ("namespace-roles", "The operator, for Namespaces that name a role of their own", &[Part::NamespaceRoles]),
    ("log-reader", "People who read logs: kubectl smlogs", &[Part::LogReader]),
    ("companion", "People who look after it: kubectl sagemaker", &[Part::Companion]),
];

/// The kinds.
const ALL: &[Part] = PARTS.split_at(8).0;

/// The parts of a use; none if there is no such use.
#[must_use]
pub fn parts(name: &str) -> &'static [Part] {
    USES.into_iter().find(|(known, ..)| *known == name).map_or(&[], |(.., parts)| parts)
}

/// The files of `dist/iam`, with placeholders where an account or an issuer is needed: name, what for, and document.
#[must_use]
pub fn files() -> Vec<(String, String, Document)> {
    let terms = Terms { partition: Partition::Aws, account: ACCOUNT.to_owned(), passed: Vec::new(), namespace: None };
    let permissions = USES
        .into_iter()
        .map(|(name, what, parts)| (format!("policy-{name}.json"), format!("{what}."), policy(parts, &terms)));
    let one = Terms { namespace: Some(PLACEHOLDER_NAMESPACE.to_owned()), ..terms.clone() };
    let operator = format!("arn:aws:iam::{ACCOUNT}:role/<role name>");
    let rest = [
        (
            "policy-one-namespace.json",
            "The operator, for all kinds, but with the objects of one namespace only, by the tags of what they have.",
            policy(ALL, &one),
        ),
        (
            "trust-irsa.json",
            "Trust of the operator's role by the cluster's OpenID Connect issuer.",
            trust::by_issuer(Partition::Aws, ACCOUNT, ISSUER, OPERATOR_NAMESPACE),
        ),
        (
            "trust-irsa-namespaced.json",
            "The same for an operator of one namespace.",
            trust::by_issuer(Partition::Aws, ACCOUNT, ISSUER, PLACEHOLDER_NAMESPACE),
        ),
        (
            "trust-pod-identity.json",
            "Trust of the operator's role by EKS Pod Identity.",
            trust::by_pod_identity(OPERATOR_NAMESPACE),
        ),
        (
            "trust-namespace-role.json",
            "Trust of the role that a Namespace names for its objects (annotation `sagemaker.aws.amazon.com/role-arn`).",
            trust::by_operator(&operator, PLACEHOLDER_NAMESPACE),
        ),
    ];
    permissions.chain(rest.map(|(name, what, document)| (name.to_owned(), what.to_owned(), document))).collect()
}
