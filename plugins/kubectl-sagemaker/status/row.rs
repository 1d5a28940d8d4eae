//! An object as a row of the table: what it does, how far it is, and what is wrong with it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sagemaker_operator::api::page;
use sagemaker_operator::cli::{Ending, Object, age, defused, span};

/// The status of what has gone.
const GONE: &str = "Deleted";

/// Whether somebody has to look at it, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It does not go on before somebody does something.
    Stuck,
    /// It goes on by itself.
    Moving,
    /// It is as wanted, and lasts.
    Ready,
    /// It has failed, or was stopped.
    Failed,
    /// It has ended as wanted.
    Ended,
}

impl Standing {
    pub(crate) fn of(object: &Object) -> Self {
        let is_job = object.type_.is_job();
        match object.ending().filter(|_| is_job) {
            Some((Ending::Completed, _)) => Self::Ended,
            Some((Ending::Failed | Ending::Stopped, _)) => Self::Failed,
            None if object.holds("Stalled").is_some() => Self::Stuck,
            None if !is_job && object.holds("Ready").is_some() && !object.deleting => Self::Ready,
            None => Self::Moving,
        }
    }
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Identity: another object of the same name is another row.
    pub(crate) uid: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) standing: Standing,
    pub(crate) status: String,
    pub(crate) progress: String,
    /// Whether its progress is time that passes.
    passes: bool,
    pub(crate) reason: String,
    pub(crate) region: String,
    pub(crate) age: String,
    pub(crate) sagemaker_name: String,
    pub(crate) instances: String,
    pub(crate) page: String,
}

impl Row {
    pub(crate) fn new(object: &Object, now: DateTime<Utc>) -> Self {
        let standing = Standing::of(object);
        let or_none = |text: Option<String>| text.map_or_else(|| "<none>".to_owned(), |text| defused(&text));
        let place = object.sagemaker_name().filter(|_| object.is_accepted()).zip(object.region());
        let page = place.and_then(|(name, region)| page(&region, object.type_.kind(), name));
        Self {
            uid: object.uid.clone(),
            namespace: object.namespace.clone(),
            name: object.title(),
            standing,
            status: defused(&status(object, standing)),
            progress: progress(object, now).unwrap_or_else(|| "-".to_owned()),
            passes: standing == Standing::Moving && object.trials().is_none() && object.hosts().is_none(),
            reason: defused(&reason(object, standing)),
            region: object.region().map_or_else(|| "<unknown>".to_owned(), |region| region.to_string()),
            age: since(object.created, now).map_or_else(|| "<unknown>".to_owned(), age),
            sagemaker_name: or_none(object.sagemaker_name().map(str::to_owned)),
            instances: or_none(object.instances()),
            page: or_none(page),
        }
    }

    /// What is shown of it once it has gone.
    pub(crate) fn gone(&self) -> Self {
        Self { status: GONE.to_owned(), ..self.clone() }
    }

    /// Whether it has gone.
    pub(crate) fn is_gone(&self) -> bool {
        self.status == GONE
    }

    /// Whether it says the same as before, but for the time that has passed.
    pub(crate) fn is_like(&self, before: &Self) -> bool {
        let progress = if self.passes && before.passes { &before.progress } else { &self.progress };
        *before == Self { age: before.age.clone(), progress: progress.clone(), ..self.clone() }
    }
}

fn since(begun: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
    begun.and_then(|begun| (now - begun).to_std().ok())
}

fn status(object: &Object, standing: Standing) -> String {
    if standing == Standing::Stuck {
        return "Stalled".to_owned();
    }
    if object.deleting {
        return "Deleting".to_owned();
    }
    // Before SageMaker has a word for it, the operator's reason says more than its own status word.
    if let Some(reconciling) = object.holds("Reconciling").filter(|_| !object.is_created()) {
        return reconciling.reason.clone();
    }
    let Some(word) = object.status_word() else {
        return "Pending".to_owned();
    };
    match object.secondary_status() {
        Some(finer) if finer != word => format!("{word} {finer}"),
        Some(_) | None => word.to_owned(),
    }
}

/// `2 hosts`, `1 of 2 hosts`.
pub(crate) fn hosts(now: u64, wanted: u64) -> String {
    match (now, wanted) {
        (1, 1) => "1 host".to_owned(),
        (now, wanted) if now == wanted => format!("{now} hosts"),
        (now, wanted) => format!("{now} of {wanted} hosts"),
    }
}

/// `3m of 24h` while it runs, how long it ran after that.
fn progress(object: &Object, now: DateTime<Utc>) -> Option<String> {
    if !object.type_.is_job() {
        return object.hosts().map(|(now, wanted)| hosts(now, wanted));
    }
    let (begun, ended) = object.ran();
    match (object.ending(), begun) {
        (Some((_, at)), _) => {
            let ran =
                begun.or(object.created).zip(ended.or(at)).and_then(|(begun, ended)| (ended - begun).to_std().ok());
            ran.map(span)
        }
        (None, None) if object.trials().is_some() => {
            object.trials().map(|(ended, most)| format!("{ended} of {most} trials"))
        }
        (None, Some(_)) => {
            let running = age(since(begun, now)?);
            Some(object.max_runtime().map_or_else(|| running.clone(), |limit| format!("{running} of {}", age(limit))))
        }
        (None, None) => None,
    }
}

/// The reason and, of a denial, the action: `AccessDenied iam:PassRole`.
fn reason(object: &Object, standing: Standing) -> String {
    let text = match standing {
        Standing::Stuck => object.holds("Stalled").map(|stalled| {
            match stalled.message.split(|c: char| !c.is_alphanumeric() && c != ':' && c != '-').find(|w| is_action(w)) {
                Some(action) => format!("{} {action}", stalled.reason),
                None => stalled.reason.clone(),
            }
        }),
        Standing::Ended | Standing::Failed | Standing::Ready => object.additional().map(str::to_owned),
        Standing::Moving => {
            let reconciling = object.holds("Reconciling").map(|reconciling| reconciling.message.as_str());
            reconciling.or(object.additional()).map(str::to_owned)
        }
    };
    let best = || object.best_value().map(|value| format!("best {value}"));
    text.filter(|text| !text.is_empty())
        .or_else(best)
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `iam:PassRole`.
fn is_action(word: &str) -> bool {
    word.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty()
            && service.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && action.starts_with(|c: char| c.is_ascii_uppercase())
            && action.chars().all(char::is_alphanumeric)
    })
}
