//! Awaiting a condition.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take on a machine that runs all tests at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

const PAUSE: Duration = Duration::from_millis(100);

/// Looks until `look` finds what it wants, and returns that. `Err` is what was seen instead; the last one is told when
/// patience ends.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= deadline => {
                panic!("waited {patience:?} for {what}, but the last thing seen was:\n{seen}")
            }
            Err(_) => thread::park_timeout(PAUSE),
        }
    }
}

#[test]
fn what_was_seen_last_is_told_when_patience_ends() {
    let mut looks = 0;
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("rain", Duration::from_millis(1), || -> Result<(), String> {
            looks += 1;
            Err(format!("sun, look {looks}"))
        });
    }));
    let message = *failed.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, format!("waited 1ms for rain, but the last thing seen was:\nsun, look {looks}"));
}
