//! What version 1 left running is taken over as it is.

use serde_json::{Value, json};

use super::{CONFIGS, DEPLOYMENTS, MODELS, NAME, deployment, hasty, names, until_ready, writes};
use crate::support::{Namespace, Simulator};

/// Takes from the object what version 1 did not write.
fn as_version_1_left_it(home: &Namespace, plural: &str, name: &str, status: &Value) {
    home.patch(plural, name, &json!({ "metadata": { "ownerReferences": null } })).expect("owners can be taken");
    let mut whole = json!({
        "arn": null, "conditions": null, "observedGeneration": null, "createRequest": null, "tagKeys": null,
        "tagsGeneration": null, "rolloutConfigName": null,
    });
    json_patch::merge(&mut whole, status);
    home.report(plural, name, &whole);
}

#[test]
fn a_running_deployment_of_version_1_is_taken_over_without_a_write_to_aws() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-v1");
    let operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let before = until_ready(&home);
    operator.kill();
    let (model, config) = (names(&home, MODELS).remove(0), names(&home, CONFIGS).remove(0));
    as_version_1_left_it(&home, DEPLOYMENTS, NAME, &json!({ "lastCheckTime": "2023-02-15T00:00:00Z" }));
    as_version_1_left_it(&home, MODELS, &model, &json!({ "status": "Created" }));
    as_version_1_left_it(&home, CONFIGS, &config, &json!({ "status": "Created" }));
    // Version 1 wrote its default into the model.
    let mode = json!({ "spec": { "primaryContainer": { "mode": "SingleModel" } } });
    home.patch(MODELS, &model, &mode).expect("a model can be edited");
    let done = writes(&aws);

    let _operator = hasty(&home, &aws).start();
    let after = until_ready(&home);
    home.until_condition(MODELS, &model, "Ready");
    home.until_condition(CONFIGS, &config, "Ready");
    assert_eq!(after["status"]["endpointConfigName"], before["status"]["endpointConfigName"]);
    assert_eq!((names(&home, MODELS), names(&home, CONFIGS)), (vec![model.clone()], vec![config.clone()]));
    assert_eq!(writes(&aws), done, "nothing is created, changed or deleted");

    home.delete(DEPLOYMENTS, NAME);
    home.until_gone(DEPLOYMENTS, NAME);
    assert_eq!(
        (names(&home, MODELS), names(&home, CONFIGS)),
        (vec![], vec![]),
        "the children are known by their labels"
    );
}
