//! Which streams belong to a job, and what their names tell.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::{Millis, Stream};

/// How much earlier than anything known of a job its first line may be: clocks of hosts differ.
const SKEW: Duration = Duration::from_hours(1);

/// The streams of a job that are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The log group.
    pub group: Arc<str>,
    /// The job's name in SageMaker.
    pub job: Arc<str>,
    /// Which of its streams.
    pub which: Which,
}

/// Which streams of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those whose name after the job's begins with this text, as v1's `--logSearchPrefix` had it.
    StartingWith(StreamPrefix),
    /// Exactly the host with this number: 1 is `algo-1`, and never `algo-10`.
    Host(u32),
}

/// The beginning of a stream's name, after the job's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPrefix(String);

/// A text that no stream's name can begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot begin the name of a log stream: ':' and '*' never occur in one")]
pub struct InvalidPrefix(String);

impl FromStr for StreamPrefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains([':', '*']) { Err(InvalidPrefix(text.to_owned())) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for StreamPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Selection {
    /// What the names of the wanted streams begin with.
    #[must_use]
    pub fn prefix(&self) -> Arc<str> {
        // The slash is what keeps the lines of `job-2` out of those of `job`.
        match &self.which {
            Which::All => format!("{}/", self.job).into(),
            Which::StartingWith(text) => format!("{}/{text}", self.job).into(),
            Which::Host(number) => format!("{}/algo-{number}-", self.job).into(),
        }
    }

    /// The earliest timestamp that a line of the job can have. A job may be older than its object (a trial, an
    /// adopted job), so the streams are asked too.
    #[must_use]
    pub fn earliest(created: Millis, streams: &[Stream]) -> Millis {
        let known = streams.iter().flat_map(|stream| [epoch_of(&stream.name), stream.first_event, stream.created]);
        known.flatten().fold(created, Millis::min) - SKEW
    }
}

/// The host's part of a stream's name: `algo-1` of `job/algo-1-1700000000`.
#[must_use]
pub fn host_of(stream: &str) -> &str {
    let own = stream.split_once('/').map_or(stream, |(_, own)| own);
    match own.rsplit_once('-') {
        Some((host, epoch)) if !host.is_empty() && is_epoch(epoch) => host,
        Some(_) | None => own,
    }
}

fn epoch_of(stream: &str) -> Option<Millis> {
    let (_, epoch) = stream.rsplit_once('-')?;
    is_epoch(epoch).then(|| epoch.parse().ok().map(|seconds: i64| Millis(seconds * 1000))).flatten()
}

/// Ten digits are seconds from 2001 to 2286.
fn is_epoch(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(which: Which) -> Selection {
        Selection { group: "/aws/sagemaker/TrainingJobs".into(), job: "job".into(), which }
    }

    #[test]
    fn a_prefix_keeps_neighbours_out() {
        assert_eq!(&*select(Which::All).prefix(), "job/");
        assert_eq!(&*select(Which::Host(1)).prefix(), "job/algo-1-");
    }

    #[test]
    fn the_search_prefix_of_v1_is_a_plain_beginning() {
        let prefix = "algo-1".parse().unwrap();
        assert_eq!(&*select(Which::StartingWith(prefix)).prefix(), "job/algo-1");
        assert!("algo-*".parse::<StreamPrefix>().is_err());
    }

    #[test]
    fn a_host_is_the_stream_without_job_and_epoch() {
        for (stream, host) in [
            ("job/algo-1-1700000000", "algo-1"),
            ("job/algo-12-1700000000", "algo-12"),
            ("job/i-0abc-1700000000/data-log", "i-0abc-1700000000/data-log"),
            ("job/algo-1", "algo-1"),
            ("plain", "plain"),
        ] {
            assert_eq!(host_of(stream), host, "{stream}");
        }
    }

    #[test]
    fn a_job_older_than_its_object_is_read_from_its_own_beginning() {
        let created = Millis(1_700_100_000_000);
        let stream = Stream { name: "job/algo-1-1700000000".into(), first_event: None, created: None };
        assert_eq!(Selection::earliest(created, &[stream]), Millis(1_700_000_000_000) - SKEW);
        assert_eq!(Selection::earliest(created, &[]), created - SKEW);
    }
}
