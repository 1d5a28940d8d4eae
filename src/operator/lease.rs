//! Who leads, decided from a Lease and our own clock alone: the clocks of two machines are never compared.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::LeaseSpec;

use crate::lifecycle::Permit;

/// The right to write, which ends by itself when it is not renewed.
#[derive(Debug, Default)]
pub struct Tenure {
    until: Mutex<Option<Instant>>,
}

impl Tenure {
    /// Extends the right.
    pub(super) fn extend(&self, until: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Ends it at once.
    pub(super) fn end(&self) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// When it ends.
    pub(super) fn until(&self) -> Option<Instant> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit for Tenure {
    fn may_write(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }
}

/// How long a Lease lasts, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// Others take over after this long without a sign of life.
    pub(super) duration: Duration,
}

impl Terms {
    /// We stop writing this long after the last renewal was *sent*: well before anybody else may begin.
    pub(super) fn tenure(self) -> Duration {
        self.duration * 2 / 3
    }

    /// How often it is renewed.
    pub(super) fn renewal(self) -> Duration {
        self.duration / 5
    }
}

/// The Lease as it was when it last changed before our eyes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sighting {
    /// What changes with each sign of life.
    sign: (Option<String>, Option<String>, Option<i32>),
    since: Instant,
}

/// What to do about the Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is ours: renew it.
    Renew,
    /// It is nobody's, or its holder has given no sign of life for as long as it said: take it.
    Take,
    /// It is somebody else's: look again.
    Wait,
}

/// Decides what to do about the Lease. `seen` is what we remember of it, and is brought up to date.
pub(super) fn evaluate(lease: &LeaseSpec, me: &str, seen: &mut Option<Sighting>, now: Instant) -> Verdict {
    let holder = lease.holder_identity.as_deref().unwrap_or_default();
    if holder == me {
        return Verdict::Renew;
    }
    if holder.is_empty() {
        return Verdict::Take;
    }
    let sign = (
        lease.holder_identity.clone(),
        lease.renew_time.as_ref().map(|time| time.0.to_string()),
        lease.lease_transitions,
    );
    let since = match seen {
        Some(before) if before.sign == sign => before.since,
        Some(_) | None => {
            *seen = Some(Sighting { sign, since: now });
            now
        }
    };
    let lasts = Duration::from_secs(lease.lease_duration_seconds.and_then(|n| u64::try_from(n).ok()).unwrap_or(15));
    if now.duration_since(since) > lasts { Verdict::Take } else { Verdict::Wait }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn held_by(holder: &str, renewed: i64) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: Some(15),
            renew_time: Timestamp::from_second(renewed).ok().map(MicroTime),
            ..LeaseSpec::default()
        }
    }

    #[test]
    fn the_table() {
        let now = Instant::now();
        for (lease, verdict) in [
            (LeaseSpec::default(), Verdict::Take),
            (held_by("", 0), Verdict::Take),
            (held_by("me", 0), Verdict::Renew),
            // However old its time stamp: it is another machine's clock.
            (held_by("other", 0), Verdict::Wait),
        ] {
            assert_eq!(evaluate(&lease, "me", &mut None, now), verdict, "{lease:?}");
        }
    }

    #[test]
    fn a_holder_that_gives_no_sign_for_its_whole_term_is_succeeded() {
        let (start, mut seen) = (Instant::now(), None);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(evaluate(&held_by("other", 0), "me", &mut seen, at(0)), Verdict::Wait);
        assert_eq!(evaluate(&held_by("other", 0), "me", &mut seen, at(15)), Verdict::Wait);
        assert_eq!(evaluate(&held_by("other", 1), "me", &mut seen, at(16)), Verdict::Wait, "a sign of life");
        assert_eq!(evaluate(&held_by("other", 1), "me", &mut seen, at(31)), Verdict::Wait);
        assert_eq!(evaluate(&held_by("other", 1), "me", &mut seen, at(32)), Verdict::Take);
    }

    #[test]
    fn we_stop_before_others_begin() {
        let terms = Terms { duration: Duration::from_secs(15) };
        assert!(terms.tenure() < terms.duration);
        assert!(terms.renewal() * 3 <= terms.tenure(), "two renewals may fail");
    }

    #[test]
    fn the_right_to_write_ends_by_itself_and_at_once_when_told() {
        let tenure = Tenure::default();
        assert!(!tenure.may_write());
        tenure.extend(Instant::now() + Duration::from_mins(1));
        assert!(tenure.may_write());
        tenure.end();
        assert!(!tenure.may_write());
        let past = Instant::now();
        tenure.extend(past);
        assert!(!tenure.may_write());
    }
}
