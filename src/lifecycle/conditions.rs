//! From what happened to the conditions that kstatus, `kubectl wait` and people read.

use chrono::{DateTime, Utc};

use super::trouble::essence;
use super::{Condition, Sort};

/// Where an object stands, in the words of the table of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Being created, retried, stopped or deleted, or an error that may pass.
    Reconciling,
    /// A job that SageMaker has accepted and runs.
    Running,
    /// A job that has completed.
    Completed,
    /// A job that has ended otherwise.
    Failed,
    /// A lasting resource as it is wanted.
    AsWanted,
    /// Refused for good, until somebody changes something.
    Refused,
}

/// A standing with the word for programs and the sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where the object stands.
    pub standing: Standing,
    /// A word in `CamelCase`.
    pub reason: String,
    /// What happened and what to do about it.
    pub message: String,
}

impl Verdict {
    /// A verdict.
    pub fn new(standing: Standing, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self { standing, reason: reason.into(), message: message.into() }
    }
}

/// What a condition is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    True,
    False,
    /// `False` if anything was said before, else nothing.
    NoLonger,
    /// What was said before.
    Same,
}

const TYPES: [&str; 5] = ["Complete", "Failed", "Ready", "Reconciling", "Stalled"];

/// The table: what each of [`TYPES`] says of a standing.
fn row(standing: Standing, sort: Sort) -> [Say; 5] {
    use Say::{False, NoLonger, Same, True};
    match (sort, standing) {
        (Sort::Job, Standing::Reconciling) => [Same, Same, Same, True, NoLonger],
        (Sort::Job, Standing::Running) => [False, False, Same, False, NoLonger],
        (Sort::Job, Standing::Completed | Standing::AsWanted) => [True, False, Same, False, False],
        (Sort::Job, Standing::Failed) => [False, True, Same, False, True],
        (Sort::Job, Standing::Refused) => [Same, Same, Same, False, True],
        (Sort::Lasting, Standing::Reconciling) => [Same, Same, False, True, NoLonger],
        (Sort::Lasting, Standing::Running | Standing::Completed | Standing::AsWanted) => {
            [Same, Same, True, False, False]
        }
        (Sort::Lasting, Standing::Failed | Standing::Refused) => [Same, Same, False, False, True],
    }
}

/// The conditions of an object that stands so, given those it had.
pub fn conditions(
    sort: Sort,
    verdict: &Verdict,
    generation: Option<i64>,
    now: DateTime<Utc>,
    before: &[Condition],
) -> Vec<Condition> {
    let mut after = Vec::new();
    for (kind, say) in TYPES.into_iter().zip(row(verdict.standing, sort)) {
        let old = before.iter().find(|condition| condition.type_ == kind);
        let status = match (say, old) {
            (Say::True, _) => "True",
            (Say::False, _) | (Say::NoLonger, Some(_)) => "False",
            (Say::NoLonger | Say::Same, None) => continue,
            (Say::Same, Some(old)) => {
                after.push(old.clone());
                continue;
            }
        };
        after.push(Condition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            observed_generation: generation,
            last_transition_time: match old {
                Some(old) if old.status == status => old.last_transition_time,
                Some(_) | None => now,
            },
            reason: verdict.reason.clone(),
            message: match old {
                // The same answer to another request is no news.
                Some(old) if old.reason == verdict.reason && essence(&old.message) == essence(&verdict.message) => {
                    old.message.clone()
                }
                Some(_) | None => verdict.message.clone(),
            },
        });
    }
    after
}

/// The one condition that says most of where the object stands.
pub fn leading(conditions: &[Condition]) -> Option<&Condition> {
    let find = |kind: &str, status: &str| {
        conditions.iter().find(move |condition| condition.type_ == kind && condition.status == status)
    };
    find("Failed", "True")
        .or_else(|| find("Stalled", "True"))
        .or_else(|| find("Complete", "True"))
        .or_else(|| find("Ready", "True"))
        .or_else(|| find("Reconciling", "True"))
        .or_else(|| find("Reconciling", "False"))
}

/// Whether the condition of that type is `True`.
pub fn is_true(conditions: &[Condition], kind: &str) -> bool {
    conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn at(second: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, second).unwrap()
    }

    fn told(sort: Sort, standing: Standing, before: &[Condition]) -> Vec<Condition> {
        conditions(sort, &Verdict::new(standing, "Why", "because"), Some(3), at(1), before)
    }

    fn shown(conditions: &[Condition]) -> String {
        TYPES.map(|kind| conditions.iter().find(|c| c.type_ == kind).map_or("-", |c| &c.status)).join(" ")
    }

    #[test]
    fn the_table() {
        use Standing::{AsWanted, Completed, Failed, Reconciling, Refused, Running};
        for (sort, standing, row) in [
            (Sort::Job, Reconciling, "- - - True -"),
            (Sort::Job, Running, "False False - False -"),
            (Sort::Job, Completed, "True False - False False"),
            (Sort::Job, Failed, "False True - False True"),
            (Sort::Job, Refused, "- - - False True"),
            (Sort::Lasting, Reconciling, "- - False True -"),
            (Sort::Lasting, AsWanted, "- - True False False"),
            (Sort::Lasting, Refused, "- - False False True"),
            (Sort::Lasting, Failed, "- - False False True"),
        ] {
            assert_eq!(shown(&told(sort, standing, &[])), row, "{sort:?} {standing:?}");
        }
    }

    #[test]
    fn what_was_said_of_the_end_stays_while_a_call_is_repeated() {
        let running = told(Sort::Job, Standing::Running, &[]);
        assert_eq!(shown(&told(Sort::Job, Standing::Reconciling, &running)), "False False - True -");
    }

    #[test]
    fn an_object_that_recovers_says_that_it_is_no_longer_stalled() {
        let refused = told(Sort::Job, Standing::Refused, &[]);
        assert_eq!(shown(&told(Sort::Job, Standing::Reconciling, &refused)), "- - - True False");
        assert_eq!(shown(&told(Sort::Job, Standing::Running, &refused)), "False False - False False");
    }

    #[test]
    fn the_transition_time_moves_only_with_the_status() {
        let before = told(Sort::Job, Standing::Running, &[]);
        let verdict = Verdict::new(Standing::Completed, "Completed", "done");
        let after = conditions(Sort::Job, &verdict, Some(3), at(9), &before);
        let time = |kind: &str| after.iter().find(|c| c.type_ == kind).map(|c| c.last_transition_time);
        assert_eq!(time("Complete"), Some(at(9)), "False became True");
        assert_eq!(time("Reconciling"), Some(at(1)), "False stayed False");
    }

    #[test]
    fn the_same_answer_to_another_request_changes_nothing() {
        let told = |id: &str, before: &[Condition]| {
            let verdict = Verdict::new(Standing::Refused, "InvalidSpec", format!("no\nhint: x\nrequest id: {id}"));
            conditions(Sort::Job, &verdict, Some(3), at(1), before)
        };
        let before = told("r-1", &[]);
        assert!(before[1].message.ends_with("r-1"));
        assert_eq!(told("r-2", &before), before);
    }

    #[test]
    fn the_same_verdict_again_changes_nothing() {
        let before = told(Sort::Job, Standing::Refused, &[]);
        assert_eq!(
            conditions(Sort::Job, &Verdict::new(Standing::Refused, "Why", "because"), Some(3), at(9), &before),
            before
        );
    }
}
