//! With `-f`: from before the job's first line to how it ended.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::future::join_all;
use sagemaker_operator::aws::{CloudWatchLogs, TrainingReport};
use sagemaker_operator::cli::{
    Complaint, Console, Failure, Look, Object, Outcome, Type, clock, span, worst, wrong_region,
};
use sagemaker_operator::lifecycle::{Cause, Refusal};
use sagemaker_operator::logs::{
    Follow, LogError, LogSource, Millis, Narrowed, Origin, Quota, Settings, Start, Step, Tail, Trouble, Verdict,
    host_of,
};
use tokio::sync::watch::Receiver;

use crate::ask::{self, PATIENCE};
use crate::ending::{Count, ended_at, has_ended, is_about, is_foreign, tell, unread};
use crate::printer::{Account, Printer, Screen};
use crate::progress::Progress;
use crate::session::{Session, not_created};
use crate::source::Source;
use crate::tail;
use crate::watch::{self, Seen};

/// How often the screen changes by itself.
const TICK: Duration = Duration::from_secs(1);
/// How long a log may be quiet before SageMaker itself is asked whether the job has ended.
const SUSPICIOUS: Duration = Duration::from_secs(20);
/// The time between two questions to SageMaker about a job whose object has gone.
const ORPHANED: Duration = Duration::from_secs(5);
/// How long the API server may be silent before it is mentioned.
const SILENT: Duration = Duration::from_secs(10);
/// How many calls in a row must fail before it is mentioned.
const FAILING: u32 = 4;

/// Follows all of these logs at the same time, each to its end.
pub(crate) async fn run(session: &Session, sources: &[Source], console: &mut Console) -> Result<Outcome, Failure> {
    let (screen, account) = (RefCell::new(console), Account::default());
    let (shared, shared_account) = (&screen, &account);
    let one = |source| async move {
        let followed = Box::pin(follow(session, sources, source, shared, shared_account));
        let Some(patience) = session.wanted.timeout else { return followed.await };
        tokio::time::timeout(patience, followed).await.unwrap_or_else(|_| {
            let after = span(patience);
            shared.borrow_mut().say(&format!("gave up on {} after {after}: --timeout", source.title()));
            Ok(Outcome::TimedOut)
        })
    };
    let mut outcomes = Vec::new();
    for followed in join_all(sources.iter().map(one)).await {
        match followed {
            // Nobody reads on, or nothing can be written any more: that is no matter of one log.
            Err(failure @ Failure::Output(_)) => return Err(failure),
            Err(failure) if sources.len() == 1 => return Err(failure),
            Err(failure) => {
                screen.borrow_mut().say(&failure.message().unwrap_or_default());
                outcomes.push(failure.outcome());
            }
            Ok(outcome) => outcomes.push(outcome),
        }
    }
    Ok(worst(outcomes))
}

async fn follow(
    session: &Session,
    sources: &[Source],
    source: &Source,
    screen: &Screen<'_>,
    account: &Account,
) -> Result<Outcome, Failure> {
    let (Some(cluster), Some(object)) = (&session.cluster, source.object().cloned()) else {
        let complaint = Complaint::usage("-f follows objects, and --job names a job that has none");
        return Err(complaint.hint("leave out -f to read what there is").into());
    };
    let mut seen = watch::start(cluster.clone(), object.target(), object);
    let mut progress = Progress::new(Instant::now(), source.label.as_deref());
    // v1's header names the job, so that it has to wait for the name; a person is told at once what is waited for.
    let header = || screen.borrow_mut().say(&session.header(source, Some(&seen.borrow().object)));
    if session.is_short() {
        header();
    }
    let job = name(&mut seen, &mut progress, screen).await?;
    if !session.is_short() {
        screen.borrow_mut().say(&session.header(source, Some(&seen.borrow().object)));
    }
    let origin = source.origin(session.selection(source, &job)?);
    let calls = session.open(source, &origin.selection);
    let object = seen.borrow().object.clone();
    if let Some(own) = object.region().filter(|own| *own != source.place.region) {
        let elsewhere = format!("note: {} runs in {own}, but {} is read", object.title(), source.place.region);
        screen.borrow_mut().say(&elsewhere);
    }
    let (printer, follow) = begin(session, sources, source, &calls, &origin, &object, screen, account).await?;
    let mut following = Following {
        session,
        source,
        origin,
        calls,
        job,
        printer,
        follow,
        begun: Instant::now(),
        last_line: Instant::now(),
        progress,
        seen,
        has_answered: false,
        sagemaker: SageMaker {
            report: None,
            may_ask: object.type_ == Type::TrainingJob,
            refused: None,
            next: Instant::now(),
        },
        mentioned: BTreeSet::new(),
    };
    following.drive(screen).await?;
    Box::pin(following.last_words(screen)).await
}

/// Waits for the job's name in SageMaker.
async fn name(seen: &mut Receiver<Seen>, progress: &mut Progress, screen: &Screen<'_>) -> Result<String, Failure> {
    loop {
        let Seen { object, is_gone, silence: _ } = seen.borrow_and_update().clone();
        // A job of somebody else under the wanted name is none of this object's.
        if let Some(job) = object.sagemaker_name().filter(|_| !is_foreign(&object)) {
            return Ok(job.to_owned());
        }
        if is_gone {
            let gone = Complaint::new(format!("{} was deleted before its job was created", object.title()));
            return Err(gone.into());
        }
        if object.ending().is_some() {
            return Err(not_created(&object).into());
        }
        progress.show(&object, Instant::now(), &mut screen.borrow_mut());
        // Time is up or something has happened: both are a reason to look.
        let _ = tokio::time::timeout(TICK, seen.changed()).await;
    }
}

/// Prints the tail, if one is wanted, and begins to follow behind it, or goes on where an earlier process left off.
#[expect(clippy::too_many_arguments, reason = "what is shared by all logs, and what is of this one")]
async fn begin<'a>(
    session: &Session,
    sources: &[Source],
    source: &Source,
    calls: &impl LogSource,
    origin: &Origin,
    object: &Object,
    screen: &Screen<'_>,
    account: &'a Account,
) -> Result<(Printer<'a>, Follow), Failure> {
    let selection = &origin.selection;
    let refused = |error: LogError| Failure::from(source.complain(&error, selection));
    let quota = Quota::of(source.place.region.as_str());
    let settings = Settings { quota, ..Settings::quiet_for(session.wanted.quiet_for) }.shared_by(sources.len());
    let mut printer = Printer { lines: 0, account, index: 0 };
    let identity = session.identity(source, selection, Some(object));
    if account.borrow().is_none() {
        let mut all = session.known(sources);
        all.push(identity.clone());
        *account.borrow_mut() = session.resume(&all, &mut screen.borrow_mut())?;
    }
    if let Some(resume) = &mut *account.borrow_mut() {
        printer.index = resume.enter(identity)?;
        let before = resume.progress(printer.index);
        if before.has_begun() {
            printer.lines = usize::try_from(before.lines()).unwrap_or(usize::MAX);
            let follow = Follow::resumed(selection.clone(), settings, before, resume.prints());
            return Ok((printer, follow));
        }
    }
    let from = beginning(session, calls, source, origin).await.map_err(refused)?;
    let tailed = match session.wanted.tail {
        None => None,
        // Of no line at all, the newest one tells where the new ones begin.
        Some(wanted) => match tail::pages(calls, Tail::new(selection, from, wanted.max(1))).await {
            Err(LogError { trouble: Trouble::Absent, .. }) => None,
            tailed => Some(tailed.map_err(refused)?),
        },
    };
    let start = match &tailed {
        Some(tailed) if tailed.more || session.wanted.tail == Some(0) => Start::after(&tailed.events, from),
        Some(_) | None => Start::at(from),
    };
    let mut follow = match &mut *account.borrow_mut() {
        None => Follow::new(selection.clone(), start, settings),
        Some(resume) => {
            resume.begin(printer.index, start)?;
            Follow::resumed(selection.clone(), settings, resume.progress(printer.index), resume.prints())
        }
    };
    if let Some(tailed) = tailed {
        let shown = if session.wanted.tail == Some(0) { &[] } else { &tailed.events[..] };
        follow.printed_before(&tailed.events);
        printer.print(shown, origin, &mut follow, session, screen)?;
    }
    Ok((printer, follow))
}

/// Where what is wanted of the log begins.
async fn beginning(
    session: &Session,
    calls: &impl LogSource,
    source: &Source,
    origin: &Origin,
) -> Result<Millis, LogError> {
    if let Some(since) = session.wanted.since {
        return Ok(since);
    }
    ask::beginning(calls, &origin.selection, source.created(Utc::now())).await
}

struct Following<'a> {
    session: &'a Session,
    source: &'a Source,
    origin: Origin,
    calls: Narrowed<CloudWatchLogs<'a>>,
    job: String,
    follow: Follow,
    begun: Instant,
    last_line: Instant,
    printer: Printer<'a>,
    progress: Progress,
    seen: Receiver<Seen>,
    has_answered: bool,
    sagemaker: SageMaker,
    mentioned: BTreeSet<Mention>,
}

/// What SageMaker itself has said, and whether it may be asked at all.
struct SageMaker {
    report: Option<TrainingReport>,
    may_ask: bool,
    refused: Option<String>,
    next: Instant,
}

/// What is said once and not again until it has been over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mention {
    Deleted,
    ApiServer,
    Logs,
    Refused,
}

/// An endpoint has no end of its own: it is there until it is deleted.
fn is_lasting(object: &Object) -> bool {
    object.type_ == Type::HostingDeployment
}

impl Following<'_> {
    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    async fn drive(&mut self, screen: &Screen<'_>) -> Result<(), Failure> {
        loop {
            self.take_in(screen).await;
            self.show(screen);
            match self.follow.next(self.elapsed()) {
                Step::Done => return Ok(()),
                Step::Wait(pause) => {
                    let pause = if screen.borrow().err_is_terminal() { pause.min(TICK) } else { pause };
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        changed = self.seen.changed() => {
                            if changed.is_err() {
                                tokio::time::sleep(pause).await;
                            }
                        }
                    }
                }
                Step::Call(request) => match self.calls.events(&request).await {
                    Ok(page) => {
                        self.has_answered = true;
                        self.mentioned.remove(&Mention::Logs);
                        let new = self.follow.took(page, self.elapsed());
                        if !new.is_empty() {
                            self.last_line = Instant::now();
                        }
                        self.printer.print(&new, &self.origin, &mut self.follow, self.session, screen)?;
                    }
                    Err(error) => self.failed(&error, screen)?,
                },
            }
        }
    }

    fn failed(&mut self, error: &LogError, screen: &Screen<'_>) -> Result<(), Failure> {
        let verdict = self.follow.failed(error, self.elapsed(), fastrand::f64());
        // Whoever has never been let in has asked the wrong way; whoever has, waits for better times.
        let is_hopeless = !self.has_answered
            && match error.trouble {
                Trouble::Credentials => true,
                Trouble::Transient | Trouble::Throttled => self.elapsed() > PATIENCE,
                Trouble::Absent | Trouble::Denied { .. } | Trouble::Invalid => false,
            };
        // "Not there yet" is an answer too.
        self.has_answered |= error.trouble == Trouble::Absent;
        let object = self.seen.borrow().object.clone();
        if verdict == Verdict::GiveUp || is_hopeless {
            return Err(self.source.complain(error, &self.origin.selection).into());
        }
        if self.follow.is_hopeless(self.elapsed()) {
            return Err(unread(&object, self.report(&object), error).into());
        }
        if self.follow.failures() >= FAILING && self.mentioned.insert(Mention::Logs) {
            let means = match error.trouble {
                Trouble::Credentials => "following on as soon as there are new ones",
                Trouble::Absent
                | Trouble::Throttled
                | Trouble::Transient
                | Trouble::Denied { .. }
                | Trouble::Invalid => "trying again",
            };
            screen.borrow_mut().say(&format!("note: {error}; {means}"));
        }
        Ok(())
    }

    /// Takes in what is known of the job by now.
    async fn take_in(&mut self, screen: &Screen<'_>) {
        let Seen { object, is_gone, silence } = self.seen.borrow_and_update().clone();
        match &silence {
            Some((since, why)) if since.elapsed() > SILENT && self.mentioned.insert(Mention::ApiServer) => {
                screen
                    .borrow_mut()
                    .say(&format!("note: the API server does not answer ({why}); the log is followed on"));
            }
            Some(_) => {}
            None => drop(self.mentioned.remove(&Mention::ApiServer)),
        }
        if is_gone && object.ending().is_none() && self.mentioned.insert(Mention::Deleted) {
            screen.borrow_mut().say(&format!("note: {} was deleted; its job is followed to its end", object.title()));
        }
        if object.ending().is_none() && (is_gone || self.last_line.elapsed() > SUSPICIOUS) {
            self.ask_sagemaker(if is_gone { ORPHANED } else { SUSPICIOUS }).await;
        }
        if let Some(why) = self.sagemaker.refused.as_ref().filter(|_| !is_gone && object.ending().is_none())
            && self.mentioned.insert(Mention::Refused)
        {
            screen.borrow_mut().say(&format!(
                "note: SageMaker does not tell of the job ({why}); its end is known from its object only"
            ));
        }
        let report = self.report(&object);
        // If nobody will tell any more, what there is comes out, and that is the end.
        let tells_of_another = self.sagemaker.report.is_some() && report.is_none();
        let is_forgotten = is_gone && (!self.sagemaker.may_ask || tells_of_another);
        let is_over = if is_lasting(&object) { is_gone } else { has_ended(&object, report) || is_forgotten };
        if is_over {
            let at = ended_at(&object, report).map(|at| Millis(at.timestamp_millis()));
            self.follow.job_ended(at, self.elapsed());
        } else {
            self.follow.job_resumed();
        }
    }

    /// What SageMaker has said of this object's own job.
    fn report(&self, object: &Object) -> Option<&TrainingReport> {
        self.sagemaker.report.as_ref().filter(|report| is_about(object, report))
    }

    async fn ask_sagemaker(&mut self, interval: Duration) {
        if !self.sagemaker.may_ask || Instant::now() < self.sagemaker.next {
            return;
        }
        match TrainingReport::ask(&self.session.clients, &self.source.place, &self.job).await {
            Ok(report) => self.sagemaker.report = Some(report),
            // The job may be yet to come.
            Err(Refusal { cause: Cause::NotFound, .. }) if !self.seen.borrow().is_gone => {}
            // It is optional: who may not ask, or asks for what is not there, goes by the object alone.
            Err(refusal) => {
                self.sagemaker.may_ask = refusal.cause.may_pass();
                self.sagemaker.refused = (!self.sagemaker.may_ask).then_some(refusal.message);
            }
        }
        self.sagemaker.next = Instant::now() + interval;
    }

    fn show(&mut self, screen: &Screen<'_>) {
        let object = self.seen.borrow().object.clone();
        if has_ended(&object, self.report(&object)) && !is_lasting(&object) {
            let waited = clock(self.last_line.elapsed());
            screen.borrow_mut().status(&format!("the job has ended; waiting for its last lines ({waited})"));
        } else if self.printer.lines == 0 {
            self.progress.show(&object, Instant::now(), &mut screen.borrow_mut());
        }
    }

    async fn last_words(mut self, screen: &Screen<'_>) -> Result<Outcome, Failure> {
        screen.borrow_mut().clear_status();
        // What the operator wrote last may be younger than what ended this.
        let mut object = self.seen.borrow().object.clone();
        if let Some(cluster) = &self.session.cluster
            && let Look::There(now) = cluster.look(&object.target()).await
            && now.uid == object.uid
        {
            object = *now;
        }
        if object.ending().is_none() || object.billed().is_none() {
            self.sagemaker.next = Instant::now();
            self.ask_sagemaker(Duration::ZERO).await;
        }
        let hosts: BTreeSet<&str> = self.follow.streams().map(host_of).collect();
        let count = Count { lines: self.printer.lines, hosts: hosts.len() };
        let region = &self.source.place.region;
        if self.printer.lines == 0 && object.region().is_some_and(|own| own != *region) {
            let nothing = Complaint::new(format!("no log of {} in {region}", self.job));
            return Err(wrong_region(nothing, &object, region).into());
        }
        let (words, outcome) = if is_lasting(&object) {
            (vec![format!("{} was deleted. {count}", object.title())], Outcome::Done)
        } else {
            tell(&object, self.report(&object), count)?
        };
        let label = self.source.label.as_ref().map(|label| format!("{label}: ")).unwrap_or_default();
        for line in words {
            let line = format!("{label}{line}");
            screen.borrow_mut().say(&line);
        }
        Ok(outcome)
    }
}
