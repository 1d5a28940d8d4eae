//! An installation in which all is well, and what doctor says of it.

use chrono::{SecondsFormat, TimeDelta, Utc};
use http::Method;
use regex::Regex;
use serde_json::{Value, json};

use crate::smlogs::story::PLURAL;
use crate::support::manifests::training;
use crate::support::process::{Finished, Program};
use crate::support::{Namespace, Simulator, installed};

pub(super) const DEPLOYMENT: &str = "sagemaker-k8s-operator-controller-manager";
pub(super) const ACCOUNT: &str = "sagemaker-k8s-operator-default";
pub(super) const FINALIZER: &str = "sagemaker-operator-finalizer";
const LEASE: &str = "sagemaker-k8s-operator";
const ROLE_ARN: &str = "eks.amazonaws.com/role-arn";

/// A namespace whose operator is said to run, and an account.
pub(super) struct Ground {
    pub(super) home: Namespace,
    pub(super) aws: Simulator,
}

impl Ground {
    pub(super) fn new(about: &str) -> Self {
        Self::on(Namespace::new(about))
    }

    pub(super) fn on(home: Namespace) -> Self {
        let ground = Self { home, aws: Simulator::at_speed(50.0) };
        ground.annotate_account("arn:aws:iam::123456789012:role/operator");
        ground.deploy(DEPLOYMENT, &format!("registry.example/sagemaker-operator:{}", env!("CARGO_PKG_VERSION")));
        ground.report(DEPLOYMENT, 1);
        ground.allow(&least());
        ground.lease(TimeDelta::zero());
        ground
    }

    /// `kubectl sagemaker doctor`, in that namespace.
    pub(super) fn doctor(&self, args: &[&'static str]) -> Program {
        self.home.plugin("kubectl-sagemaker", &self.aws, ["doctor"].into_iter().chain(args.iter().copied()))
    }

    /// What it says, without what differs from run to run.
    pub(super) fn said(&self, program: Program) -> String {
        let Finished { stdout, stderr, status, .. } = program.run();
        let text = format!("{stdout}---\n{stderr}exit {}", status.code().unwrap_or(-1));
        let text = text.replace(self.home.cluster().server(), "SERVER").replace(self.home.name(), "NAMESPACE");
        let text = text.replace(self.aws.endpoint(), "ENDPOINT").replace(env!("CARGO_PKG_VERSION"), "2.X");
        let text = replaced(r"v1\.\d+\.\d+", &text, "v1.X");
        let text = replaced(r"\b\d+s ago", &text, "AGO ago");
        replaced(r"for up to \d+s", &text, "for up to AGO")
    }

    fn request(&self, method: Method, path: &str, body: &Value) -> Value {
        self.home.cluster().request(method, path, Some(body)).expect("the test may do everything")
    }

    /// Makes an object, or makes it so.
    fn put(&self, api: &str, plural: &str, object: &Value) {
        let name = object["metadata"]["name"].as_str().expect("it has a name");
        match self.home.cluster().request(Method::POST, &self.path(api, plural, ""), Some(object)) {
            Ok(_) => {}
            Err(refused) if refused.code == 409 => {
                _ = self.request(Method::PATCH, &self.path(api, plural, name), object);
            }
            Err(refused) => panic!("{plural}/{name}: {refused:?}"),
        }
    }

    fn path(&self, api: &str, plural: &str, name: &str) -> String {
        format!("/{api}/namespaces/{}/{plural}{}{name}", self.home.name(), if name.is_empty() { "" } else { "/" })
    }

    /// The `ServiceAccount` with that role, made or changed.
    pub(super) fn annotate_account(&self, role: &str) {
        let metadata = json!({ "name": ACCOUNT, "annotations": { ROLE_ARN: role } });
        let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata });
        self.put("api/v1", "serviceaccounts", &account);
    }

    /// A Deployment that nobody runs.
    pub(super) fn deploy(&self, name: &str, image: &str) {
        let labels = json!({ "control-plane": "controller-manager", "app": name });
        let args = json!([format!("--namespace={}", self.home.name())]);
        let containers = json!([{ "name": "manager", "image": image, "args": args }]);
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "labels": labels },
            "spec": {
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": { "serviceAccountName": ACCOUNT, "containers": containers },
                },
            },
        });
        self.put("apis/apps/v1", "deployments", &deployment);
    }

    /// Has as many of its pods be ready.
    pub(super) fn report(&self, name: &str, ready: u32) {
        let status = json!({ "status": { "replicas": 1, "readyReplicas": ready } });
        self.request(Method::PATCH, &format!("{}/status", self.path("apis/apps/v1", "deployments", name)), &status);
    }

    /// A pod of the operator's, with that status.
    pub(super) fn pod(&self, status: &Value) {
        let labels = json!({ "control-plane": "controller-manager", "app": DEPLOYMENT });
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "operator-0", "labels": labels },
            "spec": { "serviceAccountName": ACCOUNT, "containers": [{ "name": "manager", "image": "sagemaker-operator" }] },
        });
        self.put("api/v1", "pods", &pod);
        let status = json!({ "status": status });
        self.request(Method::PATCH, &self.path("api/v1", "pods", "operator-0/status"), &status);
    }

    /// The Lease, renewed so long ago.
    pub(super) fn lease(&self, ago: TimeDelta) {
        let renewed = (Utc::now() - ago).to_rfc3339_opts(SecondsFormat::Micros, true);
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": { "name": LEASE },
            "spec": { "holderIdentity": "operator-0", "leaseDurationSeconds": 600, "renewTime": renewed },
        });
        self.put("apis/coordination.k8s.io/v1", "leases", &lease);
    }

    /// Has the Lease be gone.
    pub(super) fn drop_lease(&self) {
        self.remove("lease", LEASE);
    }

    /// Deletes an object of Kubernetes.
    pub(super) fn remove(&self, kind: &str, name: &str) {
        self.home.kubectl(["delete", kind, name]).run().ok();
    }

    /// What the operator's `ServiceAccount` may do.
    pub(super) fn allow(&self, rules: &Value) {
        self.home.grant(
            "operator",
            rules,
            &json!({ "kind": "ServiceAccount", "name": ACCOUNT, "namespace": self.home.name() }),
        );
    }

    /// Annotates the Namespace.
    pub(super) fn annotate_namespace(&self, role: &str) {
        let patch = json!({ "metadata": { "annotations": { "sagemaker.aws.amazon.com/role-arn": role } } });
        self.request(Method::PATCH, &format!("/api/v1/namespaces/{}", self.home.name()), &patch);
    }

    /// An object that an operator holds, as version 1 left it.
    pub(super) fn held(&self, name: &str) {
        let mut manifest = training(name, &json!({}));
        manifest["metadata"]["finalizers"] = json!([FINALIZER]);
        self.home.apply(manifest.to_string());
        self.home.report(PLURAL, name, &json!({ "trainingJobStatus": "InProgress" }));
    }

    /// The same, deleted.
    pub(super) fn hanging(&self, name: &str) {
        self.held(name);
        self.home.delete(PLURAL, name);
    }
}

/// The rights that the installer gives the operator of one namespace.
pub(super) fn least() -> Value {
    let objects = installed::objects(&installed::text("namespaced/operator.yaml"));
    let rules = objects.iter().filter(|object| object["kind"] == "Role").filter_map(|role| role["rules"].as_array());
    rules.flatten().cloned().collect()
}

fn replaced(pattern: &str, text: &str, by: &str) -> String {
    Regex::new(pattern).expect("it is a pattern").replace_all(text, by).into_owned()
}
