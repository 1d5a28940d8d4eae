//! Keeping an eye on a job while its log is followed: through its object, for which `get` is enough, or by asking
//! SageMaker where there is none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sagemaker_operator::aws::Clients;
use sagemaker_operator::cli::{Cluster, Look, Object, Target};
use sagemaker_operator::lifecycle::{Cause, Refusal};
use tokio::sync::watch;

use crate::source::Source;

/// The time between two looks at an object.
const INTERVAL: Duration = Duration::from_secs(1);
/// The time between two questions to SageMaker, whose quota is shared by all of the account.
pub(crate) const QUESTIONS: Duration = Duration::from_secs(5);

/// What was seen last.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The object, as it was when it was last there.
    pub(crate) object: Object,
    /// Whether it has gone, or another one has taken its name.
    pub(crate) is_gone: bool,
    /// Since when nobody has told anything, and what came instead.
    pub(crate) silence: Option<(Instant, String)>,
}

/// Looks at the object until nobody listens any more.
pub(crate) fn object(cluster: Cluster, target: Target, object: Object) -> watch::Receiver<Seen> {
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

/// Asks SageMaker about the job until nobody listens any more.
pub(crate) fn job(clients: Arc<Clients>, source: Source, object: Object) -> watch::Receiver<Seen> {
    let (sender, receiver) = watch::channel(Seen { object, is_gone: false, silence: None });
    tokio::spawn(async move {
        while !sender.is_closed() && !sender.borrow().is_gone {
            tokio::time::sleep(QUESTIONS).await;
            let said = source.describe(&clients).await;
            // Who may not ask will not be told later either.
            let is_denied = matches!(said, Err(Refusal { cause: Cause::Denied { .. }, .. }));
            sender.send_modify(|seen| take(seen, look_of(said), Instant::now()));
            if is_denied {
                break;
            }
        }
        sender.closed().await;
    });
    receiver
}

fn look_of(said: Result<Object, Refusal>) -> Look {
    match said {
        Ok(object) => Look::There(Box::new(object)),
        Err(Refusal { cause: Cause::NotFound, .. }) => Look::Gone,
        Err(refusal) => Look::Unknown(refusal.message),
    }
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
