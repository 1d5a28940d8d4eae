//! What kubelet would do: the operator as a process, started from the Deployment that the API server has.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::operator::{Operator, free_port};
use crate::support::process::Program;
use crate::support::simulator::Keys;
use crate::support::{Cluster, Simulator, built, installed};

const DEPLOYMENT: &str = "sagemaker-k8s-operator-controller-manager";
/// What the pod is called.
pub(super) const NAME: &str = "sagemaker-k8s-operator-controller-manager-0";

/// A pod about to be started.
pub(super) struct Pod<'a> {
    cluster: &'a Cluster,
    namespace: String,
    container: Value,
    volumes: Value,
    /// What its arguments mean here: pods have addresses and files of their own, processes share them.
    means: Vec<(String, String)>,
    /// What its service account is annotated with.
    role: String,
}

impl<'a> Pod<'a> {
    /// The one that the Deployment in that namespace asks for.
    #[track_caller]
    pub(super) fn of(cluster: &'a Cluster, namespace: &str) -> Self {
        let deployment = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{DEPLOYMENT}");
        let mut deployment = cluster.get(&deployment).expect("the Deployment is installed");
        let mut pod = deployment["spec"]["template"]["spec"].take();
        assert_eq!(pod["serviceAccountName"], installed::SERVICE_ACCOUNT);
        let account = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{}", installed::SERVICE_ACCOUNT);
        let account = cluster.get(&account).expect("the service account is installed");
        let role =
            account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].as_str().expect("a role").to_owned();
        let (container, volumes) = (pod["containers"][0].take(), pod["volumes"].take());
        Self { cluster, namespace: namespace.to_owned(), container, volumes, means: Vec::new(), role }
    }

    /// With its metrics over HTTPS at a free port, and that port.
    #[track_caller]
    pub(super) fn at_secure_port(mut self) -> (Self, u16) {
        let port = free_port();
        self.means.push((":8443".to_owned(), format!("127.0.0.1:{port}")));
        (self, port)
    }

    /// With that folder where the Secret of that name is mounted.
    #[track_caller]
    pub(super) fn mounting(mut self, secret: &str, folder: &Path) -> Self {
        let named = |list: &Value, is: &dyn Fn(&Value) -> bool| {
            list.as_array().into_iter().flatten().find(|it| is(it)).cloned()
        };
        let volume = named(&self.volumes, &|volume| volume["secret"]["secretName"] == secret).expect("a volume");
        let mounts = &self.container["volumeMounts"];
        let mount = named(mounts, &|mount| mount["name"] == volume["name"]).expect("the volume is mounted");
        let path = mount["mountPath"].as_str().expect("a path").to_owned();
        self.means.push((path, folder.display().to_string()));
        self
    }

    /// The container's variables, and those that EKS adds for the role.
    fn env(&self) -> Vec<(String, String)> {
        let mut env: Vec<_> = self.container["env"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|variable| {
                let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
                    Some("metadata.name") => NAME,
                    Some("metadata.namespace") => &self.namespace,
                    Some(other) => panic!("kubelet would have to know {other}"),
                    None => variable["value"].as_str().unwrap_or_default(),
                };
                (variable["name"].as_str().expect("a name").to_owned(), value.to_owned())
            })
            .collect();
        env.push(("AWS_ROLE_ARN".to_owned(), self.role.clone()));
        env
    }

    /// Starts it, with `more` arguments.
    #[track_caller]
    pub(super) fn start(&self, aws: &Simulator, more: &[&str]) -> Operator {
        let env = self.env();
        let port = free_port();
        let mut means = vec![("--metrics-addr=:8080".to_owned(), format!("--metrics-addr=127.0.0.1:{port}"))];
        means.extend(env.iter().map(|(name, value)| (format!("$({name})"), value.clone())));
        means.extend(self.means.iter().cloned());
        let args: Vec<_> = self.container["args"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|argument| {
                let argument = argument.as_str().expect("text");
                means.iter().fold(argument.to_owned(), |text, (written, meant)| text.replace(written, meant))
            })
            .collect();
        let kubeconfig = installed::kubeconfig_in(self.cluster, &self.namespace);
        let own = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let aws = aws.env(Keys::default()).into_iter().filter(|(name, _)| !own.contains(name));
        let program = Program::tied(&built::binaries().join("sagemaker-operator"))
            .args(&args)
            .args(more)
            .envs(env)
            .envs(aws)
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", self.token())
            .env("KUBECONFIG", kubeconfig);
        let mut operator = Operator::at(program.start(), port);
        operator.until_ready();
        operator
    }

    /// The token for AWS, in a file, as EKS gives it to the pod.
    fn token(&self) -> PathBuf {
        let args =
            ["create", "token", installed::SERVICE_ACCOUNT, "--audience=sts.amazonaws.com", "-n", &self.namespace];
        let token = self.cluster.kubectl().args(args).run().ok();
        let path = self.cluster.kubeconfig().with_file_name(format!("token-of-{}", self.namespace));
        fs::write(&path, token.trim()).expect("a token can be written");
        path
    }
}

/// What makes it hurry.
pub(super) const HASTY: &[&str] =
    &["--poll-interval=300ms", "--retry-base=200ms", "--retry-cap=2s", "--stalled-interval=2s", "--lease-duration=10s"];
