//! Following a log while it is written: what to ask next, and which lines of an answer are new.
//!
//! Hosts hand in their lines every few seconds, each in its own rhythm, so what is newest is never complete. Every poll
//! therefore reads a window that reaches as far back as the longest delay seen, and a [`Ledger`] tells what is new. If
//! a window outgrows a page, cursors take over, one for each stream, with sweeps of the window between their rounds.
//! After the job's end the log is read until it has been quiet for a while, and then once more as a whole.
//!
//! Nothing here waits or asks: [`Follow::next`] says what to do, [`Follow::took`] and [`Follow::failed`] take what came
//! of it. `now` is the time since the start on a clock that never jumps.

mod resumed;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::cursors::Cursors;
use super::ledger::{Delays, Ledger, Pass, start_of_bucket};
use super::quota::polite;
use super::retry::Backoff;
use super::settings::{Settings, Start};
use super::{Event, Events, Filter, Fingerprinter, LogError, Millis, Page, Request, Selection, Trouble};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask this, then tell [`Follow::took`] or [`Follow::failed`].
    Call(Request),
    /// Come back after this time, or when something has happened.
    Wait(Duration),
    /// The log is complete.
    Done,
}

/// Whether there is a point in going on after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes: ask [`Follow::next`] again.
    GoOn,
    /// No: the error is the end of it.
    GiveUp,
}

/// What a listing of the followed streams is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The first one, from the start or what a tail has left: catching up.
    CatchUp,
    /// The window.
    Window,
    /// The window and some minutes before it, now and then.
    Wide,
    /// The whole followed interval, at the end.
    LastSweep,
}

#[derive(Debug)]
struct Listing {
    purpose: Purpose,
    filter: Filter,
    pass: Pass,
    started: Duration,
    lines: usize,
    bytes: usize,
    new: usize,
}

#[derive(Debug, Clone, Copy)]
struct Ended {
    at: Option<Millis>,
    noticed: Duration,
}

/// Following one selection of streams.
#[derive(Debug)]
pub struct Follow {
    selection: Selection,
    settings: Settings,
    start: Start,
    ledger: Ledger,
    prints: Fingerprinter,
    delays: Delays,
    /// Of all that was taken in by then, nothing later than the longest delay can have been missed.
    anchor: Option<Millis>,
    /// How far catching up has come, or where an earlier process left off.
    reached: Option<Millis>,
    /// Whether an earlier process has read the log to its end.
    was_complete: bool,
    /// The service's time at `now` zero, as far as answers have told it.
    clock: Option<Millis>,
    streams: BTreeSet<Arc<str>>,
    listing: Option<Listing>,
    cursors: Cursors,
    listings: u32,
    last_line: Duration,
    not_before: Duration,
    next_listing: Duration,
    last_answer: Duration,
    backoff: Backoff,
    /// How many tokens in a row were refused.
    refused: u32,
    pace: f64,
    ended: Option<Ended>,
    done: bool,
}

impl Follow {
    /// How much further back a wide listing reaches.
    const WIDE: Duration = Duration::from_mins(5);
    /// Every which listing is a wide one.
    const WIDE_EVERY: u32 = 15;
    /// How many tokens in a row may be refused: one may have expired, more are no accident.
    const REFUSED: u32 = 5;

    /// Following from `start` on.
    pub fn new(selection: Selection, start: Start, settings: Settings) -> Self {
        let mut cursors = Cursors::default();
        if selection.pattern.is_some() {
            // `GetLogEvents` cannot search.
            cursors.give_up();
        }
        Self {
            ledger: Ledger::new(settings.memory),
            selection,
            settings,
            start,
            prints: Fingerprinter::default(),
            delays: Delays::default(),
            anchor: None,
            reached: None,
            was_complete: false,
            clock: None,
            streams: BTreeSet::new(),
            listing: None,
            cursors,
            listings: 0,
            last_line: Duration::ZERO,
            not_before: Duration::ZERO,
            next_listing: Duration::ZERO,
            last_answer: Duration::ZERO,
            backoff: Backoff::default(),
            refused: 0,
            pace: 1.0,
            ended: None,
            done: false,
        }
    }

    /// Says that the job has ended, and when if that is known on a clock near the service's.
    pub fn job_ended(&mut self, at: Option<Millis>, now: Duration) {
        self.ended.get_or_insert(Ended { at, noticed: now });
    }

    /// The job runs on after all: SageMaker has started it again.
    pub fn job_resumed(&mut self) {
        self.ended = None;
    }

    /// Whether the job has ended, but so long without any answer that its last lines will not be read any more.
    pub fn is_hopeless(&self, now: Duration) -> bool {
        self.ended.is_some_and(|ended| now.saturating_sub(ended.noticed.max(self.last_answer)) > self.settings.cap)
    }

    /// The streams that have brought a line.
    pub fn streams(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(|stream| &**stream)
    }

    /// How many printed lines are at hand unpacked.
    #[cfg(test)]
    pub(super) fn unpacked(&self) -> usize {
        self.ledger.open()
    }

    /// What to do at this moment.
    pub fn next(&mut self, now: Duration) -> Step {
        if self.done {
            return Step::Done;
        }
        if now < self.not_before {
            return Step::Wait(self.not_before.saturating_sub(now));
        }
        if let Some(listing) = &self.listing {
            return Step::Call(Request::Filter(listing.filter.clone()));
        }
        if self.cursors.are_open() && now < self.next_listing && !self.is_settled(now) {
            if let Some(read) = self.cursors.next(&self.selection.group) {
                return Step::Call(Request::Stream(read));
            }
            self.cursors.begin_round();
            let pause = self.settings.interval.mul_f64(self.pace).min(self.next_listing.saturating_sub(now));
            self.not_before = now + pause;
            return Step::Wait(pause);
        }
        let listing = self.list(now);
        let call = Step::Call(Request::Filter(listing.filter.clone()));
        self.listing = Some(listing);
        call
    }

    /// Takes an answer; returns the lines not printed yet, in the order of time.
    pub fn took(&mut self, page: Page, now: Duration) -> Vec<Event> {
        self.backoff.succeeded();
        self.last_answer = now;
        self.pace = (self.pace - 0.1).max(1.0);
        self.learn_time(&page, now);
        let Page { events, next, served: _ } = page;
        let mut new = match self.listing.take() {
            Some(mut listing) => {
                if listing.filter.token.is_some() {
                    self.refused = 0;
                }
                let newest = events.glimpses().map(|event| event.timestamp).max();
                let new = self.harvest(&mut listing, events);
                match next {
                    Some(token) => {
                        listing.filter.token = Some(token);
                        self.not_before = now + self.between_pages(listing.purpose);
                        // Catching up may take hours of log: what lies behind need not be at hand.
                        if let (Purpose::CatchUp, Some(newest), Some(clock)) = (listing.purpose, newest, self.clock) {
                            let (behind, began, reach) =
                                (start_of_bucket(newest), clock + listing.started, self.reach());
                            self.ledger.seal(behind, began, reach);
                            // What has come in since the listing began may be missing.
                            self.reached = Some(behind.min(start_of_bucket(began - reach)));
                        }
                        self.listing = Some(listing);
                    }
                    None => self.finish(&listing, now),
                }
                new
            }
            None => self.advance_cursor(events, next, now),
        };
        if !new.is_empty() {
            self.last_line = now;
        }
        new.sort_by(Event::cmp_in_time);
        new
    }

    /// Takes an error; `chance`, from 0 to 1, spreads the repetitions of many readers.
    pub fn failed(&mut self, error: &LogError, now: Duration, chance: f64) -> Verdict {
        match error.trouble {
            Trouble::Absent => {
                // No line yet: the same as an empty answer. A stream may have been deleted with its cursor open.
                self.last_answer = now;
                if self.listing.is_none() {
                    self.cursors.drop_current();
                } else {
                    self.took(Page::default(), now);
                }
                Verdict::GoOn
            }
            Trouble::Denied { .. } if self.listing.is_none() => {
                self.cursors.give_up();
                Verdict::GoOn
            }
            Trouble::Denied { .. } => Verdict::GiveUp,
            Trouble::Invalid => {
                // A token lives for a day: begin that listing, or that stream, again.
                let had_token = match &mut self.listing {
                    Some(listing) => listing.filter.token.take().is_some(),
                    None => self.cursors.reopen_current(),
                };
                self.refused += 1;
                self.not_before = now + self.backoff.after_failure(chance);
                if had_token && self.refused <= Self::REFUSED { Verdict::GoOn } else { Verdict::GiveUp }
            }
            Trouble::Throttled | Trouble::Transient | Trouble::Credentials => {
                if error.trouble == Trouble::Throttled {
                    self.pace = (self.pace * 1.5).min(8.0);
                }
                self.not_before = now + self.backoff.after_failure(chance);
                Verdict::GoOn
            }
        }
    }

    /// How many calls have failed in a row.
    pub fn failures(&self) -> u32 {
        self.backoff.failures()
    }

    fn list(&mut self, now: Duration) -> Listing {
        self.listings += 1;
        let window = self.window();
        let (purpose, from) = if self.listings == 1 {
            (Purpose::CatchUp, window)
        } else if self.is_settled(now) {
            (Purpose::LastSweep, self.start.from)
        } else if self.listings.is_multiple_of(Self::WIDE_EVERY) {
            (Purpose::Wide, window - Self::WIDE)
        } else {
            (Purpose::Window, window)
        };
        let filter = Filter {
            group: Arc::clone(&self.selection.group),
            prefix: self.selection.prefix(),
            pattern: self.selection.pattern.clone(),
            from: from.max(self.start.from),
            to: None,
            newest_first: false,
            limit: None,
            token: None,
        };
        Listing { purpose, filter, pass: Pass::default(), started: now, lines: 0, bytes: 0, new: 0 }
    }

    /// Where the next window begins: with a whole bucket, for a bucket is sealed as a whole.
    fn window(&self) -> Millis {
        let window = self.anchor.map(|anchor| start_of_bucket(anchor - self.reach()));
        window.or(self.reached).unwrap_or(self.start.from).max(self.start.from)
    }

    /// How late a line may come to be seen by the next window.
    fn reach(&self) -> Duration {
        self.delays.largest + self.settings.margin
    }

    fn harvest(&mut self, listing: &mut Listing, events: Events) -> Vec<Event> {
        let mut new = Vec::new();
        for event in events {
            listing.lines += 1;
            listing.bytes += event.weight();
            self.delays.learn(&event);
            if self.start.is_before(&event) {
                continue;
            }
            if !self.streams.contains(&event.stream) {
                self.streams.insert(Arc::clone(&event.stream));
            }
            if self.cursors.are_open() {
                self.cursors.start(&event.stream, event.timestamp);
            }
            let print = self.prints.of(&event);
            let Some(nth) = listing.pass.nth(&event, print) else { continue };
            if self.ledger.admit(&event, print, nth) {
                new.push(event);
            }
        }
        listing.new += new.len();
        new
    }

    fn advance_cursor(&mut self, events: Events, next: Option<String>, now: Duration) -> Vec<Event> {
        if self.cursors.had_token() {
            self.refused = 0;
        }
        let mut new = Vec::new();
        for event in events {
            self.delays.learn(&event);
            if self.start.is_before(&event) {
                continue;
            }
            let print = self.prints.of(&event);
            let nth = self.cursors.nth(&event, print);
            if self.ledger.admit(&event, print, nth) {
                new.push(event);
            }
        }
        self.cursors.advance(next);
        self.not_before = now + polite(self.settings.quota.stream).mul_f64(self.pace);
        new
    }

    fn finish(&mut self, listing: &Listing, now: Duration) {
        let Listing { purpose, filter, started, lines, bytes, new, pass: _ } = listing;
        let was_quiet = self.is_settled(*started);
        let is_whole = filter.from <= self.start.from || (self.was_complete && *purpose == Purpose::CatchUp);
        if was_quiet && is_whole && (*new == 0 || *purpose == Purpose::CatchUp) {
            self.done = true;
            return;
        }
        match purpose {
            // What has just been taken in may have company.
            Purpose::LastSweep => self.done = self.is_settled(now),
            Purpose::CatchUp | Purpose::Wide => {}
            Purpose::Window => self.choose_means(*lines, *bytes),
        }
        if let (Some(newest), Some(clock)) = (self.delays.newest, self.clock) {
            // A long listing was read over a while: count from its beginning, or from the newest line if that is older.
            let anchor = newest.min(clock + *started);
            self.anchor = self.anchor.max(Some(anchor));
            self.ledger.seal(self.window(), anchor, self.reach());
        }
        let pause = self.interval(now).mul_f64(self.pace);
        self.next_listing = if self.cursors.are_open() {
            // A sweep costs pages: spend at most a quarter of the time on it.
            now + (now.saturating_sub(*started) * 3).max(self.settings.interval * 5)
        } else {
            (*started + pause).max(now)
        };
        self.not_before = if self.cursors.are_open() { now } else { self.next_listing };
        if self.is_settled(now) {
            self.not_before = now;
        }
    }

    /// Cursors while a window is more than a page, listings again once it is less than half of one.
    fn choose_means(&mut self, lines: usize, bytes: usize) {
        let Settings { page_lines, page_bytes, .. } = self.settings;
        if lines > page_lines || bytes > page_bytes {
            let from = self.window();
            for stream in &self.streams {
                self.cursors.start(stream, from);
            }
        } else if lines * 2 < page_lines && bytes * 2 < page_bytes {
            self.cursors.close();
        }
    }

    fn interval(&self, now: Duration) -> Duration {
        let quiet_for = now.saturating_sub(self.last_line);
        let grown = self.settings.interval.mul_f64((quiet_for.as_secs_f64() / 15.0).max(1.0));
        // After the end the next poll may be the last one that is needed.
        if self.ended.is_some() { self.settings.interval } else { grown.min(self.settings.slowest) }
    }

    fn between_pages(&self, purpose: Purpose) -> Duration {
        match purpose {
            // Fetching what is there already takes all of the quota until it is throttled.
            Purpose::CatchUp if self.pace <= 1.0 => Duration::ZERO,
            Purpose::CatchUp | Purpose::Window | Purpose::Wide | Purpose::LastSweep => {
                polite(self.settings.quota.filter).mul_f64(self.pace)
            }
        }
    }

    fn learn_time(&mut self, page: &Page, now: Duration) {
        let newest = page.events.glimpses().map(|event| event.ingested).max();
        if let Some(latest) = page.served.max(newest) {
            self.clock = self.clock.max(Some(latest - now));
        }
    }

    /// Whether, at that moment, the job had ended and its log had been quiet for long enough, by the service's time.
    fn is_settled(&self, at: Duration) -> bool {
        let Some(ended) = self.ended else { return false };
        // Without any answer yet, only the time since the end was noticed is known.
        let clock = self.clock.unwrap_or_default();
        let noticed = clock + ended.noticed;
        let ended = self.clock.and(ended.at).map_or(noticed, |at| at.min(noticed));
        let last = self.delays.newest.map_or(ended, |newest| newest.max(ended));
        let service_now = clock + at;
        service_now.since(last) >= self.settings.quiet || service_now.since(ended) >= self.settings.cap
    }
}
