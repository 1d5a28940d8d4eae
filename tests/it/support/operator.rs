//! The operator as a process.

use std::net::{Ipv4Addr, TcpListener};

use super::built;
use super::eventually::{PATIENCE, eventually};
use super::installed;
use super::namespace::Namespace;
use super::process::{Program, Running};
use super::simulator::{Keys, Simulator, http};

/// An operator about to be started. Keep it to start another one after the first was killed.
#[derive(Debug, Clone)]
pub(crate) struct Setup<'a> {
    namespace: &'a Namespace,
    aws: &'a Simulator,
    keys: Keys,
    args: Vec<String>,
    env: Vec<(String, String)>,
    looking_after: String,
}

/// An operator in a hurry.
pub(crate) fn hasty<'a>(home: &'a Namespace, aws: &'a Simulator) -> Setup<'a> {
    home.operator(aws).args([
        "--poll-interval=300ms",
        "--retry-base=200ms",
        "--retry-cap=2s",
        "--stalled-interval=2s",
        "--not-found-window=20s",
        "--lease-duration=10s",
    ])
}

impl<'a> Setup<'a> {
    pub(super) fn new(namespace: &'a Namespace, aws: &'a Simulator) -> Self {
        let looking_after = namespace.name().to_owned();
        Self { namespace, aws, keys: Keys::default(), args: Vec::new(), env: Vec::new(), looking_after }
    }

    /// With the keys of another account.
    pub(crate) fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// Looking after another namespace than the test's own.
    pub(crate) fn looking_after(mut self, namespace: &str) -> Self {
        namespace.clone_into(&mut self.looking_after);
        self
    }

    /// With more arguments.
    pub(crate) fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it answers its readiness probe.
    #[track_caller]
    pub(crate) fn start(&self) -> Operator {
        let mut operator = self.launch();
        operator.until_ready();
        operator
    }

    /// Starts it, whether it will ever be ready or not.
    #[track_caller]
    pub(crate) fn launch(&self) -> Operator {
        installed::let_lead(self.namespace);
        let port = free_port();
        let program = Program::tied(&built::binaries().join("sagemaker-operator"))
            .args(["--namespace", &self.looking_after, "--metrics-addr", &format!("127.0.0.1:{port}")])
            .args(&self.args)
            .env("KUBECONFIG", self.namespace.cluster().kubeconfig_of("operator"))
            // The Lease lies in the test's own namespace, so that each test's operator leads.
            .env("POD_NAMESPACE", self.namespace.name())
            .envs(self.aws.env(self.keys))
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        Operator { process: program.start(), port }
    }
}

/// A running operator. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Operator {
    process: Running,
    port: u16,
}

impl Operator {
    /// One that was started otherwise, and serves its pages on that port.
    pub(crate) fn at(process: Running, port: u16) -> Self {
        Self { process, port }
    }

    /// Waits until it answers its readiness probe.
    #[track_caller]
    pub(crate) fn until_ready(&mut self) {
        eventually("the operator's readiness", PATIENCE, || {
            if let Some(status) = self.process.ended() {
                panic!("the operator ended: {status}\n{}", self.process.stderr());
            }
            self.page("readyz").map(drop)
        });
    }

    /// A page of its HTTP server: `healthz`, `readyz` or `metrics`.
    pub(crate) fn page(&self, page: &str) -> Result<String, String> {
        let url = format!("http://127.0.0.1:{}/{page}", self.port);
        let mut answer = http().get(&url).call().map_err(|error| format!("{url}: {error}"))?;
        answer.body_mut().read_to_string().map_err(|error| format!("{url}: {error}"))
    }

    /// The process: its log, its end, signals to it.
    pub(crate) fn process(&mut self) -> &mut Running {
        &mut self.process
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill();
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound listener has an address").port()
}
