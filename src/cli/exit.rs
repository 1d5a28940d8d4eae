//! The exit codes of both plugins.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// It could not be done; why is on stderr.
    CouldNot,
    /// It was not clear what was wanted.
    Usage,
    /// The job failed.
    JobFailed,
    /// The job was stopped.
    JobStopped,
    /// `--timeout` was reached.
    TimedOut,
    /// Refused for safety.
    Refused,
    /// Ctrl-C.
    Interrupted,
}

impl Outcome {
    /// The code for the shell.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::CouldNot => 1,
            Self::Usage => 2,
            Self::JobFailed => 3,
            Self::JobStopped => 4,
            Self::TimedOut => 5,
            Self::Refused => 6,
            Self::Interrupted => 130,
        }
    }

    /// What another program that has these codes ended with; one that it does not have is no success.
    pub fn of_code(code: i32) -> Self {
        let all = [
            Self::Done,
            Self::CouldNot,
            Self::Usage,
            Self::JobFailed,
            Self::JobStopped,
            Self::TimedOut,
            Self::Refused,
            Self::Interrupted,
        ];
        all.into_iter().find(|outcome| i32::from(outcome.code()) == code).unwrap_or(Self::CouldNot)
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        outcome.code().into()
    }
}

/// The outcome of several jobs: what a script most needs to know.
pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Interrupted => 7,
        Outcome::Usage => 6,
        Outcome::Refused => 5,
        Outcome::CouldNot => 4,
        Outcome::JobFailed => 3,
        Outcome::JobStopped => 2,
        Outcome::TimedOut => 1,
        Outcome::Done => 0,
    };
    outcomes.into_iter().max_by_key(rank).unwrap_or(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_scripts_rely_on() {
        use Outcome::{CouldNot, Done, Interrupted, JobFailed, JobStopped, Refused, TimedOut, Usage};
        let all = [Done, CouldNot, Usage, JobFailed, JobStopped, TimedOut, Refused, Interrupted];
        assert_eq!(all.map(Outcome::code), [0, 1, 2, 3, 4, 5, 6, 130]);
    }

    #[test]
    fn of_several_jobs_the_worst_counts() {
        use Outcome::{CouldNot, Done, JobFailed, JobStopped, TimedOut};
        assert_eq!(worst([Done, JobStopped, JobFailed]), JobFailed);
        assert_eq!(worst([JobFailed, CouldNot, Done]), CouldNot);
        assert_eq!(worst([TimedOut, Done]), TimedOut);
        assert_eq!(worst([JobStopped, TimedOut]), JobStopped);
        assert_eq!(worst([]), Done);
    }
}
