//! What Kubernetes has to allow: the operator's rules, and roles for people.
//!
//! The installers are written from these tables, and every end-to-end test runs with them.

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::GROUP;
use crate::lifecycle::LEASE;

/// The resources of all kinds.
const KINDS: [&str; 8] = [
    "trainingjobs",
    "processingjobs",
    "batchtransformjobs",
    "hyperparametertuningjobs",
    "models",
    "endpointconfigs",
    "hostingdeployments",
    "hostingautoscalingpolicies",
];

/// Those whose logs can be read.
const LOGGED: [&str; 5] =
    ["trainingjobs", "processingjobs", "batchtransformjobs", "hyperparametertuningjobs", "hostingdeployments"];

/// Those that the operator makes and deletes itself: the trials of a tuning job, and the parts of a hosting deployment.
const CHILDREN: [&str; 3] = ["trainingjobs", "models", "endpointconfigs"];

/// The part of the API that Events are written to. They are read from the other one.
const EVENTS: &str = "events.k8s.io";

/// What the operator does wherever it looks after objects: with a `ClusterRole` everywhere, with a Role in one.
pub fn operator() -> Vec<PolicyRule> {
    let statuses: Vec<_> = KINDS.iter().map(|kind| format!("{kind}/status")).collect();
    let statuses: Vec<_> = statuses.iter().map(String::as_str).collect();
    vec![
        rule(GROUP, &KINDS, &["get", "list", "watch", "patch"]),
        rule(GROUP, &statuses, &["patch"]),
        rule(GROUP, &CHILDREN, &["create", "delete"]),
        // A part blocks the deletion of its deployment, for which some clusters ask for this.
        rule(GROUP, &["hostingdeployments/finalizers"], &["update"]),
        rule(EVENTS, &["events"], &["create", "patch"]),
        // The role that a namespace has of its own in AWS, and what names the cluster there. A Role grants the first:
        // to read a namespace counts as something within it.
        rule("", &["namespaces"], &["get"]),
    ]
}

/// What the operator does in the namespace that it runs in: it holds its Lease, and looks whether the original runs.
pub fn leader() -> Vec<PolicyRule> {
    let lease = PolicyRule {
        resource_names: Some(vec![LEASE.to_owned()]),
        ..rule("coordination.k8s.io", &["leases"], &["get", "update"])
    };
    vec![
        lease,
        // What is yet to be created has no name to go by.
        rule("coordination.k8s.io", &["leases"], &["create"]),
        rule("", &["pods"], &["list"]),
    ]
}

/// What the operator does where metrics are for those alone who may read them: it asks whose a token is, and what that
/// user may do. Both are of the whole cluster.
pub fn reviewer() -> Vec<PolicyRule> {
    vec![
        rule("authentication.k8s.io", &["tokenreviews"], &["create"]),
        rule("authorization.k8s.io", &["subjectaccessreviews"], &["create"]),
    ]
}

/// What reads the metrics there.
pub fn metrics_reader() -> Vec<PolicyRule> {
    vec![PolicyRule {
        non_resource_urls: Some(vec!["/metrics".to_owned()]),
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    }]
}

/// A role for people, to be bound as it is or, where it says so, part of Kubernetes' own `view`, `edit` and `admin`.
struct UserRole {
    name: &'static str,
    about: &'static str,
    /// The roles of Kubernetes' own that it becomes a part of.
    part_of: &'static [&'static str],
    /// The part of the API, what there, and what may be done with it.
    rules: &'static [(&'static str, &'static [&'static str], &'static [&'static str])],
}

const READ: &[&str] = &["get", "list", "watch"];

// None of them may write a status: it says what an object has in AWS, and whoever wrote it could have the operator stop
// what belongs to somebody else.
const USER_ROLES: [UserRole; 5] = [
    UserRole {
        name: "view",
        about: "Sees the objects of all kinds.",
        part_of: &["view", "edit", "admin"],
        rules: &[(GROUP, &KINDS, READ)],
    },
    UserRole {
        name: "edit",
        about: "Starts, changes and stops what objects describe.",
        part_of: &["edit", "admin"],
        rules: &[(GROUP, &KINDS, &["get", "list", "watch", "create", "update", "patch", "delete"])],
    },
    UserRole {
        name: "admin",
        about: "Does all that edit does, and deletes whole collections.",
        part_of: &["admin"],
        rules: &[(GROUP, &KINDS, &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"])],
    },
    UserRole {
        name: "log-reader",
        about: "Finds the logs of jobs and endpoints: what kubectl smlogs needs. CloudWatch asks for rights of its own.",
        part_of: &[],
        rules: &[(GROUP, &LOGGED, &["get", "list"])],
    },
    UserRole {
        name: "companion-reader",
        about: "Sees what kubectl sagemaker shows. Bind it in the operator's namespace too, or everywhere.",
        part_of: &[],
        rules: &[
            (GROUP, &KINDS, &["get", "list"]),
            ("", &["events"], &["list"]),
            ("coordination.k8s.io", &["leases"], &["get"]),
            ("", &["pods"], &["list"]),
            ("apps", &["deployments"], &["get", "list"]),
        ],
    },
];

/// The roles for people. Their names start with `prefix`.
pub fn user_roles(prefix: &str) -> Vec<ClusterRole> {
    USER_ROLES.iter().map(|role| role.named(prefix)).collect()
}

impl UserRole {
    fn named(&self, prefix: &str) -> ClusterRole {
        let Self { name, about, part_of, rules } = self;
        let aggregated = part_of
            .iter()
            .map(|whole| (format!("rbac.authorization.k8s.io/aggregate-to-{whole}"), "true".to_owned()))
            .collect::<BTreeMap<_, _>>();
        let told = BTreeMap::from([("kubernetes.io/description".to_owned(), (*about).to_owned())]);
        ClusterRole {
            metadata: ObjectMeta {
                name: Some(format!("{prefix}{name}")),
                labels: Some(aggregated),
                annotations: Some(told),
                ..ObjectMeta::default()
            },
            rules: Some(rules.iter().map(|(group, resources, verbs)| rule(group, resources, verbs)).collect()),
            ..ClusterRole::default()
        }
    }
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    PolicyRule {
        api_groups: Some(owned(&[group])),
        resources: Some(owned(resources)),
        verbs: owned(verbs),
        ..PolicyRule::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::crd;

    #[test]
    fn every_kind_is_in_the_table() {
        let mut installed: Vec<_> = crd::all().into_iter().map(|kind| kind.spec.names.plural).collect();
        let mut known = KINDS.to_vec();
        installed.sort();
        known.sort_unstable();
        assert_eq!(installed, known);
    }

    #[test]
    fn no_rule_holds_for_all_that_there_is() {
        let users = user_roles("").into_iter().flat_map(|role| role.rules.unwrap_or_default());
        for rule in [operator(), leader(), reviewer(), metrics_reader()].concat().into_iter().chain(users) {
            let words = [&rule.api_groups, &rule.resources, &rule.non_resource_urls];
            let words = words.into_iter().flatten().flatten().chain(&rule.verbs);
            assert!(!words.clone().any(|word| word.contains('*')), "{rule:?}");
            let writes_status = rule.resources.iter().flatten().any(|resource| resource.ends_with("/status"));
            assert!(!writes_status || rule.verbs == ["patch"], "{rule:?}");
        }
    }

    #[test]
    fn nobody_but_the_operator_writes_a_status() {
        for role in user_roles("") {
            let resources: Vec<_> =
                role.rules.iter().flatten().flat_map(|rule| rule.resources.iter().flatten()).collect();
            assert!(!resources.iter().any(|resource| resource.contains('/')), "{resources:?}");
        }
    }
}
