//! A slice of time, and the calls that read it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Backoff, Event, Events, IntoEvents, Millis};

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
    pub(super) events: Events,
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
        Self { ticket, way, state, token: None, events: Events::default(), backoff: Backoff::default(), failing: None }
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
    pub(super) fn into_lines(mut self) -> Lines {
        if let [read] = &mut self.reads[..]
            && read.way == Way::Filter
        {
            read.events.sort();
        }
        Lines::new(self.reads.into_iter().map(|read| read.events))
    }
}

/// The lines of a slice on their way out: those of several streams, each in the order of its positions, as one.
#[derive(Debug, Default)]
pub(super) struct Lines {
    streams: Vec<IntoEvents>,
    /// The service orders lines of one millisecond by when it took them in.
    heads: BinaryHeap<Reverse<(Millis, Millis, usize)>>,
}

impl Lines {
    fn new(streams: impl Iterator<Item = Events>) -> Self {
        let mut lines = Self { streams: streams.map(Events::into_iter).collect(), ..Self::default() };
        if lines.streams.len() > 1 {
            (0..lines.streams.len()).for_each(|index| lines.put_head(index));
        }
        lines
    }

    fn put_head(&mut self, index: usize) {
        let head = self.streams[index].peek().map(|(timestamp, ingested)| Reverse((timestamp, ingested, index)));
        self.heads.extend(head);
    }

    /// The next lines, so many at most; none at the end.
    pub(super) fn next(&mut self, most: usize) -> Vec<Event> {
        if let [only] = &mut self.streams[..] {
            return only.take(most).collect();
        }
        let mut batch = Vec::new();
        while batch.len() < most
            && let Some(Reverse((_, _, index))) = self.heads.pop()
        {
            batch.extend(self.streams[index].next());
            self.put_head(index);
        }
        batch
    }
}
