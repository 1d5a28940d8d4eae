//! The lines of a log, as `kubectl smlogs` reads them: completely, and as fast as the quotas allow.

use std::ffi::OsString;
use std::process::Stdio;

use sagemaker_operator::cli::{Complaint, Outcome};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::logs::{not_started, program};

/// What is read of a line.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) timestamp: Option<String>,
    #[serde(default)]
    pub(super) rank: Option<u32>,
    pub(super) message: String,
}

/// A log that is being read.
#[derive(Debug)]
pub(super) struct Log {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What is said about it, if that is kept back.
    said: Option<JoinHandle<String>>,
}

impl Log {
    /// Begins to read. What is said about it goes to stderr, or, if that is `quiet`, is told at the end.
    ///
    /// # Errors
    /// If the program that reads logs cannot be started.
    pub(super) fn open(args: Vec<OsString>, quiet: bool) -> Result<Self, Complaint> {
        let mut command = Command::new(program());
        command.args(args).args(["-o", "json"]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        if quiet {
            command.stderr(Stdio::piped());
        }
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let stdout = child.stdout.take().ok_or_else(|| Complaint::new("the log has no output"))?;
        let said = child.stderr.take().map(|mut stderr| {
            tokio::spawn(async move {
                let mut said = Vec::new();
                // What was said before it broke off is worth as much.
                let _ = stderr.read_to_end(&mut said).await;
                String::from_utf8_lossy(&said).trim_end().to_owned()
            })
        });
        Ok(Self { child, lines: BufReader::new(stdout).lines(), said })
    }

    /// The next line; `None` at the end. May be dropped while it waits.
    ///
    /// # Errors
    /// If what comes is no line of a log.
    pub(super) async fn next(&mut self) -> Result<Option<Line>, Complaint> {
        let unreadable = |error: &dyn std::fmt::Display| Complaint::new(format!("the log cannot be read: {error}"));
        let Some(line) = self.lines.next_line().await.map_err(|error| unreadable(&error))? else { return Ok(None) };
        serde_json::from_str(&line).map(Some).map_err(|error| unreadable(&error))
    }

    /// How it ended, and what was kept back.
    ///
    /// # Errors
    /// If nobody can say.
    pub(super) async fn end(mut self) -> Result<(Outcome, String), Complaint> {
        let status = self.child.wait().await;
        let status = status.map_err(|error| Complaint::new(format!("the log's end cannot be awaited: {error}")))?;
        let said = match self.said {
            Some(said) => said.await.unwrap_or_default(),
            None => String::new(),
        };
        Ok((status.code().map_or(Outcome::CouldNot, Outcome::of_code), said))
    }
}
