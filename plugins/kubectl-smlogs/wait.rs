//! `--wait`: until what is meant is there.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sagemaker_operator::cli::{Chosen, Cluster, Complaint, Console, Look, Object, Target, Type, clock, span};

/// The time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long the cluster may be silent before it is mentioned.
const SILENT: Duration = Duration::from_secs(10);

/// Somebody who waits, is told so, and gives up in time.
#[derive(Debug)]
pub(crate) struct Waiting {
    what: String,
    begun: Instant,
    has_said: bool,
    limit: Limit,
    /// Since when the cluster has not answered, and whether that has been said.
    silent: Option<(Instant, bool)>,
}

/// When to give up, and what was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(Option<(Instant, Duration)>);

impl Limit {
    /// So long from now; `None` for ever.
    pub(crate) fn new(patience: Option<Duration>) -> Self {
        let now = Instant::now();
        Self(patience.and_then(|patience| Some((now.checked_add(patience)?, patience))))
    }

    /// Does what takes time.
    ///
    /// # Errors
    /// What is told if it takes too long: `what` was given up on.
    pub(crate) async fn bounds<T>(self, what: &str, work: impl Future<Output = T>) -> Result<T, Complaint> {
        let Some((deadline, patience)) = self.0 else { return Ok(work.await) };
        let done = tokio::time::timeout_at(deadline.into(), work).await;
        done.map_err(|_| Complaint::timed_out(format!("gave up on {what} after {}: --timeout", span(patience))))
    }
}

impl Waiting {
    pub(crate) fn for_(what: impl Into<String>, limit: Limit) -> Self {
        Self { what: what.into(), begun: Instant::now(), has_said: false, limit, silent: None }
    }

    /// Shows that it goes on: live on a terminal, elsewhere once.
    pub(crate) fn show(&mut self, console: &mut Console) {
        let what = &self.what;
        if console.err_is_terminal() {
            console.status(&format!("waiting for {what} to be made ({})", clock(self.begun.elapsed())));
        } else if !std::mem::replace(&mut self.has_said, true) {
            console.say(&format!("waiting for {what} to be made"));
        }
    }

    /// Says that the cluster has not answered for a while, once; `why` is what came instead of the last answer.
    fn hears(&mut self, why: Option<&str>, now: Instant, console: &mut Console) {
        let Some(why) = why else {
            self.silent = None;
            return;
        };
        let (since, has_said) = self.silent.get_or_insert((now, false));
        if !*has_said && now.duration_since(*since) >= SILENT {
            *has_said = true;
            console.say(&format!("note: the API server does not answer ({why}); still waiting"));
        }
    }

    /// Lets some time pass.
    ///
    /// # Errors
    /// If the time is up.
    pub(crate) async fn pause(&self, interval: Duration) -> Result<(), Complaint> {
        self.limit.bounds(&self.what, tokio::time::sleep(interval)).await
    }
}

/// All of these objects, once they are there.
///
/// # Errors
/// If one of them will not be found like this, or the time is up.
pub(crate) async fn for_objects(
    cluster: &Cluster,
    targets: &[Target],
    limit: Limit,
    console: &mut Console,
) -> Result<Vec<Object>, Complaint> {
    let titles = |targets: &[&Target]| targets.iter().map(|target| target.title()).collect::<Vec<_>>().join(" and ");
    let mut waiting = Waiting::for_(titles(&targets.iter().collect::<Vec<_>>()), limit);
    let mut is_first = true;
    loop {
        let looks = join_all(targets.iter().map(|target| cluster.look(target))).await;
        let (mut there, mut missing, mut silence) = (Vec::new(), Vec::new(), None);
        for (target, look) in targets.iter().zip(looks) {
            match look {
                Look::There(object) => there.push(*object),
                // What stands in the way from the beginning is a slip; later on, a server that is started again.
                Look::Unknown(_) if is_first => there.push(cluster.find(target).await?),
                Look::Gone => missing.push(target),
                Look::Unknown(why) => {
                    missing.push(target);
                    silence = Some(why);
                }
            }
        }
        if missing.is_empty() {
            return Ok(there);
        }
        is_first = false;
        waiting.what = titles(&missing);
        waiting.hears(silence.as_deref(), Instant::now(), console);
        waiting.show(console);
        waiting.pause(INTERVAL).await?;
    }
}

/// The objects of these types that are meant, once there are some.
///
/// # Errors
/// If they cannot be listed from the beginning, or the time is up.
pub(crate) async fn for_some(
    cluster: &Cluster,
    types: &[Type],
    chosen: &Chosen,
    limit: Limit,
    console: &mut Console,
) -> Result<Vec<Object>, Complaint> {
    let names: Vec<String> = types.iter().map(|type_| type_.singular()).collect();
    let labels = chosen.labels.as_ref().map(|labels| format!(" with labels {labels}")).unwrap_or_default();
    let mut waiting = Waiting::for_(format!("a {}{labels}", names.join(" or ")), limit);
    let mut is_first = true;
    loop {
        let lists = join_all(types.iter().map(|type_| cluster.choose(*type_, chosen))).await;
        let lists = lists.into_iter().collect::<Result<Vec<_>, _>>();
        let (found, silence): (Vec<Object>, _) = match lists {
            Ok(lists) => (lists.into_iter().flatten().collect(), None),
            Err(complaint) if is_first => return Err(complaint),
            Err(complaint) => (Vec::new(), Some(complaint.message().to_owned())),
        };
        if !found.is_empty() {
            return Ok(found);
        }
        is_first = false;
        waiting.hears(silence.as_deref(), Instant::now(), console);
        waiting.show(console);
        waiting.pause(INTERVAL).await?;
    }
}
