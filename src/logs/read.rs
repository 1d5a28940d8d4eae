//! Reading the last lines of a log.

use std::collections::HashSet;
use std::sync::Arc;

use super::source::NEWEST_FIRST_SINCE;
use super::{Event, EventId, Filter, Millis, Page, Selection};

/// Reading the last lines of a log, newest pages first.
#[derive(Debug)]
pub struct Tail {
    filter: Option<Filter>,
    wanted: usize,
    ids: HashSet<EventId>,
    found: Vec<Event>,
}

/// The last lines of a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tailed {
    /// The lines, oldest first.
    pub events: Vec<Event>,
    /// Whether there are older lines that were not wanted.
    pub more: bool,
}

impl Tail {
    /// Reading the last `wanted` lines that are not older than `from`.
    pub fn new(selection: &Selection, from: Millis, wanted: usize) -> Self {
        let filter = Filter {
            group: Arc::clone(&selection.group),
            prefix: selection.prefix(),
            pattern: selection.pattern.clone(),
            from: from.max(NEWEST_FIRST_SINCE),
            to: selection.until,
            newest_first: true,
            // One more than wanted tells whether there is more.
            limit: Some(u32::try_from(wanted.saturating_add(1)).unwrap_or(u32::MAX).min(10_000)),
            token: None,
        };
        Self { filter: (wanted > 0).then_some(filter), wanted, ids: HashSet::new(), found: Vec::new() }
    }

    /// What to ask next; `None` once there is enough.
    pub fn next(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Takes an answer.
    pub fn took(&mut self, page: Page) {
        let Page { events, next, served: _ } = page;
        for event in events {
            if event.id.as_ref().is_none_or(|id| self.ids.insert(id.clone())) {
                self.found.push(event);
            }
        }
        match (next, &mut self.filter) {
            (Some(token), Some(filter)) if self.found.len() <= self.wanted => filter.token = Some(token),
            (_, filter) => *filter = None,
        }
    }

    /// The last lines in the order of time.
    pub fn finish(mut self) -> Tailed {
        self.found.sort_by(Event::cmp_in_time);
        let surplus = self.found.len().saturating_sub(self.wanted);
        self.found.drain(..surplus);
        Tailed { events: self.found, more: surplus > 0 || self.wanted == 0 }
    }
}
