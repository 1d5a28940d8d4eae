//! A test's own namespace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use serde_json::{Value, json};

use super::built;
use super::cluster::{Cluster, Refused};
use super::eventually::{PATIENCE, eventually};
use super::operator::Setup;
use super::process::Program;
use super::simulator::{Keys, Simulator};

/// A namespace that nobody else uses. It goes with its cluster.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
    cluster: Arc<Cluster>,
}

impl Namespace {
    /// A new one, named after what the test is about.
    pub(crate) fn new(about: &str) -> Self {
        Self::on(Arc::clone(Cluster::shared()), about)
    }

    /// One on a control plane of its own, with our kinds installed: for a test that takes away what others need.
    pub(crate) fn alone(about: &str) -> Self {
        let cluster = Cluster::start();
        cluster.install();
        Self::on(Arc::new(cluster), about)
    }

    fn on(cluster: Arc<Cluster>, about: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("{about}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        cluster.request(Method::POST, "/api/v1/namespaces", Some(&object)).expect("a namespace can be created");
        Self { name, cluster }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The cluster it lies in.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// kubectl, in this namespace.
    pub(crate) fn kubectl<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Program {
        self.cluster.kubectl().args(["-n", &self.name]).args(args)
    }

    /// One of our plugins (`kubectl-smlogs`, `kubectl-sagemaker`), in this namespace and with the keys of `aws`.
    pub(crate) fn plugin<'a>(&self, name: &str, aws: &Simulator, args: impl IntoIterator<Item = &'a str>) -> Program {
        let program = self.cluster.program(&built::binaries().join(name));
        program.envs(aws.env(Keys::default())).args(args).args(["-n", &self.name])
    }

    /// An operator for this namespace alone, about to be started.
    pub(crate) fn operator<'a>(&'a self, aws: &'a Simulator) -> Setup<'a> {
        Setup::new(self, aws)
    }

    /// `kubectl apply`.
    #[track_caller]
    pub(crate) fn apply(&self, manifest: impl Into<String>) -> String {
        self.kubectl(["apply", "-f", "-"]).stdin(manifest).run().ok()
    }

    /// `kubectl delete`, without waiting for the object to go.
    #[track_caller]
    pub(crate) fn delete(&self, plural: &str, name: &str) {
        self.kubectl(["delete", plural, name, "--wait=false"]).run().ok();
    }

    /// The API path of one of our objects.
    fn path(&self, plural: &str, name: &str) -> String {
        format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{plural}/{name}", self.name)
    }

    /// One of our objects; `None` if there is none.
    pub(crate) fn get(&self, plural: &str, name: &str) -> Option<Value> {
        self.cluster.get(&self.path(plural, name))
    }

    /// Changes an object by a merge patch.
    pub(crate) fn patch(&self, plural: &str, name: &str, patch: &Value) -> Result<Value, Refused> {
        self.cluster.request(Method::PATCH, &self.path(plural, name), Some(patch))
    }

    /// Allows somebody something in the namespace, by a Role and a `RoleBinding` of that name.
    #[track_caller]
    pub(crate) fn grant(&self, name: &str, rules: &Value, subject: &Value) {
        const GROUP: &str = "rbac.authorization.k8s.io";
        let version = format!("{GROUP}/v1");
        let role = json!({ "apiVersion": version, "kind": "Role", "metadata": { "name": name }, "rules": rules });
        let binding = json!({
            "apiVersion": version, "kind": "RoleBinding", "metadata": { "name": name },
            "roleRef": { "apiGroup": GROUP, "kind": "Role", "name": name }, "subjects": [subject],
        });
        self.apply(json!({ "apiVersion": "v1", "kind": "List", "items": [role, binding] }).to_string());
    }

    /// Allows a user something in the namespace.
    #[track_caller]
    pub(crate) fn grant_user(&self, user: &str, rules: &Value) {
        self.grant(user, rules, &json!({ "kind": "User", "name": user }));
    }

    /// Writes a status, where there is no operator to do so. `status` is the inner part.
    #[track_caller]
    pub(crate) fn report(&self, plural: &str, name: &str, status: &Value) -> Value {
        let path = format!("{}/status", self.path(plural, name));
        self.cluster.request(Method::PATCH, &path, Some(&json!({ "status": status }))).expect("a status can be written")
    }

    /// The Events about the object of that name, oldest first.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        let list = self.cluster.get(&format!("/apis/events.k8s.io/v1/namespaces/{}/events", self.name));
        let mut events = list.map_or_else(Vec::new, |mut list| match list["items"].take() {
            Value::Array(items) => items,
            other => panic!("no list of events: {other}"),
        });
        events.retain(|event| event["regarding"]["name"] == name);
        events.sort_by_key(|event| event["eventTime"].as_str().unwrap_or_default().to_owned());
        events
    }

    /// Waits until the object is as wanted, and returns it.
    #[track_caller]
    pub(crate) fn until(&self, plural: &str, name: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{plural}/{name}: {what}"), PATIENCE, || match self.get(plural, name) {
            Some(object) if wanted(&object) => Ok(object),
            Some(object) => Err(format!("{:#}", object["status"])),
            None => Err("no such object".to_owned()),
        })
    }

    /// Waits until the object has a condition with status `True`, and returns the condition.
    #[track_caller]
    pub(crate) fn until_condition(&self, plural: &str, name: &str, condition: &str) -> Value {
        let is_true = |object: &Value| condition_of(object, condition).is_some_and(|it| it["status"] == "True");
        let object = self.until(plural, name, condition, is_true);
        condition_of(&object, condition).cloned().expect("it was just seen")
    }

    /// Waits until the object has gone.
    #[track_caller]
    pub(crate) fn until_gone(&self, plural: &str, name: &str) {
        eventually(&format!("the end of {plural}/{name}"), PATIENCE, || match self.get(plural, name) {
            None => Ok(()),
            Some(object) => Err(format!("{object:#}")),
        });
    }
}

/// The condition of that type, if the object has one.
pub(crate) fn condition_of<'a>(object: &'a Value, type_: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == type_)
}
