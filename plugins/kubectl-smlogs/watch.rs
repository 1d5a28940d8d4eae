//! Keeping an eye on the object while its log is followed. It asks for nothing but the one object: `get` is enough.

use std::time::{Duration, Instant};

use sagemaker_operator::cli::{Cluster, Look, Object, Target};
use tokio::sync::watch;

/// The time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// What was seen last.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The object, as it was when it was last there.
    pub(crate) object: Object,
    /// Whether it has gone, or another one has taken its name.
    pub(crate) is_gone: bool,
    /// Since when the API server has not answered, and what came instead.
    pub(crate) silence: Option<(Instant, String)>,
}

/// Looks at the object until nobody listens any more.
pub(crate) fn start(cluster: Cluster, target: Target, object: Object) -> watch::Receiver<Seen> {
    let (sender, receiver) = watch::channel(Seen { object, is_gone: false, silence: None });
    tokio::spawn(async move {
        while !sender.is_closed() && !sender.borrow().is_gone {
            tokio::time::sleep(INTERVAL).await;
            let look = cluster.look(&target).await;
            sender.send_modify(|seen| take(seen, look, Instant::now()));
        }
        // The last word stands for as long as somebody wants to know it.
        sender.closed().await;
    });
    receiver
}

fn take(seen: &mut Seen, look: Look, now: Instant) {
    match look {
        Look::There(object) if object.uid == seen.object.uid => {
            seen.object = *object;
            seen.silence = None;
        }
        Look::There(_) | Look::Gone => {
            seen.is_gone = true;
            seen.silence = None;
        }
        Look::Unknown(why) => {
            let since = seen.silence.take().map_or(now, |(since, _)| since);
            seen.silence = Some((since, why));
        }
    }
}
