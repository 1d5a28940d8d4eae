//! A slice of time, and the calls that read it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Backoff, Event, Millis};

/// Names a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub(super) u64);

/// A slice of time; its neighbours lie before and after it without overlap.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) from: Millis,
    /// Inclusive; `None` for the open end.
    pub(super) to: Option<Millis>,
    /// Who reads it; nobody yet if there is none and the slice is not planned.
    pub(super) reads: Vec<Read>,
    pub(super) is_planned: bool,
}

/// How a slice, or one stream's share of it, is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// All streams at once.
    Filter,
    /// One stream.
    Stream(Arc<str>),
}

#[derive(Debug)]
pub(super) struct Read {
    pub(super) ticket: Ticket,
    pub(super) way: Way,
    pub(super) state: State,
    pub(super) token: Option<String>,
    pub(super) events: Vec<Event>,
    pub(super) backoff: Backoff,
    /// Since when it has been failing.
    pub(super) failing: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// To be asked at that moment or later.
    Waiting(Duration),
    /// Asked at that moment.
    Asked(Duration),
    /// All of it is there.
    Done,
}

impl Read {
    pub(super) fn new(ticket: Ticket, way: Way) -> Self {
        let state = State::Waiting(Duration::ZERO);
        Self { ticket, way, state, token: None, events: Vec::new(), backoff: Backoff::default(), failing: None }
    }
}

impl Slice {
    pub(super) fn unplanned(from: Millis, to: Option<Millis>) -> Self {
        Self { from, to, reads: Vec::new(), is_planned: false }
    }

    pub(super) fn planned(from: Millis, to: Option<Millis>, reads: Vec<Read>) -> Self {
        Self { from, to, reads, is_planned: true }
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_planned && self.reads.iter().all(|read| read.state == State::Done)
    }

    pub(super) fn holds(&self, at: Millis) -> bool {
        at >= self.from && self.to.is_none_or(|to| at <= to)
    }

    /// All lines in the order of time, each once.
    pub(super) fn into_events(mut self) -> Vec<Event> {
        match &mut self.reads[..] {
            [] => Vec::new(),
            [read] => {
                let mut events = std::mem::take(&mut read.events);
                if read.way == Way::Filter {
                    in_order(&mut events);
                }
                events
            }
            reads => merged(reads.iter_mut().map(|read| std::mem::take(&mut read.events)).collect()),
        }
    }
}

/// Sorts the lines of a listing, which come in order as a rule, and drops those that came twice.
fn in_order(events: &mut Vec<Event>) {
    if !events.is_sorted_by(|a, b| a.cmp_in_time(b).is_lt()) {
        events.sort_by(Event::cmp_in_time);
        events.dedup_by(|a, b| a.id.is_some() && a.id == b.id && a.stream == b.stream);
    }
}

/// Joins the lines of several streams, each in the order of its positions.
fn merged(streams: Vec<Vec<Event>>) -> Vec<Event> {
    let mut all = Vec::with_capacity(streams.iter().map(Vec::len).sum());
    let mut streams: Vec<_> = streams.into_iter().map(|events| events.into_iter().peekable()).collect();
    // The service orders lines of one millisecond by when it took them in.
    let key = |event: &Event, index: usize| Reverse((event.timestamp, event.ingested, index));
    let heads = streams.iter_mut().enumerate().filter_map(|(index, events)| Some(key(events.peek()?, index)));
    let mut heads: BinaryHeap<_> = heads.collect();
    while let Some(Reverse((_, _, index))) = heads.pop() {
        let events = &mut streams[index];
        all.extend(events.next());
        heads.extend(events.peek().map(|event| key(event, index)));
    }
    all
}
