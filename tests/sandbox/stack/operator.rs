//! The operator as a process of its own, with the rights of its own service account.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::bail;

use super::Stack;
use crate::cluster::free_port;
use crate::place;
use crate::tied::Tied;

/// How long until it answers its readiness probe.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Operator {
    process: Tied,
    pub(super) log: PathBuf,
}

impl Operator {
    pub(super) async fn start(stack: &Stack, logs: &Path) -> anyhow::Result<Self> {
        let log = logs.join("operator.log");
        let output = File::create(&log)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = stack.command("sagemaker-operator")?;
        command.args(["--metrics-addr", &address]);
        command.env("KUBECONFIG", stack.control_plane().access().kubeconfig_of("operator"));
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut operator = Self { process: Tied::spawn(command)?, log };
        operator.until_ready(&address).await?;
        Ok(operator)
    }

    async fn until_ready(&mut self, address: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        let url = format!("http://{address}/readyz");
        let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().proxy(None).build());
        loop {
            tick.tick().await;
            self.check()?;
            let probe = agent.get(&url);
            if tokio::task::spawn_blocking(move || probe.call().is_ok()).await? {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the operator is not ready after {PATIENCE:?}; see {}", place::short(&self.log));
            }
        }
    }

    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.process.ended()? else { return Ok(()) };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(5)..].join("\n");
        bail!("the operator ended, {status}; see {}\n{tail}", place::short(&self.log))
    }
}
