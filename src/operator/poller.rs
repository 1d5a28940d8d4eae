//! Finding out what has changed in AWS by asking as seldom as possible: one listing for all objects of a place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{Id, JoinSet};
use tracing::{debug, info, warn};

use crate::lifecycle::{Cause, Gateway, Kind, Page, Place, Refusal, Summary, jittered};

use super::metrics::Metrics;
use super::object::Key;
use super::reconcile::Moving;

/// Listings overlap by this much: AWS's clocks differ among themselves, and a change may show up a little late.
const OVERLAP: TimeDelta = TimeDelta::seconds(30);
/// Where listing is denied, everything is described this often.
const WITHOUT_LISTING: Duration = Duration::from_secs(30);
/// After so many failures in a row somebody should hear of it.
const TOLERATED_FAILURES: u32 = 3;

/// The resources of a place that move by themselves.
#[derive(Debug, Default)]
struct Watched {
    by_name: HashMap<String, (Key, Option<DateTime<Utc>>)>,
    /// From when on changes are not known yet, by AWS's clock.
    mark: Option<DateTime<Utc>>,
    denied_since: Option<Instant>,
    /// Listings in a row that failed.
    failures: u32,
}

/// Who is watched, by place. Shared by the controller, which tells, and the poller, which asks.
#[derive(Debug, Default)]
pub(super) struct Watchlist {
    places: Mutex<HashMap<Place, Watched>>,
}

/// What a listing brought before it ended, or was broken off.
#[derive(Debug)]
struct Harvest {
    items: Vec<Summary>,
    took: Duration,
    broken_off: Option<Refusal>,
}

/// What the log is to hear of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remark {
    /// It works, or fails now and then, or that has been said.
    None,
    /// It has been failing for a while.
    Fails,
    /// It is denied.
    Denied,
    /// It works again, after the log heard that it did not.
    Recovered,
}

impl Watchlist {
    fn places(&self) -> MutexGuard<'_, HashMap<Place, Watched>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the object woken when its resource changes.
    pub(super) fn watch(&self, key: &Key, moving: Moving) {
        let Moving { place, name, last_modified } = moving;
        let mut places = self.places();
        let by_name = &mut places.entry(place).or_default().by_name;
        // A kind whose Describe does not say when goes by the listing that had it looked at: else each listing would
        // show it as changed.
        let listed = by_name.get(&name).filter(|(watcher, _)| watcher == key).and_then(|(_, at)| *at);
        by_name.insert(name, (key.clone(), last_modified.or(listed)));
    }

    /// The object's resource no longer moves.
    pub(super) fn forget(&self, key: &Key) {
        let mut places = self.places();
        for watched in places.values_mut() {
            watched.by_name.retain(|_, (watcher, _)| watcher != key);
        }
        places.retain(|_, watched| !watched.by_name.is_empty());
    }

    /// How many resources are watched.
    pub(super) fn len(&self) -> usize {
        self.places().values().map(|watched| watched.by_name.len()).sum()
    }

    /// Places with something to ask about, and from when on.
    fn questions(&self, now: DateTime<Utc>) -> Vec<(Place, DateTime<Utc>)> {
        let since = |watched: &Watched| {
            let oldest = watched.by_name.values().filter_map(|(_, at)| *at).min();
            watched.mark.or(oldest).unwrap_or(now - TimeDelta::minutes(5)) - OVERLAP
        };
        self.places().iter().map(|(place, watched)| (place.clone(), since(watched))).collect()
    }

    /// Takes in a listing; returns whose objects are to be looked at, and what the log is to hear.
    fn learn(&self, place: &Place, harvest: &Harvest, now: Instant) -> (Vec<Key>, Remark) {
        let mut places = self.places();
        let Some(watched) = places.get_mut(place) else { return (Vec::new(), Remark::None) };
        let Harvest { items, took, broken_off } = harvest;
        let mut changed = watched.changed(items);
        let remark = match broken_off {
            None => {
                // What changed on a page that had already been read is not in the answer, however new its last item is.
                let newest = items.iter().filter_map(|item| item.last_modified).max();
                let known = newest.map(|newest| newest - TimeDelta::from_std(*took).unwrap_or_default());
                watched.mark = watched.mark.max(known);
                let complained = watched.denied_since.is_some() || watched.failures >= TOLERATED_FAILURES;
                watched.denied_since = None;
                watched.failures = 0;
                if complained { Remark::Recovered } else { Remark::None }
            }
            Some(Refusal { cause: Cause::Denied { .. }, .. }) => {
                let first = watched.denied_since.is_none();
                if watched.denied_since.is_none_or(|since| now - since >= WITHOUT_LISTING) {
                    watched.denied_since = Some(now);
                    changed = watched.by_name.values().map(|(key, _)| key.clone()).collect();
                }
                if first { Remark::Denied } else { Remark::None }
            }
            Some(_) => {
                watched.failures += 1;
                if watched.failures == TOLERATED_FAILURES { Remark::Fails } else { Remark::None }
            }
        };
        (changed, remark)
    }
}

impl Watched {
    /// Whose resources have changed according to these summaries.
    fn changed(&mut self, items: &[Summary]) -> Vec<Key> {
        let mut changed = Vec::new();
        for item in items {
            if let Some((key, known)) = self.by_name.get_mut(&item.name)
                && (known.is_none() || item.last_modified > *known)
            {
                *known = item.last_modified;
                changed.push(key.clone());
            }
        }
        changed
    }
}

/// Asks every `interval`, for as long as somebody listens. Places do not wait for each other: behind one of them may be
/// an account or an endpoint that does not answer.
pub(super) async fn poll<K: Kind, G: Gateway<K>>(
    gateway: Arc<G>,
    list: Arc<Watchlist>,
    interval: Duration,
    metrics: Metrics,
    wake: UnboundedSender<Key>,
) {
    let mut asking: JoinSet<()> = JoinSet::new();
    let mut asked: HashMap<Id, Place> = HashMap::new();
    loop {
        let next = tokio::time::sleep(jittered(interval, fastrand::f64()));
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = &mut next => break,
                () = wake.closed() => return,
                Some(ended) = asking.join_next_with_id() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(error) => {
                            warn!(kind = K::KIND, %error, "a listing broke off");
                            error.id()
                        }
                    };
                    asked.remove(&id);
                }
            }
        }
        for (place, since) in list.questions(Utc::now()) {
            if asked.values().any(|asked| *asked == place) {
                continue;
            }
            let (gateway, list, metrics, wake) =
                (Arc::clone(&gateway), Arc::clone(&list), metrics.clone(), wake.clone());
            let about = place.clone();
            let task = asking.spawn(async move {
                let harvest = gather(|token: Option<String>| {
                    let (gateway, about) = (&gateway, &about);
                    async move { gateway.changed_since(about, since, token.as_deref()).await }
                })
                .await;
                metrics.listing(K::KIND, harvest.took);
                take_in::<K>(&list, &about, &harvest, &wake);
            });
            asked.insert(task.id(), place);
        }
    }
}

/// Learns from a listing, wakes whom it concerns, and tells the log what it has not heard yet.
fn take_in<K: Kind>(list: &Watchlist, place: &Place, harvest: &Harvest, wake: &UnboundedSender<Key>) {
    let (changed, remark) = list.learn(place, harvest, Instant::now());
    let (kind, region) = (K::KIND, &place.region);
    let why = harvest.broken_off.as_ref().map(ToString::to_string).unwrap_or_default();
    match remark {
        Remark::None if why.is_empty() => {}
        Remark::None => debug!(kind, %region, why, "the listing failed"),
        Remark::Fails => warn!(kind, %region, why, "listing fails again and again: changes are seen late"),
        Remark::Denied => warn!(kind, %region, why, "listing is denied: each object is described"),
        Remark::Recovered => info!(kind, %region, "listing works again"),
    }
    for key in changed {
        let _ = wake.send(key);
    }
}

/// Reads page after page; what was read before an error is kept.
async fn gather<Answer>(mut page_after: impl FnMut(Option<String>) -> Answer) -> Harvest
where
    Answer: Future<Output = Result<Page<Summary>, Refusal>>,
{
    let begun = Instant::now();
    let mut items = Vec::new();
    let mut token = None;
    let broken_off = loop {
        match page_after(token.take()).await {
            Ok(page) => {
                items.extend(page.items);
                match page.next {
                    Some(next) => token = Some(next),
                    None => break None,
                }
            }
            Err(refusal) => break Some(refusal),
        }
    };
    Harvest { items, took: begun.elapsed(), broken_off }
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

    fn listed(items: &[Summary]) -> Harvest {
        Harvest { items: items.to_vec(), took: Duration::ZERO, broken_off: None }
    }

    fn refused(cause: Cause) -> Refusal {
        Refusal { operation: "ListTrainingJobs", cause, code: String::new(), message: String::new(), request_id: None }
    }

    fn failed(cause: Cause) -> Harvest {
        Harvest { items: Vec::new(), took: Duration::ZERO, broken_off: Some(refused(cause)) }
    }

    fn learn(list: &Watchlist, items: &[Summary]) -> Vec<Key> {
        list.learn(&place(), &listed(items), Instant::now()).0
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
        assert_eq!(learn(&list, &[item("job", 5), item("neighbour", 9)]), []);
        assert_eq!(learn(&list, &[item("job", 7)]), [Key::new("ns", "a")]);
        assert_eq!(learn(&list, &[item("job", 7)]), []);
    }

    #[test]
    fn what_does_not_say_when_it_changed_is_woken_once_by_each_change() {
        let list = Watchlist::default();
        let untold = || Moving { place: place(), name: "job".to_owned(), last_modified: None };
        list.watch(&Key::new("ns", "a"), untold());
        for (second, wakes) in [(5, 1), (5, 0), (7, 1), (7, 0)] {
            assert_eq!(learn(&list, &[item("job", second)]).len(), wakes, "{second}");
            list.watch(&Key::new("ns", "a"), untold());
        }
    }

    #[test]
    fn the_next_question_starts_a_little_before_the_newest_answer() {
        let list = watching("job", 5);
        assert_eq!(list.questions(at(59)), [(place(), at(5) - OVERLAP)]);
        learn(&list, &[item("neighbour", 40)]);
        assert_eq!(list.questions(at(59)), [(place(), at(40) - OVERLAP)]);
    }

    #[test]
    fn a_place_without_watched_resources_is_not_asked() {
        let list = watching("job", 5);
        list.forget(&Key::new("ns", "a"));
        assert_eq!(list.questions(at(9)), []);
    }

    #[test]
    fn a_slow_listing_is_asked_again_from_when_it_began() {
        let list = watching("job", 5);
        // A neighbour that was created while pages were read is in the answer; what changed on the first page is not.
        let slow = Harvest { took: Duration::from_secs(45), ..listed(&[item("neighbour", 58)]) };
        assert_eq!(list.learn(&place(), &slow, Instant::now()), (Vec::new(), Remark::None));
        assert_eq!(list.questions(at(59)), [(place(), at(13) - OVERLAP)]);
        learn(&list, &[item("neighbour", 14)]);
        assert_eq!(list.questions(at(59)), [(place(), at(14) - OVERLAP)], "the mark never goes back");
    }

    #[test]
    fn what_was_listed_before_an_error_is_heard_but_is_not_all() {
        let list = watching("job", 5);
        let broken = Harvest { broken_off: Some(refused(Cause::Throttled)), ..listed(&[item("job", 40)]) };
        assert_eq!(list.learn(&place(), &broken, Instant::now()), (vec![Key::new("ns", "a")], Remark::None));
        assert_eq!(list.questions(at(59)), [(place(), at(40) - OVERLAP)], "from the oldest that is known");
        list.watch(&Key::new("ns", "b"), Moving { place: place(), name: "b".to_owned(), last_modified: Some(at(7)) });
        assert_eq!(list.questions(at(59)), [(place(), at(7) - OVERLAP)]);
    }

    #[tokio::test]
    async fn the_pages_before_an_error_are_kept() {
        let mut pages = vec![
            Err(refused(Cause::Transient)),
            Ok(Page { items: vec![item("b", 2)], next: Some("3".to_owned()) }),
            Ok(Page { items: vec![item("a", 1)], next: Some("2".to_owned()) }),
        ];
        let mut tokens = Vec::new();
        let harvest = gather(|token| {
            tokens.push(token);
            std::future::ready(pages.pop().unwrap())
        })
        .await;
        assert_eq!(harvest.items, [item("a", 1), item("b", 2)]);
        assert_eq!(harvest.broken_off, Some(refused(Cause::Transient)));
        assert_eq!(tokens, [None, Some("2".to_owned()), Some("3".to_owned())]);
    }

    #[test]
    fn a_listing_that_keeps_failing_is_told_once_and_so_is_its_recovery() {
        let list = watching("job", 5);
        let remark = |harvest: &Harvest| list.learn(&place(), harvest, Instant::now()).1;
        for round in 0..2 {
            let remarks = [(); 5].map(|()| remark(&failed(Cause::Throttled)));
            assert_eq!(
                remarks,
                [Remark::None, Remark::None, Remark::Fails, Remark::None, Remark::None],
                "round {round}"
            );
            assert_eq!([(); 2].map(|()| remark(&listed(&[]))), [Remark::Recovered, Remark::None]);
        }
        assert_eq!([remark(&failed(Cause::Transient)), remark(&listed(&[]))], [Remark::None; 2], "one failure is none");
    }

    #[test]
    fn where_listing_is_denied_each_is_looked_at_but_not_at_every_turn() {
        let (list, now) = (watching("job", 5), Instant::now());
        let denied = failed(Cause::Denied { action: None, resource: None });
        let look = |at| {
            let (keys, remark) = list.learn(&place(), &denied, at);
            (keys.len(), remark)
        };
        assert_eq!(look(now), (1, Remark::Denied));
        assert_eq!(look(now + Duration::from_secs(5)), (0, Remark::None));
        assert_eq!(look(now + WITHOUT_LISTING), (1, Remark::None));
        assert_eq!(list.learn(&place(), &listed(&[]), now).1, Remark::Recovered);
    }
}
