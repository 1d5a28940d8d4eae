//! What goes on beside a test.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Sets it when it goes, also when a test has failed.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Runs `body` while `work` goes on in a thread of its own. That has to end when the question that it is given, whether
/// `body` is over, is answered with yes.
pub(crate) fn meanwhile<T>(work: impl FnOnce(&dyn Fn() -> bool) + Send, body: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| work(&|| is_over.load(Ordering::Acquire)));
        let _ending = Ending(&is_over);
        body()
    })
}
