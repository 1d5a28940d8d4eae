//! Several logs as one, in the order of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::Event;

/// A merge of logs that are read in parts, each of them in order. A line comes out once no log can have an earlier one.
#[derive(Debug)]
pub struct Merge {
    logs: Vec<Log>,
    /// The first line at hand of every log that has one.
    heads: BinaryHeap<Reverse<Head>>,
    /// How many logs have no line at hand, but may have more to come.
    waited_for: usize,
}

#[derive(Debug, Default)]
struct Log {
    ready: VecDeque<Event>,
    /// Whether its first line is among the heads.
    has_head: bool,
    has_ended: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    event: Event,
    log: usize,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.event.cmp_in_time(&other.event).then(self.log.cmp(&other.log))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Merge {
    /// A merge of that many logs.
    pub fn new(logs: usize) -> Self {
        let empty = || Log::default();
        Self { logs: std::iter::repeat_with(empty).take(logs).collect(), heads: BinaryHeap::new(), waited_for: logs }
    }

    /// Whether this log has to be read on before more lines can come out.
    pub fn is_waited_for(&self, log: usize) -> bool {
        self.logs.get(log).is_some_and(|state| !state.has_head && !state.has_ended)
    }

    /// Takes the next lines of a log.
    pub fn took(&mut self, log: usize, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let was_waited_for = self.is_waited_for(log);
        let Some(state) = self.logs.get_mut(log) else { return };
        state.ready.extend(events);
        if was_waited_for {
            self.waited_for -= 1;
            self.put_head(log);
        }
    }

    /// Says that a log has no more lines.
    pub fn ended(&mut self, log: usize) {
        if self.is_waited_for(log) {
            self.waited_for -= 1;
        }
        if let Some(state) = self.logs.get_mut(log) {
            state.has_ended = true;
        }
    }

    /// Whether there was a line to put among the heads.
    fn put_head(&mut self, log: usize) -> bool {
        let Some(state) = self.logs.get_mut(log) else { return false };
        let next = state.ready.pop_front();
        state.has_head = next.is_some();
        next.map(|event| self.heads.push(Reverse(Head { event, log }))).is_some()
    }
}

impl Iterator for Merge {
    type Item = (usize, Event);

    /// The next line that can come out, and its log; `None` until more is taken.
    fn next(&mut self) -> Option<Self::Item> {
        if self.waited_for > 0 {
            return None;
        }
        let Reverse(Head { event, log }) = self.heads.pop()?;
        if !self.put_head(log) && self.is_waited_for(log) {
            self.waited_for += 1;
        }
        Some((log, event))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Millis;
    use super::*;

    fn event(log: usize, at: i64) -> Event {
        let stream = format!("job-{log}/algo-1-1700000000");
        Event { stream: stream.into(), timestamp: Millis(at), ingested: Millis(at), message: String::new(), id: None }
    }

    proptest! {
        #[test]
        fn lines_come_once_and_in_order_however_the_logs_are_read(
            logs in proptest::collection::vec(proptest::collection::vec(0_i64..50, 0..30), 1..5),
            parts in proptest::collection::vec(0_usize..6, 1..20),
        ) {
            let mut left: Vec<VecDeque<Event>> = logs
                .iter()
                .enumerate()
                .map(|(log, times)| {
                    let mut times = times.clone();
                    times.sort_unstable();
                    times.into_iter().map(|at| event(log, at)).collect()
                })
                .collect();
            let mut wanted: Vec<Event> = left.iter().flatten().cloned().collect();
            wanted.sort_by(Event::cmp_in_time);

            let mut merge = Merge::new(logs.len());
            // Somewhere there is always a part with a line.
            let mut parts = parts.into_iter().chain([1]).cycle();
            let mut found = Vec::new();
            while (0..left.len()).any(|log| merge.is_waited_for(log)) {
                for (log, left) in left.iter_mut().enumerate() {
                    if merge.is_waited_for(log) {
                        let part = parts.next().unwrap_or(1).min(left.len());
                        merge.took(log, left.drain(..part).collect());
                        if left.is_empty() {
                            merge.ended(log);
                        }
                    }
                }
                found.extend(merge.by_ref().map(|(_, event)| event));
            }
            prop_assert_eq!(found, wanted);
        }
    }
}
