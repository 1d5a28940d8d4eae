//! CloudWatch Logs as its documentation and its users know it, in memory and virtual time, at its most inconvenient:
//! pages of any size, empty pages, repeated tokens, events delivered twice, lines that arrive late and out of order.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Event, EventId, Filter, LogError, Millis, Page, Request, StreamRead, Trouble};

/// An event and when calls begin to show it.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) event: Event,
    pub(super) visible: Millis,
}

/// The first virtual moment.
pub(super) const BEGIN: Millis = Millis(1_795_000_000_000);

/// A log to come, and how it is handed out.
#[derive(Debug)]
pub(super) struct Fake {
    pub(super) planned: Vec<Planned>,
    pub(super) page: usize,
    pub(super) failures: f64,
    /// Whether pages are as full as they can be and none is empty.
    pub(super) whole_pages: bool,
    pub(super) calls: usize,
    chance: fastrand::Rng,
    /// What each token stands for: the last event handed out, or none yet; for a stream, the next one.
    places: HashMap<String, Option<usize>>,
}

impl Fake {
    /// A log of `hosts` that each write for `seconds` and flush every five, in their own rhythm.
    pub(super) fn job(seed: u64, hosts: u64, seconds: i64, page: usize) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut planned = Vec::new();
        for host in 1..=hosts {
            let stream: Arc<str> = format!("job/algo-{host}-1795000000").into();
            let phase = chance.i64(0..5000);
            let appears = chance.i64(0..seconds * 300);
            let mut at = appears;
            while at < seconds * 1000 {
                let flushed = (at - phase).div_euclid(5000) * 5000 + phase + 5000;
                let late = if chance.u8(0..50) == 0 { chance.i64(0..60_000) } else { 0 };
                let ingested = BEGIN.0 + (flushed + late).min(seconds * 1000 + 5000);
                // Two lines of the same millisecond and text are two lines.
                for _ in 0..=usize::from(chance.u8(0..8) == 0) {
                    let id = format!("{}{ingested}{:09}", BEGIN.0 + at, planned.len());
                    let event = Event {
                        stream: Arc::clone(&stream),
                        timestamp: Millis(BEGIN.0 + at),
                        ingested: Millis(ingested),
                        message: format!("step {}", at / 3000),
                        id: Some(EventId::new(&id)),
                    };
                    planned.push(Planned { event, visible: Millis(ingested + chance.i64(0..3000)) });
                }
                at += chance.i64(0..1500);
            }
        }
        planned.sort_by(|a, b| a.event.cmp_in_time(&b.event));
        Self { planned, page, failures: 0.0, whole_pages: false, calls: 0, chance, places: HashMap::new() }
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.planned.iter().map(|planned| planned.event.clone()).collect()
    }

    pub(super) fn ask(&mut self, request: &Request, now: Millis) -> Result<Page, LogError> {
        self.calls += 1;
        if self.chance.f64() < self.failures {
            let trouble = if self.chance.bool() { Trouble::Throttled } else { Trouble::Transient };
            return Err(LogError { operation: "FilterLogEvents", trouble, message: "Rate exceeded".to_owned() });
        }
        let mut page = match request {
            Request::Filter(filter) => self.filter(filter, now),
            Request::Stream(read) => self.stream(read, now),
        };
        // The Date header knows no fractions.
        page.served = Some(Millis(now.0 / 1000 * 1000));
        Ok(page)
    }

    fn is_odd(&mut self) -> bool {
        !self.whole_pages && self.chance.u8(0..4) == 0
    }

    fn filter(&mut self, filter: &Filter, now: Millis) -> Page {
        let mut order: Vec<usize> = (0..self.planned.len())
            .filter(|index| {
                let Planned { event, visible } = &self.planned[*index];
                *visible <= now
                    && event.timestamp >= filter.from
                    && filter.to.is_none_or(|to| event.timestamp <= to)
                    && event.stream.starts_with(&*filter.prefix)
            })
            .collect();
        if filter.newest_first {
            order.reverse();
        }
        // A token stands for a place in the order: what turns up behind it is not shown by this listing.
        let place = filter.token.as_ref().and_then(|token| self.places[token]);
        let is_ahead =
            |index: &usize| place.is_none_or(|place| if filter.newest_first { *index < place } else { *index > place });
        let rest: Vec<usize> = order.iter().copied().filter(is_ahead).collect();
        let most = filter.limit.map_or(self.page, |limit| self.page.min(limit as usize));
        let count = if self.is_odd() { self.chance.usize(0..=most) } else { most }.min(rest.len());
        let mut events: Vec<Event> = rest[..count].iter().map(|index| self.planned[*index].event.clone()).collect();
        if let Some(again) = events.first().cloned()
            && self.is_odd()
        {
            events.push(again);
        }
        if count == rest.len() && !self.is_odd() {
            return Page { events: events.into(), ..Page::default() };
        }
        let last = count.checked_sub(1).map(|last| rest[last]).or(place);
        let repeated = filter.token.clone().filter(|_| self.is_odd());
        let token = repeated.unwrap_or_else(|| format!("token-{}", self.calls));
        self.places.insert(token.clone(), last);
        Page { events: events.into(), next: Some(token), served: None }
    }

    fn stream(&mut self, read: &StreamRead, now: Millis) -> Page {
        let place = read.token.as_ref().and_then(|token| self.places[token]);
        let rest: Vec<usize> = (0..self.planned.len())
            .filter(|index| {
                let Planned { event, visible } = &self.planned[*index];
                *visible <= now
                    && event.timestamp >= read.from
                    && event.stream == read.stream
                    && place.is_none_or(|place| *index >= place)
            })
            .take(self.page)
            .collect();
        let events =
            rest.iter().map(|index| Event { id: None, ..self.planned[*index].event.clone() }).collect::<Vec<_>>();
        let place = rest.last().map_or(place.unwrap_or(0), |last| last + 1);
        let token = format!("f/{}/{place}", read.stream);
        self.places.insert(token.clone(), Some(place));
        Page { events: events.into(), next: Some(token), served: None }
    }
}
