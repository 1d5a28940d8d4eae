//! When to stop: Ctrl-C, SIGTERM, SIGHUP, and for programs that started us, the end of our input.

use std::io::Read as _;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Resolves as soon as somebody wants us to stop.
pub(crate) async fn wanted(until_stdin_closes: bool) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
        _ = interrupt.recv() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    Ok(())
}

/// Reads in a thread of its own: the runtime would wait for a read of its own at the end.
async fn stdin_closed() {
    let (closed, wait) = oneshot::channel();
    thread::spawn(move || {
        let mut ignored = [0; 4096];
        let mut stdin = std::io::stdin().lock();
        while stdin.read(&mut ignored).is_ok_and(|n| n > 0) {}
        let _ = closed.send(());
    });
    let _ = wait.await;
}
