//! What somebody changes behind the operator's back again and again: each time it is corrected, or told of, and nothing is
//! made oftener than it was changed.

use serde_json::{Value, json};

use super::hand::{forge, text};
use super::{CONFIGS, DEPLOYMENTS, MODELS, NAME, deployment, hasty, is_ready, names, object, until_ready};
use crate::support::eventually::PATIENCE;
use crate::support::namespace::condition_of;
use crate::support::operator::Setup;
use crate::support::simulator::REGION;
use crate::support::{Namespace, Simulator, eventually};

/// The annotation that has the operator only tell of what differs.
const DRIFT: &str = "sagemaker.aws.amazon.com/drift";

/// An operator that looks at everything about once a second.
fn watchful<'a>(home: &'a Namespace, aws: &'a Simulator) -> Setup<'a> {
    hasty(home, aws).args(["--sweep-interval=1s"])
}

/// Waits until the operator has asked that so many times more, so that it has seen what there was when it was waited for.
#[track_caller]
fn until_looked_at(aws: &Simulator, operation: &str, times: usize) {
    let before = aws.calls(operation).len();
    eventually(&format!("{operation} {times} times more"), PATIENCE, || match aws.calls(operation).len() - before {
        seen if seen >= times => Ok(()),
        seen => Err(seen.to_string()),
    });
}

/// How often each of these operations took effect.
fn counts<const N: usize>(aws: &Simulator, operations: [&str; N]) -> [usize; N] {
    operations.map(|operation| aws.applied(operation).len())
}

fn annotate(home: &Namespace, plural: &str, name: &str, drift: &Value) {
    let patch = json!({ "metadata": { "annotations": { DRIFT: drift } } });
    home.patch(plural, name, &patch).expect("an object can be annotated");
}

/// Waits until the object tells of a difference; returns the message.
#[track_caller]
fn until_told(home: &Namespace, plural: &str, name: &str) -> String {
    let said = |object: &Value| condition_of(object, "Ready").filter(|it| it["reason"] == "Drifted").cloned();
    let told = home.until(plural, name, "Drifted", |object| said(object).is_some());
    said(&told).expect("just seen")["message"].as_str().unwrap_or_default().to_owned()
}

const OF_CHILDREN: [&str; 4] = ["CreateModel", "CreateEndpointConfig", "DeleteEndpointConfig", "DeleteModel"];
const OF_ENDPOINT: [&str; 3] = ["CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint"];

#[test]
fn what_an_endpoint_serves_by_is_replaced_once_for_each_time_that_it_was_changed() {
    let aws = Simulator::at_speed(200.0);
    let home = Namespace::new("hosting-again");
    let _operator = watchful(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let mut before = until_ready(&home);
    for (round, plural) in (2..).zip([MODELS, CONFIGS, MODELS, CONFIGS]) {
        forge(&aws, plural, &before, round);
        let config = text(&before, "endpointConfigName");
        let is_replaced = |object: &Value| {
            let is_tidy = || names(&home, MODELS).len() == 1 && names(&home, CONFIGS).len() == 1;
            is_ready(object) && text(object, "endpointConfigName") != config && is_tidy()
        };
        before = home.until(DEPLOYMENTS, NAME, &format!("replaced after {plural}"), is_replaced);
    }
    let made = (counts(&aws, OF_CHILDREN), counts(&aws, OF_ENDPOINT));
    let ([models, configs, configs_gone, models_gone], endpoint) = made;
    assert_eq!((models - models_gone, configs - configs_gone), (1, 1));
    // What is not used any more may be found changed, and be corrected, a moment before it goes.
    assert!((1 + 2..=1 + 2 * 2).contains(&models) && (1 + 4..=1 + 4 * 2).contains(&configs), "{made:?}");
    assert_eq!(endpoint, [1, 4, 0]);
    until_looked_at(&aws, "DescribeModel", 3);
    assert_eq!((counts(&aws, OF_CHILDREN), counts(&aws, OF_ENDPOINT)), made, "and then all is quiet");
}

#[test]
fn an_endpoint_that_is_only_observed_keeps_serving_by_what_somebody_made_of_it() {
    let aws = Simulator::at_speed(200.0);
    let home = Namespace::new("hosting-observed");
    let _operator = watchful(&home, &aws).start();
    home.apply(deployment("image:1", &json!({})).to_string());
    let before = until_ready(&home);
    annotate(&home, DEPLOYMENTS, NAME, &json!("observe"));
    let endpoint = text(&before, "endpointName");
    aws.make_model("theirs", "image:theirs");
    for round in 1..=3 {
        let config = format!("theirs-{round}");
        let variant = json!({
            "VariantName": "AllTraffic", "ModelName": "theirs", "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        });
        aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": config, "ProductionVariants": [variant] }));
        aws.ask("UpdateEndpoint", &json!({ "EndpointName": endpoint, "EndpointConfigName": config }));
        home.until(DEPLOYMENTS, NAME, &config, |object| {
            let said = condition_of(object, "Ready").and_then(|it| it["message"].as_str()).unwrap_or_default();
            object["status"]["endpointConfigName"] == json!(config) && said.contains("is left as it is")
        });
    }
    until_looked_at(&aws, "DescribeEndpoint", 3);
    assert_eq!((counts(&aws, OF_CHILDREN), counts(&aws, OF_ENDPOINT)), ([1, 1, 0, 0], [1, 0, 0]));
    annotate(&home, DEPLOYMENTS, NAME, &Value::Null);
    let config = text(&before, "endpointConfigName");
    home.until(DEPLOYMENTS, NAME, "brought back", |object| {
        is_ready(object) && text(object, "endpointConfigName") == config
    });
    assert_eq!((counts(&aws, OF_CHILDREN), counts(&aws, OF_ENDPOINT)), ([1, 1, 0, 0], [1, 1, 0]));
}

#[test]
fn a_model_that_nobody_uses_is_made_anew_less_and_less_often() {
    const MODEL: &str = "by-hand";
    let aws = Simulator::at_speed(60.0);
    let home = Namespace::new("lasting-again");
    let _operator = watchful(&home, &aws).start();
    let spec = json!({
        "region": REGION,
        "executionRoleArn": "arn:aws:iam::123456789012:role/host",
        "primaryContainer": { "image": "image:1" },
    });
    home.apply(object("Model", MODEL, &spec).to_string());
    let until_as_wanted = |what: &str| {
        home.until(MODELS, MODEL, what, |object| {
            condition_of(object, "Ready").is_some_and(|it| it["reason"] == "AsWanted")
        })
    };
    let name = text(&until_as_wanted("as wanted"), "sageMakerModelName");
    let forge = |round: usize| aws.forge_model(&name, &format!("image:forged-{round}"));
    for round in 1..=2 {
        forge(round);
        eventually("it is made anew", PATIENCE, || match counts(&aws, ["CreateModel"]) {
            [times] if times > round => Ok(()),
            [times] => Err(times.to_string()),
        });
        until_as_wanted("as wanted again");
    }
    forge(3);
    let told = until_told(&home, MODELS, MODEL);
    assert!(
        told.contains("differs from the spec again soon after it was replaced, and is replaced again from"),
        "{told}"
    );
    until_looked_at(&aws, "DescribeModel", 3);
    assert_eq!(counts(&aws, ["CreateModel", "DeleteModel"]), [3, 2]);

    // Where it is only observed, nothing is made of any number of changes.
    annotate(&home, MODELS, MODEL, &json!("observe"));
    for round in 4..=6 {
        forge(round);
        until_looked_at(&aws, "DescribeModel", 2);
        let told = until_told(&home, MODELS, MODEL);
        assert!(told.contains("is left as it is: ") && told.contains("primaryContainer.image"), "{told}");
    }
    assert_eq!(counts(&aws, ["CreateModel", "DeleteModel"]), [3, 2]);
}
