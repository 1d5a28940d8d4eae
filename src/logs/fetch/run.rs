//! The slices that are being read, oldest first: read, being read, and the rest of time.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::Millis;
use super::slice::{Read, Slice, State, Ticket, Way};

/// The slices in order. Only those at the front leave, when they are complete.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) slices: VecDeque<Slice>,
    issued: u64,
}

/// What is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Calls that have not been answered.
    pub(super) asked: usize,
    /// Calls of either sort that have not left yet.
    pub(super) waiting: [usize; 2],
    /// Reads that may hold lines.
    pub(super) reads: usize,
}

impl Run {
    pub(super) fn ticket(&mut self) -> Ticket {
        self.issued += 1;
        Ticket(self.issued)
    }

    /// Puts the rest of time at the end.
    pub(super) fn open(&mut self, slice: Slice) {
        self.slices.push_back(slice);
    }

    pub(super) fn count(&self) -> Count {
        let mut count = Count::default();
        for read in self.slices.iter().flat_map(|slice| &slice.reads) {
            count.reads += 1;
            match read.state {
                State::Asked(_) => count.asked += 1,
                State::Waiting(_) => count.waiting[usize::from(read.way != Way::Filter)] += 1,
                State::Done => {}
            }
        }
        count
    }

    /// The place of a call in the run; `None` if it is not wanted any more.
    pub(super) fn find(&self, ticket: Ticket) -> Option<(usize, usize)> {
        self.slices
            .iter()
            .enumerate()
            .find_map(|(at, slice)| slice.reads.iter().position(|read| read.ticket == ticket).map(|read| (at, read)))
    }

    /// The oldest stretch that nobody reads yet.
    pub(super) fn unplanned(&self) -> Option<usize> {
        self.slices.iter().position(|slice| !slice.is_planned)
    }

    /// Plans the beginning of a stretch, up to `to`; the rest stays.
    pub(super) fn carve(&mut self, at: usize, to: Option<Millis>, ways: Vec<Way>) {
        let reads = ways.into_iter().map(|way| Read::new(self.ticket(), way)).collect();
        let stretch = &mut self.slices[at];
        let planned = Slice::planned(stretch.from, to, reads);
        match to {
            Some(to) if stretch.to.is_none_or(|end| to < end) => {
                stretch.from = Millis(to.0 + 1);
                self.slices.insert(at, planned);
            }
            Some(_) | None => *stretch = planned,
        }
    }

    /// Ends a slice before `to`, what is behind is to be planned anew.
    pub(super) fn cut(&mut self, at: usize, next: Millis) {
        let slice = &mut self.slices[at];
        let rest = Slice::unplanned(next, slice.to);
        slice.to = Some(Millis(next.0 - 1));
        for read in &mut slice.reads {
            read.events.retain(|event| event.timestamp < next);
        }
        self.slices.insert(at + 1, rest);
    }

    /// Has the slices that are read stream by stream read as a whole instead. Returns how many calls that are under way
    /// have become idle.
    pub(super) fn only_filter(&mut self) -> usize {
        let mut idle = 0;
        for at in 0..self.slices.len() {
            let slice = &self.slices[at];
            if !slice.is_done() && slice.reads.iter().any(|read| read.way != Way::Filter) {
                idle += slice.reads.iter().filter(|read| matches!(read.state, State::Asked(_))).count();
                let read = Read::new(self.ticket(), Way::Filter);
                self.slices[at].reads = vec![read];
            }
        }
        idle
    }

    /// The oldest slice, once it is complete.
    pub(super) fn pop(&mut self) -> Option<Slice> {
        let is_done = self.slices.front().is_some_and(Slice::is_done);
        is_done.then(|| self.slices.pop_front()).flatten()
    }

    /// When the next call that waits out a failure may leave.
    pub(super) fn next_retry(&self, now: Duration) -> Option<Duration> {
        let reads = self.slices.iter().flat_map(|slice| &slice.reads);
        let waits = reads.filter_map(|read| match read.state {
            State::Waiting(until) => until.checked_sub(now).filter(|wait| !wait.is_zero()),
            State::Asked(_) | State::Done => None,
        });
        waits.min()
    }
}
