//! When what happened, and how long it took.

use chrono::{DateTime, Utc};
use sagemaker_operator::cli::{Type, span};
use sagemaker_operator::lifecycle::Condition;
use serde::Serialize;
use serde_json::Value;

use super::section::Section;
use crate::held::Held;

/// How wide the drawing is, in columns.
const WIDTH: i64 = 24;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Entry {
    at: DateTime<Utc>,
    what: String,
    /// The seconds that it took, or has taken so far; `None` for what happens at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<i64>,
}

/// The section. `status` is the newest there is: SageMaker's own, where it has answered.
pub(super) fn section(held: &Held, status: &Value, now: DateTime<Utc>) -> Section {
    let entries = entries(held, status, now);
    let section = Section::new("timeline", "Timeline (UTC)", &entries);
    let (Some(first), Some(last)) = (entries.first(), entries.iter().map(Entry::end).max()) else { return section };
    let widest = entries.iter().map(|entry| entry.what.chars().count()).max().unwrap_or_default();
    let draw = |entry: &Entry| {
        let time =
            entry.at.format(if entry.at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%m-%d %H:%M:%S" });
        let Some(seconds) = entry.seconds else { return format!("{time}  {}", entry.what) };
        let took = span(std::time::Duration::from_secs(seconds.unsigned_abs()));
        format!("{time}  {:widest$}  {took:>7}  {}", entry.what, bar(entry, first.at, last))
    };
    section.wholes(entries.iter().map(draw))
}

impl Entry {
    fn end(&self) -> DateTime<Utc> {
        self.at + chrono::TimeDelta::seconds(self.seconds.unwrap_or_default())
    }
}

/// Where in the whole time it lies. Its length is said in words beside it.
fn bar(entry: &Entry, first: DateTime<Utc>, last: DateTime<Utc>) -> String {
    let whole = (last - first).num_seconds().max(1);
    let column = |at: DateTime<Utc>| usize::try_from((at - first).num_seconds() * WIDTH / whole).unwrap_or_default();
    let (begin, end) = (column(entry.at), column(entry.end()));
    format!("{}{}", " ".repeat(begin), "━".repeat(end.saturating_sub(begin).max(1)))
}

fn entries(held: &Held, status: &Value, now: DateTime<Utc>) -> Vec<Entry> {
    let object = &held.object;
    let once = |at: DateTime<Utc>, what: String| Entry { at, what, seconds: None };
    let lasting = |at: DateTime<Utc>, until: Option<DateTime<Utc>>, what: &str| Entry {
        at,
        what: what.to_owned(),
        seconds: Some((until.unwrap_or(now) - at).num_seconds().max(0)),
    };
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let mut entries: Vec<Entry> = object.created.map(|at| once(at, "object created".to_owned())).into_iter().collect();
    let transitions: Vec<Entry> = status["secondaryStatusTransitions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| {
            let (at, what) = (time(&step["startTime"])?, step["status"].as_str()?);
            let is_end = matches!(what, "Completed" | "Failed" | "Stopped");
            Some(if is_end { once(at, what.to_owned()) } else { lasting(at, time(&step["endTime"]), what) })
        })
        .collect();
    if transitions.is_empty() {
        let (begun, ended) = object.ran();
        entries.extend(begun.map(|begun| lasting(begun, ended, running(object.type_))));
    } else {
        entries.extend(transitions);
    }
    for condition in object.conditions().iter().filter(|condition| condition.status == "True") {
        let Condition { type_, reason, last_transition_time, .. } = condition;
        // An end is told once, however many conditions say it.
        if entries.iter().all(|entry| entry.what.rsplit(": ").next() != Some(reason.as_str())) {
            let what = if type_ == reason { reason.clone() } else { format!("{type_}: {reason}") };
            entries.push(once(*last_transition_time, what));
        }
    }
    entries.extend(held.deleting_since().map(|at| once(at, "deletion asked for".to_owned())));
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// What a job does between its start and its end.
fn running(type_: Type) -> &'static str {
    match type_ {
        Type::ProcessingJob => "Processing",
        Type::BatchTransformJob => "Transforming",
        Type::HyperparameterTuningJob => "Tuning",
        Type::TrainingJob
        | Type::HostingDeployment
        | Type::Model
        | Type::EndpointConfig
        | Type::HostingAutoscalingPolicy => "Running",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn phases_are_drawn_one_after_the_other_and_the_present_one_to_the_present() {
        let stored = json!({
            "apiVersion": "v1", "kind": "TrainingJob",
            "metadata": { "name": "a", "creationTimestamp": "2026-11-23T12:00:00Z" },
        });
        let held = Held::new(Type::TrainingJob, serde_json::from_value(stored).unwrap());
        let status = json!({ "secondaryStatusTransitions": [
            { "status": "Starting", "startTime": "2026-11-23T12:00:05Z", "endTime": "2026-11-23T12:00:53Z" },
            { "status": "Downloading", "startTime": "2026-11-23T12:00:53Z", "endTime": "2026-11-23T12:02:03Z" },
            { "status": "Training", "startTime": "2026-11-23T12:02:03Z" },
        ]});
        let now = "2026-11-23T12:08:05Z".parse().unwrap();
        insta::assert_snapshot!(section(&held, &status, now).text(Some(80), false), @r"
        Timeline (UTC)
          12:00:00  object created
          12:00:05  Starting            48s  ━━
          12:00:53  Downloading       1m10s    ━━━━
          12:02:03  Training          6m02s        ━━━━━━━━━━━━━━━━━━
        ");
    }
}
