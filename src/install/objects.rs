//! Where the operator lives and who it is.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Install, PREFIX, Scope, VERSION};
use crate::lifecycle::{ANNOTATION_EKS_ROLE, OPERATOR_ACCOUNT, OPERATOR_LABEL, PRODUCT_LABEL};

const PART: &str = "app.kubernetes.io/component";

/// What an object is there for: `kubectl apply -f FILE -l app.kubernetes.io/component=rights` applies these alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    /// Who the operator is, and what it and people may do.
    Rights,
    /// The operator itself, and the way to it.
    Operator,
}

/// The labels of an object.
pub(super) fn labels(component: Component) -> BTreeMap<String, String> {
    let component = match component {
        Component::Rights => "rights",
        Component::Operator => "operator",
    };
    owned(&[PRODUCT_LABEL, ("app.kubernetes.io/version", VERSION), (PART, component)])
}

pub(super) fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Install {
    /// What an object is called and where it lies.
    pub(super) fn metadata(self, name: &str, component: Component) -> ObjectMeta {
        ObjectMeta {
            name: Some(format!("{PREFIX}{name}")),
            namespace: Some(self.namespace().to_owned()),
            labels: Some(labels(component)),
            ..ObjectMeta::default()
        }
    }

    /// The operator's own namespace takes only pods without privileges. That of one team is the team's, and is made only
    /// if it is not there: no label of it is ours to set.
    pub(super) fn own_namespace(self) -> Namespace {
        let labels = match self.scope {
            Scope::Cluster => {
                let mut own = labels(Component::Rights);
                own.extend(owned(&[OPERATOR_LABEL, ("pod-security.kubernetes.io/enforce", "restricted")]));
                Some(own)
            }
            Scope::Namespace => None,
        };
        let name = Some(self.namespace().to_owned());
        Namespace { metadata: ObjectMeta { name, labels, ..ObjectMeta::default() }, ..Namespace::default() }
    }

    pub(super) fn service_account(self) -> ServiceAccount {
        let role = self.role_arn();
        let metadata = ObjectMeta {
            name: Some(OPERATOR_ACCOUNT.to_owned()),
            annotations: Some(owned(&[(ANNOTATION_EKS_ROLE, &role)])),
            ..self.metadata("", Component::Rights)
        };
        ServiceAccount { metadata, ..ServiceAccount::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::{OPERATOR_DEPLOYMENT, OPERATOR_NAMESPACE};

    #[test]
    fn all_names_start_alike() {
        for name in [OPERATOR_NAMESPACE, OPERATOR_ACCOUNT, OPERATOR_DEPLOYMENT] {
            assert!(name.starts_with(PREFIX), "{name}");
        }
    }
}
