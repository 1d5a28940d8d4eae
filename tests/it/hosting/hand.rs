//! What somebody does to an endpoint, its models and its configuration behind their objects.

use serde_json::{Value, json};

use super::{CONFIGS, Client, DEPLOYMENTS, MODELS, NAME, deployment, hasty, names, until_ready, writes};
use crate::support::eventually::PATIENCE;
use crate::support::{Namespace, Simulator, eventually};

/// Waits until the operation has taken effect that often.
#[track_caller]
fn until_applied(aws: &Simulator, operation: &str, times: usize) {
    eventually(&format!("{operation} {times} times"), PATIENCE, || match aws.applied(operation).len() {
        seen if seen >= times => Ok(()),
        seen => Err(seen.to_string()),
    });
}

pub(super) fn text(object: &Value, field: &str) -> String {
    object["status"][field].as_str().expect("a name").to_owned()
}

/// Somebody makes the deployment's model or configuration anew under its name, with this in place of what was wanted.
pub(super) fn forge(aws: &Simulator, plural: &str, deployment: &Value, mark: u32) {
    let model = deployment["status"]["modelNames"][0]["value"].as_str().expect("a name");
    if plural == MODELS {
        aws.forge_model(model, &format!("image:forged-{mark}"));
        return;
    }
    let config = text(deployment, "endpointConfigName");
    let variant = json!({
        "VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": mark,
    });
    let gone = json!({ "EndpointConfigName": config });
    let anew = json!({ "EndpointConfigName": config, "ProductionVariants": [variant] });
    aws.ask_at_once([("DeleteEndpointConfig", &gone), ("CreateEndpointConfig", &anew)]);
}

/// Has the operator look at the object.
fn look_again(home: &Namespace, plural: &str, name: &str) {
    let look = json!({ "metadata": { "annotations": { "look": "again" } } });
    home.patch(plural, name, &look).expect("an object can be annotated");
}

#[test]
fn a_model_or_a_configuration_that_was_made_anew_otherwise_is_replaced_by_a_roll_out() {
    for plural in [MODELS, CONFIGS] {
        let aws = Simulator::at_speed(60.0);
        let home = Namespace::new("hosting-forged");
        let _operator = hasty(&home, &aws).start();
        home.apply(deployment("image:1", &json!({})).to_string());
        let before = until_ready(&home);
        let (model, config) = (names(&home, MODELS).remove(0), names(&home, CONFIGS).remove(0));
        forge(&aws, plural, &before, 7);
        look_again(&home, plural, if plural == MODELS { &model } else { &config });
        let done = writes(&aws).len();
        until_applied(&aws, "UpdateEndpoint", 1);
        let after = until_ready(&home);
        assert_ne!(after["status"]["endpointConfigName"], before["status"]["endpointConfigName"]);
        home.until_gone(CONFIGS, &config);
        if plural == MODELS {
            home.until_gone(MODELS, &model);
            assert_eq!(aws.applied("CreateModel")[1].request["PrimaryContainer"]["Image"], "image:1");
        }
        let repaired = &writes(&aws)[done..];
        let updated = repaired.iter().position(|operation| operation == "UpdateEndpoint").expect("it was updated");
        assert!(repaired[..updated].iter().all(|operation| operation.starts_with("Create")), "{repaired:?}");
        assert_eq!(aws.applied("UpdateEndpoint").len(), 1);
        assert!(aws.calls("DeleteEndpoint").is_empty());
    }
}

#[test]
fn an_endpoint_that_somebody_deleted_is_made_again_of_what_there_is() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-lost");
    let _operator = hasty(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let before = until_ready(&home);
    let (client, endpoint) = (Client::of(&aws), text(&before, "endpointName"));
    aws.ask("DeleteEndpoint", &json!({ "EndpointName": endpoint }));
    eventually("the end of the endpoint", PATIENCE, || {
        client.endpoint(&endpoint).map_or(Ok(()), |it| Err(format!("{it:?}")))
    });
    // No listing shows what is gone.
    look_again(&home, DEPLOYMENTS, NAME);
    until_applied(&aws, "CreateEndpoint", 2);
    let after = until_ready(&home);
    for field in ["endpointName", "endpointConfigName"] {
        assert_eq!(text(&after, field), text(&before, field));
    }
    assert_eq!((aws.applied("CreateModel").len(), aws.applied("CreateEndpointConfig").len()), (1, 1));
}

#[test]
fn an_endpoint_that_somebody_pointed_to_another_configuration_is_brought_back() {
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("hosting-pointed");
    let _operator = hasty(&home, &aws).start();
    // By an edit too, so that a roll-out is remembered.
    for image in ["image:1", "image:2"] {
        home.apply(deployment(image, &json!({})).to_string());
        until_ready(&home);
    }
    let before = until_ready(&home);
    let (endpoint, config) = (text(&before, "endpointName"), text(&before, "endpointConfigName"));
    aws.make_model("theirs", "image:theirs");
    let variant = json!({
        "VariantName": "AllTraffic", "ModelName": "theirs", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
    });
    aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": "theirs", "ProductionVariants": [variant] }));
    aws.ask("UpdateEndpoint", &json!({ "EndpointName": endpoint, "EndpointConfigName": "theirs" }));
    until_applied(&aws, "UpdateEndpoint", 2);
    home.until(DEPLOYMENTS, NAME, "brought back", |object| {
        super::is_ready(object) && object["status"]["endpointConfigName"] == json!(config)
    });
    assert_eq!(aws.applied("UpdateEndpoint").len(), 2, "once by an edit, once back");
    let client = Client::of(&aws);
    assert!(client.has_config("theirs"), "what is somebody's is left alone");
}
