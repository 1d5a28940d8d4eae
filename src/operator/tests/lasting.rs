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
