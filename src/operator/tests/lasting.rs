//! A resource that lasts, followed through the same accidents as a job: made once, brought to what the spec says after an
//! edit, and gone before its object is, whatever call the operator dies in.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::fate::{ACCIDENTS, Fate};
use super::kind::{Job, JobSeen, JobSpec, JobStatus};
use super::world::World;
use crate::lifecycle::{
    AccountId, Arn, Common, Created, Drift, Gateway, Handle, InvalidIdent, Kind, OnDrift, Page, Place, Refusal, Sort,
    Summary, Tag,
};
use crate::operator::Next;

/// A job's namesake that stays until it is deleted, and is changed in place or made anew.
#[derive(Debug, Clone)]
struct Thing<const REPLACED: bool>;

impl<const REPLACED: bool> Kind for Thing<REPLACED> {
    type Spec = JobSpec;
    type Status = JobStatus;
    type Observed = JobSeen;

    const KIND: &'static str = "Thing";
    const NAME_FIELD: Option<&'static str> = None;
    const NAME_LIMIT: usize = Job::NAME_LIMIT;
    const SORT: Sort = Sort::Lasting;
    const ON_DRIFT: OnDrift = if REPLACED { OnDrift::Replace } else { OnDrift::Update };
    const FIRST_STATUS: &'static str = Job::FIRST_STATUS;
    const ERROR_STATUS: &'static str = Job::ERROR_STATUS;

    fn place(spec: &JobSpec) -> Result<Place, InvalidIdent> {
        Job::place(spec)
    }

    fn given_name(_spec: &JobSpec) -> Option<&str> {
        None
    }

    fn set_name(_spec: &mut JobSpec, _name: &str) {}

    fn recorded_name(status: &JobStatus) -> Option<&str> {
        Job::recorded_name(status)
    }

    fn status_word(status: &JobStatus) -> Option<&str> {
        Job::status_word(status)
    }

    fn is_ended(_status: &JobStatus) -> bool {
        false
    }

    fn report(status: &mut JobStatus, place: &Place, name: &str, seen: &JobSeen) {
        Job::report(status, place, name, seen);
    }

    fn report_without(status: &mut JobStatus, place: &Place, name: &str, word: &str, additional: Option<&str>) {
        Job::report_without(status, place, name, word, additional);
    }

    fn checked(_status: &mut JobStatus, _now: DateTime<Utc>) {}

    fn common(status: &JobStatus) -> &Common {
        Job::common(status)
    }

    fn common_mut(status: &mut JobStatus) -> &mut Common {
        Job::common_mut(status)
    }

    fn tags(spec: &JobSpec) -> Vec<Tag> {
        Job::tags(spec)
    }

    fn drift(spec: &JobSpec, seen: &JobSeen) -> Drift {
        Job::drift(spec, seen)
    }
}

/// What the job of that name is known by.
fn of_job<'a, const REPLACED: bool>(handle: &Handle<'a, Thing<REPLACED>>) -> Handle<'a, Job> {
    let Handle { name, spec, status, intent } = *handle;
    Handle { name, spec, status, intent }
}

impl<const REPLACED: bool> Gateway<Thing<REPLACED>> for World {
    async fn describe(&self, place: &Place, handle: &Handle<'_, Thing<REPLACED>>) -> Result<JobSeen, Refusal> {
        Gateway::<Job>::describe(self, place, &of_job(handle)).await
    }

    async fn create(&self, place: &Place, name: &str, spec: &JobSpec, tags: &[Tag]) -> Result<Created, Refusal> {
        Gateway::<Job>::create(self, place, name, spec, tags).await
    }

    async fn stop(&self, _place: &Place, handle: &Handle<'_, Thing<REPLACED>>) -> Result<(), Refusal> {
        self.delete_resource(handle.name).await
    }

    async fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, Thing<REPLACED>>,
        update: &Value,
        tags: &[Tag],
    ) -> Result<(), Refusal> {
        Gateway::<Job>::update(self, place, &of_job(handle), update, tags).await
    }

    async fn changed_since(
        &self,
        place: &Place,
        since: DateTime<Utc>,
        next: Option<&str>,
    ) -> Result<Page<Summary>, Refusal> {
        Gateway::<Job>::changed_since(self, place, since, next).await
    }

    async fn tags(&self, place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        Gateway::<Job>::tags(self, place, arn).await
    }

    async fn add_tags(&self, place: &Place, arn: &Arn, tags: &[Tag]) -> Result<(), Refusal> {
        Gateway::<Job>::add_tags(self, place, arn, tags).await
    }

    async fn delete_tags(&self, place: &Place, arn: &Arn, keys: &[String]) -> Result<(), Refusal> {
        Gateway::<Job>::delete_tags(self, place, arn, keys).await
    }

    async fn account(&self, place: &Place) -> Result<AccountId, Refusal> {
        Gateway::<Job>::account(self, place).await
    }
}

/// It is made, edited and deleted, with those accidents; returns how many calls were made.
fn play<const REPLACED: bool>(appears_after: i64, accidents: &[(usize, Fate)]) -> usize {
    let case = || format!("replaced: {REPLACED}, seen after {appears_after} s, {accidents:?}");
    let world = World::new(&json!({ "region": "us-west-2" }));
    {
        let mut state = world.state();
        state.appears_after = TimeDelta::seconds(appears_after);
        state.fate_at.extend(accidents.iter().cloned());
    }
    let (mut edited, mut deleted) = (false, false);
    for _ in 0..80 {
        let next = world.pass_as::<Thing<REPLACED>>(0);
        world.state().now += TimeDelta::seconds(10);
        let there = world.state().resources.values().next().map(|resource| resource.keep_alive);
        if !world.has_object() {
            assert!(deleted && there.is_none(), "left behind: {}\n{:#?}", case(), world.state().calls);
            // Made once, and once more where an edit needs that.
            assert!(world.creates() <= 1 + u32::from(REPLACED), "made again: {}", case());
            return world.state().calls.len();
        }
        assert!(!matches!(next, Some(Ok(Next::Gone))), "said to be gone, but there: {}", case());
        let settled = matches!(next, Some(Ok(Next::Watch(_)))) && world.says("Ready");
        match (settled, edited, deleted) {
            (true, false, _) => {
                if let Some(object) = &mut world.state().object {
                    object["spec"]["keepAlive"] = json!(60);
                    object["metadata"]["generation"] = json!(2);
                }
                edited = true;
            }
            (true, true, false) if there == Some(60) => {
                world.delete_object();
                deleted = true;
            }
            _ => {}
        }
    }
    panic!("it never ended: {}\n{:#?}\n{:#?}", case(), world.state().calls, world.status());
}

fn play_all<const REPLACED: bool>() -> usize {
    let mut played = 0;
    for appears_after in [0, 25] {
        let calls = play::<REPLACED>(appears_after, &[]);
        for first in 0..calls {
            for fate in ACCIDENTS {
                played += 1;
                play::<REPLACED>(appears_after, &[(first, fate.clone())]);
                for second in first + 1..first + 4 {
                    for other in ACCIDENTS {
                        played += 1;
                        play::<REPLACED>(appears_after, &[(first, fate.clone()), (second, other)]);
                    }
                }
            }
        }
    }
    played
}

#[test]
fn no_accident_makes_two_of_what_is_changed_in_place_or_leaves_one_behind() {
    let played = play_all::<false>();
    assert!(played > 500, "{played}");
}

#[test]
fn no_accident_makes_two_of_what_is_made_anew_or_leaves_one_behind() {
    let played = play_all::<true>();
    assert!(played > 500, "{played}");
}

/// Somebody changes the resource behind its object, as often as they like.
fn meddle(world: &World) {
    for resource in world.state().resources.values_mut() {
        resource.keep_alive = 7;
    }
}

fn keep_alive(world: &World) -> Option<u32> {
    world.state().resources.values().next().map(|resource| resource.keep_alive)
}

/// Passes for that many seconds of the world's time, one each ten.
fn pass_for<const REPLACED: bool>(world: &World, seconds: i64) {
    for _ in 0..seconds / 10 {
        world.pass_as::<Thing<REPLACED>>(0);
        world.state().now += TimeDelta::seconds(9);
    }
}

fn correct_each_time<const REPLACED: bool>() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    pass_for::<REPLACED>(&world, 60);
    for time in 1..6 {
        world.state().now += TimeDelta::hours(2);
        meddle(&world);
        pass_for::<REPLACED>(&world, 60);
        assert_eq!((keep_alive(&world), world.reason().as_str()), (Some(0), "AsWanted"), "the {time}. time");
    }
}

#[test]
fn what_somebody_changes_behind_the_object_is_corrected_each_time() {
    correct_each_time::<false>();
    correct_each_time::<true>();
}

#[test]
fn a_second_change_right_after_the_first_was_corrected_is_corrected_at_once() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    pass_for::<true>(&world, 60);
    for _ in 0..2 {
        meddle(&world);
        pass_for::<true>(&world, 40);
        assert_eq!((keep_alive(&world), world.reason().as_str()), (Some(0), "AsWanted"));
    }
}

#[test]
fn who_fights_over_a_resource_has_it_replaced_more_and_more_slowly() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    pass_for::<true>(&world, 60);
    let mut waited = false;
    for _ in 0..6 * 60 * 6 {
        if world.reason() == "AsWanted" {
            meddle(&world);
        }
        let next = world.pass_as::<Thing<true>>(0);
        if world.reason() == "Drifted" {
            waited = true;
            assert!(matches!(next, Some(Ok(Next::Retry))), "it is looked at again without anybody's doing");
            let said = world.status().common.conditions[0].message.clone();
            assert!(said.contains("is replaced again from 2026-11-23T1"), "{said}");
        }
        world.state().now += TimeDelta::seconds(9);
    }
    // One in half an hour, after the first few.
    assert!(waited && (8..=20).contains(&world.creates()), "{} in six hours", world.creates());
    pass_for::<true>(&world, 60 * 60);
    assert_eq!((keep_alive(&world), world.reason().as_str()), (Some(0), "AsWanted"), "when the other gives up");
}

#[test]
fn what_a_replacement_does_not_change_is_not_replaced_again_until_the_spec_is_edited() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    pass_for::<true>(&world, 60);
    let edit = |generation: u32, keep_alive: u32| {
        if let Some(object) = &mut world.state().object {
            object["spec"]["keepAlive"] = json!(keep_alive);
            object["metadata"]["generation"] = json!(generation);
        }
    };
    // SageMaker rounds all it is told to seven.
    edit(2, 60);
    for _ in 0..100 {
        meddle(&world);
        pass_for::<true>(&world, 10);
        meddle(&world);
    }
    assert_eq!((world.creates(), world.reason().as_str()), (2, "Drifted"));
    edit(3, 90);
    pass_for::<true>(&world, 60);
    assert_eq!((world.creates(), keep_alive(&world)), (3, Some(90)));
}

#[test]
fn an_edit_that_is_only_observed_is_said_not_to_be_in_force() {
    fn follow<const REPLACED: bool>() {
        let world = World::new(&json!({ "region": "us-west-2" }));
        pass_for::<REPLACED>(&world, 60);
        world.annotate("sagemaker.aws.amazon.com/drift", "observe");
        meddle(&world);
        pass_for::<REPLACED>(&world, 20);
        assert_eq!((world.says("Ready"), world.reason().as_str()), (true, "Drifted"), "it is somebody else's doing");
        if let Some(object) = &mut world.state().object {
            object["spec"]["keepAlive"] = json!(60);
            object["metadata"]["generation"] = json!(2);
        }
        for _ in 0..2 {
            pass_for::<REPLACED>(&world, 20);
            assert_eq!((world.says("Ready"), world.reason().as_str()), (false, "NotApplied"));
            assert_eq!(world.status().common.observed_generation, Some(2));
        }
        let said = world.status().common.conditions[0].message.clone();
        assert!(said.contains("this spec is not in force") && said.contains("keepAlive"), "{said}");
        assert_eq!(keep_alive(&world), Some(7));
        world.annotate("sagemaker.aws.amazon.com/drift", "correct");
        pass_for::<REPLACED>(&world, 60);
        assert_eq!((keep_alive(&world), world.reason().as_str()), (Some(60), "AsWanted"));
    }
    follow::<false>();
    follow::<true>();
}
