//! Which streams belong to a job, and what their names tell.

use std::sync::Arc;
use std::time::Duration;

use super::which::Which;
use super::{Millis, Stream};

/// How much earlier than anything known of a job its first line may be: clocks of hosts differ.
const SKEW: Duration = Duration::from_hours(1);

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The log group.
    pub group: Arc<str>,
    /// Whose streams of that group.
    pub whose: Whose,
    /// Which of them.
    pub which: Which,
    /// The latest timestamp wanted, inclusive; `None` for all there is.
    pub until: Option<Millis>,
    /// What lines must match, in `CloudWatch`'s own filter syntax. `GetLogEvents` cannot search.
    pub pattern: Option<Arc<str>>,
}

/// Whose streams of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of one job, by its name in SageMaker: `JOB/HOST-EPOCH`.
    Job(Arc<str>),
    /// Those of the training jobs that a tuning job starts: `TUNING-001-0a1b2c3d/HOST-EPOCH`.
    Trials {
        /// The tuning job's name.
        tuning: Arc<str>,
        /// The one that is wanted, counted from 1; `None` for all.
        number: Option<u32>,
    },
    /// Those of an endpoint, which has a group of its own: `VARIANT/INSTANCE`.
    Endpoint {
        /// The one variant that is wanted; `None` for all.
        variant: Option<Arc<str>>,
    },
}

impl Selection {
    /// All lines of one job.
    pub fn job(group: &str, job: &str) -> Self {
        Self::new(group, Whose::Job(job.into()))
    }

    /// All lines of these streams.
    pub fn new(group: &str, whose: Whose) -> Self {
        Self { group: group.into(), whose, which: Which::default(), until: None, pattern: None }
    }

    /// What the names of the wanted streams begin with. Empty if any stream of the group may be wanted: the service
    /// does not take an empty prefix.
    #[must_use]
    pub fn prefix(&self) -> Arc<str> {
        let (head, _) = self.which.head();
        // The slash is what keeps the lines of `job-2` out of those of `job`.
        match &self.whose {
            Whose::Job(job) => format!("{job}/{head}").into(),
            Whose::Trials { tuning, number: None } => format!("{tuning}-").into(),
            Whose::Trials { tuning, number: Some(number) } => format!("{tuning}-{number:03}-").into(),
            Whose::Endpoint { variant: None } => head.into(),
            Whose::Endpoint { variant: Some(variant) } => format!("{variant}/").into(),
        }
    }

    /// Whether no other stream's name begins with [`Selection::prefix`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let (_, is_exact) = self.which.head();
        match &self.whose {
            Whose::Job(_) | Whose::Endpoint { variant: None } => is_exact,
            Whose::Endpoint { variant: Some(_) } => self.which.is_all(),
            Whose::Trials { .. } => false,
        }
    }

    /// Whether the stream of that name is wanted.
    #[must_use]
    pub fn wants(&self, stream: &str) -> bool {
        self.split(stream).is_some_and(|(_, own)| self.which.takes(own))
    }

    /// The job's and the host's part of a stream's name; `None` if the stream belongs to somebody else. An endpoint's
    /// stream has no job's part.
    #[must_use]
    pub fn split<'a>(&self, stream: &'a str) -> Option<(&'a str, &'a str)> {
        match &self.whose {
            Whose::Job(job) => stream.split_once('/').filter(|(name, _)| *name == &**job),
            Whose::Trials { tuning, number } => stream.split_once('/').filter(|(name, _)| {
                let ordinal = ordinal_of(tuning, name);
                ordinal.is_some_and(|ordinal| number.is_none_or(|number| number == ordinal))
            }),
            Whose::Endpoint { variant } => {
                let own = stream.split('/').next().unwrap_or_default();
                variant.as_ref().is_none_or(|variant| own == &**variant).then_some(("", stream))
            }
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

/// The number of a tuning job's trial, from the training job's name: the tuning job's, at least three digits that
/// count from 1, and eight hexadecimal ones.
#[must_use]
pub fn ordinal_of(tuning: &str, job: &str) -> Option<u32> {
    let (number, random) = job.strip_prefix(tuning)?.strip_prefix('-')?.split_once('-')?;
    let is_random = random.len() == 8 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_random && is_number).then(|| number.parse().ok()).flatten()
}

/// The tuning job that a training job of this name belongs to, as far as its name tells.
#[must_use]
pub fn tuning_of(job: &str) -> Option<&str> {
    let (tuning, _) = job.rsplit_once('-')?.0.rsplit_once('-')?;
    ordinal_of(tuning, job).map(|_| tuning)
}

/// Whose host a stream is about, and which one: `job` and `algo-1` of `job/algo-1-1700000000`. A host may have further
/// streams below, such as `data-log`.
#[must_use]
pub fn host_of(stream: &str) -> (&str, &str) {
    let (whose, own) = stream.split_once('/').unwrap_or(("", stream));
    let host = own.split_once('/').map_or(own, |(host, _)| host);
    (whose, without_epoch(host))
}

/// `algo-1` of `algo-1-1700000000`.
pub(super) fn without_epoch(own: &str) -> &str {
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

    fn of(whose: Whose) -> Selection {
        Selection::new("group", whose)
    }

    #[test]
    fn a_prefix_keeps_neighbours_out() {
        let job = Selection::job("/aws/sagemaker/TrainingJobs", "job");
        assert_eq!((&*job.prefix(), job.is_exact()), ("job/", true));
        let first = Selection { which: Which { ranks: "0".parse().ok(), ..Which::default() }, ..job };
        assert_eq!((&*first.prefix(), first.is_exact()), ("job/algo-1-", true));
    }

    #[test]
    fn trials_are_told_from_the_jobs_of_neighbours() {
        let all = of(Whose::Trials { tuning: "hpo".into(), number: None });
        assert_eq!((&*all.prefix(), all.is_exact()), ("hpo-", false));
        assert!(all.wants("hpo-001-0a1b2c3d/algo-1-1700000000"));
        assert!(all.wants("hpo-1000-0a1b2c3d/algo-1-1700000000"));
        for foreign in ["hpo-2-001-0a1b2c3d/algo-1", "hpo-001/algo-1", "hpo-001-0a1b2c3g/algo-1", "hpo-001-0a1b2c3d"] {
            assert!(!all.wants(foreign), "{foreign}");
        }
        let second = of(Whose::Trials { tuning: "hpo".into(), number: Some(2) });
        assert_eq!(&*second.prefix(), "hpo-002-");
        assert!(second.wants("hpo-002-0a1b2c3d/algo-1") && !second.wants("hpo-001-0a1b2c3d/algo-1"));
    }

    #[test]
    fn the_name_of_a_trial_tells_its_tuning_job() {
        for (job, tuning) in [
            ("hpo-001-0a1b2c3d", Some("hpo")),
            ("hpo-2-1000-0a1b2c3d", Some("hpo-2")),
            ("hpo-001-0a1b2c3g", None),
            ("hpo-0a1b2c3d", None),
            ("mnist", None),
        ] {
            assert_eq!(tuning_of(job), tuning, "{job}");
        }
    }

    #[test]
    fn an_endpoint_has_a_group_of_its_own() {
        let all = of(Whose::Endpoint { variant: None });
        assert_eq!((&*all.prefix(), all.is_exact()), ("", true));
        assert!(all.wants("AllTraffic/i-0abc/data-log"));
        let one = of(Whose::Endpoint { variant: Some("blue".into()) });
        assert_eq!((&*one.prefix(), one.is_exact()), ("blue/", true));
        assert!(one.wants("blue/i-0abc") && !one.wants("blue-2/i-0abc"));
    }

    #[test]
    fn a_host_is_told_by_its_job_or_variant_and_its_name_without_epoch_and_container() {
        for (stream, host) in [
            ("job/algo-1-1700000000", ("job", "algo-1")),
            ("job/algo-12-1700000000", ("job", "algo-12")),
            ("job/i-0abc-1700000000/data-log", ("job", "i-0abc")),
            ("blue/i-0abc/data-log", ("blue", "i-0abc")),
            ("job/algo-1", ("job", "algo-1")),
            ("plain", ("", "plain")),
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
