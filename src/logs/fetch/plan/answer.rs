//! What an answer means for the plan.

use std::sync::Arc;
use std::time::Duration;

use super::super::super::{LogError, Page, Trouble};
use super::super::size::{Size, span};
use super::super::slice::{Read, State, Way};
use super::{End, Fetch, Streams, Ticket};

/// How often the end of the log is asked for before it is found without.
const END_ATTEMPTS: u32 = 3;
/// What is left of a slice is read on by its token if it is no more than this, and planned anew otherwise.
const REST: f64 = 1.3;
/// A page with less than this tells little about how dense the log is.
const SUBSTANTIAL: f64 = 0.3;
/// How long a call may fail before the reader gives up.
const PATIENCE: Duration = Duration::from_mins(1);

impl Fetch {
    /// Takes an answer.
    pub fn took(&mut self, ticket: Ticket, page: Page, now: Duration) {
        self.served = self.served.max(page.served);
        if let End::Asked(attempts, asked) = self.end
            && asked == ticket
        {
            self.share.answered(0, now);
            let newest = page.events.glimpses().map(|event| event.timestamp).max();
            self.end = match (newest, page.next) {
                (None, Some(token)) if attempts < END_ATTEMPTS => End::Wanted(attempts, Some(token)),
                (newest, _) => End::Known(newest),
            };
            return;
        }
        let Some((at, index)) = self.run.find(ticket) else {
            self.orphans = self.orphans.saturating_sub(1);
            return;
        };
        let read = &mut self.run.slices[at].reads[index];
        if let State::Asked(since) = read.state {
            let took = now.saturating_sub(since).as_secs_f64();
            self.latency = Some(self.latency.map_or(took, |latency| latency * 0.8 + took * 0.2));
        }
        read.backoff.succeeded();
        read.failing = None;
        let sort = usize::from(read.way != Way::Filter);
        self.share.answered(sort, now);
        match read.way.clone() {
            Way::Filter => self.took_listing(at, page),
            Way::Stream(name) => self.took_stream(at, index, &name, page),
        }
    }

    fn took_stream(&mut self, at: usize, index: usize, name: &Arc<str>, page: Page) {
        let slice = &mut self.run.slices[at];
        let (from, to) = (slice.from, slice.to);
        let read = &mut slice.reads[index];
        let Page { mut events, next, served: _ } = page;
        let is_past = to.is_some_and(|to| events.glimpses().any(|event| event.timestamp > to));
        events.retain(|event| event.timestamp >= from && to.is_none_or(|to| event.timestamp <= to));
        read.events.append(events);
        let is_end = next.is_none() || next == read.token;
        if is_end
            && !is_past
            && let Streams::Listed { ended, .. } = &mut self.streams
        {
            let earliest = ended.get(name).map_or(from, |end| from.min(*end));
            ended.insert(Arc::clone(name), earliest);
        }
        if is_past || is_end {
            read.state = State::Done;
        } else {
            read.token = next;
            read.state = State::Waiting(Duration::ZERO);
        }
        if self.run.slices[at].is_done()
            && let Some(to) = to
        {
            let slice = &self.run.slices[at];
            let all = slice.reads.iter().map(|read| self.capacity.pages(&read.events));
            let (total, busiest) = all.fold((0.0, 0.0), |(sum, most): (f64, f64), one| (sum + one, most.max(one)));
            let lines = slice.reads.iter().map(|read| read.events.len()).sum();
            Size::learn_sum(&mut self.size, total, busiest, lines, span(slice.from, to));
            Size::prove(&mut self.size);
        }
    }

    fn took_listing(&mut self, at: usize, page: Page) {
        let slice = &mut self.run.slices[at];
        let Page { mut events, next, served: _ } = page;
        events.retain(|event| slice.holds(event.timestamp));
        if let Streams::Listed { names, .. } = &self.streams
            && events.glimpses().any(|event| !names.contains(event.stream))
        {
            // A stream that was not listed: others may be missing too.
            self.streams = Streams::No;
        }
        let slice = &mut self.run.slices[at];
        let (from, to) = (slice.from, slice.to);
        let [read] = &mut slice.reads[..] else { return };
        read.events.append(events);
        let Some(token) = next else {
            read.state = State::Done;
            if let Some(to) = to {
                Size::learn(&mut self.size, self.capacity, &read.events, span(from, to));
                Size::prove(&mut self.size);
            }
            return;
        };
        let times = || read.events.glimpses().map(|event| event.timestamp);
        let (first, last) = (times().min().unwrap_or(from), times().max().unwrap_or(from));
        let is_substantial = self.capacity.pages(&read.events) >= SUBSTANTIAL;
        if is_substantial && first < last {
            let own = &mut None;
            Size::learn(own, self.capacity, &read.events, span(first, last));
            let end = self.end.before(to);
            // Two pages are read as they come. Whoever writes more than that is worth a call for the end.
            let is_first = end.is_none() && self.end == End::Unasked;
            if is_first {
                self.end = End::Wanted(0, None);
            }
            let rest = (*own).zip(end).map(|(own, end)| if end < last { 0.0 } else { own.pages(last, end) });
            if !is_first && rest.is_none_or(|rest| rest > REST) {
                self.size = self.size.or(*own);
                read.state = State::Done;
                // The page may end within a millisecond, so that is read again with what comes next.
                self.run.cut(at, last);
                let read = &self.run.slices[at].reads[0];
                Size::learn(&mut self.size, self.capacity, &read.events, span(first, last));
                return;
            }
        }
        read.token = Some(token);
        read.state = State::Waiting(Duration::ZERO);
    }

    /// Takes the failure of a call; `chance` is from 0 to 1.
    ///
    /// # Errors
    /// The error itself, if the log cannot be read because of it.
    pub fn failed(&mut self, ticket: Ticket, error: LogError, chance: f64, now: Duration) -> Result<(), LogError> {
        if matches!(self.end, End::Asked(_, asked) if asked == ticket) {
            if error.trouble == Trouble::Throttled {
                self.share.throttled(0, now);
            }
            // It is found without, only not as soon.
            self.end = End::Known(None);
            return if error.trouble == Trouble::Credentials { Err(error) } else { Ok(()) };
        }
        let Some((at, index)) = self.run.find(ticket) else {
            self.orphans = self.orphans.saturating_sub(1);
            return Ok(());
        };
        let read = &mut self.run.slices[at].reads[index];
        let sort = usize::from(read.way != Way::Filter);
        if error.trouble == Trouble::Throttled {
            self.share.throttled(sort, now);
        }
        match error.trouble {
            Trouble::Throttled | Trouble::Transient => {
                let since = *read.failing.get_or_insert(now);
                if now.saturating_sub(since) >= PATIENCE {
                    return Err(error);
                }
                read.state = State::Waiting(now + read.backoff.after_failure(chance));
                Ok(())
            }
            // Tokens live for a day: read the slice again.
            Trouble::Invalid if read.token.is_some() => {
                *read = Read::new(read.ticket, read.way.clone());
                Ok(())
            }
            Trouble::Denied { .. } | Trouble::Absent | Trouble::Invalid if read.way != Way::Filter => {
                self.streams = Streams::No;
                read.state = State::Waiting(now);
                self.orphans += self.run.only_filter();
                Ok(())
            }
            Trouble::Absent | Trouble::Credentials | Trouble::Denied { .. } | Trouble::Invalid => Err(error),
        }
    }
}
