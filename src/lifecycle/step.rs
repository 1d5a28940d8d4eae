//! The decision at the heart of a reconcile pass: what is wanted, what was done, what is there — so what is next?

use super::{OnDrift, Owner, Phase, Sort};

/// What the object asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It is there, so the resource is to be.
    Keep,
    /// It is being deleted, so the resource is to end before the object goes.
    Remove,
}

/// What the status remembers of our own deeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// No Create was ever sent, or each was refused before it took effect.
    Nothing,
    /// A Create was sent and its answer is not known. `settled` once so much time has passed that "not found" is final.
    Unanswered {
        /// Whether "not found" is final by now.
        settled: bool,
        /// Whether what it may have started carries our tags, so that it can be told from somebody else's.
        marked: bool,
    },
    /// AWS accepted a Create, or the resource was seen. `settled` as above.
    Accepted {
        /// Whether "not found" is final by now.
        settled: bool,
    },
    /// The status says that the job has ended.
    Ended,
}

/// What AWS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// AWS said that there is no such resource, and it is the account and region of ours that was asked.
    Absent,
    /// There is none, but another account or region was asked than ours lies in: this says nothing.
    AbsentElsewhere,
    /// There is one.
    Present {
        /// Whose it is.
        owner: Owner,
        /// Where it is in its life.
        phase: Phase,
        /// Whether it differs from the spec in a part that may change.
        drifted: bool,
        /// Whether something beside it still moves after its end.
        loose_ends: bool,
    },
}

/// What a pass does: at most one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Create the resource.
    Create,
    /// Stop the job or delete the lasting resource, and hold the object until AWS says it is over.
    Stop,
    /// Change the resource in place.
    Update,
    /// Delete the resource; a later pass creates it again.
    Replace,
    /// Nothing now: it moves by itself. Look again.
    Watch,
    /// Not to be seen yet after its Create. Look again soon.
    Await,
    /// Nothing until the object changes, beside the slow sweep of a lasting resource.
    Rest,
    /// A job that nobody stopped is gone from AWS without having been seen to end. It is not started again.
    Lost,
    /// Touch nothing and say why.
    Refuse(Obstacle),
    /// Let the object go.
    Release,
}

/// Why nothing may be touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The name belongs to somebody else's resource.
    NameTaken,
    /// The credentials are those of another account, or the region is another.
    WrongAccount,
}

/// Decides what to do next. Errors never come here: an unanswered question is asked again, not decided.
pub fn next_step(intent: Intent, past: Past, seen: &Sighting, sort: Sort, on_drift: OnDrift) -> Step {
    match (intent, seen) {
        (_, Sighting::AbsentElsewhere) => match (intent, past) {
            // Nothing of ours exists anywhere, so that there is nothing to be wrong about.
            (Intent::Keep | Intent::Remove, Past::Nothing) => absent(intent, past, sort),
            // It is over, wherever it was.
            (Intent::Keep, Past::Ended) => Step::Rest,
            (Intent::Remove, Past::Ended)
            | (Intent::Keep | Intent::Remove, Past::Unanswered { .. } | Past::Accepted { .. }) => {
                Step::Refuse(Obstacle::WrongAccount)
            }
        },
        (_, Sighting::Absent) => absent(intent, past, sort),
        (_, Sighting::Present { owner: Owner::Elsewhere, .. }) => Step::Refuse(Obstacle::WrongAccount),
        (Intent::Keep, Sighting::Present { owner: Owner::Foreign, .. }) => Step::Refuse(Obstacle::NameTaken),
        (Intent::Remove, Sighting::Present { owner: Owner::Foreign, .. }) => match past {
            // It looks like somebody else's, and may be ours without tags: a person has to say.
            Past::Unanswered { marked: false, settled: _ } => Step::Refuse(Obstacle::NameTaken),
            // The name is somebody else's, so that ours never came to be.
            Past::Unanswered { marked: true, settled: _ } | Past::Nothing | Past::Accepted { .. } | Past::Ended => {
                Step::Release
            }
        },
        (Intent::Keep, Sighting::Present { owner: Owner::Ours, phase, drifted, loose_ends }) => {
            keep(phase, *drifted, *loose_ends, sort, on_drift)
        }
        (Intent::Remove, Sighting::Present { owner: Owner::Ours, phase, .. }) => remove(phase, sort),
    }
}

fn absent(intent: Intent, past: Past, sort: Sort) -> Step {
    match (intent, past) {
        // A name is given once in SageMaker: a Create repeated for a lost answer cannot start a second job.
        (Intent::Keep, Past::Nothing | Past::Unanswered { .. }) => Step::Create,
        (Intent::Keep | Intent::Remove, Past::Accepted { settled: false })
        | (Intent::Remove, Past::Unanswered { settled: false, marked: _ }) => Step::Await,
        (Intent::Keep, Past::Accepted { settled: true }) => match sort {
            Sort::Job => Step::Lost,
            Sort::Lasting => Step::Create,
        },
        (Intent::Keep, Past::Ended) => Step::Rest,
        (
            Intent::Remove,
            Past::Nothing
            | Past::Unanswered { settled: true, marked: _ }
            | Past::Accepted { settled: true }
            | Past::Ended,
        ) => Step::Release,
    }
}

fn keep(phase: &Phase, drifted: bool, loose_ends: bool, sort: Sort, on_drift: OnDrift) -> Step {
    match (sort, phase) {
        (_, Phase::Changing | Phase::Stopping) => Step::Watch,
        (Sort::Job, Phase::Completed | Phase::Failed { .. }) => match (drifted, on_drift) {
            // What outlives the job, such as the machines it keeps warm, may still be changed.
            (true, OnDrift::Update) => Step::Update,
            (true, OnDrift::Ignore | OnDrift::Replace) | (false, _) if loose_ends => Step::Watch,
            (true, OnDrift::Ignore | OnDrift::Replace) | (false, _) => Step::Rest,
        },
        (_, Phase::Active) | (Sort::Lasting, Phase::Completed | Phase::Failed { .. }) => match (drifted, on_drift) {
            (true, OnDrift::Update) => Step::Update,
            (true, OnDrift::Replace) => Step::Replace,
            (true, OnDrift::Ignore) | (false, _) => match sort {
                Sort::Job => Step::Watch,
                Sort::Lasting => Step::Rest,
            },
        },
    }
}

fn remove(phase: &Phase, sort: Sort) -> Step {
    match (sort, phase) {
        (Sort::Job, Phase::Completed | Phase::Failed { .. }) => Step::Release,
        (_, Phase::Stopping) => Step::Watch,
        // A state that this version does not know may be one that lasts and costs, so it is stopped too; AWS refuses what
        // cannot be.
        (_, Phase::Active | Phase::Changing) | (Sort::Lasting, Phase::Completed | Phase::Failed { .. }) => Step::Stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDED_BADLY: Phase = Phase::Failed { reason: "Failed" };

    fn ours(phase: Phase) -> Sighting {
        Sighting::Present { owner: Owner::Ours, phase, drifted: false, loose_ends: false }
    }

    fn owned_by(owner: Owner) -> Sighting {
        Sighting::Present { owner, phase: Phase::Active, drifted: false, loose_ends: false }
    }

    #[test]
    fn the_table_of_jobs() {
        use Intent::{Keep, Remove};
        let fresh = Past::Accepted { settled: false };
        let accepted = Past::Accepted { settled: true };
        let unanswered = Past::Unanswered { settled: false, marked: true };
        let table = [
            // Nothing there.
            (Keep, Past::Nothing, Sighting::Absent, Step::Create),
            (Keep, Past::Nothing, Sighting::AbsentElsewhere, Step::Create),
            (Keep, unanswered, Sighting::Absent, Step::Create),
            (Keep, Past::Unanswered { settled: true, marked: true }, Sighting::Absent, Step::Create),
            (Keep, fresh, Sighting::Absent, Step::Await),
            (Keep, accepted, Sighting::Absent, Step::Lost),
            (Keep, Past::Ended, Sighting::Absent, Step::Rest),
            (Remove, Past::Nothing, Sighting::Absent, Step::Release),
            (Remove, Past::Nothing, Sighting::AbsentElsewhere, Step::Release),
            (Remove, unanswered, Sighting::Absent, Step::Await),
            (Remove, Past::Unanswered { settled: true, marked: true }, Sighting::Absent, Step::Release),
            (Remove, fresh, Sighting::Absent, Step::Await),
            (Remove, accepted, Sighting::Absent, Step::Release),
            (Remove, Past::Ended, Sighting::Absent, Step::Release),
            // Nothing there, but the wrong one was asked.
            (Keep, accepted, Sighting::AbsentElsewhere, Step::Refuse(Obstacle::WrongAccount)),
            (Keep, Past::Ended, Sighting::AbsentElsewhere, Step::Rest),
            (Remove, Past::Ended, Sighting::AbsentElsewhere, Step::Refuse(Obstacle::WrongAccount)),
            (Remove, accepted, Sighting::AbsentElsewhere, Step::Refuse(Obstacle::WrongAccount)),
            (Remove, unanswered, Sighting::AbsentElsewhere, Step::Refuse(Obstacle::WrongAccount)),
            // Ours.
            (Keep, unanswered, ours(Phase::Active), Step::Watch),
            (Keep, accepted, ours(Phase::Active), Step::Watch),
            (Keep, accepted, ours(Phase::Changing), Step::Watch),
            (Keep, accepted, ours(Phase::Stopping), Step::Watch),
            (Keep, accepted, ours(Phase::Completed), Step::Rest),
            (Keep, accepted, ours(ENDED_BADLY), Step::Rest),
            (Remove, unanswered, ours(Phase::Active), Step::Stop),
            (Remove, accepted, ours(Phase::Active), Step::Stop),
            (Remove, accepted, ours(Phase::Changing), Step::Stop),
            (Remove, accepted, ours(Phase::Stopping), Step::Watch),
            (Remove, accepted, ours(Phase::Completed), Step::Release),
            (Remove, accepted, ours(ENDED_BADLY), Step::Release),
            // Not ours.
            (Keep, Past::Nothing, owned_by(Owner::Foreign), Step::Refuse(Obstacle::NameTaken)),
            (Remove, Past::Nothing, owned_by(Owner::Foreign), Step::Release),
            (Remove, unanswered, owned_by(Owner::Foreign), Step::Release),
            (
                Remove,
                Past::Unanswered { settled: true, marked: false },
                owned_by(Owner::Foreign),
                Step::Refuse(Obstacle::NameTaken),
            ),
            (Keep, accepted, owned_by(Owner::Elsewhere), Step::Refuse(Obstacle::WrongAccount)),
            (Remove, accepted, owned_by(Owner::Elsewhere), Step::Refuse(Obstacle::WrongAccount)),
        ];
        for (intent, past, seen, step) in table {
            assert_eq!(
                next_step(intent, past, &seen, Sort::Job, OnDrift::Update),
                step,
                "{intent:?}, {past:?}, {seen:?}"
            );
        }
    }

    #[test]
    fn a_job_with_loose_ends_is_watched_after_its_end() {
        let seen = Sighting::Present { owner: Owner::Ours, phase: Phase::Completed, drifted: false, loose_ends: true };
        let past = Past::Accepted { settled: true };
        assert_eq!(next_step(Intent::Keep, past, &seen, Sort::Job, OnDrift::Update), Step::Watch);
        assert_eq!(next_step(Intent::Remove, past, &seen, Sort::Job, OnDrift::Update), Step::Release);
    }

    #[test]
    fn the_table_of_drift() {
        let drifted = |phase| Sighting::Present { owner: Owner::Ours, phase, drifted: true, loose_ends: false };
        for (sort, on_drift, phase, step) in [
            (Sort::Job, OnDrift::Update, Phase::Active, Step::Update),
            (Sort::Job, OnDrift::Update, Phase::Completed, Step::Update),
            (Sort::Job, OnDrift::Ignore, Phase::Completed, Step::Rest),
            (Sort::Job, OnDrift::Ignore, Phase::Active, Step::Watch),
            (Sort::Lasting, OnDrift::Update, Phase::Active, Step::Update),
            (Sort::Lasting, OnDrift::Update, Phase::Changing, Step::Watch),
            // A failed endpoint is repaired by an edit.
            (Sort::Lasting, OnDrift::Update, ENDED_BADLY, Step::Update),
            (Sort::Lasting, OnDrift::Replace, Phase::Active, Step::Replace),
            (Sort::Lasting, OnDrift::Ignore, Phase::Active, Step::Rest),
        ] {
            let past = Past::Accepted { settled: true };
            assert_eq!(
                next_step(Intent::Keep, past, &drifted(phase.clone()), sort, on_drift),
                step,
                "{sort:?}, {on_drift:?}, {phase:?}"
            );
        }
    }

    #[test]
    fn a_lasting_resource_that_vanished_is_made_again_and_one_that_failed_can_be_deleted() {
        let past = Past::Accepted { settled: true };
        assert_eq!(next_step(Intent::Keep, past, &Sighting::Absent, Sort::Lasting, OnDrift::Update), Step::Create);
        assert_eq!(next_step(Intent::Remove, past, &ours(ENDED_BADLY), Sort::Lasting, OnDrift::Update), Step::Stop);
        assert_eq!(next_step(Intent::Remove, past, &ours(Phase::Active), Sort::Lasting, OnDrift::Update), Step::Stop);
    }

    /// Every situation there is.
    fn all() -> impl Iterator<Item = (Intent, Past, Sighting, Sort, OnDrift)> {
        let pasts = [
            Past::Nothing,
            Past::Unanswered { settled: false, marked: true },
            Past::Unanswered { settled: true, marked: true },
            Past::Unanswered { settled: false, marked: false },
            Past::Unanswered { settled: true, marked: false },
            Past::Accepted { settled: false },
            Past::Accepted { settled: true },
            Past::Ended,
        ];
        let phases = [Phase::Changing, Phase::Active, Phase::Stopping, Phase::Completed, ENDED_BADLY];
        let mut sightings = vec![Sighting::Absent, Sighting::AbsentElsewhere];
        for owner in [Owner::Ours, Owner::Foreign, Owner::Elsewhere] {
            for phase in &phases {
                for flags in 0..4 {
                    let (drifted, loose_ends) = (flags & 1 == 1, flags & 2 == 2);
                    sightings.push(Sighting::Present { owner, phase: phase.clone(), drifted, loose_ends });
                }
            }
        }
        let mut all = Vec::new();
        for intent in [Intent::Keep, Intent::Remove] {
            for past in pasts {
                for seen in &sightings {
                    for sort in [Sort::Job, Sort::Lasting] {
                        for on_drift in [OnDrift::Ignore, OnDrift::Update, OnDrift::Replace] {
                            all.push((intent, past, seen.clone(), sort, on_drift));
                        }
                    }
                }
            }
        }
        all.into_iter()
    }

    #[test]
    fn no_situation_breaks_a_promise() {
        for (intent, past, seen, sort, on_drift) in all() {
            let step = next_step(intent, past, &seen, sort, on_drift);
            let case = format!("{intent:?}, {past:?}, {seen:?}, {sort:?}, {on_drift:?} -> {step:?}");
            let ours_alive = match &seen {
                Sighting::Present { owner: Owner::Ours, phase, .. } => sort == Sort::Lasting || !phase.has_ended(),
                // Asked in the wrong place, or too early: it may well run.
                Sighting::AbsentElsewhere => past != Past::Nothing,
                Sighting::Absent => {
                    matches!(past, Past::Accepted { settled: false } | Past::Unanswered { settled: false, .. })
                }
                Sighting::Present { owner: Owner::Elsewhere, .. } => true,
                // Without our tags ours cannot be told from another's.
                Sighting::Present { owner: Owner::Foreign, .. } => {
                    matches!(past, Past::Unanswered { marked: false, .. })
                }
            };
            let touches = matches!(step, Step::Stop | Step::Update | Step::Replace);
            let is_ours = matches!(seen, Sighting::Present { owner: Owner::Ours, .. });

            assert!(step != Step::Release || !ours_alive, "let go while it may run: {case}");
            assert!(step != Step::Release || intent == Intent::Remove, "let go unasked: {case}");
            assert!(!touches || is_ours, "touched what is not ours: {case}");
            assert!(step != Step::Create || intent == Intent::Keep, "created for a deleted object: {case}");
            assert!(step != Step::Create || !matches!(seen, Sighting::Present { .. }), "created what is there: {case}");
            assert!(
                step != Step::Create
                    || sort == Sort::Lasting
                    || matches!(past, Past::Nothing | Past::Unanswered { .. }),
                "started a job again: {case}"
            );
            assert!(step != Step::Stop || intent == Intent::Remove, "stopped what was to be kept: {case}");
            let wedged = intent == Intent::Remove && matches!(step, Step::Rest | Step::Lost | Step::Update);
            assert!(!wedged, "a deletion that nothing moves on: {case}");
        }
    }
}
