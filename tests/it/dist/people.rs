//! The roles for people: Kubernetes' own with our kinds in them, and the two readers.

use serde_json::json;

use crate::support::eventually::PATIENCE;
use crate::support::operator::hasty;
use crate::support::{Namespace, Simulator, eventually};

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

/// Binds a role, in this namespace alone, to somebody who has no other rights.
fn bind(home: &Namespace, role: &str, who: &str) {
    let (role, who) = (format!("--clusterrole={role}"), format!("--user={who}"));
    home.kubectl(["create", "rolebinding", "a-person", &role, &who]).run().ok();
}

/// Whether somebody may; kubectl says so by its exit code.
fn may(home: &Namespace, who: &str, verb: &str, kind: &str) -> bool {
    let resource = format!("{kind}.sagemaker.aws.amazon.com");
    home.kubectl(["auth", "can-i", verb, &resource, "--as", who, "--quiet"]).run().code() == 0
}

#[test]
fn who_may_view_edit_or_administer_a_namespace_may_do_so_with_our_kinds() {
    for (role, rights) in [
        ("view", &["get", "list", "watch"][..]),
        ("edit", &["get", "list", "watch", "create", "update", "patch", "delete"]),
        ("admin", &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]),
    ] {
        let home = Namespace::new(role);
        let who = format!("somebody-who-may-{role}");
        bind(&home, role, &who);
        // A controller adds our rules to those of the role.
        eventually(
            role,
            PATIENCE,
            || if may(&home, &who, "list", "models") { Ok(()) } else { Err("not yet".to_owned()) },
        );
        for kind in KINDS {
            assert!(may(&home, &who, "get", kind), "{role} of {kind}");
        }
        for verb in ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"] {
            assert_eq!(may(&home, &who, verb, "trainingjobs"), rights.contains(&verb), "{role}: {verb}");
        }
        for part in ["status", "finalizers"] {
            let args = ["auth", "can-i", "patch", "trainingjobs.sagemaker.aws.amazon.com", "--subresource", part];
            let asked = home.kubectl(args).args(["--as", &who]).run();
            assert_eq!((asked.code(), asked.stdout.trim()), (1, "no"), "{role}: {part}");
        }
    }
}

#[test]
fn the_log_reader_reads_logs_and_the_companion_reader_sees_what_goes_on() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("readers");
    let _operator = hasty(&home, &aws).start();
    home.apply(include_str!("../../samples/demo-trainingjob.yaml"));
    home.until_condition("trainingjobs", "mnist-demo", "Complete");

    let run = |plugin: &str, args: &[&str], who: &str| {
        home.plugin(plugin, &aws, args.iter().copied().chain(["--as", who])).run()
    };
    let smlogs = |args: &[&str], who: &str| run("kubectl-smlogs", args, who);
    let refused = smlogs(&["trainingjob", "mnist-demo"], "reader");
    assert_eq!(refused.code(), 1, "who has no role may read nothing");
    bind(&home, "sagemaker-k8s-operator-log-reader", "reader");
    for args in [&["trainingjob", "mnist-demo"][..], &["trainingjob", "--all", "--tail", "3"]] {
        let read = smlogs(args, "reader").ok();
        assert!(read.lines().count() > 2, "{args:?}: {read}");
    }
    let delete = home.kubectl(["delete", "trainingjob", "mnist-demo", "--as", "reader"]).run();
    assert_eq!(delete.code(), 1);

    let everywhere = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "companion" },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
            "name": "sagemaker-k8s-operator-companion-reader",
        },
        "subjects": [{ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "companion" }],
    });
    home.apply(everywhere.to_string());
    home.kubectl(["apply", "-n", "sagemaker-k8s-operator-system", "-f", "-"]).stdin(everywhere.to_string()).run();
    for args in [&["status"][..], &["describe", "mnist-demo"], &["tree", "trainingjob/mnist-demo"]] {
        let seen = run("kubectl-sagemaker", args, "companion");
        let said = format!("{}{}", seen.stdout, seen.stderr);
        assert_eq!(seen.code(), 0, "{args:?}: {said}");
        assert!(
            said.contains("mnist-demo") && !said.contains("orbidden") && !said.contains("cannot"),
            "{args:?}: {said}"
        );
    }
}
