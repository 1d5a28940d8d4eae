//! The table of AWS actions (`src/access/iam.rs`) beside what the code calls and what the simulator asks for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use sagemaker_operator::access::iam::{FREE, PARTS, Reason, needs};
use serde_json::Value;

use crate::support::built::root;

/// The services as policies name them, and the files of their models.
const SERVICES: [&str; 5] = ["sagemaker", "application-autoscaling", "logs", "servicequotas", "sts"];

/// Every operation of the services that the SDK's home names outside of its tests, as IAM calls it.
fn called() -> BTreeSet<String> {
    let word = Regex::new(r#""([A-Z][A-Za-z]+)""#).expect("it is a pattern");
    let mut words = BTreeSet::new();
    for source in sources(&root().join("src/aws")) {
        // The table of errors knows operations that are not called.
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        words.extend(word.captures_iter(code).map(|found| found[1].to_owned()));
    }
    let actions = SERVICES.iter().flat_map(|service| {
        let model = root().join(format!("tests/sandbox/aws/model/{service}.json"));
        let model: Value = serde_json::from_slice(&fs::read(model).expect("the model is there")).expect("it is JSON");
        let operations: Vec<String> =
            model["operations"].as_object().expect("it has operations").keys().cloned().collect();
        operations.into_iter().filter(|name| words.contains(name)).map(move |name| format!("{service}:{name}"))
    });
    actions.collect()
}

fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("and can be listed").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && name != "errors" {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") && !name.ends_with("_tests.rs") {
            texts.push(fs::read_to_string(&path).expect("they can be read"));
        }
    }
    texts
}

/// The actions of the table, and why.
fn tabled() -> BTreeSet<(String, Reason)> {
    PARTS.into_iter().flat_map(needs).map(|need| (need.action.to_owned(), need.reason)).collect()
}

#[test]
fn every_operation_that_is_called_has_an_action_in_the_table_and_no_action_is_idle() {
    let called = called();
    assert!(called.len() > 40, "the code names more operations than {called:?}");
    let tabled: BTreeSet<String> =
        tabled().into_iter().filter(|(_, reason)| *reason == Reason::Called).map(|(action, _)| action).collect();
    let missing: Vec<_> = called.difference(&tabled).filter(|action| !FREE.contains(&action.as_str())).collect();
    assert!(missing.is_empty(), "src/access/iam.rs does not know {missing:?}");
    // A role is taken on by the SDK itself.
    let idle: Vec<_> = tabled.difference(&called).filter(|action| *action != "sts:AssumeRole").collect();
    assert!(idle.is_empty(), "src/access/iam.rs has {idle:?}, which nothing calls");
}

#[test]
fn what_the_simulator_asks_for_beside_the_operation_is_in_the_table() {
    let source = fs::read_to_string(root().join("tests/sandbox/aws/iam.rs")).expect("the simulator is there");
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let action = Regex::new(r#""([a-z-]+:[A-Z][A-Za-z]+)""#).expect("it is a pattern");
    let asked: BTreeSet<String> = action.captures_iter(code).map(|found| found[1].to_owned()).collect();
    assert!(asked.len() > 8, "{asked:?}");
    let tabled: BTreeSet<String> = tabled().into_iter().map(|(action, _)| action).collect();
    assert_eq!(asked.difference(&tabled).collect::<Vec<_>>(), Vec::<&String>::new());
}
