//! What the object says: what is wrong, and its conditions.

use chrono::{DateTime, Utc};
use sagemaker_operator::cli::{Object, age};
use serde_json::json;

use super::section::{Section, columns};

/// What stands in the way, and what to do about it. Empty if nothing does.
pub(super) fn wrong(object: &Object) -> Section {
    let said = ["Stalled", "Failed", "Reconciling"].into_iter().find_map(|type_| object.holds(type_));
    let text = match said {
        Some(condition) if condition.message.trim().is_empty() => condition.reason.clone(),
        Some(condition) => condition.message.clone(),
        None => object.additional().unwrap_or_default().to_owned(),
    };
    let title = if said.is_some_and(|condition| condition.type_ == "Reconciling") {
        "What it waits for"
    } else {
        "What is wrong"
    };
    let section = Section::new("wrong", title, &json!({ "reason": said.map(|said| &said.reason), "message": text }));
    text.lines().filter(|line| !line.trim().is_empty()).fold(section, |section, line| {
        match line.strip_prefix("hint: ") {
            Some(hint) => section.prose(2, format!("→ {hint}")),
            None => section.prose(0, line),
        }
    })
}

/// All conditions.
pub(super) fn conditions(object: &Object, now: DateTime<Utc>) -> Section {
    let rows: Vec<[String; 4]> = object
        .conditions()
        .iter()
        .map(|condition| {
            let since = (now - condition.last_transition_time).to_std().unwrap_or_default();
            [condition.type_.clone(), condition.status.clone(), condition.reason.clone(), age(since)]
        })
        .collect();
    let section = Section::new("conditions", "Conditions", &object.conditions());
    if rows.is_empty() {
        return section;
    }
    let headers = ["TYPE", "STATUS", "REASON", "SINCE"].map(str::to_owned);
    section.wholes(columns(&std::iter::once(headers).chain(rows).collect::<Vec<_>>(), 3))
}
