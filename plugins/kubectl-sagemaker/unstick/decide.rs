//! May the object go? A pure decision, one table.

use sagemaker_operator::cli::Object;
use sagemaker_operator::lifecycle::{Arn, Cause, Obstacle, Owner, Past, Refusal, Sighting, Step};

use crate::resource::Seen;

/// What AWS has of an object, as far as letting it go is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Aws {
    /// Nothing was ever started for it.
    Nothing,
    /// AWS does not know it any more.
    Gone,
    /// The job has ended, with that word.
    Ended(String),
    /// What there is of that name is somebody else's.
    Foreign,
    /// It is there, with that word.
    There(String),
    /// It is there, with that word, and somebody has stopped it.
    Stopping(String),
    /// It cannot be said; why.
    Unknown(String),
}

impl Aws {
    /// What AWS answered when asked for the object's resource, in these terms.
    pub(super) fn of(answer: Result<Seen, Refusal>, object: &Object) -> Self {
        let seen = match answer {
            Ok(seen) => seen,
            Err(refusal) => return Self::Unknown(unanswered(&refusal)),
        };
        let finer = seen.finer.map(|finer| format!(" ({finer})")).unwrap_or_default();
        let word = seen.word.map_or_else(|| "there".to_owned(), |word| word + &finer);
        match (seen.to_go, &seen.sighting) {
            (Step::Release, Sighting::Present { owner: Owner::Ours, .. }) => Self::Ended(word),
            (Step::Release, Sighting::Present { .. }) => Self::Foreign,
            (Step::Release, _) if seen.past == Past::Nothing => Self::Nothing,
            (Step::Release, _) => Self::Gone,
            (Step::Watch, _) => Self::Stopping(word),
            (Step::Await, _) => Self::Unknown(
                "it was asked for a moment ago, and may still appear: try again in two minutes".to_owned(),
            ),
            (Step::Refuse(Obstacle::NameTaken), _) => Self::Unknown(
                "there is one of its name that carries no tags, and may be this object's or somebody else's".to_owned(),
            ),
            (Step::Refuse(Obstacle::WrongAccount), _) => Self::Unknown(elsewhere(object)),
            (Step::Create | Step::Stop | Step::Update | Step::Replace | Step::Rest | Step::Lost, _) => {
                Self::There(word)
            }
        }
    }

    /// Whether nothing is left that this object has to answer for.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Nothing | Self::Gone | Self::Ended(_) | Self::Foreign => true,
            Self::There(_) | Self::Stopping(_) | Self::Unknown(_) => false,
        }
    }
}

/// Why AWS does not say.
fn unanswered(refusal: &Refusal) -> String {
    match &refusal.cause {
        Cause::Denied { action: Some(action), .. } => format!("your credentials may not {action}"),
        Cause::Credentials => format!("AWS does not accept your credentials: {}", refusal.message),
        _ => refusal.to_string(),
    }
}

/// Why "not found" says nothing.
fn elsewhere(object: &Object) -> String {
    match object.arn().and_then(|arn| arn.parse::<Arn>().ok()) {
        Some(arn) => {
            format!("it lies in account {} and region {}, and your credentials do not", arn.account(), arn.region())
        }
        None => "your credentials do not see it, and the object does not say in which account it is".to_owned(),
    }
}

/// What holds an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Hold {
    /// A finalizer of the operator is on it.
    pub(super) ours: bool,
    /// Its deletion has been asked for.
    pub(super) deleting: bool,
    /// It goes along with its parent.
    pub(super) is_child: bool,
    /// Its deletion policy leaves what it has in AWS as it is.
    pub(super) retains: bool,
    /// The operator has said that something else needs what it has in AWS.
    pub(super) in_use: bool,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Allowed {
    /// What it has in AWS may be stopped or deleted.
    pub(super) stop: bool,
    /// It may be left behind.
    pub(super) abandon: bool,
    /// The object may go although it is not being deleted, or the operator works on it.
    pub(super) force: bool,
}

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing holds it on our behalf.
    Free,
    /// It may go.
    LetGo,
    /// What it has in AWS is stopped first.
    Stop,
    /// It goes, and what it has in AWS stays behind.
    Abandon,
    /// It stays.
    Refused(Why),
}

/// Why an object stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// No finalizer of ours is on it.
    NotOurs,
    /// Nobody has deleted it.
    NotDeleting,
    /// The operator works on it, or may do so.
    OperatorAlive,
    /// It would leave something running.
    StillThere,
    /// Something else needs what it has in AWS.
    InUse,
    /// Nobody knows what it would leave.
    Unknown,
}

/// Decides about one object.
pub(super) fn decide(hold: Hold, operator_may_be_alive: bool, aws: &Aws, allowed: Allowed) -> Verdict {
    let Allowed { stop, abandon, force } = allowed;
    if !hold.ours {
        return if hold.is_child { Verdict::Free } else { Verdict::Refused(Why::NotOurs) };
    }
    if !hold.deleting && !hold.is_child && !force {
        return Verdict::Refused(Why::NotDeleting);
    }
    if operator_may_be_alive && !force {
        return Verdict::Refused(Why::OperatorAlive);
    }
    if aws.is_over() || hold.retains {
        return Verdict::LetGo;
    }
    match aws {
        Aws::Nothing | Aws::Gone | Aws::Ended(_) | Aws::Foreign => Verdict::LetGo,
        _ if abandon => Verdict::Abandon,
        Aws::Unknown(_) => Verdict::Refused(Why::Unknown),
        Aws::There(_) | Aws::Stopping(_) if hold.in_use => Verdict::Refused(Why::InUse),
        Aws::There(_) | Aws::Stopping(_) if stop => Verdict::Stop,
        Aws::There(_) | Aws::Stopping(_) => Verdict::Refused(Why::StillThere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELETING: Hold = Hold { ours: true, deleting: true, is_child: false, retains: false, in_use: false };
    const NONE: Allowed = Allowed { stop: false, abandon: false, force: false };
    const STOP: Allowed = Allowed { stop: true, ..NONE };
    const ABANDON: Allowed = Allowed { abandon: true, ..NONE };
    const FORCE: Allowed = Allowed { force: true, ..NONE };

    #[test]
    fn the_table() {
        use Verdict::{Abandon, Free, LetGo, Refused, Stop};
        let there = || Aws::There("InProgress".to_owned());
        let stopping = || Aws::Stopping("Stopping".to_owned());
        let ended = || Aws::Ended("Completed".to_owned());
        let unknown = || Aws::Unknown("denied".to_owned());
        let kept = Hold { deleting: false, ..DELETING };
        let child = Hold { is_child: true, ..kept };
        let retains = Hold { retains: true, ..DELETING };
        let in_use = Hold { in_use: true, ..DELETING };
        let table = [
            // The operator is dead, the object hangs: AWS decides.
            (DELETING, false, Aws::Nothing, NONE, LetGo),
            (DELETING, false, Aws::Gone, NONE, LetGo),
            (DELETING, false, ended(), NONE, LetGo),
            (DELETING, false, Aws::Foreign, NONE, LetGo),
            (DELETING, false, there(), NONE, Refused(Why::StillThere)),
            (DELETING, false, there(), STOP, Stop),
            (DELETING, false, there(), ABANDON, Abandon),
            (DELETING, false, there(), FORCE, Refused(Why::StillThere)),
            (DELETING, false, stopping(), NONE, Refused(Why::StillThere)),
            (DELETING, false, stopping(), STOP, Stop),
            (DELETING, false, unknown(), NONE, Refused(Why::Unknown)),
            (DELETING, false, unknown(), STOP, Refused(Why::Unknown)),
            (DELETING, false, unknown(), FORCE, Refused(Why::Unknown)),
            (DELETING, false, unknown(), ABANDON, Abandon),
            // The operator is alive, or may be.
            (DELETING, true, Aws::Gone, NONE, Refused(Why::OperatorAlive)),
            (DELETING, true, ended(), STOP, Refused(Why::OperatorAlive)),
            (DELETING, true, there(), ABANDON, Refused(Why::OperatorAlive)),
            (DELETING, true, Aws::Gone, FORCE, LetGo),
            (DELETING, true, there(), FORCE, Refused(Why::StillThere)),
            (DELETING, true, there(), Allowed { stop: true, ..FORCE }, Stop),
            (DELETING, true, unknown(), Allowed { abandon: true, ..FORCE }, Abandon),
            // Nobody has deleted it.
            (kept, false, Aws::Gone, NONE, Refused(Why::NotDeleting)),
            (kept, false, there(), STOP, Refused(Why::NotDeleting)),
            (kept, true, Aws::Gone, NONE, Refused(Why::NotDeleting)),
            (kept, false, Aws::Gone, FORCE, LetGo),
            // A child goes along with its parent, whether it was deleted itself or not.
            (child, false, Aws::Gone, NONE, LetGo),
            (child, false, there(), STOP, Stop),
            (child, true, Aws::Gone, NONE, Refused(Why::OperatorAlive)),
            (Hold { ours: false, ..child }, false, there(), NONE, Free),
            // What is to be left may be left.
            (retains, false, there(), NONE, LetGo),
            (retains, false, unknown(), NONE, LetGo),
            (retains, true, there(), NONE, Refused(Why::OperatorAlive)),
            // Something needs it.
            (in_use, false, there(), STOP, Refused(Why::InUse)),
            (in_use, false, there(), ABANDON, Abandon),
            (in_use, false, Aws::Gone, NONE, LetGo),
            // Somebody else holds it.
            (Hold { ours: false, ..DELETING }, false, Aws::Gone, FORCE, Refused(Why::NotOurs)),
        ];
        for (hold, alive, aws, allowed, verdict) in table {
            assert_eq!(decide(hold, alive, &aws, allowed), verdict, "{hold:?} {alive} {aws:?} {allowed:?}");
        }
    }
}
