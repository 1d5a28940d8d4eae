//! What SageMaker itself says of a job: where there is no object, or where the object has gone or tells too little.

use std::time::{Duration, Instant};

use sagemaker_operator::aws::Clients;
use sagemaker_operator::cli::{Complaint, Failure, Object};
use sagemaker_operator::lifecycle::{Cause, Refusal};
use sagemaker_operator::logs::Backoff;
use serde_json::json;

use crate::ask::PATIENCE;
use crate::ending::{is_about, is_lasting};
use crate::nothing::or_near;
use crate::printer::Screen;
use crate::session::Session;
use crate::source::Source;
use crate::wait::Waiting;
use crate::watch::QUESTIONS;

/// How long an answer is waited for: the log is not read meanwhile.
const SHORT: Duration = Duration::from_secs(3);

/// What it has said of an object's job, and whether it may be asked at all.
#[derive(Debug)]
pub(crate) struct SageMaker {
    report: Option<Object>,
    may_ask: bool,
    refused: Option<String>,
    next: Instant,
}

impl SageMaker {
    /// Nothing has been asked yet. Of a job without an object it is asked all the time by whoever watches that.
    pub(crate) fn of(object: &Object) -> Self {
        let may_ask = object.is_in_cluster() && !is_lasting(object);
        Self { report: None, may_ask, refused: None, next: Instant::now() }
    }

    /// The next question need not wait.
    pub(crate) fn is_due(&mut self) {
        self.next = Instant::now();
    }

    /// What it has said, if that is about the object's own job.
    pub(crate) fn report_about(&self, object: &Object) -> Option<&Object> {
        self.report.as_ref().filter(|report| is_about(object, report))
    }

    /// Whether it may still be heard of this object's job.
    pub(crate) fn may_tell_of(&self, object: &Object) -> bool {
        self.may_ask && (self.report.is_none() || self.report_about(object).is_some())
    }

    /// Why it does not tell, if it refuses to.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Asks, if it is time. `is_gone` says that nobody will make the job any more.
    pub(crate) async fn ask(
        &mut self,
        clients: &Clients,
        source: &Source,
        job: &str,
        is_gone: bool,
        interval: Duration,
    ) {
        if !self.may_ask || Instant::now() < self.next {
            return;
        }
        let Ok(answer) = tokio::time::timeout(SHORT, source.describe_as(job, clients)).await else {
            self.next = Instant::now() + interval;
            return;
        };
        match answer {
            Ok(report) => self.report = Some(report),
            // The job may be yet to come.
            Err(Refusal { cause: Cause::NotFound, .. }) if !is_gone => {}
            // It is optional: who may not ask, or asks for what is not there, goes by the object alone.
            Err(refusal) => {
                self.may_ask = refusal.cause.may_pass();
                self.refused = (!self.may_ask).then_some(refusal.message);
            }
        }
        self.next = Instant::now() + interval;
    }
}

/// What it says of a job that has no object: at once, or with `--wait` as soon as there is one.
///
/// # Errors
/// If there is none, or nothing can be learnt of it.
pub(crate) async fn told(session: &Session, source: &Source, screen: &Screen<'_>) -> Result<Object, Failure> {
    let (mut waiting, mut backoff) = (Waiting::for_(source.title(), session.wanted.limit), Backoff::default());
    let mut has_answered = false;
    let (job, region) = (source.job().unwrap_or_default(), &source.place.region);
    let mut failing_since = Instant::now();
    loop {
        let refusal = match source.describe(&session.clients).await {
            Ok(object) => return Ok(object),
            Err(refusal) => refusal,
        };
        match &refusal.cause {
            Cause::NotFound if session.wanted.wait => {
                waiting.show(&mut screen.borrow_mut());
                waiting.pause(QUESTIONS).await?;
                failing_since = Instant::now();
                backoff.succeeded();
                has_answered = true;
            }
            // What has been good once, such as credentials, will be good again.
            cause if has_answered && cause.may_pass() => waiting.pause(QUESTIONS).await?,
            Cause::NotFound => {
                let type_ = source.type_.singular();
                let none = Complaint::new(format!("SageMaker knows no {type_} {job:?} in {region}"));
                return Err(or_near(session, source, none, "check --region, or wait for it with --wait").await.into());
            }
            Cause::Transient | Cause::Throttled | Cause::Busy if failing_since.elapsed() < PATIENCE => {
                tokio::time::sleep(backoff.after_failure(fastrand::f64())).await;
            }
            // It is optional: the log can be read without.
            Cause::Denied { .. } | Cause::Transient | Cause::Throttled | Cause::Busy => {
                let silent = format!("note: SageMaker does not tell of the job ({})", refusal.message);
                screen.borrow_mut().say(&format!("{silent}; it is followed until Ctrl-C or --timeout"));
                let name = json!({ source.logged.spec_name: job });
                return Ok(Object::described(source.type_, job, name));
            }
            Cause::Credentials
            | Cause::QuotaInUse
            | Cause::QuotaZero
            | Cause::NotLeader
            | Cause::AlreadyExists
            | Cause::AlreadyEnded
            | Cause::Invalid => return Err(source.untold(refusal).into()),
        }
    }
}
