//! Why there is no line, and what would have brought one.

use std::collections::BTreeSet;

use sagemaker_operator::cli::{Complaint, Console, Outcome, Type, nearest, wrong_region};
use sagemaker_operator::logs::{LogSource as _, Selection, Which, tuning_of};

use crate::ending::grouped;
use crate::session::{Session, not_created};
use crate::source::Source;

/// How many streams are told by name.
const NAMED: usize = 5;

/// No line is an error only if another question would have brought some.
pub(crate) async fn explain(
    session: &Session,
    source: &Source,
    selection: &Selection,
    title: &str,
    console: &mut Console,
) -> Result<Outcome, Complaint> {
    if !selection.which.is_all() {
        let others = streams(session, source, selection).await;
        if !others.is_empty() {
            return Err(no_stream(source, selection, &others));
        }
    }
    let wanted = &session.wanted;
    if wanted.since.is_some() || wanted.until.is_some() || wanted.pattern.is_some() {
        let options = [
            ("--since", wanted.since.is_some()),
            ("--until", wanted.until.is_some()),
            ("--filter", wanted.pattern.is_some()),
        ];
        let options: Vec<&str> = options.into_iter().filter_map(|(name, is_set)| is_set.then_some(name)).collect();
        console.say(&format!("{title}no lines with {}", options.join(" and ")));
        return Ok(Outcome::Done);
    }
    let region = &source.place.region;
    let Some(object) = source.object() else {
        return Err(unknown(session, source).await);
    };
    if object.region().is_some_and(|own| own != *region) {
        let job = object.sagemaker_name().unwrap_or(&object.name);
        return Err(wrong_region(Complaint::new(format!("no log of {job} in {region}")), object, region));
    }
    if !object.is_created() && object.ending().is_none() && object.obstacle().is_some() {
        return Err(not_created(object));
    }
    let status = [object.status_word(), object.secondary_status()];
    let status: Vec<&str> = status.into_iter().flatten().collect();
    if object.ending().is_some() {
        console.say(&format!("{title}no lines: the job is {}", status.join(" ")));
    } else {
        console.say(&format!("{title}no lines yet: the job is {}", status.join(" ")));
        console.say("hint: wait for them with -f");
    }
    Ok(Outcome::Done)
}

/// What is said if no line of those that came was searched for.
pub(crate) fn unmatched(lines: usize, is_tail: bool) -> String {
    let plural = if lines == 1 { "" } else { "s" };
    let searched = format!("no match in {} line{plural}", grouped(lines));
    if is_tail { format!("{searched}\nhint: leave out --tail to search the whole log") } else { searched }
}

/// The streams of the job whether wanted or not, after the job's name. It is optional: who may not ask is not told.
async fn streams(session: &Session, source: &Source, selection: &Selection) -> BTreeSet<String> {
    let all = Selection { which: Which::default(), ..selection.clone() };
    let answer = session.open(source, &all).streams(&all.group, &all.prefix()).await;
    let own = |name: &str| all.split(name).map(|(_, own)| own.to_owned());
    answer.unwrap_or_default().iter().filter_map(|stream| own(&stream.name)).collect()
}

fn no_stream(source: &Source, selection: &Selection, streams: &BTreeSet<String>) -> Complaint {
    let Which { starting_with, ranks, glob } = &selection.which;
    let options = [
        starting_with.as_ref().map(|prefix| format!("-p {prefix}")),
        ranks.as_ref().map(|ranks| format!("--rank {ranks}")),
        glob.as_ref().map(|glob| format!("--stream {glob}")),
    ];
    let options: Vec<String> = options.into_iter().flatten().collect();
    let named: Vec<&str> = streams.iter().take(NAMED).map(String::as_str).collect();
    let more = streams.len().checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    Complaint::new(format!("no line of {} with {}", source.title(), options.join(" and ")))
        .hint(format_args!("its streams are {}{more}", named.join(", ")))
}

/// A job that was asked for by its name and has no log: jobs of nearly that name may have one.
pub(crate) async fn unknown(session: &Session, source: &Source) -> Complaint {
    let (job, region) = (source.job().unwrap_or_default(), &source.place.region);
    let complaint = Complaint::new(format!("no log of {} {job:?} in {region}", source.type_.singular()));
    or_near(session, source, complaint, "check the name and --region, or wait for it with -f --wait").await
}

/// With jobs of nearly that name, if some have logged, or else the hint.
pub(crate) async fn or_near(session: &Session, source: &Source, complaint: Complaint, hint: &str) -> Complaint {
    let job = source.job().unwrap_or_default();
    // Most slips leave the first letters alone.
    let head: String = job.chars().take((job.chars().count() / 2).clamp(1, 8)).collect();
    let names = logging(session, source, &head).await;
    let near = nearest(job, &names.into_iter().collect::<Vec<_>>());
    if near.is_empty() { complaint.hint(hint) } else { complaint.did_you_mean(&near) }
}

/// Names of the source's type, beginning like this, that have logged. It is optional: who may not ask is told of none.
async fn logging(session: &Session, source: &Source, head: &str) -> BTreeSet<String> {
    let (calls, group) = (session.calls(source), source.logged.group);
    if source.type_ == Type::HostingDeployment {
        let groups = calls.groups(&format!("{group}/{head}")).await.unwrap_or_default();
        return groups.iter().filter_map(|name| Some(name.strip_prefix(group)?[1..].to_owned())).collect();
    }
    let streams = calls.streams(group, head).await.unwrap_or_default();
    let jobs = streams.iter().filter_map(|stream| stream.name.split('/').next());
    if source.type_ == Type::HyperparameterTuningJob {
        return jobs.filter_map(tuning_of).map(str::to_owned).collect();
    }
    jobs.map(str::to_owned).collect()
}
