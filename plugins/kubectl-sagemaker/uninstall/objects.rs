//! Deleting the objects while the operator is there, and waiting until it has let go of each.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, clock, defused, operator_sign};
use sagemaker_operator::lifecycle::ANNOTATION_DELETION;

use super::installation::Installation;
use crate::held::Held;

/// The time between two looks at what is left.
const LOOK: Duration = Duration::from_secs(2);
/// For how long nobody may hold the Lease, as when a pod moves to another node.
const ABSENCE: Duration = Duration::from_secs(30);

/// What becomes of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// What is in AWS stays there.
    pub(super) keep_aws: bool,
    /// Until when they are waited for.
    pub(super) deadline: Option<Instant>,
}

/// Deletes them all, also those that come in the meantime, and waits until none is left. `known` are those that were there
/// before.
///
/// # Errors
/// If one may not be deleted, if the operator goes away, or if it takes longer than the terms allow.
pub(super) async fn end(
    cluster: &Cluster,
    installation: &Installation,
    known: &[Held],
    terms: Terms,
    console: &mut Console,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let (mut asked, mut told) = (BTreeSet::new(), BTreeSet::new());
    let names = |objects: &[Held]| -> BTreeMap<String, String> {
        objects.iter().map(|held| (held.object.uid.clone(), named(held))).collect()
    };
    let mut before = names(known);
    let mut alive = Instant::now();
    loop {
        let objects = installation.objects(cluster).await?;
        let now = names(&objects);
        for name in before.iter().filter(|(uid, _)| !now.contains_key(*uid)).map(|(_, name)| name) {
            console.print(&format!("{name} is gone\n"))?;
        }
        console.flush()?;
        if objects.is_empty() {
            return Ok(());
        }
        // A child goes with its parent, which ends what it has in AWS in the right order.
        let is_child = |held: &Held| objects.iter().any(|parent| held.is_child_of(parent));
        for held in objects.iter().filter(|held| !is_child(held)) {
            if asked.insert(held.object.uid.clone()) {
                delete(cluster, held, terms.keep_aws).await?;
            }
        }
        for held in &objects {
            if let Some(stalled) = held.object.holds("Stalled").filter(|_| held.object.deleting)
                && told.insert((held.object.uid.clone(), stalled.message.clone()))
            {
                let lines: Vec<String> = stalled.message.lines().map(defused).collect();
                console.say(&format!("warning: {}: {}", named(held), lines.join("\n")));
            }
        }
        before = now;
        console.status(&format!("waiting for the end of {} ({})", some(&objects), clock(begun.elapsed())));
        if let Some(operator) = &installation.operator {
            let sign = operator_sign(cluster, &operator.namespace).await;
            if sign.may_be_alive() {
                alive = Instant::now();
            } else if alive.elapsed() > ABSENCE {
                let complaint =
                    Complaint::new(format!("the operator is {}; not yet gone: {}", sign.told(), some(&objects)));
                return Err(complaint.hint("kubectl sagemaker doctor").into());
            }
        }
        if terms.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let complaint = Complaint::timed_out(format!("not yet gone: {}", some(&objects)));
            return Err(complaint.hint("they are being deleted: call this again to go on").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn delete(cluster: &Cluster, held: &Held, keep_aws: bool) -> Result<(), Complaint> {
    let (target, uid) = (held.target(), &held.object.uid);
    if keep_aws && !held.retains() {
        cluster.annotate(&target, uid, ANNOTATION_DELETION, "retain").await?;
    }
    if held.object.deleting { Ok(()) } else { cluster.delete(&target, uid).await }
}

fn named(held: &Held) -> String {
    format!("{} in {}", held.object.title(), held.object.namespace)
}

/// The first, and how many more.
fn some(objects: &[Held]) -> String {
    match objects {
        [] => String::new(),
        [only] => named(only),
        [first, rest @ ..] => format!("{} and {} more", named(first), rest.len()),
    }
}
