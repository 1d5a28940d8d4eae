//! CloudWatch Logs: what jobs write, and how it comes to be seen.
//!
//! Nothing here holds lines or reads a clock. A job's stream is a seed and a schedule; each event is computed when it is
//! asked for, so a stream of millions costs as much as an empty one. Time is an argument everywhere.
//!
//! What makes it like the service:
//! * A group and a stream exist from the first send of a container's agent on, not from the job's start.
//! * Each agent sends every few seconds at moments of its own; one send in 32 fails at first and arrives after the next.
//! * Pages end at 1 MiB, at 10,000 events or at the limit; some are cut short, are empty, or come with the token that was
//!   sent. The request decides which, so that the same requests meet the same pages.
//! * What is told of a stream's end is up to 90 s behind.

mod body;
mod chance;
mod describe;
mod event;
mod filter;
mod get;
mod lines;
mod merge;
mod page;
mod pattern;
mod put;
mod request;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod token;
mod truth;
mod written;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;

use self::filter::Search;
use self::get::Reading;
use self::store::Store;
use self::stream::Stream;

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

impl LogError {
    fn invalid(message: &str) -> Self {
        Self::new("InvalidParameterException", message)
    }

    fn not_found(message: &str) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    fn exists(message: &str) -> Self {
        Self::new("ResourceAlreadyExistsException", message)
    }

    fn new(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned(), status: 400 }
    }
}

/// All log groups of all accounts and regions.
#[derive(Debug, Default)]
pub(crate) struct LogService {
    store: Mutex<Store>,
    repeated: Repeated,
}

impl LogService {
    /// No group exists yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Lets the hosts of a job write from their start on, until [`LogService::end`]. Call it as soon as the start is
    /// known, if need be ahead of it.
    pub(crate) fn begin(&self, run: Run) {
        self.store().begin(run);
    }

    /// Ends the latest run of a job at `at_ms`, and with it all runs that would go on for longer. The moment may lie ahead
    /// and may be moved by another call; call this before it has passed. Hosts that have not started by then never write.
    pub(crate) fn end(&self, account: &str, region: &str, group: &str, job: &str, at_ms: u64, ending: &Ending) {
        let scope = Scope { account: account.to_owned(), region: region.to_owned(), now_ms: at_ms };
        self.store().end(&scope, group, job, ending);
    }

    /// Answers one operation with JSON text; a page of events may have megabytes. The body has already passed the shapes
    /// of the API model.
    pub(crate) fn handle(&self, scope: &Scope, operation: &str, body: &Value) -> Result<String, LogError> {
        let text = |answer: Value| answer.to_string();
        // Pages are made without holding the store, so that requests do not wait for each other.
        match operation {
            "CreateLogGroup" => put::create_group(&mut self.store(), scope, body).map(text),
            "CreateLogStream" => put::create_stream(&mut self.store(), scope, body).map(text),
            "PutLogEvents" => put::put(&mut self.store(), scope, body).map(text),
            "DescribeLogGroups" => describe::groups(&self.store(), scope, body).map(text),
            "DescribeLogStreams" => describe::streams(&self.store(), scope, body).map(text),
            "FilterLogEvents" => {
                let search = Search::new(&self.store(), scope, body)?;
                search.page(&self.repeated)
            }
            "GetLogEvents" => {
                let reading = Reading::new(&self.store(), scope, body)?;
                reading.page()
            }
            _ => Err(LogError::new("UnknownOperationException", "")),
        }
    }

    /// Every event that exists by now, whether or not it can be seen yet, counted:
    /// `{"events":N,"streams":[{"name","events","first","last"}]}`.
    pub(crate) fn truth(&self, scope: &Scope, group: &str, prefix: &str) -> Value {
        truth::count(&self.streams(scope, group, prefix), scope.now_ms)
    }

    /// The same events as `TIMESTAMP_MS\tSTREAM\tMESSAGE` lines in the order (timestamp, stream, index), in chunks of
    /// whole lines. A line break inside a message is written as `\n`.
    pub(crate) fn text(
        &self,
        scope: &Scope,
        group: &str,
        prefix: &str,
        with_visibility: bool,
    ) -> impl Iterator<Item = String> + Send + use<> {
        truth::Text::new(self.streams(scope, group, prefix), scope.now_ms, with_visibility)
    }

    fn streams(&self, scope: &Scope, group: &str, prefix: &str) -> Vec<Arc<Stream>> {
        let store = self.store();
        let group = store.groups(scope).find_map(|(name, found)| (name == group).then_some(found));
        group.map(|group| group.with_prefix(prefix).cloned().collect()).unwrap_or_default()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("nothing panics while it holds the store")
    }
}

/// Tokens that were given out twice: once for an empty page, then for the real one.
#[derive(Debug, Default)]
struct Repeated(Mutex<HashSet<String>>);

impl Repeated {
    /// Whether the token is repeated now for the first time.
    fn first_time(&self, token: &str) -> bool {
        self.0.lock().expect("nothing panics while it holds the set").insert(token.to_owned())
    }
}
