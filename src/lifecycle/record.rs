//! What an object and its status say of the past: our own deeds, and those of the original operator.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::legacy::says_refused;
use super::{Arn, Kind, Past, Sort};

/// Holds an object until its AWS side is gone. The same word as the original's, so that its objects are taken over.
pub const FINALIZER: &str = "sagemaker-operator-finalizer";
/// The name of the Lease that the operator holds in its namespace.
pub const LEASE: &str = "sagemaker-k8s-operator";
/// On a trial: the uid of its tuning job's object.
pub const LABEL_TUNING_JOB: &str = "sagemaker.aws.amazon.com/tuning-job";
/// Holds a trial until its tuning job's object goes: the original's word too.
pub const TRIAL_FINALIZER: &str = "sagemaker-operator-hpo-trainingjob";

/// What the original operator did for an object that it left behind, as far as its status tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legacy {
    /// It saw the resource.
    Started,
    /// It may have created the resource, and may have done so in vain.
    Uncertain,
    /// SageMaker refused its last Create after it had looked in vain.
    Refused,
}

/// What the status remembers. `window` is how long after a Create "not found" may mean "not yet".
pub fn past<K: Kind>(status: &K::Status, window: Duration, now: DateTime<Utc>, legacy: Option<Legacy>) -> Past {
    let common = K::common(status);
    if K::SORT == Sort::Job && K::is_ended(status) {
        return Past::Ended;
    }
    match legacy {
        Some(Legacy::Started) => return Past::Accepted { settled: true },
        Some(Legacy::Uncertain) => return Past::Unanswered { settled: true, marked: false },
        Some(Legacy::Refused) | None => {}
    }
    let settled = common
        .create_request
        .as_ref()
        .is_none_or(|request| (now - request.at).to_std().is_ok_and(|passed| passed > window));
    if common.arn.is_some() {
        Past::Accepted { settled }
    } else if let Some(request) = &common.create_request {
        Past::Unanswered { settled, marked: !request.untagged }
    } else {
        Past::Nothing
    }
}

/// The ARN that the status records.
pub fn recorded_arn<K: Kind>(status: &K::Status) -> Option<Arn> {
    K::recorded_arn(status).and_then(|text| text.parse().ok())
}

/// What the original operator did, if it was the original that held the object (`is_held`): its finalizer and a word of its own in the
/// status, which it wrote in this order, and none of what ours writes along with its first word. What may have been
/// started is marked as such from the first look on.
pub fn legacy<K: Kind>(is_held: bool, status: &K::Status) -> Option<Legacy> {
    let common = K::common(status);
    let marked = common.create_request.as_ref().is_some_and(|request| request.by_version_1);
    let untouched = common.create_request.is_none()
        && common.conditions.is_empty()
        && common.observed_generation.is_none()
        && K::status_word(status).is_some();
    if !is_held || K::recorded_arn(status).is_some() || !(marked || untouched) {
        return None;
    }
    // The original also writes `Failed` where it could not even start; the kind knows.
    let over = K::status_word(status) != Some("Failed") || K::is_ended(status);
    if was_seen::<K>(status) && over {
        Some(Legacy::Started)
    } else if !marked && lists_nothing_and_says_refused(&json!(status)) {
        Some(Legacy::Refused)
    } else {
        Some(Legacy::Uncertain)
    }
}

/// Whether the status says that nothing came of the last Create, nor of any before it: a policy lists what did.
fn lists_nothing_and_says_refused(status: &Value) -> bool {
    let lists_nothing = status["resourceIDList"].as_array().is_none_or(Vec::is_empty);
    lists_nothing && says_refused(status["additional"].as_str().unwrap_or_default())
}

/// Whether the status word comes from SageMaker.
pub fn was_seen<K: Kind>(status: &K::Status) -> bool {
    K::status_word(status).is_some_and(|word| !word.is_empty() && !K::is_own_word(word))
}
