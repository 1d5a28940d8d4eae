//! Without `-f`: what the logs hold now.

use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use futures::stream::{self, StreamExt as _};
use sagemaker_operator::aws::CloudWatchLogs;
use sagemaker_operator::cli::{Complaint, Console, Failure, Outcome, worst, wrong_region};
use sagemaker_operator::logs::{
    Event, Identity, LogError, LogSource, Merge, Millis, Narrowed, Origin, Progress, Quota, Start, Trouble,
};

use crate::ask;
use crate::bulk::{Bulk, Meter};
use crate::session::{Session, not_created};
use crate::sink::Sink;
use crate::source::Source;
use crate::tail;

/// How many logs are asked for lines at the same time.
const AT_ONCE: usize = 8;

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
    let identities = logs.iter().map(|log| log.identity(session)).collect();
    let origins = logs.iter().map(|log| log.origin.clone()).collect();
    let mut sink = Sink::open(session, origins, identities, console)?;
    for (index, log) in logs.iter_mut().enumerate() {
        log.goes_on_from = sink.goes_on_from(index);
    }
    print(&mut sink, &mut logs, console).await?;
    if sink.has_nothing_new() {
        console.say("no new lines");
    }
    let mut outcomes = Vec::new();
    for log in logs {
        match log.outcome(sources.len() > 1, console) {
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

/// Prints the lines of all logs in the order of time.
async fn print(sink: &mut Sink<'_>, logs: &mut [Log<'_>], console: &mut Console) -> Result<(), Failure> {
    let mut merge = Merge::new(logs.len());
    let is_alone = logs.len() == 1;
    let mut meter = Meter::new(Instant::now());
    loop {
        let mut is_over = true;
        let mut alone = Vec::new();
        let waited_for = logs.iter_mut().enumerate().filter(|(log, _)| merge.is_waited_for(*log));
        let asked: Vec<_> = waited_for.map(|(index, log)| async move { (index, log.next().await) }).collect();
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((index, lines)) = answers.next().await {
            is_over = false;
            match lines {
                // Nothing has to be put in order.
                Some(lines) if is_alone => alone = lines,
                Some(lines) => merge.took(index, lines),
                None => merge.ended(index),
            }
        }
        drop(answers);
        for (index, log) in logs.iter_mut().enumerate() {
            if let Some(start) = log.tailed.take() {
                sink.begin(index, start)?;
            }
        }
        let began = |log: usize| logs[log].calls.began();
        if is_alone {
            sink.print_one(alone, began, console)?;
        }
        sink.print(merge.by_ref().collect(), began, console)?;
        if is_over {
            return Ok(());
        }
        // The lines themselves show a person how far it has got.
        if !console.out_is_terminal()
            && let Some(line) = meter.line(logs.iter().map(Log::progress).sum(), Instant::now())
        {
            console.status(&line);
        }
    }
}

/// A log that is being read.
struct Log<'a> {
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
        let selection = session.selection(source, job)?;
        let calls = Arc::new(session.open(source, &selection));
        let origin = source.origin(selection);
        let (tail, stage) = (session.wanted.tail, Stage::Begin);
        Ok(Self { source, origin, calls, tail, goes_on_from: None, tailed: None, stage, lines: 0, error: None })
    }

    fn identity(&self, session: &Session) -> Identity {
        session.identity(self.source, &self.origin.selection, self.source.object())
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
        let Self { source, origin, calls, tail, goes_on_from, stage, .. } = self;
        if let Stage::Begin = stage {
            let (selection, created) = (&origin.selection, source.created(Utc::now()));
            let quota = Quota::of(source.place.region.as_str());
            *stage = match (goes_on_from, tail) {
                (Some(from), _) => Stage::Whole(Box::new(Bulk::since(calls, selection, *from, quota))),
                (None, Some(wanted)) => {
                    let last = tail::last(calls, selection, created, *wanted, quota);
                    let tailed = Box::pin(last).await?;
                    *stage = Stage::End;
                    let start = if tailed.more {
                        Start::after(&tailed.events, Millis::default())
                    } else {
                        Start::at(Millis::default())
                    };
                    self.tailed = Some(start);
                    return Ok(Some(tailed.events));
                }
                (None, None) => Stage::Whole(Box::new(Bulk::new(calls, selection, created, quota))),
            };
        }
        match stage {
            Stage::Whole(bulk) => bulk.next().await,
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
    fn outcome(self, are_several: bool, console: &mut Console) -> Result<Outcome, Complaint> {
        let Self { source, origin, lines, error, tail, goes_on_from, .. } = self;
        if let Some(error) = error {
            let selection = &origin.selection;
            return Err(match source.object().filter(|object| !object.is_created() && object.ending().is_none()) {
                Some(object) if error.trouble == Trouble::Absent => not_created(object),
                Some(_) | None => source.complain(&error, selection),
            });
        }
        // Asked for no line, there is nothing to say about getting none.
        if lines > 0 || tail == Some(0) || goes_on_from.is_some() {
            return Ok(Outcome::Done);
        }
        let title = if are_several { format!("{}: ", source.title()) } else { String::new() };
        empty(source, &title, console)
    }
}

/// Where the log begins.
pub(crate) async fn begin(calls: &impl LogSource, source: &Source, origin: &Origin) -> Result<Millis, LogError> {
    ask::beginning(calls, &origin.selection, source.created(Utc::now())).await
}

/// No line is an error only if another question would have brought some.
fn empty(source: &Source, title: &str, console: &mut Console) -> Result<Outcome, Complaint> {
    let region = &source.place.region;
    let Some(object) = source.object() else {
        let job = source.job().unwrap_or_default();
        return Err(Complaint::new(format!("no log of {} {job:?} in {region}", source.type_.singular())));
    };
    if object.region().is_some_and(|own| own != *region) {
        let job = object.sagemaker_name().unwrap_or(&object.name);
        return Err(wrong_region(Complaint::new(format!("no log of {job} in {region}")), object, region));
    }
    if !object.is_created() && object.ending().is_none() && object.obstacle().is_some() {
        return Err(not_created(object));
    }
    let status = [object.status_word(), object.secondary_status()];
    let status: Vec<&str> = status.into_iter().flatten().collect();
    if object.ending().is_some() {
        console.say(&format!("{title}no lines: the job is {}", status.join(" ")));
    } else {
        console.say(&format!("{title}no lines yet: the job is {}", status.join(" ")));
        console.say("hint: wait for them with -f");
    }
    Ok(Outcome::Done)
}
