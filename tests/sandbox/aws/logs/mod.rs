//! CloudWatch Logs: what jobs write, and how it comes to be seen.
//!
//! Nothing here holds lines or reads a clock. A job's stream is a seed and a schedule; each event is computed when it is
//! asked for, so a stream of millions costs as much as an empty one. Time is an argument everywhere.
#![expect(dead_code, reason = "the frame that calls this lands next and removes this line")]

use std::sync::Mutex;

use serde_json::{Value, json};

/// Whose logs, and at what moment.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The twelve digits of the account.
    pub(crate) account: String,
    /// Such as `us-west-2`.
    pub(crate) region: String,
    /// The moment of the request, in milliseconds since 1970.
    pub(crate) now_ms: u64,
}

/// Containers that start to write.
///
/// A job may run more than once (a spot interruption restarts it): each run has streams of its own.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The twelve digits of the account.
    pub(crate) account: String,
    /// Such as `us-west-2`.
    pub(crate) region: String,
    /// Such as `/aws/sagemaker/TrainingJobs`.
    pub(crate) group: String,
    /// The SageMaker name of the job.
    pub(crate) job: String,
    /// One stream each.
    pub(crate) hosts: Vec<Host>,
    /// What each of them writes.
    pub(crate) workload: Workload,
}

/// One container and its stream.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    /// The stream's whole name, such as `my-job/algo-1-1763926800`.
    pub(crate) stream: String,
    /// When the container starts, in milliseconds since 1970; may lie ahead.
    pub(crate) starts_ms: u64,
}

/// How much is written, and how it reads.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// The same seed and schedule give the same lines.
    pub(crate) seed: u64,
    /// Each host's rate, in real time, once its preamble is out. At most 1,000,000.
    pub(crate) lines_per_second: f64,
    /// The exact length of a training line; `None` leaves lines as long as they are.
    pub(crate) line_bytes: Option<usize>,
    /// How often a host's agent sends what it has gathered, in real seconds.
    pub(crate) flush_seconds: f64,
    /// Whose training loop the lines look like.
    pub(crate) flavour: Flavour,
}

impl Default for Workload {
    fn default() -> Self {
        Self { seed: 0, lines_per_second: 1.0, line_bytes: None, flush_seconds: 5.0, flavour: Flavour::Xgboost }
    }
}

/// Whose training loop the lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// SageMaker's own `XGBoost` container.
    Xgboost,
    /// A `PyTorch` script under the SageMaker training toolkit.
    Pytorch,
}

/// How the containers of a run end; it decides their last lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The script returned.
    Completed,
    /// The script failed.
    Failed {
        /// What the container exits with.
        exit_code: u8,
        /// The last line of the trace, such as `ValueError: could not convert string to float`.
        error: String,
    },
    /// SIGTERM: stopped, out of time, or taken by a spot interruption.
    Terminated,
}

/// What CloudWatch Logs answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct LogError {
    /// Such as `ResourceNotFoundException`.
    pub(crate) code: &'static str,
    /// AWS's text.
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: u16,
}

/// All log groups of all accounts and regions.
#[derive(Debug, Default)]
pub(crate) struct LogService {
    runs: Mutex<Vec<Run>>,
}

#[expect(clippy::unused_self, reason = "the interface first; its body follows")]
impl LogService {
    /// No group exists yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets the hosts of a job write from their start on, until [`LogService::end`]. Call it as soon as the start is
    /// known, if need be ahead of it.
    pub(crate) fn begin(&self, run: Run) {
        self.runs.lock().expect("no panic while held").push(run);
    }

    /// Ends the latest run of a job at `at_ms`, which may lie ahead and may be moved by another call. Hosts that have
    /// not started by then never write.
    pub(crate) fn end(&self, account: &str, region: &str, group: &str, job: &str, at_ms: u64, ending: &Ending) {
        let _ = (account, region, group, job, at_ms, ending);
    }

    /// Answers one operation. The body has already passed the shapes of the API model.
    pub(crate) fn handle(&self, scope: &Scope, operation: &str, body: &Value) -> Result<Value, LogError> {
        let _ = (scope, operation, body);
        Err(LogError {
            code: "ResourceNotFoundException",
            message: "The specified log group does not exist.".to_owned(),
            status: 400,
        })
    }

    /// Every event that exists by now, whether or not it can be seen yet, counted:
    /// `{"events":N,"streams":[{"name","events","first","last"}]}`.
    pub(crate) fn truth(&self, scope: &Scope, group: &str, prefix: &str) -> Value {
        let _ = (scope, group, prefix);
        json!({"events": 0, "streams": []})
    }

    /// The same events as `TIMESTAMP_MS\tSTREAM\tMESSAGE` lines in the order (timestamp, stream, index), in chunks of
    /// whole lines. A line break inside a message is written as `\n`.
    pub(crate) fn text(&self, scope: &Scope, group: &str, prefix: &str) -> impl Iterator<Item = String> + Send + use<> {
        let _ = (scope, group, prefix);
        std::iter::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_absent_before_its_first_job() {
        let scope = Scope { account: "123456789012".to_owned(), region: "us-west-2".to_owned(), now_ms: 0 };
        let body = json!({"logGroupName": "/aws/sagemaker/TrainingJobs"});
        let error = LogService::new().handle(&scope, "FilterLogEvents", &body).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
    }
}
