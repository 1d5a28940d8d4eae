//! The way to the metrics: within the pod network, and for no more than that.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Install;
use super::objects::{Component, owned};
use crate::lifecycle::{OPERATOR_LABEL, OPERATOR_METRICS_SERVICE, PRODUCT_LABEL};

/// What the one port serves: metrics and probes.
pub(super) const PORT: i32 = 8080;
/// The port's name.
pub(super) const PORT_NAME: &str = "http";

impl Install {
    /// Called as in version 1, whose port went through a proxy.
    pub(super) fn metrics_service(self) -> Service {
        let mut metadata = self.metadata("", Component::Operator);
        metadata.name = Some(OPERATOR_METRICS_SERVICE.to_owned());
        metadata.labels.get_or_insert_default().extend(owned(&[OPERATOR_LABEL]));
        metadata.annotations = Some(owned(&[
            ("prometheus.io/scrape", "true"),
            ("prometheus.io/port", &PORT.to_string()),
            ("prometheus.io/scheme", "http"),
        ]));
        let port = ServicePort {
            name: Some(PORT_NAME.to_owned()),
            port: PORT,
            target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
            ..ServicePort::default()
        };
        let spec = ServiceSpec {
            selector: Some(owned(&[OPERATOR_LABEL, PRODUCT_LABEL])),
            ports: Some(vec![port]),
            ..ServiceSpec::default()
        };
        Service { metadata, spec: Some(spec), ..Service::default() }
    }

    /// Only pods reach the operator. A node always reaches its own pods, for the probes. What the operator reaches is not
    /// limited: the API server and AWS have no labels.
    pub(super) fn network_policy(self) -> NetworkPolicy {
        let pods =
            NetworkPolicyPeer { namespace_selector: Some(LabelSelector::default()), ..NetworkPolicyPeer::default() };
        let port = NetworkPolicyPort {
            port: Some(IntOrString::String(PORT_NAME.to_owned())),
            protocol: Some("TCP".to_owned()),
            ..NetworkPolicyPort::default()
        };
        let spec = NetworkPolicySpec {
            pod_selector: Some(LabelSelector {
                match_labels: Some(owned(&[OPERATOR_LABEL, PRODUCT_LABEL])),
                ..LabelSelector::default()
            }),
            policy_types: Some(vec!["Ingress".to_owned()]),
            ingress: Some(vec![NetworkPolicyIngressRule { from: Some(vec![pods]), ports: Some(vec![port]) }]),
            egress: None,
        };
        NetworkPolicy { metadata: self.metadata("controller-manager", Component::Operator), spec: Some(spec) }
    }
}
