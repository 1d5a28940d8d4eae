//! Edits of a running endpoint: rolled out without downtime, taken back by SageMaker, repaired.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{CONFIGS, Client, DEPLOYMENTS, MODELS, NAME, deployment, hasty, names, until_ready, until_stalled, writes};
use crate::support::eventually::PATIENCE;
use crate::support::namespace::condition_of;
use crate::support::{Namespace, Simulator, eventually};

/// How often the endpoint is edited.
const EDITS: u32 = 20;

#[test]
fn an_endpoint_that_is_updated_twenty_times_never_stops_serving() {
    // The watcher would use up the quota of Describe that the operator needs too.
    let aws = Simulator::with(["--speed", "90", "--no-quotas"]);
    let home = Namespace::new("hosting-twenty");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:0", &json!({})).to_string());
    let object = until_ready(&home);
    let endpoint = object["status"]["endpointName"].as_str().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let client = Client::of(&aws);
            let mut looks = 0;
            while !over.load(Ordering::Relaxed) {
                let seen = client.endpoint(endpoint).expect("the endpoint is always there");
                assert!(["InService", "Updating"].contains(&&*seen.endpoint_status), "{seen:?}");
                for config in seen.endpoint_config_name.iter().map(String::as_str).chain(seen.goes_for()) {
                    let still_used = || client.endpoint(endpoint).is_some_and(|seen| seen.uses(config));
                    assert!(client.has_config(config) || !still_used(), "{config} is gone and in use: {seen:?}");
                }
                looks += 1;
            }
            looks
        });
        for edit in 1..=EDITS {
            home.apply(deployment(&format!("image:{edit}"), &json!({})).to_string());
            until_ready(&home);
        }
        over.store(true, Ordering::Relaxed);
        let looks = watcher.join().expect("it was never down");
        assert!(looks > EDITS, "only {looks} looks");
    });
    assert_eq!(aws.applied("UpdateEndpoint").len(), EDITS as usize);
    assert!(aws.calls("DeleteEndpoint").is_empty());
    home.until(DEPLOYMENTS, NAME, "alone with its children", |_| {
        names(&home, MODELS).len() == 1 && names(&home, CONFIGS).len() == 1
    });
}

#[test]
fn an_update_that_sagemaker_takes_back_is_said_not_repeated_and_repaired_by_an_edit() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-back");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let first = until_ready(&home);
    home.apply(deployment("fail:1", &json!({})).to_string());
    let why = until_stalled(&home, DEPLOYMENTS, NAME, "RolloutFailed");
    assert!(why.contains("did not pass the ping health check") && why.contains("hint:"), "{why}");
    let object = home.get(DEPLOYMENTS, NAME).unwrap();
    assert_eq!(object["status"]["endpointStatus"], "InService");
    assert_eq!(object["status"]["endpointConfigName"], first["status"]["endpointConfigName"]);

    home.patch(DEPLOYMENTS, NAME, &json!({ "metadata": { "annotations": { "look": "again" } } })).unwrap();
    home.apply(deployment("image:2", &json!({})).to_string());
    until_ready(&home);
    assert_eq!(aws.applied("UpdateEndpoint").len(), 2);
    assert!(aws.calls("DeleteEndpoint").is_empty());
}

#[test]
fn an_update_that_is_taken_back_without_a_reason_is_not_repeated_before_it_is_to_go_otherwise() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-silent");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    let until_told = |updates: usize| {
        let told = home.until(DEPLOYMENTS, NAME, "said to be taken back", |object| {
            let generation = &object["metadata"]["generation"];
            aws.applied("UpdateEndpoint").len() == updates
                && condition_of(object, "Stalled").is_some_and(|it| {
                    it["status"] == "True" && it["reason"] == "RolloutFailed" && it["observedGeneration"] == *generation
                })
        });
        condition_of(&told, "Stalled").expect("just seen")["message"].as_str().expect("a message").to_owned()
    };
    home.apply(deployment("fail-silent:1", &json!({})).to_string());
    let message = until_told(1);
    // Neither a new look nor a tag is a reason to try again.
    let tags = json!({ "tags": [{ "key": "team", "value": "a" }] });
    home.apply(deployment("fail-silent:1", &tags).to_string());
    until_told(1);
    let config = message.rsplit_once("kubectl delete endpointconfig ").expect("a hint").1;
    home.delete(CONFIGS, config);
    until_told(2);
    let mut otherwise = tags.clone();
    otherwise["deploymentConfig"] = json!({ "autoRollbackConfiguration": { "alarms": [{ "alarmName": "errors" }] } });
    home.apply(deployment("fail-silent:1", &otherwise).to_string());
    until_told(3);
    home.apply(deployment("image:1", &otherwise).to_string());
    until_ready(&home);
    assert_eq!(aws.applied("UpdateEndpoint").len(), 3);
}

#[test]
fn what_never_served_is_replaced_by_an_edit_and_can_be_deleted() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-failed");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("fail:1", &json!({})).to_string());
    let why = until_stalled(&home, DEPLOYMENTS, NAME, "Failed");
    assert!(why.contains("did not pass the ping health check"), "{why}");
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    assert!(aws.calls("UpdateEndpoint").is_empty(), "a failed endpoint takes no updates");
    assert_eq!((aws.applied("CreateEndpoint").len(), aws.applied("DeleteEndpoint").len()), (2, 1));

    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    home.apply(deployment("fail:2", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "Failed");
    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]));
}

#[test]
fn what_serves_between_two_configurations_serves_on_until_an_edit_has_repaired_it() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-stuck");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    home.apply(deployment("fail-stuck:1", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "UpdateRollbackFailed");
    // A refusal of what the next edit asks for is no reason to take away what serves.
    let error = json!({ "code": "ValidationException", "message": "The instance type is not supported." });
    aws.fault(&json!({ "operation": "UpdateEndpoint", "action": { "error": error } }));
    home.apply(deployment("image:2", &json!({})).to_string());
    let why = until_stalled(&home, DEPLOYMENTS, NAME, "InvalidSpec");
    assert!(why.contains("The instance type is not supported"), "{why}");
    aws.heal();
    until_ready(&home);
    let done = writes(&aws);
    let repaired = done.iter().rposition(|operation| operation == "UpdateEndpoint").expect("it was updated");
    assert!(done[..repaired].iter().all(|operation| !operation.starts_with("Delete")), "{done:?}");
    assert_eq!(aws.applied("CreateEndpoint").len(), 1);

    home.apply(deployment("fail-stuck:2", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "UpdateRollbackFailed");
    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]));
}

#[test]
fn an_endpoint_out_of_service_is_said_to_be_so_and_updated_by_an_edit() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-dies");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("dies:1", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "OutOfService");
    assert_eq!(home.get(DEPLOYMENTS, NAME).unwrap()["status"]["endpointStatus"], "OutOfService");
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    assert_eq!((aws.applied("UpdateEndpoint").len(), aws.calls("DeleteEndpoint").len()), (1, 0));
    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
}

#[test]
fn an_edit_that_is_put_back_at_once_takes_nothing_from_the_update_that_has_begun() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("hosting-put-back");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);
    home.apply(deployment("image:2", &json!({})).to_string());
    eventually("an accepted update", PATIENCE, || match aws.applied("UpdateEndpoint").len() {
        1 => Ok(()),
        updates => Err(updates.to_string()),
    });
    home.apply(deployment("image:1", &json!({})).to_string());
    eventually("the way back", PATIENCE, || match aws.applied("UpdateEndpoint").len() {
        2 => Ok(()),
        updates => Err(updates.to_string()),
    });
    until_ready(&home);
    home.until(DEPLOYMENTS, NAME, "alone with its children", |_| {
        names(&home, MODELS).len() == 1 && names(&home, CONFIGS).len() == 1
    });
    let done = writes(&aws);
    let back = done.iter().rposition(|operation| operation == "UpdateEndpoint").expect("it was updated");
    assert!(done[..back].iter().all(|operation| !operation.starts_with("Delete")), "{done:?}");
}
