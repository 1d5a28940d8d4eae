//! Calls that are refused, lost or answered too late.

use chrono::TimeDelta;
use serde_json::json;

use super::fate::Fate;
use super::world::{WINDOW, World};
use crate::lifecycle::{Cause, TAG_UID};
use crate::operator::{ClusterError, Credentials, FINALIZER, Next};

fn world() -> World {
    World::new(&json!({ "region": "us-west-2" }))
}

fn denied(action: &str) -> Cause {
    Cause::Denied { action: Some(action.to_owned()), resource: None }
}

#[test]
fn a_denied_create_names_the_action_and_recovers_when_the_right_is_given() {
    let world = world();
    world.fate("create", Fate::Refused(denied("iam:PassRole")));
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!(world.reason(), "AccessDenied");
    assert_eq!(world.status().phase.as_deref(), Some("ReconcilingJob"), "the original's word for an error");
    assert!(world.status().additional.is_some_and(|text| text.contains("iam:PassRole")));
    assert_eq!(world.status().common.create_request, None, "nothing was started");

    assert!(matches!(world.settle(), Next::Watch(_)));
    assert!(!world.says("Stalled"));
    assert_eq!(world.creates(), 1);
}

#[test]
fn an_object_that_was_refused_goes_at_once() {
    let world = world();
    world.fate("create", Fate::Refused(Cause::Invalid));
    world.settle();
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
}

#[test]
fn where_tagging_is_denied_the_create_is_repeated_without_our_tags() {
    let world = World::new(&json!({ "region": "us-west-2", "tags": ["team"] }));
    world.fate("create", Fate::Refused(denied("sagemaker:AddTags")));
    assert!(matches!(world.settle(), Next::Watch(_)));
    let tags = world.job().tags;
    assert!(tags.iter().any(|tag| tag.key == "team") && !tags.iter().any(|tag| tag.key == TAG_UID), "{tags:?}");
    assert!(world.state().notes.iter().any(|note| note.warning && note.reason == "TagsDenied"));
}

#[test]
fn a_job_without_our_tags_whose_answer_was_lost_is_not_taken_for_somebody_elses_and_let_go() {
    let world = World::new(&json!({ "region": "us-west-2", "jobName": "popular" }));
    world.fate("create", Fate::Refused(denied("sagemaker:AddTags")));
    world.fate("create", Fate::AnswerLost);
    assert_eq!(world.settle(), Next::Retry);
    world.delete_object();
    assert_eq!(world.settle(), Next::Stalled);
    assert_eq!((&*world.reason(), world.has_object()), ("NameTaken", true));
}

#[test]
fn a_create_without_a_turn_says_so_quietly_and_comes_later() {
    let world = world();
    world.state().creates_at_once = 0;
    for _ in 0..3 {
        assert_eq!(world.settle(), Next::Turn);
    }
    assert_eq!((&*world.reason(), world.calls("create"), world.calls("describe")), ("WaitingForTurn", 0, 0));
    assert!(world.says("Reconciling") && world.state().notes.is_empty());
    world.state().creates_at_once = 1;
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.creates(), 1);
}

#[test]
fn where_it_is_not_known_whose_credentials_are_meant_nothing_is_asked_of_aws() {
    let world = world();
    let unknown = || Credentials::Unknown { reason: "InvalidRole", message: "no role".to_owned() };
    world.state().credentials = unknown();
    assert_eq!(world.settle(), Next::Retry);
    assert_eq!((&*world.reason(), world.says("Stalled"), world.calls("describe")), ("InvalidRole", true, 0));
    world.state().credentials = Credentials::Own;
    assert!(matches!(world.settle(), Next::Watch(_)));

    world.state().credentials = unknown();
    world.delete_object();
    assert_eq!(world.settle(), Next::Retry);
    assert_eq!((world.has_object(), world.calls("stop")), (true, 0));
}

#[test]
fn an_object_of_a_namespace_with_a_bad_role_that_started_nothing_can_be_deleted() {
    let world = world();
    world.state().credentials = Credentials::Unknown { reason: "InvalidRole", message: "no role".to_owned() };
    assert_eq!(world.settle(), Next::Retry);
    if let Some(object) = &mut world.state().object {
        object["metadata"]["finalizers"] = json!([FINALIZER]);
    }
    world.delete_object();
    assert_eq!(world.settle(), Next::Gone);
}

#[test]
fn a_new_role_of_the_namespace_is_heard_before_anything_is_created() {
    let world = world();
    let role = "arn:aws:iam::123456789012:role/team";
    world.state().new_credentials = Some(Credentials::Of(role.parse().unwrap()));
    assert!(matches!(world.pass(), Some(Ok(Next::Soon))));
    assert_eq!((world.calls("describe"), world.calls("create")), (1, 0));
    assert_eq!(world.status().common.create_request, None);
    assert!(matches!(world.settle(), Next::Watch(_)));
}

#[test]
fn a_throttled_create_is_retried_and_told_once() {
    let world = world();
    for _ in 0..5 {
        world.fate("create", Fate::Refused(Cause::Throttled));
    }
    for _ in 0..5 {
        assert_eq!(world.settle(), Next::Retry);
        assert_eq!(world.reason(), "Throttled");
        assert!(world.says("Reconciling") && !world.says("Stalled"));
    }
    assert!(matches!(world.settle(), Next::Watch(_)));
    let throttled = world.state().notes.iter().filter(|note| note.reason == "Throttled").count();
    assert_eq!((throttled, world.creates()), (1, 1));
}

#[test]
fn one_failed_look_at_a_running_job_changes_nothing_but_a_row_of_them_is_said() {
    let world = world();
    world.settle();
    let before = world.version();
    for attempt in 0..3 {
        world.fate("describe", Fate::Lost);
        assert!(matches!(world.pass_with(attempt, false), Some(Ok(Next::Retry))));
        let written = world.version() != before;
        assert_eq!(written, attempt == 2, "attempt {attempt}");
    }
    assert_eq!(world.reason(), "Unreachable");
    assert_eq!(world.status().phase.as_deref(), Some("InProgress"), "SageMaker's last word stays");
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.reason(), "InProgress");
}

#[test]
fn a_job_that_cannot_be_seen_right_after_its_create_is_waited_for() {
    let world = world();
    world.state().appears_after = TimeDelta::seconds(30);
    assert_eq!(world.settle(), Next::Retry);
    assert_eq!(world.settle(), Next::Retry);
    world.state().now += TimeDelta::seconds(30);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!((world.creates(), world.calls("create")), (1, 1));
}

#[test]
fn a_lost_answer_does_not_start_a_second_job() {
    let world = world();
    world.fate("create", Fate::AnswerLost);
    assert_eq!(world.settle(), Next::Retry);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!((world.creates(), world.calls("create")), (1, 1));
}

#[test]
fn a_deletion_after_a_lost_answer_waits_until_the_job_shows_up_and_stops_it() {
    let world = world();
    world.state().appears_after = TimeDelta::seconds(30);
    world.fate("create", Fate::AnswerLost);
    assert_eq!(world.settle(), Next::Retry);
    world.delete_object();
    assert_eq!(world.settle(), Next::Retry, "it may have been started");
    world.state().now += TimeDelta::seconds(30);
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.job().status, "Stopping");
}

#[test]
fn a_deletion_after_a_create_that_never_arrived_goes_when_the_window_is_over() {
    let world = world();
    world.fate("create", Fate::Lost);
    assert_eq!(world.settle(), Next::Retry);
    world.delete_object();
    assert_eq!(world.settle(), Next::Retry);
    world.state().now += WINDOW * 2;
    assert_eq!(world.settle(), Next::Gone);
    assert_eq!(world.creates(), 0);
}

#[test]
fn while_aws_cannot_be_reached_a_deletion_is_held() {
    let world = world();
    world.settle();
    world.delete_object();
    for attempt in 0..5 {
        world.fate("describe", Fate::Lost);
        assert!(matches!(world.pass_with(attempt, false), Some(Ok(Next::Retry))));
    }
    assert_eq!(world.reason(), "Unreachable");
    for attempt in 0..2 {
        world.fate("describe", Fate::Refused(Cause::Credentials));
        assert!(matches!(world.pass_with(attempt, false), Some(Ok(Next::Retry))));
    }
    world.fate("describe", Fate::Refused(denied("sagemaker:DescribeTrainingJob")));
    assert_eq!(world.settle(), Next::Stalled);
    assert!(world.has_object());
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.calls("stop"), 1);
}

#[test]
fn a_job_that_ends_while_it_is_being_stopped_is_let_go() {
    let world = world();
    world.settle();
    world.delete_object();
    world.fate("stop", Fate::Refused(Cause::AlreadyEnded));
    assert!(matches!(world.pass(), Some(Ok(Next::Soon))));
    assert!(world.has_object(), "only a look lets it go");
    world.set_status_of_job(&world.job_name(), "Completed");
    assert_eq!(world.settle(), Next::Gone);
}

#[test]
fn a_write_that_somebody_else_overtook_is_made_again() {
    let world = world();
    world.fate("patch status", Fate::AnswerLost);
    assert!(matches!(world.pass(), Some(Err(ClusterError::Passing(_)))));
    assert!(matches!(world.settle(), Next::Watch(_)));
    assert_eq!(world.creates(), 1);
}

#[test]
fn a_name_that_is_taken_but_never_to_be_seen_is_said_to_be_so() {
    let world = world();
    for attempt in 0..9 {
        world.fate("create", Fate::Refused(Cause::AlreadyExists));
        let next = world.pass_with(attempt, false).unwrap().unwrap();
        assert_eq!(next, if attempt < 8 { Next::Retry } else { Next::Stalled }, "attempt {attempt}");
    }
    assert_eq!(world.reason(), "AlreadyExists");
}

#[test]
fn who_no_longer_leads_says_nothing() {
    let world = world();
    world.settle();
    let before = world.version();
    world.delete_object();
    world.fate("stop", Fate::Refused(Cause::NotLeader));
    assert!(matches!(world.pass(), Some(Ok(Next::Retry))));
    assert_eq!(world.version(), before);
}
