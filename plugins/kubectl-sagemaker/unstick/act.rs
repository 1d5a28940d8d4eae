//! Carrying it out, with an eye on the operator: should it come back, it is left to it.

use std::time::{Duration, Instant};

use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{
    Cluster, Complaint, Console, Failure, Note, Outcome, Unwritten, clock, operator_sign, operator_sign_for_sure,
};
use sagemaker_operator::lifecycle::Cause;

use super::decide::{Aws, Verdict};
use super::family::{Family, Member};
use super::plan::Action;
use crate::held::Held;

/// The time between two looks at what is being stopped.
const LOOK: Duration = Duration::from_secs(2);
/// How often in a row SageMaker may give no answer while something ends.
const SILENCES: u32 = 30;

/// How long, and whether the operator is heeded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) force: bool,
    pub(super) timeout: Option<Duration>,
}

/// Does all of it, in its order; stops at the first thing that does not succeed.
pub(super) async fn carry_out(
    cluster: &Cluster,
    aws: &Api,
    family: &Family,
    plan: &[Action],
    clock: Clock,
    console: &mut Console,
) -> Result<Outcome, Failure> {
    let namespace = family.parent().held.object.namespace.clone();
    if !clock.force && operator_sign_for_sure(cluster, &namespace).await.may_be_alive() {
        return Err(is_back(family).into());
    }
    let deadline = clock.timeout.map(|timeout| Instant::now() + timeout);
    for action in plan {
        match *action {
            Action::Stop(at) => stop(cluster, aws, family, at, clock, deadline, console).await?,
            Action::Leave(at) => {
                let member = &family.members[at];
                console.prose(&format!("{} is left in AWS as it is{}\n", member.named(), member.cost()))?;
            }
            Action::Delete(at) => {
                let held = &family.members[at].held;
                cluster.delete(&held.target(), &held.object.uid).await?;
            }
            Action::LetGo(at) => {
                if !clock.force && operator_sign(cluster, &namespace).await.may_be_alive() {
                    return Err(is_back(family).into());
                }
                let member = &family.members[at];
                let_go(cluster, member, console).await?;
                console.prose(&format!("{} released\n", member.held.object.title()))?;
                console.flush()?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn is_back(family: &Family) -> Complaint {
    let title = family.parent().held.object.title();
    Complaint::refused(format!("the operator is back, and works on {title}: it is left to it"))
        .hint(format_args!("kubectl sagemaker status {title}"))
}

/// Has it stopped or deleted in AWS, and waits until AWS says that it is over.
async fn stop(
    cluster: &Cluster,
    aws: &Api,
    family: &Family,
    at: usize,
    timing: Clock,
    deadline: Option<Instant>,
    console: &mut Console,
) -> Result<(), Failure> {
    let member = &family.members[at];
    let Some(resource) = &member.resource else { return Ok(()) };
    let named = member.named();
    if matches!(member.aws, Aws::There(_))
        && let Err(refusal) = resource.stop(aws).await
        && !matches!(refusal.cause, Cause::AlreadyEnded | Cause::NotFound)
    {
        let complaint = Complaint::new(format!("{named} could not be stopped: {refusal}"));
        return Err(complaint.hint("nothing was let go").into());
    }
    let lost = |why: &str| Failure::from(Complaint::new(format!("{named} cannot be followed to its end: {why}")));
    let (begun, mut silences) = (Instant::now(), 0);
    loop {
        let why = match resource.look(aws).await.map(|seen| Aws::of(Ok(seen), &member.held.object)) {
            Ok(Aws::There(word) | Aws::Stopping(word)) => {
                silences = 0;
                word
            }
            Ok(Aws::Unknown(why)) => return Err(lost(&why)),
            Ok(Aws::Nothing | Aws::Gone | Aws::Ended(_) | Aws::Foreign) => {
                console.prose(&format!("{named} is over\n"))?;
                console.flush()?;
                return Ok(());
            }
            Err(refusal) if refusal.cause.may_pass() && silences < SILENCES => {
                silences += 1;
                refusal.to_string()
            }
            Err(refusal) => return Err(lost(&refusal.to_string())),
        };
        console.status(&format!("waiting for the end of {named}: {why} ({})", clock(begun.elapsed())));
        let namespace = &family.parent().held.object.namespace;
        if !timing.force && operator_sign(cluster, namespace).await.may_be_alive() {
            return Err(is_back(family).into());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let complaint =
                Complaint::timed_out(format!("{named} has not ended yet ({why}), and was not waited for longer"));
            return Err(complaint.hint("it has been stopped: call this again to let the object go").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Takes our finalizers off the object, if it is still the one that was looked at.
async fn let_go(cluster: &Cluster, member: &Member, console: &mut Console) -> Result<(), Complaint> {
    let seen = &member.held;
    let (target, uid) = (seen.target(), &seen.object.uid);
    let Some(stored) = cluster.fetch(&target).await? else { return Ok(()) };
    let now = Held::new(target.type_, stored);
    let changed = || {
        Complaint::refused(format!("{} has changed meanwhile, and was not let go", target.title()))
            .hint("look at it again with the same command")
    };
    if now.object.uid != *uid || now.ours() != seen.ours() {
        return Err(changed());
    }
    let text = format!("kubectl sagemaker unstick takes off {}: {}", now.ours().join(" and "), reason(member));
    let warning = member.verdict == Verdict::Abandon;
    let note = Note { warning, reason: "Unstuck", action: "Unstick", text: &text };
    if let Err(why) = cluster.tell(&target, uid, &note).await
        && !why.contains("being terminated")
    {
        console.say(&format!("note: no Event tells of it: {why}"));
    }
    match cluster.let_go(&target, &now.stored, &now.ours()).await {
        Ok(()) | Err(Unwritten::Gone) => Ok(()),
        Err(Unwritten::Changed) => Err(changed()),
        Err(Unwritten::Refused(complaint)) => Err(complaint),
    }
}

/// What the Event says of what is in AWS.
fn reason(member: &Member) -> String {
    let named = member.named();
    match (&member.aws, member.verdict) {
        (_, Verdict::Abandon) => format!("{named} is left behind in AWS{}", member.cost()),
        (_, Verdict::Stop) => format!("{named} was stopped, and is over"),
        (Aws::Nothing, _) => "nothing was ever started for it".to_owned(),
        (Aws::Gone, _) => format!("{named} is gone"),
        (Aws::Ended(word), _) => format!("{named} has ended ({word})"),
        (Aws::Foreign, _) => format!("{named} is somebody else's"),
        (Aws::There(_) | Aws::Stopping(_) | Aws::Unknown(_), _) => {
            format!("{named} is left in AWS as its deletion policy wants it")
        }
    }
}
