//! Where following begins: with the job's name, behind a tail, or where an earlier process left off.

use std::time::Instant;

use chrono::Utc;
use sagemaker_operator::cli::{Complaint, Failure, Object};
use sagemaker_operator::logs::{Follow, LogError, LogSource, Millis, Origin, Quota, Settings, Start, Tail, Trouble};
use tokio::sync::watch::Receiver;

use crate::ask;
use crate::ending::is_foreign;
use crate::follow::TICK;
use crate::printer::{Account, Printer, Screen};
use crate::progress::Progress;
use crate::session::{Session, not_created};
use crate::source::Source;
use crate::tail;
use crate::watch::Seen;

/// Waits for the job's name in SageMaker.
pub(crate) async fn name(
    seen: &mut Receiver<Seen>,
    progress: &mut Progress,
    screen: &Screen<'_>,
) -> Result<String, Failure> {
    loop {
        let Seen { object, is_gone, silence: _ } = seen.borrow_and_update().clone();
        // A job of somebody else under the wanted name is none of this object's.
        if let Some(job) = object.sagemaker_name().filter(|_| !is_foreign(&object)) {
            return Ok(job.to_owned());
        }
        if is_gone {
            let gone = Complaint::new(format!("{} was deleted before its job was created", object.title()));
            return Err(gone.into());
        }
        if object.ending().is_some() {
            return Err(not_created(&object).into());
        }
        progress.show(&object, Instant::now(), &mut screen.borrow_mut());
        // Time is up or something has happened: both are a reason to look.
        let _ = tokio::time::timeout(TICK, seen.changed()).await;
    }
}

/// Prints the tail, if one is wanted, and begins to follow behind it, or goes on where an earlier process left off.
#[expect(clippy::too_many_arguments, reason = "what is shared by all logs, and what is of this one")]
pub(crate) async fn begin<'a>(
    session: &Session,
    sources: &[Source],
    source: &Source,
    calls: &impl LogSource,
    origin: &Origin,
    object: &Object,
    screen: &Screen<'_>,
    account: &'a Account,
) -> Result<(Printer<'a>, Follow), Failure> {
    let selection = &origin.selection;
    let refused = |error: LogError| Failure::from(source.complain(&error, selection));
    let quota = Quota::of(source.place.region.as_str());
    let settings = Settings { quota, ..Settings::quiet_for(session.wanted.quiet_for) }.shared_by(sources.len());
    let mut printer = Printer { lines: 0, account, index: 0 };
    let identity = session.identity(source, selection, Some(object));
    if account.borrow().is_none() {
        let mut all = session.known(sources);
        all.push(identity.clone());
        *account.borrow_mut() = session.resume(&all, &mut screen.borrow_mut())?;
    }
    if let Some(resume) = &mut *account.borrow_mut() {
        printer.index = resume.enter(identity)?;
        let before = resume.progress(printer.index);
        if before.has_begun() {
            printer.lines = usize::try_from(before.lines()).unwrap_or(usize::MAX);
            let follow = Follow::resumed(selection.clone(), settings, before, resume.prints());
            return Ok((printer, follow));
        }
    }
    let from = beginning(session, calls, object, origin).await.map_err(refused)?;
    let tailed = match session.wanted.tail {
        None => None,
        // Of no line at all, the newest one tells where the new ones begin.
        Some(wanted) => match tail::pages(calls, Tail::new(selection, from, wanted.max(1))).await {
            Err(LogError { trouble: Trouble::Absent, .. }) => None,
            tailed => Some(tailed.map_err(refused)?),
        },
    };
    let start = match &tailed {
        Some(tailed) if tailed.more || session.wanted.tail == Some(0) => Start::after(&tailed.events, from),
        Some(_) | None => Start::at(from),
    };
    let mut follow = match &mut *account.borrow_mut() {
        None => Follow::new(selection.clone(), start, settings),
        Some(resume) => {
            resume.begin(printer.index, start)?;
            Follow::resumed(selection.clone(), settings, resume.progress(printer.index), resume.prints())
        }
    };
    if let Some(tailed) = tailed {
        let shown = if session.wanted.tail == Some(0) { &[] } else { &tailed.events[..] };
        follow.printed_before(&tailed.events);
        printer.print(shown, origin, &mut follow, session, screen)?;
    }
    Ok((printer, follow))
}

/// Where what is wanted of the log begins.
async fn beginning(
    session: &Session,
    calls: &impl LogSource,
    object: &Object,
    origin: &Origin,
) -> Result<Millis, LogError> {
    if let Some(since) = session.wanted.since {
        return Ok(since);
    }
    // Nobody tells when a job began of which SageMaker does not tell: its streams do.
    let created = object.created.unwrap_or_else(Utc::now);
    ask::beginning(calls, &origin.selection, Millis(created.timestamp_millis())).await
}
