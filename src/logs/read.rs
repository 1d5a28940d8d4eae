//! Reading what a log holds: all of it in the order of time, or its last lines.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::ledger::Pass;
use super::source::NEWEST_FIRST_SINCE;
use super::{Event, EventId, Filter, Fingerprinter, Millis, Page, Selection};

fn all_of(selection: &Selection, from: Millis) -> Filter {
    Filter {
        group: Arc::clone(&selection.group),
        prefix: selection.prefix(),
        pattern: selection.pattern.clone(),
        from,
        to: selection.until,
        newest_first: false,
        limit: None,
        token: None,
    }
}

/// Reading a whole log, oldest line first, strictly by (timestamp, event id).
#[derive(Debug)]
pub struct ReadAll {
    filter: Option<Filter>,
    pass: Pass,
    prints: Fingerprinter,
    /// Lines of the newest millisecond so far: the next page may have one that goes before them.
    held: VecDeque<Event>,
}

impl ReadAll {
    /// Reading all lines from `from` on.
    pub fn new(selection: &Selection, from: Millis) -> Self {
        Self {
            filter: Some(all_of(selection, from)),
            pass: Pass::default(),
            prints: Fingerprinter::default(),
            held: VecDeque::new(),
        }
    }

    /// What to ask next; `None` at the end.
    pub fn next(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Takes an answer; returns the lines that can be printed.
    pub fn took(&mut self, page: Page) -> Vec<Event> {
        let Page { events, next, served: _ } = page;
        for event in events {
            let print = self.prints.of(&event);
            if self.pass.nth(&event, print).is_some() {
                self.held.push_back(event);
            }
        }
        self.held.make_contiguous().sort_by(Event::cmp_in_time);
        let ready = match (next, &mut self.filter) {
            (Some(token), Some(filter)) => {
                filter.token = Some(token);
                let newest = self.held.back().map(|event| event.timestamp);
                self.held.partition_point(|event| Some(event.timestamp) < newest)
            }
            (_, filter) => {
                *filter = None;
                self.held.len()
            }
        };
        self.held.drain(..ready).collect()
    }
}

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
        let mut filter = all_of(selection, from.max(NEWEST_FIRST_SINCE));
        filter.newest_first = true;
        // One more than wanted tells whether there is more.
        filter.limit = Some(u32::try_from(wanted.saturating_add(1)).unwrap_or(u32::MAX).min(10_000));
        let filter = (wanted > 0).then_some(filter);
        Self { filter, wanted, ids: HashSet::new(), found: Vec::new() }
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
