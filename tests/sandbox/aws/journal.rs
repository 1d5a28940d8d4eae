//! The journal: every call, with what became of it. This is how "exactly one Create" is proven.

use serde::Serialize;
use serde_json::Value;

use super::clock::{Millis, iso};

/// One call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// Counted from 1.
    pub(super) seq: u64,
    /// In milliseconds since 1970; written as text.
    #[serde(serialize_with = "as_text")]
    pub(super) time: Millis,
    pub(super) access_key: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) operation: String,
    /// The resource's name, if the call has one.
    pub(super) name: String,
    /// `ok`, an error code, `reset-before`, `reset-after`, `truncated` or `hang`.
    pub(super) outcome: String,
    /// Whether a write took effect.
    pub(super) applied: bool,
    /// 0 if no answer was sent.
    pub(super) http_status: u16,
    pub(super) request: Value,
}

/// What a reader of the journal wants to see.
#[derive(Debug, Default)]
pub(super) struct Selection<'a> {
    pub(super) after: u64,
    pub(super) operation: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

/// The calls so far, oldest first.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// Appends a call and numbers it.
    pub(super) fn add(&mut self, entry: Entry) {
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(Entry { seq, ..entry });
    }

    /// The calls selected.
    pub(super) fn select(&self, selection: &Selection<'_>) -> Vec<&Entry> {
        let Selection { after, operation, name } = selection;
        let first = usize::try_from(*after).unwrap_or(usize::MAX).min(self.entries.len());
        let wanted =
            |entry: &&Entry| operation.is_none_or(|it| it == entry.operation) && name.is_none_or(|it| it == entry.name);
        self.entries[first..].iter().filter(wanted).collect()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn as_text<S: serde::Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    let text = iso(*at);
    serializer.serialize_str(&format!("{}.{:03}Z", text.trim_end_matches('Z'), at.rem_euclid(1000)))
}
