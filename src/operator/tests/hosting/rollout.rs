//! Edits that do not go well: an endpoint goes on serving by what it has, and is brought on by the next edit.

use chrono::TimeDelta;

use super::stage::Stage;
use crate::lifecycle::Cause;

fn until_stalled(stage: &Stage, reason: &str) {
    stage.until(reason, |stage| stage.says("Stalled").is_some_and(|(said, _)| said == reason));
}

#[test]
fn what_serves_side_by_side_is_kept_until_an_update_has_succeeded() {
    let stage = Stage::serving();
    for stuck in ["stuck:2", "stuck:3"] {
        stage.put_image(stuck);
        until_stalled(&stage, "UpdateRollbackFailed");
        (0..5).for_each(|_| stage.round());
    }
    assert_eq!(stage.applied("delete"), 0);
    stage.put(4);
    stage.until("repaired and tidy", |stage| stage.serves(4) && stage.is_tidy());
    assert_eq!((stage.applied("UpdateEndpoint"), stage.applied("DeleteEndpoint")), (3, 0));
}

#[test]
fn what_serves_side_by_side_is_kept_when_somebody_deletes_its_objects() {
    let stage = Stage::serving();
    for image in ["stuck:2", "stuck:3"] {
        stage.put_image(image);
        until_stalled(&stage, "UpdateRollbackFailed");
    }
    stage.delete_children();
    // Others are made in their place, and rolled out.
    stage.until("stuck again", |stage| stage.applied("UpdateEndpoint") == 3);
    until_stalled(&stage, "UpdateRollbackFailed");
    assert_eq!(stage.applied("DeleteEndpointConfig") + stage.applied("DeleteModel"), 0);
    stage.put(4);
    stage.until("repaired and tidy", |stage| stage.serves(4) && stage.is_tidy());
}

#[test]
fn the_first_configuration_repairs_an_update_that_is_stuck() {
    let stage = Stage::serving();
    stage.put_image("stuck:2");
    until_stalled(&stage, "UpdateRollbackFailed");
    stage.put(1);
    stage.until("repaired and tidy", |stage| stage.serves(1) && stage.is_tidy());
    assert_eq!((stage.applied("CreateModel"), stage.applied("UpdateEndpoint")), (3, 2));
}

#[test]
fn an_update_that_is_refused_takes_no_endpoint_away() {
    for (state, cause, reason) in [
        ("InService", Cause::Invalid, "InvalidSpec"),
        ("UpdateRollbackFailed", Cause::Invalid, "InvalidSpec"),
        ("UpdateRollbackFailed", Cause::AlreadyEnded, "AlreadyEnded"),
        ("OutOfService", Cause::Invalid, "InvalidSpec"),
    ] {
        let stage = Stage::serving();
        stage.set_status(state);
        stage.state().refused.insert("UpdateEndpoint", cause);
        stage.put(2);
        until_stalled(&stage, reason);
        (0..5).for_each(|_| stage.round());
        assert_eq!(stage.applied("DeleteEndpoint"), 0, "{state}");
        // What it serves by stays, whatever state it is in.
        stage.state().refused.clear();
        stage.until("repaired and tidy", |stage| stage.serves(2) && stage.is_tidy());
        assert_eq!(stage.applied("DeleteEndpoint"), 0, "{state}");
    }
}

#[test]
fn an_endpoint_that_serves_nobody_and_takes_no_update_is_replaced_by_an_edit() {
    let stage = Stage::serving();
    stage.set_status("OutOfService");
    until_stalled(&stage, "OutOfService");
    stage.state().refused.insert("UpdateEndpoint", Cause::AlreadyEnded);
    stage.put(2);
    stage.until("replaced", |stage| stage.serves(2) && stage.is_tidy());
    assert_eq!((stage.applied("CreateEndpoint"), stage.applied("DeleteEndpoint")), (2, 1));
}

#[test]
fn an_endpoint_that_never_came_up_is_replaced_by_an_edit_and_can_be_deleted() {
    let stage = Stage::new(TimeDelta::zero(), &[]);
    for fails in ["fail:1", "fail:2"] {
        stage.put_image(fails);
        until_stalled(&stage, "Failed");
    }
    stage.put(3);
    stage.until("replaced", |stage| stage.serves(3) && stage.is_tidy());
    assert_eq!((stage.applied("CreateEndpoint"), stage.applied("UpdateEndpoint")), (3, 0));

    stage.set_status("Failed");
    stage.delete();
    stage.until("gone", Stage::is_empty);
}

#[test]
fn an_edit_that_is_put_back_takes_nothing_from_the_update_that_has_just_begun() {
    for lag in [0, 15, 45] {
        let stage = Stage::serving();
        stage.state().aws.set_lag(TimeDelta::seconds(lag));
        stage.put(2);
        stage.until("accepted", |stage| stage.applied("UpdateEndpoint") == 1);
        stage.put(1);
        stage.until("as it was, and tidy", |stage| {
            stage.applied("UpdateEndpoint") == 2 && stage.serves(1) && stage.is_tidy()
        });
        assert_eq!(stage.applied("UpdateEndpoint"), 2);
    }
}

#[test]
fn what_sagemaker_takes_back_is_said_and_not_asked_for_again_before_an_edit() {
    for lag in [0, 45] {
        let stage = Stage::serving();
        stage.state().aws.set_lag(TimeDelta::seconds(lag));
        let served = stage.model_names();
        assert_eq!(served.as_array().map(Vec::len), Some(2));
        // SageMaker tells of no reason here.
        stage.put_image("fail:2");
        until_stalled(&stage, "RolloutFailed");
        (0..10).for_each(|_| stage.round());
        assert_eq!(stage.applied("UpdateEndpoint"), 1, "seen after {lag} s");
        assert_eq!(stage.model_names(), served, "what serves is named");
        let (_, message) = stage.says("Stalled").expect("it is stalled");
        assert!(message.contains("taken the update to digits-") && message.contains("hint: "), "{message}");

        // A tag is brought along, and rolls nothing out.
        stage.tag("team");
        until_stalled(&stage, "RolloutFailed");
        (0..5).for_each(|_| stage.round());
        assert_eq!(stage.applied("UpdateEndpoint"), 1, "seen after {lag} s");

        stage.put(3);
        stage.until("rolled out", |stage| stage.serves(3) && stage.is_tidy());
        assert_eq!((stage.applied("UpdateEndpoint"), stage.applied("DeleteEndpoint")), (2, 0));
        assert_ne!(stage.model_names(), served);
    }
}

#[test]
fn what_was_taken_back_is_tried_once_more_with_a_new_object_or_in_another_way() {
    let stage = Stage::serving();
    stage.put_image("fail:2");
    until_stalled(&stage, "RolloutFailed");
    let (_, message) = stage.says("Stalled").expect("it is stalled");
    let (_, config) = message.rsplit_once("kubectl delete endpointconfig ").expect("a hint");
    stage.delete_child(config);
    stage.until("tried once more", |stage| stage.applied("UpdateEndpoint") == 2);
    until_stalled(&stage, "RolloutFailed");

    stage.merge(&serde_json::json!({ "deploymentConfig": { "autoRollbackConfiguration": { "alarms": [] } } }));
    stage.until("tried in another way", |stage| stage.applied("UpdateEndpoint") == 3);
    until_stalled(&stage, "RolloutFailed");
    (0..10).for_each(|_| stage.round());
    assert_eq!(stage.applied("UpdateEndpoint"), 3);
    stage.put(1);
    stage.until("as it was", |stage| stage.serves(1) && stage.is_tidy());
    assert_eq!(stage.applied("UpdateEndpoint"), 3);
}

#[test]
fn an_update_whose_answer_is_lost_is_asked_for_at_most_once_more() {
    let stage = Stage::serving();
    stage.put_image("fail:2");
    stage.state().aws.set_lag(TimeDelta::seconds(45));
    stage.lose_answer("UpdateEndpoint");
    until_stalled(&stage, "RolloutFailed");
    (0..10).for_each(|_| stage.round());
    assert!(stage.applied("UpdateEndpoint") <= 2, "{:#?}", stage.calls());
}
