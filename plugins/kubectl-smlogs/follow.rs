//! With `-f`: from before the job's first line to how it ended.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use sagemaker_operator::api::log_streams;
use sagemaker_operator::aws::CloudWatchLogs;
use sagemaker_operator::cli::{Complaint, Console, Failure, Look, Object, Outcome, clock, span, worst, wrong_region};
use sagemaker_operator::logs::{
    Follow, LogError, LogSource, Millis, Narrowed, Origin, Page, Request, Step, Trouble, Verdict, host_of,
};
use tokio::sync::watch::Receiver;

use crate::ask::PATIENCE;
use crate::begin::{begin, name};
use crate::ending::{Count, ended_at, has_ended, is_lasting, tell, unread};
use crate::mentions::{Mention, Mentions, Voice};
use crate::printer::{Account, Printer, Screen};
use crate::progress::Progress;
use crate::sagemaker::{self, SageMaker};
use crate::session::Session;
use crate::source::Source;
use crate::watch::{self, Seen};

/// How often the screen changes by itself.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// How long a log may be quiet before SageMaker itself is asked whether the job has ended.
const SUSPICIOUS: Duration = Duration::from_secs(20);
/// The time between two questions to SageMaker about a job whose object has gone.
const ORPHANED: Duration = Duration::from_secs(5);
/// How long the API server may be silent before it is mentioned.
const SILENT: Duration = Duration::from_secs(10);
/// How long neither of the two may answer before following ends: a laptop's lid is closed for longer than a minute.
const ABANDONED: Duration = Duration::from_hours(1);
/// How many calls in a row must fail before it is mentioned.
const FAILING: u32 = 4;

/// Follows all of these logs at the same time, each to its end.
pub(crate) async fn run(session: &Session, sources: &[Source], console: &mut Console) -> Result<Outcome, Failure> {
    let (screen, account, mentions) = (RefCell::new(console), Account::default(), Mentions::default());
    let (shared, shared_account, shared_mentions) = (&screen, &account, &mentions);
    let one = |(number, source): (usize, _)| async move {
        let voice = shared_mentions.of(number);
        let followed = Box::pin(follow(session, sources, source, shared, shared_account, voice));
        session.wanted.limit.bounds(&source.full_title(), followed).await?
    };
    let mut outcomes = Vec::new();
    for followed in join_all(sources.iter().enumerate().map(one)).await {
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
    voice: Voice<'_>,
) -> Result<Outcome, Failure> {
    let mut seen = if let (Some(cluster), Some(object)) = (&session.cluster, source.object().cloned()) {
        watch::object(cluster.clone(), object.target(), object)
    } else {
        let object = sagemaker::told(session, source, screen).await?;
        watch::job(Arc::clone(&session.clients), source.clone(), object)
    };
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
    let object = seen.borrow().object.clone();
    let origin = source.origin(session.selection(source, &job, Some(&object))?);
    let calls = session.open(source, &origin.selection);
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
        last_answer: Instant::now(),
        sagemaker: SageMaker::of(&object),
        voice,
    };
    following.drive(screen).await?;
    Box::pin(following.last_words(screen)).await
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
    last_answer: Instant,
    sagemaker: SageMaker,
    voice: Voice<'a>,
}

/// Whether it is time to give up: neither the log nor whoever tells of the job has answered for so long.
fn is_abandoned(silence: Option<Duration>, unanswered: Duration) -> bool {
    silence.is_some_and(|silence| silence >= ABANDONED) && unanswered >= ABANDONED
}

impl Following<'_> {
    /// What is said about this log is headed by, where there are several.
    fn label(&self) -> String {
        self.source.label.as_ref().map(|label| format!("{label}: ")).unwrap_or_default()
    }

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
                Step::Call(request) => match self.ask(&request, screen).await {
                    Ok(page) => {
                        self.has_answered = true;
                        self.last_answer = Instant::now();
                        self.voice.is_over(Mention::Logs);
                        self.voice.is_over(Mention::Silent);
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

    /// Asks; an answer that is long in coming is mentioned.
    async fn ask(&mut self, request: &Request, screen: &Screen<'_>) -> Result<Page, LogError> {
        let mut answer = pin!(self.calls.events(request));
        if let Ok(answer) = tokio::time::timeout(SILENT, &mut answer).await {
            return answer;
        }
        if self.voice.begins(Mention::Silent) {
            let silent = format!("note: no answer from CloudWatch Logs for {}; still trying", span(SILENT));
            screen.borrow_mut().say(&silent);
        }
        answer.await
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
        let silence = self.seen.borrow().silence.as_ref().map(|(since, _)| since.elapsed());
        if is_abandoned(silence, self.last_answer.elapsed()) {
            let hint = format!("check the network, and go on with: --since {}", span(ABANDONED * 2));
            let nobody = Complaint::new(format!("nobody has answered for {}: {error}", span(ABANDONED)));
            return Err(nobody.hint(hint).into());
        }
        if self.follow.is_hopeless(self.elapsed()) {
            return Err(unread(&object, self.report(&object), error).into());
        }
        if self.follow.failures() >= FAILING && self.voice.begins(Mention::Logs) {
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
        let who = if object.is_in_cluster() { "the API server" } else { "SageMaker" };
        match &silence {
            Some((since, why)) if since.elapsed() > SILENT && self.voice.begins(Mention::Teller) => {
                screen.borrow_mut().say(&format!("note: {who} does not answer ({why}); the log is followed on"));
            }
            Some(_) => {}
            None => self.voice.is_over(Mention::Teller),
        }
        if is_gone && object.ending().is_none() && self.voice.begins(Mention::Deleted) {
            let rest = match (object.is_in_cluster(), is_lasting(&object)) {
                (true, false) => "was deleted; its job is followed to its end",
                (true, true) => "was deleted; its last lines are read",
                (false, _) => "is not in SageMaker any more; its last lines are read",
            };
            screen.borrow_mut().say(&format!("note: {} {rest}", object.title()));
        }
        if object.ending().is_none() && (is_gone || self.last_line.elapsed() > SUSPICIOUS) {
            self.ask_sagemaker(if is_gone { ORPHANED } else { SUSPICIOUS }).await;
        }
        if let Some(why) = self.sagemaker.refused().filter(|_| object.ending().is_none())
            && self.voice.begins(Mention::Refused)
        {
            let label = self.label();
            screen.borrow_mut().say(&format!(
                "{label}note: SageMaker does not tell of the job ({why}); its end is known from its object only"
            ));
        }
        let report = self.report(&object);
        // If nobody will tell any more, what there is comes out, and that is the end.
        let is_forgotten = is_gone && !self.sagemaker.may_tell_of(&object);
        let is_over = if is_lasting(&object) { is_gone } else { has_ended(&object, report) || is_forgotten };
        if is_over {
            let at = ended_at(&object, report).map(|at| Millis(at.timestamp_millis()));
            self.follow.job_ended(at, self.elapsed());
        } else {
            self.follow.job_resumed();
        }
    }

    /// What SageMaker has said of this object's own job.
    fn report(&self, object: &Object) -> Option<&Object> {
        self.sagemaker.report_about(object)
    }

    async fn ask_sagemaker(&mut self, interval: Duration) {
        let is_gone = self.seen.borrow().is_gone;
        let Self { session, source, job, sagemaker, .. } = self;
        sagemaker.ask(&session.clients, source, job, is_gone, interval).await;
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
        if let Some(cluster) = self.session.cluster.as_ref().filter(|_| object.is_in_cluster())
            && let Look::There(now) = cluster.look(&object.target()).await
            && now.uid == object.uid
        {
            object = *now;
        }
        if object.ending().is_none() || object.billed().is_none() {
            self.sagemaker.is_due();
            self.ask_sagemaker(Duration::ZERO).await;
        }
        let hosts: BTreeSet<(&str, &str)> = self.follow.streams().map(host_of).collect();
        let count = Count { lines: self.printer.lines, hosts: hosts.len() };
        let region = &self.source.place.region;
        if self.printer.lines == 0 && object.region().is_some_and(|own| own != *region) {
            let nothing = Complaint::new(format!("no log of {} in {region}", self.job));
            return Err(wrong_region(nothing, &object, region).into());
        }
        let (words, outcome) = if is_lasting(&object) {
            (vec![format!("{} was deleted. {count}", object.title())], Outcome::Done)
        } else {
            let selection = &self.origin.selection;
            let log = log_streams(region, &selection.group, &selection.prefix());
            tell(&object, self.report(&object), count, &log)?
        };
        let label = self.label();
        for line in words {
            let line = format!("{label}{line}");
            screen.borrow_mut().say(&line);
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_is_given_up_once_neither_the_log_nor_the_job_has_been_heard_of_for_an_hour() {
        let (short, long) = (Duration::from_mins(59), Duration::from_hours(1));
        for (silence, unanswered, is_over) in
            [(None, long, false), (Some(short), long, false), (Some(long), short, false), (Some(long), long, true)]
        {
            assert_eq!(is_abandoned(silence, unanswered), is_over, "{silence:?} {unanswered:?}");
        }
    }
}
