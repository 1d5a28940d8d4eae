//! The roles and who has them, from the tables in `access`.

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::objects::{Component, labels};
use super::{Install, PREFIX};
use crate::access::rbac;
use crate::lifecycle::OPERATOR_ACCOUNT;

/// What the operator does with objects. Role and binding are called as in version 1, so that an upgrade takes away what
/// they allowed before.
pub(super) const MANAGER: &str = "manager-role";
const MANAGER_BINDING: &str = "manager-rolebinding";
/// What it does in its own namespace.
const LEADER: &str = "leader-election-role";
const LEADER_BINDING: &str = "leader-election-rolebinding";

impl Install {
    fn operator_itself(self) -> Subject {
        Subject {
            kind: "ServiceAccount".to_owned(),
            name: OPERATOR_ACCOUNT.to_owned(),
            namespace: Some(self.namespace().to_owned()),
            ..Subject::default()
        }
    }

    /// An object of the whole cluster.
    fn cluster_wide(self, name: &str) -> ObjectMeta {
        ObjectMeta { namespace: None, ..self.metadata(name, Component::Rights) }
    }

    pub(super) fn cluster_role(self) -> (ClusterRole, ClusterRoleBinding) {
        let role = ClusterRole {
            metadata: self.cluster_wide(MANAGER),
            rules: Some(rbac::operator()),
            ..ClusterRole::default()
        };
        let binding = ClusterRoleBinding {
            metadata: self.cluster_wide(MANAGER_BINDING),
            role_ref: reference("ClusterRole", MANAGER),
            subjects: Some(vec![self.operator_itself()]),
        };
        (role, binding)
    }

    pub(super) fn namespaced_role(self) -> (Role, RoleBinding) {
        self.role(MANAGER, MANAGER_BINDING, rbac::operator())
    }

    pub(super) fn leader_role(self) -> (Role, RoleBinding) {
        self.role(LEADER, LEADER_BINDING, rbac::leader())
    }

    fn role(self, name: &str, binding: &str, rules: Vec<PolicyRule>) -> (Role, RoleBinding) {
        let role = Role { metadata: self.metadata(name, Component::Rights), rules: Some(rules) };
        let binding = RoleBinding {
            metadata: self.metadata(binding, Component::Rights),
            role_ref: reference("Role", name),
            subjects: Some(vec![self.operator_itself()]),
        };
        (role, binding)
    }
}

/// The roles for people, labelled as ours beside what they become a part of.
pub(super) fn user_roles() -> Vec<ClusterRole> {
    let mut roles = rbac::user_roles(PREFIX);
    for role in &mut roles {
        role.metadata.labels.get_or_insert_default().extend(labels(Component::Rights));
    }
    roles
}

fn reference(kind: &str, name: &str) -> RoleRef {
    RoleRef {
        api_group: "rbac.authorization.k8s.io".to_owned(),
        kind: kind.to_owned(),
        name: format!("{PREFIX}{name}"),
    }
}
