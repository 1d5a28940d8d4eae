//! Edits of a running endpoint: rolled out without downtime, taken back by SageMaker, repaired.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{CONFIGS, Client, DEPLOYMENTS, MODELS, NAME, deployment, hasty, names, until_ready, until_stalled};
use crate::support::{Namespace, Simulator};

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
fn what_never_served_and_what_is_stuck_is_replaced_by_an_edit() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-stuck");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("fail:1", &json!({})).to_string());
    let why = until_stalled(&home, DEPLOYMENTS, NAME, "Failed");
    assert!(why.contains("did not pass the ping health check"), "{why}");
    home.apply(deployment("image:1", &json!({})).to_string());
    until_ready(&home);

    home.apply(deployment("fail-stuck:1", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "UpdateRollbackFailed");
    home.apply(deployment("image:2", &json!({})).to_string());
    until_ready(&home);
    assert_eq!((aws.applied("CreateEndpoint").len(), aws.applied("DeleteEndpoint").len()), (3, 2));

    home.apply(deployment("fail-stuck:2", &json!({})).to_string());
    until_stalled(&home, DEPLOYMENTS, NAME, "UpdateRollbackFailed");
    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![], vec![]));
}
