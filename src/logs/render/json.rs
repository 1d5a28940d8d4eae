//! A line as a JSON object, with all that is known of it.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::Event;
use super::time::iso;
use super::{Origin, Place};

/// The fields, in the order in which they are read best.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    timestamp: Option<String>,
    ingestion_time: Option<String>,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    job: &'a str,
    stream: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    message: &'a str,
}

pub(super) fn line(origin: &Origin, event: &Event, message: &str, to_terminal: bool, to: &mut String) {
    let Place { job, trial: _, host: _, rank } = origin.place(&event.stream);
    let line = Line {
        timestamp: iso(event.timestamp),
        ingestion_time: iso(event.ingested),
        kind: origin.kind,
        object: origin.object.as_deref(),
        job,
        stream: &event.stream,
        rank,
        event_id: event.id.as_ref().map(ToString::to_string),
        message,
    };
    // Texts and numbers can always be written as JSON.
    let text = serde_json::to_string(&line).unwrap_or_default();
    if !to_terminal {
        to.push_str(&text);
        return;
    }
    // JSON escapes the control characters of ASCII alone; as escapes the others mean the same.
    for symbol in text.chars() {
        if symbol.is_control() {
            let _ = write!(to, "\\u{:04x}", u32::from(symbol));
        } else {
            to.push(symbol);
        }
    }
}
