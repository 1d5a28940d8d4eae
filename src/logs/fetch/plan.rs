//! What to ask next, and what an answer means.

mod answer;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::source::NEWEST_FIRST_SINCE;
use super::super::{Event, Filter, Millis, Request, Selection, Stream, StreamRead};
use super::run::Run;
use super::share::{Part, Share};
use super::size::{Capacity, Size};
use super::slice::{Lines, Read, Slice, State, Way};

pub use super::slice::Ticket;

/// The most calls under way.
const OUTSTANDING: usize = 16;
/// The fewest, however fast the answers come.
const FEWEST: usize = 3;
/// How many reads more than calls that are under way.
const SPARE: usize = 12;
/// The most lines that are handed out at a time.
const BATCH: usize = 2048;
/// How many slices are planned ahead while it is unknown where the log ends.
const BLIND: usize = 4;
/// More streams than this are not read one by one: a slice would have more reads than memory is meant for.
const STREAMS: usize = 12;
/// `DescribeLogStreams` tells of so many at a time.
const DESCRIBED: usize = 50;
/// Streams are read one by one if the pages are at least so full.
const EVEN: f64 = 0.5;
/// A line may be this far ahead of the service's clock.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const AHEAD: Duration = Duration::from_hours(2);

/// Reading all lines of a span of time. Asks nothing itself: whoever drives it does as [`Fetch::next`] says and reports
/// what came of it. Time is counted from a moment that all who share a quota have in common.
#[derive(Debug)]
pub struct Fetch {
    group: Arc<str>,
    prefix: Arc<str>,
    pattern: Option<Arc<str>>,
    run: Run,
    /// What of the slice before them has not been handed out yet.
    leaving: Lines,
    share: Part,
    capacity: Capacity,
    size: Option<Size>,
    /// How long an answer takes.
    latency: Option<f64>,
    end: End,
    served: Option<Millis>,
    streams: Streams,
    /// Calls under way of which nothing is wanted any more.
    orphans: usize,
    lines: u64,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask this, and tell [`Fetch::took`] or [`Fetch::failed`] what came of it.
    Ask(Ticket, Request),
    /// Wait for an answer, and no longer than this.
    Wait(Option<Duration>),
    /// All has been read.
    Done,
}

/// How far the reading has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Lines handed out.
    pub lines: u64,
    /// About how many there are, once that can be told.
    pub of: Option<u64>,
}

impl std::iter::Sum for Progress {
    /// Several readings as one; the whole is known once it is known of each.
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        let none = Self { lines: 0, of: Some(0) };
        parts.fold(none, |sum, part| Self {
            lines: sum.lines + part.lines,
            of: sum.of.zip(part.of).map(|(sum, part)| sum + part),
        })
    }
}

/// Where the log ends, for the plan: what is beyond is read too, with one open slice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// Nobody needed to know yet.
    Unasked,
    /// To be asked, with the token of the page before.
    Wanted(u32, Option<String>),
    Asked(u32, Ticket),
    /// The newest line's timestamp; `None` if it cannot be told.
    Known(Option<Millis>),
}

impl End {
    /// The last moment to expect lines at in a stretch up to `to`, if that is known.
    fn before(&self, to: Option<Millis>) -> Option<Millis> {
        let known = if let Self::Known(end) = self { *end } else { None };
        [known, to].into_iter().flatten().min()
    }
}

/// Whether streams may be read one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Streams {
    /// Nobody has told which there are.
    Unknown,
    /// All of them, and from when on some have no more lines.
    Listed { names: Vec<Arc<str>>, ended: HashMap<Arc<str>, Millis> },
    /// They are too many, or it is denied.
    No,
}

impl Fetch {
    /// Reading the lines of a selection from a moment on.
    pub fn new(selection: &Selection, from: Millis, share: &Share) -> Self {
        let to = selection.until;
        // What is searched for, and streams among others of their prefix, only a listing can find.
        let streams = if selection.pattern.is_none() && selection.is_exact() { Streams::Unknown } else { Streams::No };
        let mut run = Run::default();
        run.open(Slice::unplanned(from, to));
        // The first call asks for everything: most logs are a page.
        run.carve(0, to, vec![Way::Filter]);
        Self {
            group: Arc::clone(&selection.group),
            prefix: selection.prefix(),
            pattern: selection.pattern.clone(),
            run,
            leaving: Lines::default(),
            share: share.join(),
            capacity: Capacity::default(),
            size: None,
            latency: None,
            end: End::Unasked,
            served: None,
            streams,
            orphans: 0,
            lines: 0,
        }
    }

    /// For a service with other pages.
    #[cfg(test)]
    pub(super) fn with_capacity(self, capacity: Capacity) -> Self {
        Self { capacity, ..self }
    }

    /// How many lines are in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.run.slices.iter().flat_map(|slice| &slice.reads).map(|read| read.events.len()).sum()
    }

    /// What `DescribeLogStreams` has told. If the log begins before the span that is being read, the lines before are
    /// read too. To be called before [`Fetch::ready`].
    pub fn described(&mut self, streams: &[Stream], earliest: Millis) {
        if let Some(first) = self.run.slices.front()
            && earliest < first.from
        {
            let before = Slice::unplanned(earliest, Some(Millis(first.from.0 - 1)));
            self.run.slices.push_front(before);
        }
        if self.streams == Streams::No {
            return;
        }
        self.streams = if streams.is_empty() || streams.len() >= DESCRIBED.min(STREAMS + 1) {
            Streams::No
        } else {
            let names = streams.iter().map(|stream| Arc::clone(&stream.name)).collect();
            Streams::Listed { names, ended: HashMap::new() }
        };
    }

    /// The next lines in order; `None` until there are some.
    pub fn ready(&mut self) -> Option<Vec<Event>> {
        loop {
            let events = self.leaving.next(BATCH);
            if !events.is_empty() {
                self.lines += events.len() as u64;
                return Some(events);
            }
            self.leaving = self.run.pop()?.into_lines();
        }
    }

    /// How far it has got.
    pub fn progress(&self) -> Progress {
        let rest = self
            .size
            .zip(self.end.before(None))
            .zip(self.run.slices.front())
            .map(|((size, end), next)| if end < next.from { 0.0 } else { size.lines(next.from, end) });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate that is not negative")]
        let of = rest.map(|rest| self.lines + rest as u64);
        Progress { lines: self.lines, of }
    }

    /// What to do now.
    pub fn next(&mut self, now: Duration) -> Next {
        while !self.run.slices.is_empty() {
            let count = self.run.count();
            let mut wait = self.run.next_retry(now);
            let mut note = |pause: Duration| wait = Some(wait.map_or(pause, |wait| wait.min(pause)));
            let mut asked = count.asked + self.orphans;
            if let End::Wanted(attempts, token) = &self.end {
                match self.share.take(0, now) {
                    Ok(()) => {
                        let (attempts, token) = (*attempts, token.clone());
                        let ticket = self.run.ticket();
                        self.end = End::Asked(attempts + 1, ticket);
                        return Next::Ask(ticket, self.newest(token));
                    }
                    Err(pause) => note(pause),
                }
            }
            asked += usize::from(matches!(self.end, End::Asked(..)));
            if asked < self.concurrency() {
                match self.ask(now) {
                    Ok(Some(ask)) => return ask,
                    Ok(None) => {}
                    Err(pause) => note(pause),
                }
                if self.plan(count.waiting, count.reads, now) {
                    continue;
                }
            }
            return Next::Wait(wait);
        }
        Next::Done
    }

    /// The next call that waits for its turn.
    fn ask(&mut self, now: Duration) -> Result<Option<Next>, Duration> {
        let mut pause: [Option<Duration>; 2] = [None, None];
        for slice in &mut self.run.slices {
            for read in &mut slice.reads {
                let sort = usize::from(read.way != Way::Filter);
                if !matches!(read.state, State::Waiting(until) if until <= now) || pause[sort].is_some() {
                    continue;
                }
                match self.share.take(sort, now) {
                    Ok(()) => {
                        read.state = State::Asked(now);
                        let whole = (&self.group, &self.prefix, &self.pattern);
                        let request = request(whole, slice.from, slice.to, read);
                        return Ok(Some(Next::Ask(read.ticket, request)));
                    }
                    Err(wait) => pause[sort] = Some(wait),
                }
            }
        }
        match pause.into_iter().flatten().min() {
            Some(pause) => Err(pause),
            None => Ok(None),
        }
    }

    /// Plans the next slice, if there is room for its lines and a call for it would not only wait. False if not.
    fn plan(&mut self, waiting: [usize; 2], reads: usize, now: Duration) -> bool {
        let (Some(at), Some(size)) = (self.run.unplanned(), self.size) else { return self.plan_before() };
        let stretch = &self.run.slices[at];
        let (from, to) = (stretch.from, stretch.to);
        let last = self.end.before(to);
        let ahead = self.run.slices.len() - 1;
        if last.is_none() && ahead >= BLIND {
            return false;
        }
        let streams = self.streams_to_read(from);
        let by_stream = streams.as_ref().filter(|names| {
            let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
            // The last stretch is read as a whole: a stream may have been made meanwhile.
            let is_inside = last.is_some_and(|last| from.0.saturating_add(size.of_stream_page()) < last.0);
            is_inside && size.evenness(count) >= EVEN && self.is_sooner(waiting, names.len(), now)
        });
        let (ways, length) = match by_stream {
            Some(names) => (names.iter().cloned().map(Way::Stream).collect(), size.of_stream_page()),
            None => (vec![Way::Filter], size.of_page()),
        };
        let sort = usize::from(by_stream.is_some());
        // What is needed next is always read: nothing behind it can leave before. Beyond that, no more than keeps all
        // calls busy that answers take long enough for.
        let most = self.share.held().min(self.concurrency() + SPARE);
        if waiting[sort] > 0 || (at > 0 && reads + ways.len() > most) {
            return false;
        }
        let until = Millis(from.0.saturating_add(length - 1));
        // A rest that fits a page goes with it, and so does all that is behind the last line.
        let is_last = match last {
            Some(last) => until >= last || size.pages(from, last) <= 1.0,
            None => self.served.is_some_and(|served| until >= served + AHEAD),
        };
        let until = if is_last { to } else { Some(until) };
        self.run.carve(at, until, ways);
        true
    }

    /// A stretch before the first page, of which nothing is known, is read by one chain.
    fn plan_before(&mut self) -> bool {
        let Some(at) = self.run.unplanned() else { return false };
        let is_first_answered = self.run.count().asked == 0 && self.run.count().waiting == [0, 0];
        if at == 0 || is_first_answered {
            let to = self.run.slices[at].to;
            self.run.carve(at, to, vec![Way::Filter]);
            return true;
        }
        false
    }

    /// Whether reading by stream is as soon done as by a listing.
    fn is_sooner(&self, waiting: [usize; 2], streams: usize, now: Duration) -> bool {
        let calls = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let by_filter = self.share.seconds_for(0, calls(waiting[0] + 1), now);
        let by_stream = self.share.seconds_for(1, calls(waiting[1] + streams), now);
        by_stream <= by_filter
    }

    /// The streams that may have lines from a moment on. What is planned late may lie before what was read already.
    fn streams_to_read(&self, from: Millis) -> Option<Vec<Arc<str>>> {
        match &self.streams {
            Streams::Listed { names, ended } => {
                let has_ended = |name: &Arc<str>| ended.get(name).is_some_and(|end| from >= *end);
                let names: Vec<_> = names.iter().filter(|name| !has_ended(name)).cloned().collect();
                (!names.is_empty()).then_some(names)
            }
            Streams::Unknown | Streams::No => None,
        }
    }

    /// As many calls as are under way if the quota is used up, by how long an answer takes.
    fn concurrency(&self) -> usize {
        let by_stream = if self.streams_to_read(Millis(i64::MIN)).is_some() { self.share.rate(1) } else { 0.0 };
        let rate = self.share.rate(0) + by_stream;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        let wanted = self.latency.map_or(OUTSTANDING, |latency| (latency * rate).ceil() as usize + 2);
        wanted.clamp(FEWEST, OUTSTANDING)
    }

    fn newest(&self, token: Option<String>) -> Request {
        let from = self.run.slices.front().map_or(Millis(0), |slice| slice.from).max(NEWEST_FIRST_SINCE);
        Request::Filter(Filter {
            group: Arc::clone(&self.group),
            prefix: Arc::clone(&self.prefix),
            pattern: self.pattern.clone(),
            from,
            to: None,
            newest_first: true,
            limit: Some(1),
            token,
        })
    }
}

/// Group, prefix and pattern of a call.
type Whole<'a> = (&'a Arc<str>, &'a Arc<str>, &'a Option<Arc<str>>);

fn request((group, prefix, pattern): Whole<'_>, from: Millis, to: Option<Millis>, read: &Read) -> Request {
    match &read.way {
        Way::Filter => Request::Filter(Filter {
            group: Arc::clone(group),
            prefix: Arc::clone(prefix),
            pattern: pattern.clone(),
            from,
            to,
            newest_first: false,
            limit: None,
            token: read.token.clone(),
        }),
        Way::Stream(name) => Request::Stream(StreamRead {
            group: Arc::clone(group),
            stream: Arc::clone(name),
            from,
            to,
            token: read.token.clone(),
        }),
    }
}
