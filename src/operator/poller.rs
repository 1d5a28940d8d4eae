//! Finding out what has changed in AWS by asking as seldom as possible: one listing for all objects of a place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;
use tracing::{debug, warn};

use crate::lifecycle::{Cause, Gateway, Kind, Place, Refusal, Summary, jittered};

use super::object::Key;
use super::reconcile::Moving;

/// Listings overlap by this much: AWS's clocks differ among themselves, and a change may show up a little late.
const OVERLAP: TimeDelta = TimeDelta::seconds(30);
/// Where listing is denied, everything is described this often.
const WITHOUT_LISTING: Duration = Duration::from_secs(30);

/// The resources of a place that move by themselves.
#[derive(Debug, Default)]
struct Watched {
    by_name: HashMap<String, (Key, Option<DateTime<Utc>>)>,
    /// From when on changes are not known yet, by AWS's clock.
    mark: Option<DateTime<Utc>>,
    denied_since: Option<Instant>,
}

/// Who is watched, by place. Shared by the controller, which tells, and the poller, which asks.
#[derive(Debug, Default)]
pub(super) struct Watchlist {
    places: Mutex<HashMap<Place, Watched>>,
}

impl Watchlist {
    fn places(&self) -> MutexGuard<'_, HashMap<Place, Watched>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the object woken when its resource changes.
    pub(super) fn watch(&self, key: &Key, moving: Moving) {
        let Moving { place, name, last_modified } = moving;
        self.places().entry(place).or_default().by_name.insert(name, (key.clone(), last_modified));
    }

    /// The object's resource no longer moves.
    pub(super) fn forget(&self, key: &Key) {
        let mut places = self.places();
        for watched in places.values_mut() {
            watched.by_name.retain(|_, (watcher, _)| watcher != key);
        }
        places.retain(|_, watched| !watched.by_name.is_empty());
    }

    /// Places with something to ask about, and from when on.
    fn questions(&self, now: DateTime<Utc>) -> Vec<(Place, DateTime<Utc>)> {
        let since = |watched: &Watched| {
            let oldest = watched.by_name.values().filter_map(|(_, at)| *at).min();
            watched.mark.or(oldest).unwrap_or(now - TimeDelta::minutes(5)) - OVERLAP
        };
        self.places().iter().map(|(place, watched)| (place.clone(), since(watched))).collect()
    }

    /// Takes in a listing; returns whose resource has changed.
    fn learn(&self, place: &Place, items: &[Summary]) -> Vec<Key> {
        let mut places = self.places();
        let Some(watched) = places.get_mut(place) else { return Vec::new() };
        let newest = items.iter().filter_map(|item| item.last_modified).max();
        watched.mark = watched.mark.max(newest);
        watched.denied_since = None;
        let mut changed = Vec::new();
        for item in items {
            if let Some((key, known)) = watched.by_name.get_mut(&item.name)
                && (known.is_none() || item.last_modified > *known)
            {
                *known = item.last_modified;
                changed.push(key.clone());
            }
        }
        changed
    }

    /// Listing was denied; returns whom to look at one by one instead.
    fn denied(&self, place: &Place, now: Instant) -> Vec<Key> {
        let mut places = self.places();
        let Some(watched) = places.get_mut(place) else { return Vec::new() };
        match watched.denied_since {
            Some(since) if now - since < WITHOUT_LISTING => Vec::new(),
            Some(_) | None => {
                watched.denied_since = Some(now);
                watched.by_name.values().map(|(key, _)| key.clone()).collect()
            }
        }
    }
}

/// Asks every `interval`, for as long as somebody listens.
pub(super) async fn poll<K: Kind, G: Gateway<K>>(
    gateway: Arc<G>,
    list: Arc<Watchlist>,
    interval: Duration,
    wake: UnboundedSender<Key>,
) {
    while !wake.is_closed() {
        tokio::time::sleep(jittered(interval, fastrand::f64())).await;
        for (place, since) in list.questions(Utc::now()) {
            let changed = match changes::<K, G>(&gateway, &place, since).await {
                Ok(items) => list.learn(&place, &items),
                Err(refusal) => {
                    debug!(kind = K::KIND, region = %place.region, %refusal, "the listing failed");
                    if matches!(refusal.cause, Cause::Denied { .. }) {
                        let all = list.denied(&place, Instant::now());
                        if !all.is_empty() {
                            warn!(kind = K::KIND, region = %place.region, %refusal, "listing is denied, each object is described");
                        }
                        all
                    } else {
                        Vec::new()
                    }
                }
            };
            for key in changed {
                let _ = wake.send(key);
            }
        }
    }
}

async fn changes<K: Kind, G: Gateway<K>>(
    gateway: &G,
    place: &Place,
    since: DateTime<Utc>,
) -> Result<Vec<Summary>, Refusal> {
    let mut items = Vec::new();
    let mut token = None;
    loop {
        let page = gateway.changed_since(place, since, token.as_deref()).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => token = Some(next),
            None => return Ok(items),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn place() -> Place {
        Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None }
    }

    fn at(second: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, second).unwrap()
    }

    fn item(name: &str, second: u32) -> Summary {
        Summary {
            name: name.to_owned(),
            status: "InProgress".to_owned(),
            secondary_status: None,
            last_modified: Some(at(second)),
        }
    }

    fn watching(name: &str, second: u32) -> Watchlist {
        let list = Watchlist::default();
        let moving = Moving { place: place(), name: name.to_owned(), last_modified: Some(at(second)) };
        list.watch(&Key::new("ns", "a"), moving);
        list
    }

    #[test]
    fn only_a_change_wakes_and_only_once() {
        let list = watching("job", 5);
        assert_eq!(list.learn(&place(), &[item("job", 5), item("neighbour", 9)]), []);
        assert_eq!(list.learn(&place(), &[item("job", 7)]), [Key::new("ns", "a")]);
        assert_eq!(list.learn(&place(), &[item("job", 7)]), []);
    }

    #[test]
    fn the_next_question_starts_a_little_before_the_newest_answer() {
        let list = watching("job", 5);
        assert_eq!(list.questions(at(59)), [(place(), at(5) - OVERLAP)]);
        list.learn(&place(), &[item("neighbour", 40)]);
        assert_eq!(list.questions(at(59)), [(place(), at(40) - OVERLAP)]);
    }

    #[test]
    fn a_place_without_watched_resources_is_not_asked() {
        let list = watching("job", 5);
        list.forget(&Key::new("ns", "a"));
        assert_eq!(list.questions(at(9)), []);
    }

    #[test]
    fn where_listing_is_denied_each_is_looked_at_but_not_at_every_turn() {
        let (list, now) = (watching("job", 5), Instant::now());
        assert_eq!(list.denied(&place(), now).len(), 1);
        assert_eq!(list.denied(&place(), now + Duration::from_secs(5)), []);
        assert_eq!(list.denied(&place(), now + WITHOUT_LISTING).len(), 1);
    }
}
