//! What the containers of a job write, announced to the log service ahead of time.

use super::super::clock::Millis;
use super::super::logs::{self, Host, Run, Workload};
use super::super::place::Context;
use super::knobs;
use super::life::{Life, Secondary};

/// Where a job logs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) group: &'a str,
    pub(super) job: &'a str,
    pub(super) hosts: u64,
    /// Decides by how much each host is late.
    pub(super) seed: u64,
    /// The stream of a host, by its number from 1 and the second of its start.
    pub(super) stream: fn(&str, u64, Millis) -> String,
}

/// `<job>/algo-<n>-<epoch>`, as training and processing jobs name their streams.
pub(super) fn algo_stream(job: &str, number: u64, epoch: Millis) -> String {
    format!("{job}/algo-{number}-{epoch}")
}

impl Writing<'_> {
    /// Announces every stay in Training, with its end as planned.
    pub(super) fn announce(&self, context: &Context<'_>, life: &Life, workload: &Workload) {
        let attempts = life.attempts();
        for (index, attempt) in attempts.iter().enumerate() {
            let late = context.pace.seconds(2.0).min((attempt.to - attempt.from) / 4);
            let host = |number: u64| {
                // Containers do not start in step.
                let starts = attempt.from + late * i64::try_from((self.seed ^ (number * 7)) % 8).unwrap_or(0) / 8;
                Host { stream: (self.stream)(self.job, number, starts / 1000), starts_ms: unsigned(starts) }
            };
            context.logs.begin(Run {
                account: context.account.to_owned(),
                region: context.region.to_owned(),
                group: self.group.to_owned(),
                job: self.job.to_owned(),
                hosts: (1..=self.hosts).map(host).collect(),
                workload: workload.clone(),
            });
            let ending = match life.end().status {
                _ if index + 1 < attempts.len() => logs::Ending::Terminated,
                Secondary::Completed => logs::Ending::Completed,
                Secondary::Failed => {
                    logs::Ending::Failed { exit_code: knobs::EXIT_CODE, error: knobs::ERROR.to_owned() }
                }
                _ => logs::Ending::Terminated,
            };
            self.end(context, attempt.to, &ending);
        }
    }

    /// Ends what is being written at a moment.
    pub(super) fn end(&self, context: &Context<'_>, at: Millis, ending: &logs::Ending) {
        context.logs.end(context.account, context.region, self.group, self.job, unsigned(at), ending);
    }
}

fn unsigned(at: Millis) -> u64 {
    u64::try_from(at).unwrap_or(0)
}
