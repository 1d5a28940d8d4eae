//! The control plane that all tests share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ChildStdin, ExitStatus};
use std::sync::{Arc, OnceLock};

use http::Method;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::built;
use super::eventually::{PATIENCE, eventually};
use super::process::{Program, Running};
use super::{helm, installed};

/// A running control plane. It stops at the end of its input, which is ours to close, and closed if we are killed.
pub(crate) struct Cluster {
    ready: Ready,
    runtime: Runtime,
    client: kube::Client,
    /// One for requests that end their connection.
    unpooled: kube::Client,
    process: Running,
    input: Option<ChildStdin>,
}

/// The line that the sandbox prints.
#[derive(Debug, Deserialize)]
struct Ready {
    kubeconfig: PathBuf,
    kubectl: PathBuf,
    server: String,
    ca: PathBuf,
    tokens: BTreeMap<String, String>,
    pids: BTreeMap<String, i32>,
}

/// What the API server refused, in its own words.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: u16,
    pub(crate) message: String,
}

impl Cluster {
    /// The one of this test binary, with our kinds installed.
    pub(crate) fn shared() -> &'static Arc<Self> {
        static SHARED: OnceLock<Arc<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| {
            let cluster = Self::start();
            cluster.install();
            Arc::new(cluster)
        })
    }

    /// One for a test alone, with nothing installed.
    pub(crate) fn start() -> Self {
        built::control_plane();
        let sandbox = Program::lasting(built::sandbox()).args(["cluster", "--until-stdin-closes"]);
        let (mut process, input) = sandbox.start_held();
        let line = process.until_stdout_has("{");
        let ready: Ready = serde_json::from_str(&line).expect("the sandbox prints one line of JSON");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let (client, unpooled) = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(&ready.kubeconfig).expect("the kubeconfig is there");
            let options = KubeConfigOptions::default();
            let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("and is one");
            config.proxy_url = None;
            let client = || kube::Client::try_from(config.clone()).expect("a client can be built from it");
            (client(), client())
        });
        Self { ready, runtime, client, unpooled, process, input: Some(input) }
    }

    /// Installs our kinds and the rights of the operator that looks after all namespaces, from its installer.
    pub(crate) fn install(&self) {
        let installer = built::root().join("dist/rolebased/installer.yaml");
        self.kubectl().args(["apply", "-l", installed::ALL_BUT_THE_OPERATOR, "-f"]).arg(installer).run().ok();
        self.until_kinds_are_served();
    }

    /// Installs our kinds, or those of them that are missing.
    pub(crate) fn install_kinds(&self) {
        self.kubectl().args(["apply", "-f"]).arg(built::root().join("dist/crds")).run().ok();
        self.until_kinds_are_served();
    }

    /// Waits until the API server takes objects of our kinds.
    #[track_caller]
    pub(crate) fn until_kinds_are_served(&self) {
        let kinds = built::root().join("dist/crds");
        self.kubectl().args(["wait", "--for=condition=Established", "--timeout=60s", "-f"]).arg(kinds).run().ok();
    }

    /// A client with all rights.
    pub(crate) fn client(&self) -> kube::Client {
        self.client.clone()
    }

    /// kubectl, with all rights. The product's plugins are on its PATH.
    pub(crate) fn kubectl(&self) -> Program {
        self.program(&self.ready.kubectl.clone())
    }

    /// Helm, with all rights.
    pub(crate) fn helm(&self) -> Program {
        helm::keeping_its_files_in(&self.ready.kubeconfig.with_file_name("helm"), self.program(built::helm()))
    }

    /// A shell that knows `helm`, with all rights.
    pub(crate) fn shell_with_helm(&self, script: &str) -> Program {
        let script = format!("helm() {{ '{}' \"$@\"; }}\n{script}", built::helm().display());
        let shell = self.program("/bin/sh".as_ref()).args(["-euc", &script]);
        helm::keeping_its_files_in(&self.ready.kubeconfig.with_file_name("helm"), shell)
    }

    /// Where kubectl is.
    pub(crate) fn kubectl_path(&self) -> &std::path::Path {
        &self.ready.kubectl
    }

    /// A program that finds this cluster in its KUBECONFIG.
    pub(crate) fn program(&self, program: &std::path::Path) -> Program {
        let kubectl = self.ready.kubectl.parent().expect("kubectl lies in a folder");
        let mut path = vec![built::binaries().to_owned(), kubectl.to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).expect("folders of a PATH can be joined again");
        let cache = self.ready.kubeconfig.with_file_name("kubectl-cache");
        Program::tied(program)
            .env("PATH", path)
            .env("KUBECONFIG", &self.ready.kubeconfig)
            // Else kubectl remembers this short-lived server below the developer's home.
            .env("KUBECACHEDIR", cache)
    }

    /// The kubeconfig, with the contexts `admin`, `log-reader` and `operator`.
    pub(crate) fn kubeconfig(&self) -> &std::path::Path {
        &self.ready.kubeconfig
    }

    /// The kubeconfig of a context.
    pub(crate) fn kubeconfig_of(&self, context: &str) -> PathBuf {
        self.ready.kubeconfig.with_file_name(format!("kubeconfig-{context}"))
    }

    /// The API server's address.
    pub(crate) fn server(&self) -> &str {
        &self.ready.server
    }

    /// The file with the authority that vouches for the API server.
    pub(crate) fn ca(&self) -> &std::path::Path {
        &self.ready.ca
    }

    /// The token of a context's user.
    pub(crate) fn token(&self, context: &str) -> &str {
        &self.ready.tokens[context]
    }

    /// The servers' process ids.
    pub(crate) fn pids(&self) -> impl Iterator<Item = i32> {
        self.ready.pids.values().copied()
    }

    /// The sandbox that runs it.
    pub(crate) fn process(&mut self) -> &mut Running {
        &mut self.process
    }

    /// Lets go of its input, which it takes for the wish to end, and waits for that.
    #[track_caller]
    pub(crate) fn stop(&mut self) -> ExitStatus {
        drop(self.input.take());
        eventually("the end of the control plane", PATIENCE, || {
            self.process.ended().ok_or_else(|| self.process.stderr())
        })
    }

    /// One request, with all rights. A PATCH is a merge patch.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Refused> {
        let content = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
        // The API server closes a connection that was idle for 90 s, perhaps while a request is on its way: no answer.
        // What may be asked twice is asked again then; all else goes over a connection of its own.
        let (client, mut repeats, connection) = match method {
            Method::GET | Method::PATCH => (&self.client, 2, "keep-alive"),
            _ => (&self.unpooled, 0, "close"),
        };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", content)
            .header("connection", connection)
            .body(bytes)
            .expect("the test gives a valid path");
        loop {
            match self.runtime.block_on(client.request::<Value>(request.clone())) {
                Ok(answer) => return Ok(answer),
                Err(kube::Error::Api(status)) => {
                    // Kubernetes before 1.33 writes the type of a value that it does not show.
                    let message = ["array", "object"].iter().fold(status.message.clone(), |message, of| {
                        message.replace(&format!("Invalid value: \"{of}\": "), "Invalid value: ")
                    });
                    return Err(Refused { code: status.code, message });
                }
                Err(_) if repeats > 0 => repeats -= 1,
                Err(error) => panic!("{path}: the API server does not answer: {error}"),
            }
        }
    }

    /// Reads an object; `None` if there is none.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        match self.request(Method::GET, path, None) {
            Ok(object) => Some(object),
            Err(refused) if refused.code == 404 => None,
            Err(refused) => panic!("{path}: {refused:?}"),
        }
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.server())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Killed, it would leave its folder to the next one.
        if !std::thread::panicking() {
            self.stop();
        }
    }
}
