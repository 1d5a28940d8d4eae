//! A job's life, from the object's first sight to its last, and what belongs to whom.

use serde_json::json;

use super::fate::Fate;
use super::world::{MINE, OTHERS, UID, WINDOW, World, foreign, from_v1};
use crate::lifecycle::{Cause, TAG_UID, Tag, is_ours};
use crate::operator::{FINALIZER, Next};

fn spec() -> serde_json::Value {
    json!({ "region": "us-west-2" })
}

fn notes(world: &World) -> Vec<String> {
    let state = world.state();
    let shown =
        |note: &crate::operator::Note| format!("{} {}", if note.warning { "Warning" } else { "Normal" }, note.reason);
    state.notes.iter().map(shown).collect()
}

#[test]
fn a_job_is_created_watched_and_reported_to_its_end() {
    let world = World::new(&spec());
    assert!(matches!(world.settle(), Next::Watch(_)));
    let name = "job-cf1e16fb10a511eaaa450a350733ba06";
    assert_eq!(world.job_name(), name, "the name is written back");
    assert!(world.job().tags.iter().any(|tag| tag.key == TAG_UID && tag.value == UID));
    assert_eq!(world.status().phase.as_deref(), Some("InProgress"));
    assert_eq!(world.status().common.arn, Some(format!("arn:aws:sagemaker:us-west-2:{MINE}:job/{name}")));
    assert_eq!(world.status().common.observed_generation, Some(1));

    let before = world.version();
    assert!(matches!(world.pass(), Some(Ok(Next::Watch(_)))));
    assert_eq!(world.version(), before, "a pass that sees nothing new writes nothing");

    world.set_status_of_job(name, "Completed");
    assert_eq!(world.settle(), Next::Rest);
    assert!(world.says("Complete") && !world.says("Stalled"));
    assert_eq!(notes(&world), ["Normal Created", "Normal InProgress", "Normal Completed"]);
    assert_eq!(world.creates(), 1);
}

#[test]
fn a_deleted_job_is_stopped_and_held_until_it_ends() {
    let world = World::new(&spec());
    world.settle();
    world.delete_object();
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.job().status, "Stopping");
    assert_eq!(world.reason(), "Stopping");
    assert_eq!(world.calls("stop"), 1);
    world.set_status_of_job(&world.job_name(), "Stopped");
    assert_eq!(world.settle(), Next::Gone);
    assert!(!world.has_object());
}

#[test]
fn by_policy_a_deleted_object_goes_and_leaves_its_job_alone() {
    let world = World::new(&spec());
    world.settle();
    world.annotate("sagemaker.aws.amazon.com/deletion-policy", "retain");
    world.delete_object();
    let calls = world.state().calls.len();
    assert_eq!(world.settle(), Next::Gone);
    assert!(!world.has_object());
    assert_eq!(
        (world.job().status, &world.state().calls[calls..]),
        ("InProgress", &["get", "patch"].map(str::to_owned)[..])
    );
    let note = world.state().notes.last().cloned().unwrap();
    assert_eq!(note.reason, "Retained");
    assert!(note.text.contains(":job/job-cf1e") && note.text.contains("adopt=true"), "{}", note.text);
}

#[test]
fn what_was_never_started_is_not_said_to_be_left() {
    let world = World::new(&spec());
    world.annotate("sagemaker.aws.amazon.com/deletion-policy", "retain");
    world.state().creates_at_once = 0;
    world.settle();
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
    assert!(notes(&world).is_empty(), "{:?}", notes(&world));
}

#[test]
fn a_policy_that_is_none_is_refused_before_anything_is_done() {
    let world = World::new(&spec());
    let annotate = |value| world.annotate("sagemaker.aws.amazon.com/deletion-policy", value);
    annotate("keep");
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "InvalidAnnotation");
    let said = world.status().common.conditions.pop().unwrap().message;
    assert!(said.contains("\"keep\"") && said.contains("stop (or retain)"), "{said}");
    assert_eq!((world.calls("describe"), world.calls("create")), (0, 0));

    annotate("stop");
    assert!(matches!(world.settle(), Next::Watch(_)));
    annotate("keep");
    assert!(matches!(world.settle(), Next::Watch(_)), "a job that runs is still reported on");
    assert!(notes(&world).contains(&"Warning InvalidAnnotation".to_owned()));
    world.delete_object();
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!((world.calls("stop"), world.has_object()), (0, true));
    annotate("stop");
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.job().status, "Stopping");
}

#[test]
fn other_finalizers_stay() {
    let world = World::new(&spec());
    if let Some(object) = &mut world.state().object {
        object["metadata"]["finalizers"] = json!(["somebody/else"]);
    }
    world.settle();
    world.set_status_of_job(&world.job_name(), "Completed");
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
    let state = world.state();
    assert_eq!(state.object.as_ref().unwrap()["metadata"]["finalizers"], json!(["somebody/else"]));
}

#[test]
fn an_edit_that_sagemaker_takes_is_passed_on_once() {
    let world = World::new(&spec());
    world.settle();
    if let Some(object) = &mut world.state().object {
        object["spec"]["keepAlive"] = json!(60);
        object["metadata"]["generation"] = json!(2);
    }
    assert!(matches!(world.pass(), Some(Ok(Next::Retry))));
    assert_eq!(world.job().keep_alive, 60);
    assert!(matches!(world.pass(), Some(Ok(Next::Watch(_)))));
    assert_eq!(world.calls("update"), 1);
    assert_eq!(world.status().common.observed_generation, Some(2));
}

#[test]
fn an_edit_of_the_tags_is_passed_on_and_leaves_others_tags_alone() {
    let world = World::new(&json!({ "region": "us-west-2", "tags": ["team", "left"] }));
    world.settle();
    let name = world.job_name();
    let finance = Tag { key: "of-finance".to_owned(), value: String::new() };
    world.state().resources.get_mut(&(MINE.to_owned(), name)).unwrap().tags.push(finance);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.calls("tags"), 0, "without an edit nobody asks");

    if let Some(object) = &mut world.state().object {
        object["spec"]["tags"] = json!(["team", "new"]);
        object["metadata"]["generation"] = json!(2);
    }
    // However often it cannot be done at first, and whatever the status says meanwhile.
    for attempt in 0..3 {
        world.fate("describe", Fate::Lost);
        assert!(matches!(world.pass_with(attempt, false), Some(Ok(Next::Retry))));
    }
    assert!(matches!(world.settle(), Next::Watch(_)));
    let mut keys: Vec<String> = world.job().tags.into_iter().map(|tag| tag.key).collect();
    keys.retain(|key| !is_ours(key));
    keys.sort();
    assert_eq!(keys, ["new", "of-finance", "team"]);
    world.settle();
    assert_eq!((world.calls("tags"), world.calls("add tags"), world.calls("delete tags")), (1, 1, 1));
}

#[test]
fn a_resource_full_of_tags_has_one_exchanged_and_ours_give_way_to_the_users() {
    let keys = |from: usize, to: usize| (from..to).map(|n| format!("k{n}")).collect::<Vec<_>>();
    let world = World::new(&json!({ "region": "us-west-2", "tags": keys(0, 47) }));
    world.settle();
    assert_eq!(world.job().tags.len(), 50);
    let edit = |generation: u32, tags: Vec<String>| {
        if let Some(object) = &mut world.state().object {
            object["spec"]["tags"] = json!(tags);
            object["metadata"]["generation"] = json!(generation);
        }
        assert!(matches!(world.settle(), Next::Watch(_)), "{:?}", world.status().additional);
    };
    let ours = || world.job().tags.into_iter().filter(|tag| is_ours(&tag.key)).count();
    edit(2, keys(1, 48));
    assert_eq!((ours(), world.job().tags.len()), (3, 50));
    assert!(!notes(&world).contains(&"Warning TagsLeftOut".to_owned()));
    edit(3, keys(1, 50));
    assert!(world.job().tags.iter().any(|tag| tag.key == TAG_UID), "the proof stays as long as there is room");
    assert_eq!((ours(), world.job().tags.len()), (1, 50));
    assert!(notes(&world).contains(&"Warning TagsLeftOut".to_owned()));
    edit(4, keys(0, 50));
    assert_eq!((ours(), world.job().tags.len()), (0, 50));
}

#[test]
fn a_job_completes_whatever_becomes_of_an_edit_of_its_tags() {
    let world = World::new(&json!({ "region": "us-west-2", "tags": ["team"] }));
    world.settle();
    if let Some(object) = &mut world.state().object {
        object["spec"]["tags"] = json!(["new"]);
        object["metadata"]["generation"] = json!(2);
    }
    world.set_status_of_job(&world.job_name(), "Completed");
    let action = Some("sagemaker:AddTags".to_owned());
    world.fate("add tags", Fate::Refused(Cause::Denied { action, resource: None }));
    assert_eq!(world.settle(), Next::Stalled);
    assert!(world.says("Complete") && !world.says("Stalled"));
    assert!(world.state().notes.iter().any(|note| note.warning && note.text.contains("sagemaker:AddTags")));
    assert_eq!(world.settle(), Next::Rest);
    assert_eq!(world.calls("add tags"), 2, "it is tried again");
}

#[test]
fn a_finished_job_whose_record_is_gone_is_not_started_again_and_can_be_deleted() {
    let world = World::new(&spec());
    world.settle();
    world.set_status_of_job(&world.job_name(), "Completed");
    world.settle();
    world.state().resources.clear();
    let before = world.version();
    assert_eq!(world.settle(), Next::Rest);
    assert_eq!((world.creates(), world.version()), (1, before));
    assert!(world.says("Complete"), "what is known stays said");
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
}

#[test]
fn a_running_job_whose_record_is_gone_has_failed() {
    let world = World::new(&spec());
    world.settle();
    world.state().resources.clear();
    assert_eq!(world.settle(), Next::Retry, "it may only be hidden yet");
    world.state().now += WINDOW * 2;
    assert_eq!(world.settle(), Next::Rest);
    assert_eq!((world.reason().as_str(), world.creates()), ("RecordGone", 1));
}

#[test]
fn what_became_of_a_create_is_not_asked_of_another_account() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    world.fate("create", Fate::AnswerLost);
    assert_eq!(world.settle(), Next::Retry);
    world.state().account = OTHERS;
    for deleted in [false, true] {
        if deleted {
            world.delete_object();
        }
        assert_eq!(world.settle(), Next::Stalled);
        assert_eq!((&*world.reason(), world.creates()), ("WrongAccount", 1));
    }
    world.state().account = MINE;
    world.settle();
    assert_eq!((world.creates(), world.calls("stop")), (1, 1));
}

#[test]
fn with_the_keys_of_another_account_nothing_is_created_stopped_or_let_go() {
    let world = World::new(&spec());
    world.settle();
    world.state().account = OTHERS;
    world.state().now += WINDOW * 2;
    assert_eq!(world.settle(), Next::Stalled);
    assert!(world.says("Stalled"));
    assert_eq!(world.reason(), "WrongAccount");
    world.delete_object();
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!((world.creates(), world.calls("stop")), (1, 0));
    // A job of the same name over there is not ours either.
    foreign(&world, &world.job_name(), None);
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.calls("stop"), 0);
    world.state().account = MINE;
    assert!(matches!(world.settle(), Next::Watch(_)), "and it goes on when the keys are back");
    assert_eq!(world.calls("stop"), 1);
}

#[test]
fn a_name_that_is_taken_stays_untouched_until_annotated() {
    let world = World::new(&json!({ "region": "us-west-2", "jobName": "popular" }));
    foreign(&world, "popular", Some("another-uid"));
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "NameTaken");
    assert_eq!(world.status().common.arn, None, "what is not ours is not recorded as ours");
    world.annotate("sagemaker.aws.amazon.com/adopt", "true");
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!((world.reason().as_str(), world.creates()), ("InProgress", 0));
    assert!(!world.says("Stalled"));
}

#[test]
fn an_object_whose_name_is_taken_can_be_deleted_without_a_stop() {
    let world = World::new(&json!({ "region": "us-west-2", "jobName": "popular" }));
    foreign(&world, "popular", None);
    world.settle();
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
    assert_eq!((world.calls("stop"), world.job().status), (0, "InProgress"));
}

#[test]
fn by_option_a_taken_name_is_adopted_as_version_1_did() {
    let world = World::new(&json!({ "region": "us-west-2", "jobName": "popular" }));
    foreign(&world, "popular", None);
    assert!(matches!(world.pass_with(0, true), Some(Ok(Next::Watch(_)))));
}

#[test]
fn what_version_1_left_running_is_taken_over_as_it_is() {
    let world = from_v1("popular", "InProgress");
    foreign(&world, "popular", None);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert!(world.status().common.arn.is_some());
    let touched = ["create", "stop", "patch", "tags", "add tags", "update"].map(|call| world.calls(call));
    assert_eq!(touched, [0; 6]);
}

#[test]
fn what_version_1_left_in_an_error_is_taken_over_even_if_the_first_look_fails() {
    let world = from_v1("popular", "ReconcilingJob");
    foreign(&world, "popular", None);
    world.fate("describe", Fate::Lost);
    assert!(matches!(world.pass(), Some(Ok(Next::Retry))));
    assert!(matches!(world.settle(), Next::Watch(_)), "{:?}", world.status());
    assert_eq!(world.creates(), 0);
}

#[test]
fn what_version_1_started_and_this_account_does_not_know_is_neither_started_again_nor_let_go() {
    let world = from_v1("popular", "InProgress");
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "WrongAccount");
    world.delete_object();
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.creates(), 0);
}

#[test]
fn what_version_1_may_have_started_is_not_started_again_before_its_account_is_said() {
    // Whatever it said last, but that SageMaker refused the Create.
    for said in ["ReconcilingJob", "Synchronizing"] {
        let world = from_v1("popular", said);
        for _ in 0..2 {
            assert_eq!(world.settle(), Next::Stalled, "{said}");
            assert_eq!((&*world.reason(), world.creates()), ("WrongAccount", 0), "{said}");
        }
        world.state().v1_account = OTHERS.parse().ok();
        assert_eq!(world.settle(), Next::Stalled, "another account is not the one");
        world.delete_object();
        assert_eq!(world.settle(), Next::Stalled, "nor may it be let go");
        world.state().v1_account = MINE.parse().ok();
        assert_eq!(world.settle(), Next::Gone);
        assert_eq!((world.creates(), world.calls("stop")), (0, 0));
    }
}

#[test]
fn what_version_1_may_have_started_stays_so_while_its_object_cannot_be_followed() {
    let world = from_v1("popular", "InProgress");
    world.annotate("sagemaker.aws.amazon.com/deletion-policy", "keep");
    world.delete_object();
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "InvalidAnnotation");
    world.annotate("sagemaker.aws.amazon.com/deletion-policy", "stop");
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!((&*world.reason(), world.has_object()), ("WrongAccount", true));
}

#[test]
fn what_version_1_never_started_in_the_account_that_was_said_is_started() {
    let world = from_v1("popular", "ReconcilingJob");
    assert_eq!(world.settle(), Next::Stalled);
    world.annotate("sagemaker.aws.amazon.com/v1-account", MINE);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!((world.creates(), world.says("Stalled")), (1, false));
    let request = world.status().common.create_request.expect("it was sent");
    assert!(!request.by_version_1 && request.account.as_deref() == Some(MINE), "{request:?}");
}

#[test]
fn what_sagemaker_refused_to_version_1_is_tried_again() {
    let world = from_v1("popular", "ReconcilingJob");
    if let Some(object) = &mut world.state().object {
        object["status"]["additional"] = json!(
            "Unable to create training job: Unable to create Training Job: AccessDeniedException: no\n\tstatus code: 400, \
             request id: 1"
        );
    }
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.creates(), 1);
}

#[test]
fn what_version_1_may_have_started_stays_so_after_a_refused_attempt() {
    let world = from_v1("popular", "ReconcilingJob");
    world.annotate("sagemaker.aws.amazon.com/v1-account", MINE);
    world.fate("create", Fate::Refused(Cause::Invalid));
    assert_eq!(world.settle(), Next::Stalled);
    assert!(world.status().common.create_request.is_some_and(|request| request.by_version_1));
}

#[test]
fn what_version_1_saw_end_can_be_deleted_when_its_record_is_gone() {
    let world = from_v1("popular", "Completed");
    assert_eq!(world.settle(), Next::Rest);
    assert!(world.says("Complete"), "version 1 wrote no conditions, and somebody may wait for one");
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
    assert_eq!(world.creates(), 0);
}

#[test]
fn what_version_1_saw_end_is_complete_even_after_trouble_with_the_first_look() {
    let world = from_v1("popular", "Completed");
    world.fate("describe", Fate::Refused(Cause::Denied { action: None, resource: None }));
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.settle(), Next::Rest);
    assert!(world.says("Complete") && !world.says("Stalled"));
}

#[test]
fn an_object_without_a_readable_spec_says_so_and_can_be_deleted() {
    let world = World::new(&json!({ "region": "<YOUR REGION>" }));
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "InvalidSpec");
    if let Some(object) = &mut world.state().object {
        object["metadata"]["finalizers"] = json!([FINALIZER]);
    }
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
}
