//! How far a log has been printed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::ledger::{Changes, Delays, Kept, Ledger};
use super::super::{Millis, Start};

/// How far one log has been printed.
#[derive(Debug, Clone)]
pub struct Printed {
    pub(in super::super) start: Start,
    /// Nothing older can be new, but for what comes later than any line so far.
    pub(in super::super) reached: Option<Millis>,
    pub(in super::super) delays: Delays,
    pub(in super::super) streams: BTreeSet<Arc<str>>,
    pub(in super::super) is_complete: bool,
    lines: u64,
    ledger: Ledger,
}

/// What a batch of lines adds to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advance {
    pub(in super::super) changes: Changes,
    pub(in super::super) delays: Delays,
    pub(in super::super) reached: Option<Millis>,
    pub(in super::super) streams: Vec<Box<str>>,
    pub(in super::super) is_complete: bool,
}

/// As a file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptPrinted {
    start: Start,
    reached: Option<Millis>,
    delays: Delays,
    streams: Vec<Box<str>>,
    is_complete: bool,
    lines: u64,
    ledger: Kept,
}

impl Printed {
    /// Nothing has been printed yet of what begins there.
    pub fn new(start: Start) -> Self {
        Self {
            start,
            reached: None,
            delays: Delays::default(),
            streams: BTreeSet::new(),
            is_complete: false,
            lines: 0,
            // Packed lines are told by when they were taken in.
            ledger: Ledger::new(0),
        }
    }

    /// How many lines have been printed.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether anything has been read yet.
    pub fn has_begun(&self) -> bool {
        self.reached.is_some() || self.lines > 0
    }

    /// Where an ordered reading goes on. It has no last sweep as following has, so it looks further back.
    pub fn reading_from(&self) -> Millis {
        self.reached.map_or(self.start.from, |reached| reached - Start::LATE).max(self.start.from)
    }

    pub(in super::super) fn ledger(&self, memory: usize) -> Ledger {
        Ledger::restored(self.ledger.kept(), memory)
    }

    pub(super) fn advance(&mut self, advance: &Advance) {
        let Advance { changes, delays, reached, streams, is_complete } = advance;
        self.ledger.repeat(changes);
        self.lines += changes.admitted.len() as u64;
        self.delays.clone_from(delays);
        self.reached = reached.or(self.reached);
        self.streams.extend(streams.iter().map(|stream| Arc::from(&**stream)));
        self.is_complete = *is_complete;
    }

    pub(super) fn knows(&self, stream: &str) -> bool {
        self.streams.contains(stream)
    }

    pub(super) fn kept(&self) -> KeptPrinted {
        let Self { start, reached, delays, streams, is_complete, lines, ledger } = self;
        KeptPrinted {
            start: start.clone(),
            reached: *reached,
            delays: delays.clone(),
            streams: streams.iter().map(|stream| Box::from(&**stream)).collect(),
            is_complete: *is_complete,
            lines: *lines,
            ledger: ledger.kept(),
        }
    }

    pub(super) fn restored(kept: KeptPrinted) -> Self {
        let KeptPrinted { start, reached, delays, streams, is_complete, lines, ledger } = kept;
        Self {
            start,
            reached,
            delays,
            streams: streams.into_iter().map(Arc::from).collect(),
            is_complete,
            lines,
            ledger: Ledger::restored(ledger, 0),
        }
    }
}

impl Advance {
    /// Whether there is nothing that a later process would have to know.
    pub fn is_empty(&self) -> bool {
        self.changes.admitted.is_empty() && self.changes.sealed.is_empty() && !self.is_complete
    }
}
