//! Following on behind lines that were printed before: a tail, or what another process has printed.

use std::sync::Arc;

use super::super::ledger::Pass;
use super::super::resume::{Advance, Printed};
use super::super::settings::Settings;
use super::super::{Event, Fingerprinter, Selection};
use super::Follow;

impl Follow {
    /// Events that were printed before following began, such as those of `--tail`.
    pub fn printed_before(&mut self, events: &[Event]) {
        let mut pass = Pass::default();
        for event in events {
            let print = self.prints.of(event);
            if let Some(nth) = pass.nth(event, print) {
                self.ledger.admit(event, print, nth);
            }
            self.delays.learn(event);
            self.streams.insert(Arc::clone(&event.stream));
        }
        self.anchor = self.delays.newest;
    }

    /// Following on where `progress` says that an earlier process has left off.
    pub fn resumed(selection: Selection, settings: Settings, progress: &Printed, prints: Fingerprinter) -> Self {
        let mut follow = Self::new(selection, progress.start.clone(), settings);
        follow.ledger = progress.ledger(follow.settings.memory);
        follow.prints = prints;
        follow.delays = progress.delays.clone();
        follow.streams.clone_from(&progress.streams);
        follow.reached = progress.reached;
        follow.was_complete = progress.is_complete;
        follow.ledger.note_changes();
        follow
    }

    /// What has been printed since the last time, for a resume file.
    pub fn take_advance(&mut self) -> Advance {
        Advance {
            changes: self.ledger.take_changes(),
            delays: self.delays.clone(),
            reached: Some(self.window()),
            streams: self.streams.iter().map(|stream| Box::from(&**stream)).collect(),
            is_complete: self.done,
        }
    }
}
