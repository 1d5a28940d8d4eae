//! Without `-f`: what the log holds now.

use sagemaker_operator::cli::{Complaint, Console, Failure, Object, Outcome, wrong_region};
use sagemaker_operator::logs::{LogError, LogSource, ReadAll, Selection, Tail, Tailed, Trouble};

use crate::ask;
use crate::session::{Session, created, not_created};

pub(crate) async fn run(session: &Session, object: &Object, console: &mut Console) -> Result<Outcome, Failure> {
    let Some(job) = object.sagemaker_name() else {
        return Err(not_created(object).into());
    };
    console.say(&session.header(object));
    let (source, selection) = (session.source(), session.selection(job));
    let refused = |error: LogError| explain(session, object, &error);
    let from = ask::beginning(&source, &selection, created(object)).await.map_err(refused)?;
    let lines = if let Some(wanted) = session.wanted.tail {
        let tailed = tail(&source, Tail::new(&selection, from, wanted)).await.map_err(refused)?;
        session.print(&tailed.events, console)?;
        // Asked for no line, there is nothing to say about getting none.
        if wanted == 0 { 1 } else { tailed.events.len() }
    } else {
        let mut read = ReadAll::new(&selection, from);
        let mut lines = 0;
        while let Some(filter) = read.next() {
            let events = read.took(ask::page(&source, filter).await.map_err(refused)?);
            lines += events.len();
            session.print(&events, console)?;
        }
        lines
    };
    if lines == 0 { empty(session, object, &selection, console) } else { Ok(Outcome::Done) }
}

/// The last lines.
pub(crate) async fn tail(source: &impl LogSource, mut tail: Tail) -> Result<Tailed, LogError> {
    while let Some(filter) = tail.next() {
        tail.took(ask::page(source, filter).await?);
    }
    Ok(tail.finish())
}

fn explain(session: &Session, object: &Object, error: &LogError) -> Failure {
    let is_unknown = error.trouble == Trouble::Absent && !object.is_created() && object.ending().is_none();
    if is_unknown { not_created(object).into() } else { session.complain(error, object).into() }
}

/// No line is an error only if another question would have brought some.
fn empty(session: &Session, object: &Object, selection: &Selection, console: &mut Console) -> Result<Outcome, Failure> {
    let region = session.region();
    if object.region().is_some_and(|own| own != *region) {
        let complaint = Complaint::new(format!("no log of {} in {region}", selection.job));
        return Err(wrong_region(complaint, object, region).into());
    }
    if !object.is_created() && object.ending().is_none() && object.obstacle().is_some() {
        return Err(not_created(object).into());
    }
    let status = [object.status_word(), object.secondary_status()];
    let status: Vec<&str> = status.into_iter().flatten().collect();
    if object.ending().is_some() {
        console.say(&format!("no lines: the job is {}", status.join(" ")));
    } else {
        console.say(&format!("no lines yet: the job is {}", status.join(" ")));
        console.say("hint: wait for them with -f");
    }
    Ok(Outcome::Done)
}
