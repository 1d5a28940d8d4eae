//! Whatever the service does to pages: each line once, in order, with few calls and in bounded memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::super::fake::{BEGIN, Fake};
use super::super::{Event, LogError, Millis, Quota, Request, Selection, Stream, Trouble};
use super::plan::{Fetch, Next};
use super::share::Share;
use super::size::Capacity;

const QUOTA: Quota = Quota { filter: 25, stream: 25 };
/// All that was planned is visible by then.
const LATER: Duration = Duration::from_hours(2);

/// A service that answers after a while, in virtual time.
struct Stage {
    fake: Fake,
    chance: fastrand::Rng,
    latency: Duration,
    denied: bool,
    asked: Vec<Request>,
    /// The most lines that were in memory.
    held: usize,
    took: Duration,
}

impl Stage {
    fn new(fake: Fake, seed: u64) -> Self {
        let chance = fastrand::Rng::with_seed(seed);
        let latency = Duration::from_millis(250);
        Self { fake, chance, latency, denied: false, asked: Vec::new(), held: 0, took: Duration::ZERO }
    }

    fn streams(&self) -> Vec<Stream> {
        let names: HashSet<Arc<str>> =
            self.fake.planned.iter().map(|planned| Arc::clone(&planned.event.stream)).collect();
        let mut streams: Vec<_> =
            names.into_iter().map(|name| Stream { name, first_event: None, created: None }).collect();
        streams.sort_by(|a, b| a.name.cmp(&b.name));
        streams.truncate(50);
        streams
    }

    fn fetch(&self, from: Millis, to: Option<Millis>) -> Fetch {
        let selection = Selection { until: to, ..Selection::job("group", "job") };
        let page = u32::try_from(self.fake.page).unwrap();
        let capacity = Capacity { events: f64::from(page), bytes: 1_048_576.0 };
        Fetch::new(&selection, from, &Share::of(QUOTA)).with_capacity(capacity)
    }

    fn answer(&mut self, request: &Request) -> Result<super::super::Page, LogError> {
        if self.denied && matches!(request, Request::Stream(_)) {
            let trouble = Trouble::Denied { action: None };
            return Err(LogError { operation: "GetLogEvents", trouble, message: String::new() });
        }
        self.fake.ask(request, BEGIN + LATER)
    }

    /// Drives the reading to its end.
    fn read(&mut self, mut fetch: Fetch) -> Vec<Event> {
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        let mut under_way = Vec::new();
        for _ in 0..1_000_000 {
            while let Some(events) = fetch.ready() {
                out.extend(events);
            }
            match fetch.next(now) {
                Next::Ask(ticket, request) => {
                    let jitter = self.latency.mul_f64(self.chance.f64() * 0.2);
                    under_way.push((now + self.latency + jitter, ticket, request.clone()));
                    assert!(under_way.len() <= 16, "too many at a time");
                    self.asked.push(request);
                }
                Next::Wait(pause) => {
                    let first = under_way.iter().map(|(at, ..)| *at).min();
                    let until = pause.map(|pause| now + pause).into_iter().chain(first).min();
                    now = until.expect("somebody is to answer, or something to be waited for");
                    while let Some(index) = under_way.iter().position(|(at, ..)| *at <= now) {
                        let (_, ticket, request) = under_way.swap_remove(index);
                        match self.answer(&request) {
                            Ok(page) => fetch.took(ticket, page, now),
                            Err(error) => fetch.failed(ticket, error, self.chance.f64(), now).unwrap(),
                        }
                        self.held = self.held.max(fetch.held());
                    }
                }
                Next::Done => {
                    // Two pages may be there before it is known that they are the last.
                    assert!(under_way.len() <= 1 || self.denied, "nothing is asked in vain");
                    self.took = now;
                    return out;
                }
            }
        }
        panic!("it does not end");
    }
}

/// Each line as often as it was written, in the order of time, and those of a stream in the order of the stream.
fn check(wanted: &[Event], read: &[Event]) -> Result<(), TestCaseError> {
    let key = |event: &Event| (Arc::clone(&event.stream), event.timestamp, event.ingested, event.message.clone());
    let mut count = BTreeMap::new();
    for event in wanted {
        *count.entry(key(event)).or_insert(0) += 1;
    }
    for event in read {
        *count.entry(key(event)).or_insert(0) -= 1;
    }
    let wrong: Vec<_> = count.into_iter().filter(|(_, count)| *count != 0).collect();
    prop_assert!(wrong.is_empty(), "lost (above zero) or twice (below): {wrong:?}");
    prop_assert!(read.is_sorted_by_key(|event| (event.timestamp, event.ingested)));
    Ok(())
}

/// A log that was written evenly, in the past, with pages as full as they can be.
fn even(hosts: u64, seconds: i64, page: usize) -> Stage {
    let mut fake = Fake::job(7, hosts, seconds, page);
    fake.whole_pages = true;
    Stage::new(fake, 7)
}

proptest! {

    #[test]
    fn every_line_is_read_exactly_once(
        seed in any::<u64>(), hosts in 1_u64..20, seconds in 5_i64..200, page in 3_usize..60,
        failures in prop_oneof![Just(0.0), 0.0..0.3], denied in any::<bool>(), listed in any::<bool>(),
    ) {
        let mut fake = Fake::job(seed, hosts, seconds, page);
        fake.failures = failures;
        let mut stage = Stage::new(fake, seed);
        stage.denied = denied;
        stage.latency = Duration::from_millis(seed % 300);
        let mut fetch = stage.fetch(BEGIN, None);
        if listed {
            fetch.described(&stage.streams(), BEGIN);
        }
        let read = stage.read(fetch);
        check(&stage.fake.events(), &read)?;
        if !listed || denied {
            prop_assert_eq!(read, stage.fake.events(), "listings are in the service's own order");
        }
    }

    #[test]
    fn a_span_of_time_is_read_and_nothing_else(
        seed in any::<u64>(), from in 0_i64..30_000, length in 0_i64..60_000, page in 3_usize..40,
    ) {
        let mut stage = Stage::new(Fake::job(seed, 4, 60, page), seed);
        let (from, to) = (Millis(BEGIN.0 + from), Millis(BEGIN.0 + from + length));
        let mut fetch = stage.fetch(from, Some(to));
        fetch.described(&stage.streams(), from);
        let read = stage.read(fetch);
        let wanted: Vec<Event> =
            stage.fake.events().into_iter().filter(|event| event.timestamp >= from && event.timestamp <= to).collect();
        check(&wanted, &read)?;
    }
}

#[test]
fn a_stream_that_has_ended_is_still_read_where_an_earlier_stretch_is_planned_late() {
    let mut stage = Stage::new(Fake::job(2_460_788_628_935_147_362, 4, 60, 3), 2_460_788_628_935_147_362);
    let (from, to) = (BEGIN + Duration::from_millis(23_841), BEGIN + Duration::from_millis(65_409));
    let mut fetch = stage.fetch(from, Some(to));
    fetch.described(&stage.streams(), from);
    let read = stage.read(fetch);
    let mut wanted = stage.fake.events();
    wanted.retain(|event| event.timestamp >= from && event.timestamp <= to);
    check(&wanted, &read).unwrap();
}

#[test]
fn a_log_that_is_older_than_its_object_is_read_from_its_own_beginning() {
    let mut stage = even(3, 100, 20);
    let mut fetch = stage.fetch(BEGIN + Duration::from_secs(50), None);
    fetch.described(&stage.streams(), BEGIN);
    let read = stage.read(fetch);
    check(&stage.fake.events(), &read).unwrap();
}

#[test]
fn a_short_log_is_one_call_and_two_pages_are_three() {
    for (page, calls) in [(10_000, 1), (400, 3)] {
        let mut stage = even(8, 60, page);
        let lines = stage.fake.planned.len();
        assert!((400..800).contains(&lines), "{lines}");
        let fetch = stage.fetch(BEGIN, None);
        assert_eq!(stage.read(fetch).len(), lines);
        assert_eq!(stage.asked.len(), calls, "{:?}", stage.asked);
    }
}

#[test]
fn a_long_log_takes_both_quotas_few_calls_more_than_pages_and_bounded_memory() {
    let page = 100;
    let mut stage = even(8, 2000, page);
    let pages = stage.fake.planned.len().div_ceil(page);
    assert!((180..400).contains(&pages), "{pages} pages");
    let mut fetch = stage.fetch(BEGIN, None);
    fetch.described(&stage.streams(), BEGIN);
    let read = stage.read(fetch);
    check(&stage.fake.events(), &read).unwrap();
    let by_stream = stage.asked.iter().filter(|request| matches!(request, Request::Stream(_))).count();
    let calls = stage.asked.len();
    assert!(by_stream > calls / 3, "{by_stream} of {calls} calls by stream");
    assert!(calls < pages * 15 / 10, "{calls} calls for {pages} pages");
    assert!(stage.held < 28 * page, "{} lines held", stage.held);
    // One chain would take the latency for each page.
    let chain = stage.latency * u32::try_from(pages).unwrap();
    assert!(stage.took < chain / 6, "{:?} instead of {chain:?}", stage.took);
}
