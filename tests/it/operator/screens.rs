//! What kubectl shows of our kinds.

use std::collections::BTreeSet;

use regex::Regex;
use sagemaker_operator::api::crd;
use serde_json::Value;

use super::eight::{MODEL, NAME, parts, until_as_wanted};
use super::hasty;
use crate::support::{Cluster, Namespace, Simulator};

/// The text without what is another one each time, and without the columns' width, which goes by that.
fn constant(home: &Namespace, text: &str) -> String {
    let mut text = text.replace(home.name(), "NAMESPACE");
    for (pattern, word) in [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
        (r"[0-9a-f]{20,}(-[0-9]{3}-[0-9a-f]{8})?", "UID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"(?m)(^|\s)(\d+[smh])+(\s|$)", "${1}AGE${3}"),
        (r"(\S) {2,}", "$1  "),
        (r"(?m)^( +(?:Billable Time In Seconds|Training Time In Seconds|Value):  )[\d.]+$", "${1}NUMBER"),
        (r"(?m) +$", ""),
    ] {
        text = Regex::new(pattern).expect("a valid expression").replace_all(&text, word).into_owned();
    }
    text
}

#[test]
fn kubectl_lists_describes_and_waits_for_all_kinds() {
    let aws = Simulator::with(["--speed", "60", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let home = Namespace::new("screens");
    let _operator = hasty(&home, &aws).start();
    let parts = parts();
    for part in &parts {
        home.apply(part.manifest(false).to_string());
    }
    let mut waited = Vec::new();
    for part in &parts {
        // What runs on is waited for as batch/v1 jobs are: by what it is not.
        let condition = match part.comes_to {
            "Reconciled" => "Reconciling=false".to_owned(),
            condition => condition.to_owned(),
        };
        let object = format!("{}/{NAME}", part.kind.to_lowercase());
        let wait = ["wait", &format!("--for=condition={condition}"), "--timeout=80s", &object];
        waited.push(home.kubectl(wait).run().ok());
    }
    insta::assert_snapshot!(waited.concat(), @"
    trainingjob.sagemaker.aws.amazon.com/digits condition met
    processingjob.sagemaker.aws.amazon.com/digits condition met
    batchtransformjob.sagemaker.aws.amazon.com/digits condition met
    hyperparametertuningjob.sagemaker.aws.amazon.com/digits condition met
    model.sagemaker.aws.amazon.com/digits condition met
    endpointconfig.sagemaker.aws.amazon.com/digits condition met
    hostingdeployment.sagemaker.aws.amazon.com/digits condition met
    hostingautoscalingpolicy.sagemaker.aws.amazon.com/digits condition met
    ");
    until_as_wanted(&home, &parts);

    let table = home.kubectl(["get", "sagemaker"]).run().ok();
    let of_ours = |row: &&str| row.is_empty() || row.starts_with("NAME ") || row.contains(&format!("/{NAME} "));
    let table: Vec<_> = table.lines().filter(of_ours).collect();
    insta::assert_snapshot!("get", constant(&home, &table.join("\n")));

    let described = parts.iter().map(|part| {
        let text = home.kubectl(["describe", part.plural, NAME]).run().ok();
        let (start, events) = text.split_once("Events:").expect("it ends in the Events");
        assert!(events.contains("SageMaker accepted"), "{events}");
        let (_, status) = start.split_once("Status:").expect("there is a status");
        format!("{}\n{}", part.kind, status.trim_end())
    });
    insta::assert_snapshot!("describe", constant(&home, &described.collect::<Vec<_>>().join("\n\n")));
}

/// The names of all fields of a schema.
fn fields(schema: &Value, found: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(name.clone());
        fields(field, found);
        fields(&field["items"], found);
    }
}

#[test]
fn kubectl_explains_every_field_of_every_kind() {
    let explain = |what: &str, more: &[&str]| {
        let arguments = ["explain", what].into_iter().chain(more.iter().copied());
        Cluster::shared().kubectl().args(arguments).run().ok()
    };
    for definition in crd::all() {
        let kind = definition.spec.names.plural.clone();
        let definition = serde_json::to_value(definition).expect("a definition can be written");
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let text = explain(&format!("{kind}.sagemaker.aws.amazon.com"), &["--recursive"]);
        let shown: BTreeSet<_> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let mut all = BTreeSet::new();
        fields(schema, &mut all);
        let missing: Vec<_> = all.iter().filter(|field| !shown.contains(field.as_str())).collect();
        assert!(missing.is_empty() && all.len() > 20, "{kind}: {missing:?}");
    }
    insta::assert_snapshot!("explain", explain("endpointconfigs.spec", &["--recursive"]));
}
