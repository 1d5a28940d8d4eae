//! Without `-f`: what the logs hold now.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::stream::{FuturesUnordered, StreamExt as _};
use sagemaker_operator::aws::CloudWatchLogs;
use sagemaker_operator::cli::{Complaint, Console, Failure, Outcome, Type, span, worst};
use sagemaker_operator::logs::{Event, Identity, LogError, Merge, Millis, Narrowed, Origin, Progress, Start, Trouble};

use crate::bulk::{Bulk, Meter};
use crate::session::{Session, not_created};
use crate::sink::Sink;
use crate::source::Source;
use crate::tail;

/// How many logs are asked for lines at the same time.
const AT_ONCE: usize = 8;
/// How long the service may be silent before that is mentioned.
const SILENT: Duration = Duration::from_secs(5);

pub(crate) async fn run(session: &Session, sources: &[Source], console: &mut Console) -> Result<Outcome, Failure> {
    let mut failures = Vec::new();
    let mut logs = Vec::new();
    for source in sources {
        match Log::open(session, source) {
            Ok(log) => {
                console.say(&session.header(source, source.object()));
                logs.push(log);
            }
            Err(complaint) => failures.push(complaint),
        }
    }
    let identities = logs.iter().map(Log::identity).collect();
    let origins = logs.iter().map(|log| log.origin.clone()).collect();
    let mut sink = Sink::open(session, origins, identities, console)?;
    for (index, log) in logs.iter_mut().enumerate() {
        log.goes_on_from = sink.goes_on_from(index);
    }
    let logs = print(&mut sink, logs, console).await?;
    if sink.has_nothing_new() {
        console.say("no new lines");
    }
    let lines: usize = logs.iter().map(|log| log.lines).sum();
    if lines > 0 && session.has_found_nothing() {
        console.say(&crate::nothing::unmatched(lines, session.wanted.tail.is_some()));
    }
    let mut outcomes = Vec::new();
    for log in logs {
        match log.outcome(sources.len() > 1, console).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(complaint) => failures.push(complaint),
        }
    }
    match (sources, failures.pop()) {
        ([_], Some(failure)) => Err(failure.into()),
        (_, last) => {
            for complaint in failures.into_iter().chain(last) {
                console.say(&complaint.to_string());
                outcomes.push(complaint.outcome());
            }
            Ok(worst(outcomes))
        }
    }
}

/// Prints the lines of all logs, in the order of time or as they arrive; returns the logs.
async fn print<'a>(sink: &mut Sink<'_>, logs: Vec<Log<'a>>, console: &mut Console) -> Result<Vec<Log<'a>>, Failure> {
    let mut merge = Merge::new(logs.len());
    // Where nothing has to be put in order, nothing is kept back.
    let as_they_come = logs.len() == 1 || logs.iter().any(|log| log.session.wanted.no_merge);
    let calls: Vec<_> = logs.iter().map(|log| Arc::clone(&log.calls)).collect();
    let began = |log: usize| calls[log].began();
    let mut progress: Vec<Progress> = logs.iter().map(Log::progress).collect();
    let mut idle: Vec<Option<Log<'_>>> = logs.into_iter().map(Some).collect();
    let mut asked = FuturesUnordered::new();
    let (mut meter, mut silence) = (Meter::new(Instant::now()), Silence::default());
    loop {
        for (index, place) in idle.iter_mut().enumerate() {
            if asked.len() < AT_ONCE
                && merge.is_waited_for(index)
                && let Some(mut log) = place.take()
            {
                asked.push(async move {
                    let lines = log.next().await;
                    (index, log, lines)
                });
            }
        }
        let Some((index, mut log, lines)) = silence.broken(asked.next(), console).await else {
            return Ok(idle.into_iter().flatten().collect());
        };
        if let Some(start) = log.tailed.take() {
            sink.begin(index, start)?;
        }
        progress[index] = log.progress();
        idle[index] = Some(log);
        match lines {
            Some(lines) if as_they_come => sink.print_one(index, lines, began, console)?,
            Some(lines) => merge.took(index, lines),
            None => merge.ended(index),
        }
        sink.print(merge.by_ref().collect(), began, console)?;
        // The lines themselves show a person how far it has got.
        if !console.out_is_terminal()
            && let Some(line) = meter.line(progress.iter().copied().sum(), Instant::now())
        {
            console.status(&line);
        }
    }
}

/// The service's silence, which is mentioned once: a person wants to know what is waited for.
#[derive(Debug, Default)]
struct Silence {
    has_been_told: bool,
}

impl Silence {
    /// Waits for an answer.
    async fn broken<T>(&mut self, answer: impl Future<Output = T>, console: &mut Console) -> T {
        let mut answer = pin!(answer);
        if !self.has_been_told {
            if let Ok(answer) = tokio::time::timeout(SILENT, &mut answer).await {
                return answer;
            }
            console.say(&format!("note: CloudWatch Logs has brought no line for {}; still reading", span(SILENT)));
            self.has_been_told = true;
        }
        answer.await
    }
}

/// A log that is being read.
struct Log<'a> {
    session: &'a Session,
    source: &'a Source,
    origin: Origin,
    calls: Arc<Narrowed<CloudWatchLogs<'a>>>,
    tail: Option<usize>,
    /// From when on it is read, if lines have been printed before.
    goes_on_from: Option<Millis>,
    /// What comes after the tail, once that has been read.
    tailed: Option<Start>,
    stage: Stage<'a>,
    lines: usize,
    error: Option<LogError>,
}

enum Stage<'a> {
    Begin,
    Whole(Box<Bulk<'a, Narrowed<CloudWatchLogs<'a>>>>),
    End,
}

impl<'a> Log<'a> {
    fn open(session: &'a Session, source: &'a Source) -> Result<Self, Complaint> {
        let Some(job) = source.job() else {
            return Err(match source.object() {
                Some(object) => not_created(object),
                None => Complaint::new(format!("{} has no name in SageMaker", source.title())),
            });
        };
        let selection = session.selection(source, job, source.object())?;
        let calls = Arc::new(session.open(source, &selection));
        let origin = source.origin(selection);
        Ok(Self {
            session,
            source,
            origin,
            calls,
            tail: session.wanted.tail,
            goes_on_from: None,
            tailed: None,
            stage: Stage::Begin,
            lines: 0,
            error: None,
        })
    }

    fn identity(&self) -> Identity {
        self.session.identity(self.source, &self.origin.selection, self.source.object())
    }

    /// The next lines; `None` at the end, and if no more can be had.
    async fn next(&mut self) -> Option<Vec<Event>> {
        match self.read().await {
            Ok(Some(lines)) => {
                self.lines += lines.len();
                Some(lines)
            }
            Ok(None) => None,
            Err(error) => {
                self.error = Some(error);
                self.stage = Stage::End;
                None
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Vec<Event>>, LogError> {
        let Self { session, source, origin, calls, tail, goes_on_from, stage, .. } = self;
        if let Stage::Begin = stage {
            let (selection, created) = (&origin.selection, source.created(Utc::now()));
            let together = session.together(&source.place.region);
            let since = goes_on_from.or(session.wanted.since);
            *stage = match (since, *tail) {
                (Some(from), wanted) if wanted.is_none() || goes_on_from.is_some() => {
                    Stage::Whole(Box::new(Bulk::since(calls, selection, from, &together)))
                }
                (since, Some(wanted)) => {
                    let tailed = match since {
                        Some(from) => Box::pin(tail::since(calls, selection, from, wanted, &together)).await?,
                        None => Box::pin(tail::last(calls, selection, created, wanted, &together)).await?,
                    };
                    *stage = Stage::End;
                    let start = if tailed.more {
                        Start::after(&tailed.events, Millis::default())
                    } else {
                        Start::at(Millis::default())
                    };
                    self.tailed = Some(start);
                    return Ok(Some(tailed.events));
                }
                (_, None) => Stage::Whole(Box::new(Bulk::new(calls, selection, created, &together))),
            };
        }
        match stage {
            Stage::Whole(bulk) => {
                let lines = bulk.next().await?;
                if lines.is_none() {
                    *stage = Stage::End;
                }
                Ok(lines)
            }
            Stage::Begin | Stage::End => Ok(None),
        }
    }

    /// How far the reading has got.
    fn progress(&self) -> Progress {
        match &self.stage {
            Stage::Whole(bulk) => bulk.progress(),
            Stage::Begin | Stage::End => Progress { lines: self.lines as u64, of: Some(self.lines as u64) },
        }
    }

    /// What became of it.
    async fn outcome(self, are_several: bool, console: &mut Console) -> Result<Outcome, Complaint> {
        let Self { session, source, origin, lines, error, tail, goes_on_from, .. } = self;
        if let Some(error) = error {
            let is_absent = error.trouble == Trouble::Absent;
            return Err(match source.object() {
                Some(object) if is_absent && !object.is_created() && object.ending().is_none() => not_created(object),
                // An endpoint has a log group of its own.
                None if is_absent && source.type_ == Type::HostingDeployment => {
                    crate::nothing::unknown(session, source).await
                }
                Some(_) | None => source.complain(&error, &origin.selection),
            });
        }
        // Asked for no line, there is nothing to say about getting none.
        if lines > 0 || tail == Some(0) || goes_on_from.is_some() {
            return Ok(Outcome::Done);
        }
        let title = if are_several { format!("{}: ", source.title()) } else { String::new() };
        crate::nothing::explain(session, source, &origin.selection, &title, console).await
    }
}
