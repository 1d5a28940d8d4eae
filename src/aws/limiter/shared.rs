//! The buckets of a process, and waiting for a turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bucket::{Bucket, Family};
use crate::lifecycle::{Arn, Place, Region};

/// Who shares a quota: the role stands for its account, and no role for the operator's own.
type Key = (Option<Arn>, Region, Family);

/// All buckets, shared by all controllers.
#[derive(Debug, Default)]
pub(in crate::aws) struct Limits {
    lines: Mutex<HashMap<Key, Arc<Line>>>,
}

/// A bucket and the queue before it.
#[derive(Debug)]
struct Line {
    /// Held by the one whose turn is next; the others queue here, first come, first served.
    turn: tokio::sync::Mutex<()>,
    bucket: Mutex<Bucket>,
}

impl Line {
    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send one request now, and the duty to say how it went.
#[derive(Debug)]
pub(in crate::aws) struct Turn {
    line: Arc<Line>,
    /// How long it took to get here.
    pub(in crate::aws) waited: Duration,
}

impl Turn {
    /// AWS took the request, or refused it for another reason than its rate.
    pub(in crate::aws) fn answered(self) {
        self.line.bucket().answered(Instant::now().into_std());
    }

    /// AWS said that this was too fast.
    pub(in crate::aws) fn throttled(self) {
        self.line.bucket().throttled(Instant::now().into_std());
    }
}

impl Limits {
    /// Waits until a request of this family may leave. Dropping the future gives up the place in the queue.
    pub(in crate::aws) async fn admit(&self, place: &Place, family: Family) -> Turn {
        let started = Instant::now();
        let line = self.line(place, family);
        {
            let _turn = line.turn.lock().await;
            loop {
                let wait = line.bucket().take(Instant::now().into_std());
                match wait {
                    Ok(()) => break,
                    Err(wait) => tokio::time::sleep(wait).await,
                }
            }
        }
        Turn { line, waited: started.elapsed() }
    }

    fn line(&self, place: &Place, family: Family) -> Arc<Line> {
        let key = (place.role.as_ref().map(|assume| assume.role.clone()), place.region.clone(), family);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lines.entry(key).or_insert_with(|| {
            let bucket = Bucket::new(family.rates(), Instant::now().into_std());
            Arc::new(Line { turn: tokio::sync::Mutex::default(), bucket: Mutex::new(bucket) })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Assume;

    fn place(region: &str, role: Option<&str>) -> Place {
        let role = role.map(|role| Assume { role: role.parse().unwrap(), external_id: "team".to_owned() });
        Place { region: region.parse().unwrap(), endpoint: None, role }
    }

    /// Time stands still but for what is waited for.
    #[tokio::test(start_paused = true)]
    async fn requests_of_one_quota_queue_and_others_do_not_wait_for_them() {
        let limits = Limits::default();
        let (west, east) = (place("us-west-2", None), place("us-east-1", None));
        let other_account = place("us-west-2", Some("arn:aws:iam::210987654321:role/team"));
        let create = Family::CreateTrainingJob;

        limits.admit(&west, create).await.answered();
        let queued = limits.admit(&west, create).await;
        assert!(queued.waited >= Duration::from_millis(1600), "{:?}", queued.waited);
        for (place, family) in [(&east, create), (&other_account, create), (&west, Family::Describe)] {
            assert_eq!(limits.admit(place, family).await.waited, Duration::ZERO, "{place:?} {family:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_makes_the_next_one_wait_longer() {
        let limits = Limits::default();
        let place = place("us-west-2", None);
        limits.admit(&place, Family::CreateTrainingJob).await.throttled();
        let next = limits.admit(&place, Family::CreateTrainingJob).await;
        assert!(next.waited >= Duration::from_millis(3300), "{:?}", next.waited);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_the_queue_to_others() {
        let limits = Arc::new(Limits::default());
        let place = place("us-west-2", None);
        limits.admit(&place, Family::CreateTrainingJob).await.answered();
        let gave_up = tokio::time::timeout(Duration::from_millis(100), limits.admit(&place, Family::CreateTrainingJob));
        assert!(gave_up.await.is_err());
        let next = limits.admit(&place, Family::CreateTrainingJob).await;
        assert!(next.waited < Duration::from_secs(2), "{:?}", next.waited);
    }
}
