//! Reading what a log holds, in the order of time, without what has been printed before.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::super::ledger::{Delays, Ledger, Pass, start_of_bucket};
use super::super::{Event, Fingerprinter, Millis, Settings, Start};
use super::{Advance, Printed};

/// Tells which lines of an ordered reading are new.
#[derive(Debug)]
pub struct Sifted {
    start: Start,
    ledger: Ledger,
    prints: Fingerprinter,
    pass: Pass,
    delays: Delays,
    streams: BTreeSet<Arc<str>>,
    margin: Duration,
    /// The service's time when the reading began, or a little earlier.
    began: Option<Millis>,
    newest: Option<Millis>,
    reached: Option<Millis>,
}

impl Sifted {
    /// Reading on after `progress`.
    pub fn new(progress: &Printed, prints: Fingerprinter) -> Self {
        let Settings { memory, margin, .. } = Settings::default();
        let mut ledger = progress.ledger(memory);
        ledger.note_changes();
        Self {
            start: progress.start.clone(),
            ledger,
            prints,
            pass: Pass::default(),
            delays: progress.delays.clone(),
            streams: progress.streams.clone(),
            margin,
            began: None,
            newest: None,
            reached: None,
        }
    }

    /// Says what the service's time was when the reading began, or shortly before. Only the first word counts.
    pub fn began(&mut self, served: Option<Millis>) {
        self.began = self.began.or(served);
    }

    /// Whether the line is new. Lines have to come in the order of time.
    pub fn takes(&mut self, event: &Event) -> bool {
        self.delays.learn(event);
        self.newest = self.newest.max(Some(event.timestamp));
        if self.start.is_before(event) {
            return false;
        }
        if !self.streams.contains(&event.stream) {
            self.streams.insert(Arc::clone(&event.stream));
        }
        let print = self.prints.of(event);
        self.pass.nth(event, print).is_some_and(|nth| self.ledger.admit(event, print, nth))
    }

    /// What has been printed since the last time.
    pub fn take_advance(&mut self) -> Advance {
        if let (Some(newest), Some(began)) = (self.newest, self.began) {
            let reach = self.delays.largest + self.margin;
            let behind = start_of_bucket(newest);
            self.ledger.seal(behind, began, reach);
            self.reached = Some(behind.min(start_of_bucket(began - reach)));
        }
        Advance {
            changes: self.ledger.take_changes(),
            delays: self.delays.clone(),
            reached: self.reached,
            streams: self.streams.iter().map(|stream| Box::from(&**stream)).collect(),
            is_complete: false,
        }
    }
}
