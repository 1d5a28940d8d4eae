//! The lines of a log, as `kubectl smlogs` reads them: completely, and as fast as the quotas allow.

use std::ffi::OsString;
use std::process::Stdio;

use sagemaker_operator::cli::{Complaint, Outcome};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

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
}

impl Log {
    /// Begins to read. What is said about it goes to stderr, unless that is `quiet`.
    ///
    /// # Errors
    /// If the program that reads logs cannot be started.
    pub(super) fn open(args: Vec<OsString>, quiet: bool) -> Result<Self, Complaint> {
        let mut command = Command::new(program());
        command.args(args).args(["-o", "json"]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        if quiet {
            command.stderr(Stdio::null());
        }
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let stdout = child.stdout.take().ok_or_else(|| Complaint::new("the log has no output"))?;
        Ok(Self { child, lines: BufReader::new(stdout).lines() })
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

    /// How it ended.
    ///
    /// # Errors
    /// If nobody can say.
    pub(super) async fn end(mut self) -> Result<Outcome, Complaint> {
        let status = self.child.wait().await;
        let status = status.map_err(|error| Complaint::new(format!("the log's end cannot be awaited: {error}")))?;
        Ok(status.code().map_or(Outcome::CouldNot, Outcome::of_code))
    }
}
