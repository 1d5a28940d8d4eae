//! The last lines of the log of a job that failed.

use sagemaker_operator::aws::{Clients, CloudWatchLogs};
use sagemaker_operator::cli::{Ending, Object, log_trouble};
use sagemaker_operator::lifecycle::Place;
use sagemaker_operator::logs::{LogSource as _, Millis, Request, Selection, Tail, host_of};
use serde_json::json;

use super::section::Section;

/// How many lines are shown.
const LINES: usize = 10;
const TITLE: &str = "Last lines of the log";

/// The section of what did not fail, or cannot be asked for.
pub(super) fn nothing() -> Section {
    Section::new("log", TITLE, &json!(null))
}

/// The section; empty for what did not fail. The trials of a tuning job have logs of their own.
pub(super) async fn section(clients: &Clients, object: &Object, place: &Place) -> Section {
    let has_failed = matches!(object.ending(), Some((Ending::Failed, _)));
    let (Some(logged), Some(job), true) = (object.type_.logged(), object.sagemaker_name(), has_failed) else {
        return nothing();
    };
    if object.trials().is_some() {
        return nothing();
    }
    let selection = Selection::job(logged.group, job);
    let created = Millis(object.created.map_or(0, |created| created.timestamp_millis()));
    let source = CloudWatchLogs::new(clients, place.clone());
    let mut tail = Tail::new(&selection, Selection::earliest(created, &[]), LINES);
    while let Some(filter) = tail.next() {
        match source.events(&Request::Filter(filter.clone())).await {
            Ok(page) => tail.took(page),
            Err(error) => {
                let why = log_trouble(&error, &place.region, logged.group).message().to_owned();
                return Section::unread("log", TITLE, &why);
            }
        }
    }
    let events = tail.finish().events;
    let lines: Vec<(String, String)> =
        events.iter().map(|event| (host_of(&event.stream).1.to_owned(), event.message.clone())).collect();
    let data: Vec<_> = lines.iter().map(|(host, message)| json!({ "host": host, "message": message })).collect();
    lines.iter().fold(Section::new("log", TITLE, &data), |section, (host, message)| {
        section.prose(host.chars().count() + 1, format!("{host} {message}"))
    })
}
