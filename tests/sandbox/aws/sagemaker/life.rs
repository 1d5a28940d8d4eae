//! The life of a job as a table of moments, laid out when the job is created and cut short when it is stopped. What the
//! job looks like is a function of this table and the clock; nothing runs in the background.
//!
//! Other kinds of job live the same life, but only training jobs show their secondary status.

use super::super::clock::Millis;
use super::super::place::Pace;

/// The secondary status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secondary {
    Starting,
    LaunchingMlInstances,
    PreparingTrainingStack,
    Downloading,
    DownloadingTrainingImage,
    Training,
    Uploading,
    Interrupted,
    Restarting,
    Stopping,
    Stopped,
    Completed,
    Failed,
    MaxRuntimeExceeded,
    MaxWaitTimeExceeded,
}

impl Secondary {
    /// The word in the API, and the message that comes with a transition to it.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Starting => ("Starting", "Starting the training job"),
            Self::LaunchingMlInstances => ("LaunchingMLInstances", "Launching requested ML instances"),
            Self::PreparingTrainingStack => ("PreparingTrainingStack", "Preparing the instances for training"),
            Self::Downloading => ("Downloading", "Downloading input data"),
            Self::DownloadingTrainingImage => ("DownloadingTrainingImage", "Downloading the training image"),
            Self::Training => ("Training", "Training image download completed. Training in progress."),
            Self::Uploading => ("Uploading", "Uploading generated training model"),
            Self::Interrupted => ("Interrupted", "Training job interrupted: spot capacity was reclaimed"),
            Self::Restarting => ("Restarting", "Restarting the training job"),
            Self::Stopping => ("Stopping", "Stopping the training job"),
            Self::Stopped => ("Stopped", "Training job stopped"),
            Self::Completed => ("Completed", "Training job completed"),
            Self::Failed => ("Failed", "Training job failed"),
            Self::MaxRuntimeExceeded => {
                ("MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds provided")
            }
            Self::MaxWaitTimeExceeded => {
                ("MaxWaitTimeExceeded", "Training job wait time exceeded MaxWaitTimeInSeconds provided")
            }
        }
    }

    /// The word alone.
    pub(super) fn word(self) -> &'static str {
        self.words().0
    }

    fn is_end(self) -> bool {
        self.status().is_end()
    }

    /// The status that goes with it in an undisturbed life.
    fn status(self) -> Status {
        match self {
            Self::Starting
            | Self::LaunchingMlInstances
            | Self::PreparingTrainingStack
            | Self::Downloading
            | Self::DownloadingTrainingImage
            | Self::Training
            | Self::Uploading
            | Self::Interrupted
            | Self::Restarting => Status::InProgress,
            Self::Stopping => Status::Stopping,
            Self::Completed => Status::Completed,
            Self::Failed => Status::Failed,
            Self::Stopped | Self::MaxRuntimeExceeded | Self::MaxWaitTimeExceeded => Status::Stopped,
        }
    }
}

/// The status of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Completed,
    Failed,
    InProgress,
    Stopped,
    Stopping,
}

impl Status {
    /// The word in the API.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }

    /// Whether nothing more will happen.
    pub(super) fn is_end(self) -> bool {
        match self {
            Self::Completed | Self::Failed | Self::Stopped => true,
            Self::InProgress | Self::Stopping => false,
        }
    }
}

/// How a job is to end if nobody stops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Complete,
    /// With the reason that Describe shows.
    Fail(String),
    MaxRuntime,
    SpotInterruption,
}

/// What shapes a life. Seconds are unscaled.
#[derive(Debug, Clone)]
pub(super) struct Wishes {
    pub(super) training_seconds: f64,
    pub(super) outcome: Outcome,
    /// Counted from the moment the instances are ready.
    pub(super) max_runtime_seconds: f64,
    /// Counted from Create; spot training only.
    pub(super) max_wait_seconds: Option<f64>,
    /// Whether an interrupted training goes on where it was.
    pub(super) checkpoints: bool,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) status: Secondary,
    pub(super) from: Millis,
}

/// The table: in order of time, beginning with the creation and, as laid out, finishing with an end.
#[derive(Debug, Clone)]
pub(super) struct Life {
    steps: Vec<Step>,
    failure: Option<String>,
    pace: Pace,
}

/// A job at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) status: Status,
    /// The transitions so far.
    pub(super) past: &'a [Step],
    pub(super) failure: Option<&'a str>,
}

/// One stay in Training: when the containers start, and when they are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) from: Millis,
    pub(super) to: Millis,
}

const STARTING: [(Secondary, f64); 3] =
    [(Secondary::Starting, 10.0), (Secondary::LaunchingMlInstances, 30.0), (Secondary::PreparingTrainingStack, 20.0)];
const LOADING: [(Secondary, f64); 2] = [(Secondary::Downloading, 15.0), (Secondary::DownloadingTrainingImage, 25.0)];
const UPLOADING: (Secondary, f64) = (Secondary::Uploading, 10.0);
const STOPPING_SECONDS: f64 = 20.0;

impl Life {
    /// Lays out a life from its creation to its end.
    pub(super) fn new(created: Millis, pace: Pace, wishes: &Wishes) -> Self {
        let Wishes { training_seconds, outcome, max_runtime_seconds, max_wait_seconds, checkpoints } = wishes;
        let training = (Secondary::Training, *training_seconds);
        let mut phases: Vec<(Secondary, f64)> = [&STARTING[..], &LOADING].concat();
        if *outcome == Outcome::SpotInterruption {
            let done = 0.4 * training_seconds;
            let left = if *checkpoints { training_seconds - done } else { *training_seconds };
            phases.extend([(Secondary::Training, done), (Secondary::Interrupted, 30.0), (Secondary::Restarting, 20.0)]);
            phases.extend(LOADING);
            phases.extend([(Secondary::Training, left), UPLOADING]);
        } else {
            phases.extend([training, UPLOADING]);
        }
        let mut life = Self { steps: Vec::new(), failure: None, pace };
        let mut at = created;
        for (status, seconds) in phases {
            life.steps.push(Step { status, from: at });
            at += pace.seconds(seconds);
        }
        let (end, failure) = match outcome {
            Outcome::Complete | Outcome::SpotInterruption | Outcome::MaxRuntime => (Secondary::Completed, None),
            Outcome::Fail(reason) => (Secondary::Failed, Some(reason.clone())),
        };
        life.steps.push(Step { status: end, from: at });
        life.failure = failure;

        let natural = life.attempts().last().map_or(at, |attempt| attempt.to);
        let limit = life.instances_ready().map_or(at, |ready| ready + pace.seconds(*max_runtime_seconds));
        let limit = if *outcome == Outcome::MaxRuntime { limit.min(natural) } else { limit };
        life.cut(limit, Secondary::MaxRuntimeExceeded);
        if let Some(seconds) = max_wait_seconds {
            life.cut(created + pace.seconds(*seconds), Secondary::MaxWaitTimeExceeded);
        }
        life
    }

    /// Stops the job. False if it has ended already, or is being stopped: then nothing changes.
    pub(super) fn stop(&mut self, at: Millis) -> bool {
        self.cut(at, Secondary::Stopped)
    }

    /// Replaces what would come after a moment by Stopping and an end, unless the life is ending by then.
    fn cut(&mut self, at: Millis, end: Secondary) -> bool {
        if self.at(at).status != Status::InProgress {
            return false;
        }
        let trained = self.attempts().iter().any(|attempt| attempt.from < at);
        self.steps.retain(|step| step.from < at || step.status == Secondary::Starting);
        self.failure = None;
        let stopped = at + self.pace.seconds(STOPPING_SECONDS);
        self.steps.push(Step { status: Secondary::Stopping, from: at });
        // What a stopped training has made so far is kept.
        let uploaded = if trained { stopped + self.pace.seconds(UPLOADING.1) } else { stopped };
        if trained {
            self.steps.push(Step { status: Secondary::Uploading, from: stopped });
        }
        self.steps.push(Step { status: end, from: uploaded });
        true
    }

    /// The job at a moment.
    pub(super) fn at(&self, now: Millis) -> Moment<'_> {
        let count = self.steps.iter().take_while(|step| step.from <= now).count().max(1);
        let past = &self.steps[..count];
        let last = past[count - 1].status;
        // A job that uploads after a stop is still stopping.
        let stopping = past.iter().any(|step| step.status == Secondary::Stopping) && !last.is_end();
        Moment {
            status: if stopping { Status::Stopping } else { last.status() },
            past,
            failure: self.failure.as_deref().filter(|_| last == Secondary::Failed),
        }
    }

    /// When the instances are ready: from here on time is billed and the runtime limit counts.
    fn instances_ready(&self) -> Option<Millis> {
        self.steps.iter().find(|step| step.status == Secondary::Downloading).map(|step| step.from)
    }

    /// Every stay in Training.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let pairs = self.steps.windows(2).filter(|pair| pair[0].status == Secondary::Training);
        pairs.map(|pair| Attempt { from: pair[0].from, to: pair[1].from }).collect()
    }

    /// The end as it stands now, and when.
    pub(super) fn end(&self) -> Step {
        *self.steps.last().expect("a life is never empty")
    }
}

impl Moment<'_> {
    /// The secondary status.
    pub(super) fn secondary(&self) -> Secondary {
        self.past[self.past.len() - 1].status
    }

    /// When the status last changed.
    pub(super) fn changed(&self) -> Millis {
        self.past[self.past.len() - 1].from
    }

    /// When the instances were ready, if they are.
    pub(super) fn started(&self) -> Option<Millis> {
        self.past.iter().find(|step| step.status == Secondary::Downloading).map(|step| step.from)
    }

    /// When the job ended, if it has.
    pub(super) fn ended(&self) -> Option<Millis> {
        self.status.is_end().then(|| self.changed())
    }

    /// The time under way, less interruptions: what is paid for.
    pub(super) fn billable(&self) -> Option<Millis> {
        let (started, ended) = (self.started()?, self.ended()?);
        let idle = |status| matches!(status, Secondary::Interrupted | Secondary::Restarting);
        let away = self.past.windows(2).filter(|pair| idle(pair[0].status)).map(|pair| pair[1].from - pair[0].from);
        Some(ended - started - away.sum::<Millis>())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn wishes(outcome: Outcome) -> Wishes {
        Wishes {
            training_seconds: 180.0,
            outcome,
            max_runtime_seconds: 86_400.0,
            max_wait_seconds: None,
            checkpoints: true,
        }
    }

    /// A life as a line of text: second and secondary status.
    fn table(life: &Life) -> String {
        let mut text = String::new();
        for step in &life.steps {
            let _ = write!(text, "{} {}, ", step.from / 1000, step.status.word());
        }
        let end = life.at(life.end().from);
        let billable = end.billable().map_or("nothing".to_owned(), |billable| format!("{} s", billable / 1000));
        write!(text, "{} with {billable} billed", end.status.word()).expect("a string takes all");
        text
    }

    #[test]
    fn lives_run_their_course() {
        let life = |wishes: &Wishes| table(&Life::new(0, Pace(1.0), wishes));
        insta::assert_snapshot!(life(&wishes(Outcome::Complete)), @"0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 75 DownloadingTrainingImage, 100 Training, 280 Uploading, 290 Completed, Completed with 230 s billed");
        insta::assert_snapshot!(life(&wishes(Outcome::Fail("because".to_owned()))), @"0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 75 DownloadingTrainingImage, 100 Training, 280 Uploading, 290 Failed, Failed with 230 s billed");
        insta::assert_snapshot!(life(&wishes(Outcome::SpotInterruption)), @"0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 75 DownloadingTrainingImage, 100 Training, 172 Interrupted, 202 Restarting, 222 Downloading, 237 DownloadingTrainingImage, 262 Training, 370 Uploading, 380 Completed, Completed with 270 s billed");
        insta::assert_snapshot!(life(&wishes(Outcome::MaxRuntime)), @"0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 75 DownloadingTrainingImage, 100 Training, 280 Stopping, 300 Uploading, 310 MaxRuntimeExceeded, Stopped with 250 s billed");
        let short = Wishes { max_runtime_seconds: 60.0, ..wishes(Outcome::Complete) };
        insta::assert_snapshot!(life(&short), @"0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 75 DownloadingTrainingImage, 100 Training, 120 Stopping, 140 Uploading, 150 MaxRuntimeExceeded, Stopped with 90 s billed");
        let impatient = Wishes { max_wait_seconds: Some(30.0), ..wishes(Outcome::Complete) };
        insta::assert_snapshot!(life(&impatient), @"0 Starting, 10 LaunchingMLInstances, 30 Stopping, 50 MaxWaitTimeExceeded, Stopped with nothing billed");
    }

    #[test]
    fn a_stop_cuts_the_life_where_it_is() {
        for (at, stops, expected) in [
            (5_000, true, "0 Starting, 5 Stopping, 25 Stopped, Stopped with nothing billed"),
            (
                65_000,
                true,
                "0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, 65 Stopping, \
                 85 Stopped, Stopped with 25 s billed",
            ),
            (
                120_000,
                true,
                "0 Starting, 10 LaunchingMLInstances, 40 PreparingTrainingStack, 60 Downloading, \
                 75 DownloadingTrainingImage, 100 Training, 120 Stopping, 140 Uploading, 150 Stopped, \
                 Stopped with 90 s billed",
            ),
        ] {
            let mut life = Life::new(0, Pace(1.0), &wishes(Outcome::Complete));
            assert_eq!(life.stop(at), stops);
            assert_eq!(table(&life), expected);
            assert_eq!(life.at(at).status, Status::Stopping);
            assert!(!life.stop(at + 1), "a second stop changes nothing");
        }
        let mut ended = Life::new(0, Pace(1.0), &wishes(Outcome::Complete));
        assert!(!ended.stop(290_000), "an ended job cannot be stopped");
    }

    #[test]
    fn speed_scales_durations_and_nothing_else() {
        let life = Life::new(1_000_000, Pace(10.0), &wishes(Outcome::Complete));
        assert_eq!(life.end(), Step { status: Secondary::Completed, from: 1_029_000 });
    }
}
