//! The loop of one kind: what the watch, the poller and the clock bring goes into the queue, and passes come out of it.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::{FutureExt as _, StreamExt as _};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use crate::lifecycle::{Backoff, Gateway, Kind, jittered};

use super::children::Wakers;
use super::cluster::ClusterError;
use super::kube_cluster::KubeCluster;
use super::metrics::Metrics;
use super::object::{Glimpse, Key, resource_of};
use super::poller::{Watchlist, poll};
use super::queue::Queue;
use super::reconcile::{Next, Reconciler};
use super::roster::{News, Roster, Stand};
use super::settings::Pace;
use super::turns::Turns;

/// Objects a page of the first listing holds: all that is in memory unprojected at a time.
const PAGE: u32 = 100;
/// After something was done, its effect is looked at this much later.
const SOON: Duration = Duration::from_millis(300);
/// What changes without a listing that shows it is looked at after so many polls.
const UNSEEN_POLLS: u32 = 3;
/// How often the gauges are set.
const GAUGES: Duration = Duration::from_secs(5);
/// How long passes under way may take to end when the process is to end.
const LAST_ORDERS: Duration = Duration::from_secs(8);

/// One kind's controller.
pub(super) struct Controller<K: Kind, G> {
    reconciler: Arc<Reconciler<K, G, KubeCluster>>,
    gateway: Arc<G>,
    pace: Pace,
    metrics: Metrics,
    queue: Queue,
    roster: Roster,
    watchlist: Arc<Watchlist>,
    wakers: Arc<Wakers>,
    wake: UnboundedSender<Key>,
    woken: UnboundedReceiver<Key>,
    /// Who waits for room for another Create.
    turns: Turns,
    /// Failures in a row; objects that do not fail are not in here.
    failures: HashMap<Key, u32>,
}

type Ended = (Key, Result<Next, ClusterError>);

impl<K: Kind, G: Gateway<K>> Controller<K, G> {
    pub(super) fn new(
        reconciler: Reconciler<K, G, KubeCluster>,
        gateway: Arc<G>,
        pace: Pace,
        metrics: Metrics,
        wakers: Arc<Wakers>,
    ) -> Self {
        let (wake, woken) = wakers.register(K::KIND);
        Self {
            reconciler: Arc::new(reconciler),
            gateway,
            pace,
            metrics,
            queue: Queue::default(),
            roster: Roster::default(),
            watchlist: Arc::default(),
            wakers,
            wake,
            woken,
            turns: Turns::default(),
            failures: HashMap::new(),
        }
    }

    /// Runs until `stop` says so, and ends the passes under way.
    pub(super) async fn run(mut self, client: Client, namespace: Option<&str>, mut stop: Receiver<bool>) {
        let resource = resource_of::<K>();
        let api: Api<Glimpse> = match namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        };
        let watch = watcher(api, watcher::Config::default().page_size(PAGE)).default_backoff();
        futures::pin_mut!(watch);
        let interval = self.pace.poll_interval;
        let (gateway, watchlist) = (Arc::clone(&self.gateway), Arc::clone(&self.watchlist));
        let (metrics, wake) = (self.metrics.clone(), self.wake.clone());
        let poller = tokio::spawn(poll::<K, G>(gateway, watchlist, interval, metrics, wake));
        let mut gauges = tokio::time::interval(GAUGES);
        let mut passes: JoinSet<Ended> = JoinSet::new();

        while !*stop.borrow() {
            self.start_passes(&mut passes);
            let due = match self.queue.next_at() {
                Some(at) if passes.len() < self.pace.concurrency => at,
                Some(_) | None => Instant::now() + Duration::from_hours(1),
            };
            tokio::select! {
                _ = stop.changed() => {}
                event = watch.next() => match event {
                    Some(Ok(event)) => self.take_in(event),
                    Some(Err(error)) if is_not_installed(&error) => {
                        warn!(kind = K::KIND, "the definition of this kind is not installed; hint: apply the CRDs");
                    }
                    Some(Err(error)) => warn!(kind = K::KIND, %error, "the watch was interrupted"),
                    None => break,
                },
                Some(key) = self.woken.recv() => self.queue.add(&key, Instant::now()),
                Some(ended) = passes.join_next() => match ended {
                    Ok((key, result)) => self.conclude(&key, result),
                    Err(error) => warn!(kind = K::KIND, %error, "a pass broke off"),
                },
                () = tokio::time::sleep_until(due.into()) => {}
                _ = gauges.tick() => self.set_gauges(),
            }
        }
        poller.abort();
        debug!(kind = K::KIND, under_way = passes.len(), "stopping");
        let drained = tokio::time::timeout(LAST_ORDERS, async { while passes.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            warn!(kind = K::KIND, under_way = passes.len(), "passes were broken off");
        }
    }

    fn start_passes(&mut self, passes: &mut JoinSet<Ended>) {
        while passes.len() < self.pace.concurrency {
            let Some(key) = self.queue.take(Instant::now()) else { return };
            let attempt = self.failures.get(&key).copied().unwrap_or_default();
            let reconciler = Arc::clone(&self.reconciler);
            passes.spawn(async move {
                let pass = AssertUnwindSafe(reconciler.pass(&key, attempt, Utc::now())).catch_unwind().await;
                // A defect in one pass must not keep its object in hand for ever.
                let result = pass.unwrap_or_else(|_| Err(ClusterError::Refused("the pass broke off".to_owned())));
                (key, result)
            });
        }
    }

    fn take_in(&mut self, event: watcher::Event<Glimpse>) {
        match event {
            watcher::Event::Init => self.roster.begin(),
            watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
                let (key, news, moved) = self.roster.note::<K>(&object);
                if moved {
                    self.wakers.wake_parent(&object);
                }
                match news {
                    News::Wanted => {
                        self.failures.remove(&key);
                        self.queue.add(&key, Instant::now());
                    }
                    News::Quiet | News::Echo => {}
                }
            }
            watcher::Event::Delete(object) => {
                self.forget(&object.key());
                self.wakers.wake_parent(&object);
            }
            watcher::Event::InitDone => {
                for key in self.roster.complete() {
                    self.forget(&key);
                }
                info!(kind = K::KIND, objects = self.roster.keys().count(), due = self.queue.len(), "watching");
                self.set_gauges();
            }
        }
    }

    fn conclude(&mut self, key: &Key, result: Result<Next, ClusterError>) {
        self.queue.done(key);
        let next = result.unwrap_or_else(|error| match error {
            ClusterError::Conflict | ClusterError::Exists => Next::Soon,
            ClusterError::Gone => Next::Gone,
            ClusterError::NotLeader => Next::Retry,
            ClusterError::NotInstalled => {
                warn!(kind = K::KIND, object = %key, "a kind is not installed; hint: apply the CRDs");
                Next::Retry
            }
            ClusterError::Refused(why) => {
                warn!(kind = K::KIND, object = %key, %why, "the API server refuses a write");
                Next::Retry
            }
            ClusterError::Passing(error) => {
                warn!(kind = K::KIND, object = %key, %error, "the API server did not answer as expected");
                Next::Retry
            }
        });
        self.metrics.pass(K::KIND, word_of(&next));
        let (now, chance) = (Instant::now(), fastrand::f64());
        self.turns.came_back(key);
        if !matches!(next, Next::Retry | Next::Turn) {
            self.failures.remove(key);
        }
        match next {
            // Only the watch knows whether an object of that name has been made again: roster and queue are its to clear.
            Next::Gone | Next::Rest => self.watchlist.forget(key),
            Next::Watch(moving) => {
                self.watchlist.watch(key, moving);
                let unseen = self.pace.poll_interval * UNSEEN_POLLS;
                let sweep = self.pace.sweep_interval;
                let interval = if K::CHANGES_UNSEEN { unseen.min(sweep) } else { sweep };
                self.queue.add(key, now + jittered(interval, chance));
            }
            Next::Soon => self.queue.add(key, now + SOON.min(self.pace.poll_interval)),
            Next::Turn => self.turns.wait(key),
            Next::Retry => {
                let failures = self.failures.entry(key.clone()).or_default();
                let backoff = Backoff { base: self.pace.retry_base, cap: self.pace.retry_cap };
                self.queue.add(key, now + backoff.delay(*failures, chance));
                *failures += 1;
            }
            Next::Stalled => self.queue.add(key, now + jittered(self.pace.stalled_interval, chance)),
        }
        self.call_up();
    }

    /// Calls up as many of those who wait to create as there is room for. A pass gives its place back before it is
    /// concluded, so that nobody is forgotten.
    fn call_up(&mut self) {
        while let Some(key) = self.turns.call_up(self.reconciler.turns_left()) {
            self.queue.add(&key, Instant::now());
        }
    }

    fn forget(&mut self, key: &Key) {
        self.roster.remove(key);
        self.queue.forget(key);
        self.watchlist.forget(key);
        self.failures.remove(key);
        self.turns.forget(key);
        self.call_up();
    }

    fn set_gauges(&self) {
        self.metrics.queued(K::KIND, self.queue.len());
        self.metrics.watched(K::KIND, self.watchlist.len());
        for stand in Stand::ALL {
            self.metrics.objects(K::KIND, stand.word(), self.roster.count(stand));
        }
    }
}

/// Whether the API server does not know the kind: it never did, or its definition was taken away under the watch.
fn is_not_installed(error: &watcher::Error) -> bool {
    use watcher::Error::{InitialListFailed, WatchStartFailed};
    matches!(error, InitialListFailed(kube::Error::Api(status)) | WatchStartFailed(kube::Error::Api(status))
        if status.code == 404)
}

/// The label of a pass's result.
fn word_of(next: &Next) -> &'static str {
    match next {
        Next::Gone => "gone",
        Next::Rest => "rest",
        Next::Watch(_) => "watch",
        Next::Soon => "soon",
        Next::Turn => "turn",
        Next::Retry => "retry",
        Next::Stalled => "stalled",
    }
}
