//! The operator's Deployment: one container that needs no privilege at all.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction, ObjectFieldSelector,
    PodSecurityContext, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SeccompProfile, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::network::{PORT, PORT_NAME};
use super::objects::{Component, owned};
use super::{Install, Scope};
use crate::lifecycle::{OPERATOR_ACCOUNT, OPERATOR_DEPLOYMENT, OPERATOR_LABEL, PRODUCT_LABEL};

/// A user without a name, as images without a shell have it.
const USER: i64 = 65532;
/// The operator ends its passes within 8 seconds, and gives its Lease back.
const GRACE_SECONDS: i64 = 20;
/// Measured, unoptimised: 36 MB at rest, of which 5 MB are not the program itself, and 18 KB more for each job; 300 jobs
/// that run take a twelfth of a core. So the limit leaves room for 20,000 objects.
const REQUESTS: [(&str, &str); 2] = [("cpu", "50m"), ("memory", "64Mi")];
const LIMITS: [(&str, &str); 1] = [("memory", "512Mi")];

impl Install {
    pub(super) fn deployment(self) -> Deployment {
        let mut metadata = self.metadata("", Component::Operator);
        metadata.name = Some(OPERATOR_DEPLOYMENT.to_owned());
        metadata.labels.get_or_insert_default().extend(owned(&[OPERATOR_LABEL]));
        let spec = DeploymentSpec {
            replicas: Some(1),
            selector: LabelSelector { match_labels: Some(owned(&[OPERATOR_LABEL])), ..LabelSelector::default() },
            // Two never work side by side: the Lease sees to that, but of version 1 and ours nothing else would.
            strategy: Some(DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None }),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(owned(&[OPERATOR_LABEL, PRODUCT_LABEL])),
                    annotations: Some(owned(&[("kubectl.kubernetes.io/default-container", "manager")])),
                    ..ObjectMeta::default()
                }),
                spec: Some(self.pod()),
            },
            ..DeploymentSpec::default()
        };
        Deployment { metadata, spec: Some(spec), ..Deployment::default() }
    }

    fn pod(self) -> PodSpec {
        PodSpec {
            service_account_name: Some(OPERATOR_ACCOUNT.to_owned()),
            containers: vec![self.manager()],
            security_context: Some(PodSecurityContext {
                run_as_non_root: Some(true),
                run_as_user: Some(USER),
                run_as_group: Some(USER),
                // The token for AWS is a file, to be readable for this user.
                fs_group: Some(USER),
                seccomp_profile: Some(runtime_default()),
                ..PodSecurityContext::default()
            }),
            termination_grace_period_seconds: Some(GRACE_SECONDS),
            node_selector: Some(owned(&[("kubernetes.io/os", "linux")])),
            enable_service_links: Some(false),
            ..PodSpec::default()
        }
    }

    fn manager(self) -> Container {
        let mut args = vec![format!("--metrics-addr=:{PORT}")];
        match self.scope {
            Scope::Cluster => {}
            // Kubernetes puts in the pod's own namespace, so that no other can be meant.
            Scope::Namespace => args.push("--namespace=$(POD_NAMESPACE)".to_owned()),
        }
        Container {
            name: "manager".to_owned(),
            image: Some(self.image()),
            args: Some(args),
            env: Some(vec![field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace")]),
            ports: Some(vec![ContainerPort {
                name: Some(PORT_NAME.to_owned()),
                container_port: PORT,
                protocol: Some("TCP".to_owned()),
                ..ContainerPort::default()
            }]),
            liveness_probe: Some(probe("/healthz", 20)),
            readiness_probe: Some(probe("/readyz", 10)),
            resources: Some(ResourceRequirements {
                requests: Some(quantities(&REQUESTS)),
                limits: Some(quantities(&LIMITS)),
                ..ResourceRequirements::default()
            }),
            security_context: Some(SecurityContext {
                allow_privilege_escalation: Some(false),
                read_only_root_filesystem: Some(true),
                run_as_non_root: Some(true),
                capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
                seccomp_profile: Some(runtime_default()),
                ..SecurityContext::default()
            }),
            ..Container::default()
        }
    }
}

fn runtime_default() -> SeccompProfile {
    SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }
}

/// A variable that says something of the pod itself.
fn field(name: &str, path: &str) -> EnvVar {
    let field = ObjectFieldSelector { api_version: Some("v1".to_owned()), field_path: path.to_owned() };
    let source = EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() };
    EnvVar { name: name.to_owned(), value_from: Some(source), ..EnvVar::default() }
}

fn probe(path: &str, seconds: i32) -> Probe {
    let get = HTTPGetAction {
        path: Some(path.to_owned()),
        port: IntOrString::String(PORT_NAME.to_owned()),
        ..HTTPGetAction::default()
    };
    Probe {
        http_get: Some(get),
        period_seconds: Some(seconds),
        timeout_seconds: Some(5),
        failure_threshold: Some(3),
        ..Probe::default()
    }
}

fn quantities(pairs: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    pairs.iter().map(|(what, much)| ((*what).to_owned(), Quantity((*much).to_owned()))).collect()
}
