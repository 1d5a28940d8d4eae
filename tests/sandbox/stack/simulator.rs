//! The AWS simulator as a process of its own, as the operator sees AWS.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::Options;
use crate::place;
use crate::tied::{self, Tied};

#[derive(Debug)]
pub(super) struct Simulator {
    pub(super) endpoint: String,
    process: Tied,
    log: PathBuf,
}

impl Simulator {
    pub(super) async fn start(options: &Options, logs: &Path) -> anyhow::Result<Self> {
        let log = logs.join("aws.log");
        let mut command = tied::command(tied::itself()?)?;
        command.args(["aws", "--until-stdin-closes", "--port", &options.port.to_string()]);
        command.args(["--speed", &options.speed.to_string()]);
        for fault in &options.fault {
            command.args(["--fault", fault]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut process = Tied::spawn(command)?;
        let stdout = process.pipes().stdout.take().context("stdout is a pipe")?;
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let ready: Value = serde_json::from_str(&line.await??).unwrap_or_default();
        let Some(endpoint) = ready["endpoint"].as_str() else {
            bail!("the AWS simulator did not start:\n{}", std::fs::read_to_string(&log).unwrap_or_default().trim_end());
        };
        Ok(Self { endpoint: endpoint.to_owned(), process, log })
    }

    /// Where the SDK looks for address, region and keys.
    pub(super) fn env(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", "us-west-2".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIASANDBOX000000001".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox-secret-1".to_owned()),
        ]
    }

    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        match self.process.ended()? {
            None => Ok(()),
            Some(status) => bail!("the AWS simulator ended, {status}; see {}", place::short(&self.log)),
        }
    }
}
