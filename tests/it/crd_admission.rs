//! What the real API server takes and refuses, and in which words.

mod jobs;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use http::Method;
use sagemaker_operator::api::crd;
use serde_json::{Value, json};

use crate::leaves::{JOBS, Subject, subjects};
use crate::support::cluster::Refused;
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::{Cluster, Namespace, built};

fn object(subject: &Subject, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": subject.kind,
        "metadata": { "name": name },
        "spec": spec,
    })
}

fn training_job(name: &str, spec: &Value) -> Value {
    object(Subject::of("TrainingJob"), name, spec)
}

fn path_of(home: &Namespace, subject: &Subject, name: &str) -> String {
    format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{}/{name}", home.name(), subject.plural)
}

/// Asks the API server to create the object without keeping it. A field that the schema does not know is an error.
fn try_to_create(namespace: &str, object: &Value) -> Result<Value, Refused> {
    // Each definition is a schema of hundreds of fields: made once, not for every object.
    static PLURALS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        crd::all().into_iter().map(|definition| definition.spec.names).map(|names| (names.kind, names.plural)).collect()
    });
    let plural = object["kind"].as_str().and_then(|kind| PLURALS.get(kind)).expect("the object is of one of our kinds");
    let path =
        format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{namespace}/{plural}?dryRun=All&fieldValidation=Strict");
    Cluster::shared().request(Method::POST, &path, Some(object))
}

/// Each case with the API server's refusal, without the words that all refusals share.
#[track_caller]
fn refusals<'a>(cases: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let said = cases.into_iter().map(|(case, object)| {
        let refused = try_to_create("default", &object).err().unwrap_or_else(|| panic!("{case} was admitted"));
        let (_, words) = refused.message.split_once("is invalid: ").unwrap_or(("", &refused.message));
        format!("{case}:\n  {}", words.trim())
    });
    said.collect::<Vec<_>>().join("\n")
}

/// The spec that all refusals start from, changed by a merge patch.
fn spec_with(patch: &Value) -> Value {
    let mut spec = json!({
        "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
        "hyperParameters": [{ "name": "eta", "value": "0.2" }],
        "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
        "region": "us-west-2",
        "resourceConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
        "roleArn": "arn:aws:iam::123456789012:role/train",
        "stoppingCondition": { "maxRuntimeInSeconds": 3600 },
        "tags": [{ "key": "team", "value": "a" }],
    });
    json_patch::merge(&mut spec, patch);
    spec
}

#[test]
fn every_leaf_is_admitted_and_kept() {
    for subject in subjects() {
        let alone = subject.every_leaf().map(|(leaf, pair)| (leaf.spec_path(), pair));
        let together = subject.all_leaves_together().into_iter();
        let together = together.map(|(flavour, _, pair)| (flavour.name.to_owned(), pair));
        for (about, pair) in alone.chain(together) {
            let stored = try_to_create("default", &object(subject, "leaf", &pair.spec));
            let stored = stored.unwrap_or_else(|refused| panic!("{} {about}: {}", subject.kind, refused.message));
            assert_eq!(stored["spec"], pair.spec, "{} {about}", subject.kind);
        }
    }
}

#[test]
fn every_sample_is_admitted_as_it_is() {
    let folder = built::root().join("tests/samples");
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the samples are there") {
        let path = entry.expect("and can be listed").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let object = read(&path);
            try_to_create("default", &object)
                .unwrap_or_else(|refused| panic!("{}: {}", path.display(), refused.message));
            count += 1;
        }
    }
    assert!(count >= 13, "only {count} samples in {}", folder.display());
}

fn read(manifest: &Path) -> Value {
    let text = fs::read_to_string(manifest).expect("a sample can be read");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()))
}

#[test]
fn a_new_object_does_not_look_seen() {
    let home = Namespace::new("fresh");
    home.apply(training_job("fresh", &spec_with(&json!({}))).to_string());
    assert_eq!(home.get("trainingjobs", "fresh").expect("it was made")["status"], json!({ "observedGeneration": -1 }));
}

#[test]
fn a_null_is_as_if_it_were_left_out() {
    let spec = spec_with(&json!({ "stoppingCondition": { "maxRuntimeInSeconds": 60 } }));
    let mut with_nulls = spec.clone();
    with_nulls["vpcConfig"] = Value::Null;
    with_nulls["stoppingCondition"]["maxWaitTimeInSeconds"] = Value::Null;
    let stored = try_to_create("default", &training_job("nulls", &with_nulls)).expect("a null is no value");
    assert_eq!(stored["spec"], spec);
}

#[test]
fn a_refusal_says_what_to_write() {
    let spot = json!({ "enableManagedSpotTraining": true });
    let table = [
        ("spot without a limit of waiting", spot),
        (
            "spot that may not wait as long as it runs",
            json!({ "enableManagedSpotTraining": true, "stoppingCondition": { "maxWaitTimeInSeconds": 3599 } }),
        ),
        ("two algorithms", json!({ "algorithmSpecification": { "algorithmName": "a" } })),
        ("no algorithm", json!({ "algorithmSpecification": { "trainingImage": null } })),
        ("nothing to run on", json!({ "resourceConfig": null })),
        ("no end", json!({ "stoppingCondition": null })),
        ("a name with an underscore", json!({ "trainingJobName": "my_job" })),
    ];
    let refusals = refusals(table.map(|(case, patch)| (case, training_job("refused", &spec_with(&patch)))));
    insta::assert_snapshot!(refusals, @r"
    spot without a limit of waiting:
      spec: Invalid value: managed spot training needs stoppingCondition.maxWaitTimeInSeconds: how long waiting for capacity and running may take together, at least maxRuntimeInSeconds
    spot that may not wait as long as it runs:
      spec: Invalid value: stoppingCondition.maxWaitTimeInSeconds includes the time of running: make it at least maxRuntimeInSeconds
    two algorithms:
      spec: Invalid value: algorithmSpecification needs either trainingImage (an image in ECR) or algorithmName (an algorithm resource), and not both
    no algorithm:
      spec: Invalid value: algorithmSpecification needs either trainingImage (an image in ECR) or algorithmName (an algorithm resource), and not both
    nothing to run on:
      spec: Invalid value: write algorithmSpecification (what to run), resourceConfig (the instances) and stoppingCondition (for how long), or serverlessJobConfig
    no end:
      spec: Invalid value: write algorithmSpecification (what to run), resourceConfig (the instances) and stoppingCondition (for how long), or serverlessJobConfig
    a name with an underscore:
      spec: Invalid value: trainingJobName takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to get a name made from the object's
    ");
}

#[test]
fn a_refusal_names_the_field() {
    let table = [
        ("spec.outputDataConfig.s3OutputPath", json!({ "outputDataConfig": { "s3OutputPath": "bucket/out" } })),
        ("spec.roleArn", json!({ "roleArn": "role/train" })),
        ("spec.sageMakerEndpoint", json!({ "sageMakerEndpoint": "vpce-1" })),
        ("spec.inputDataConfig", json!({ "inputDataConfig": [] })),
        ("spec.resourceConfig.instanceCount", json!({ "resourceConfig": { "instanceCount": 0 } })),
        ("spec.resourceConfig.volumeSizeInGB", json!({ "resourceConfig": { "volumeSizeInGB": 60.5 } })),
        ("spec.stoppingCondition.maxRuntimeInSeconds", json!({ "stoppingCondition": { "maxRuntimeInSeconds": 60.5 } })),
        ("spec.tags[0].value", json!({ "tags": [{ "key": "team" }] })),
        ("spec.hyperparameters", json!({ "hyperparameters": [] })),
    ];
    for (field, patch) in table {
        let refused = try_to_create("default", &training_job("refused", &spec_with(&patch)));
        let refused = refused.err().unwrap_or_else(|| panic!("a bad {field} was admitted"));
        assert!(refused.message.contains(field), "{field} is not named by: {}", refused.message);
    }
}

#[test]
fn what_the_first_release_and_sagemaker_take_is_admitted() {
    let table = [
        ("an address of S3 by https", json!({ "outputDataConfig": { "s3OutputPath": "https://bucket.s3/out" } })),
        ("a whole number with a fraction of zero", json!({ "resourceConfig": { "volumeSizeInGB": 60.0 } })),
        ("parameters without a value", json!({ "hyperParameters": [{ "name": "flag" }] })),
        ("no parameters", json!({ "hyperParameters": [] })),
        ("an empty name", json!({ "trainingJobName": "" })),
        ("a role to be filled in", json!({ "roleArn": "<YOUR SAGEMAKER ROLE ARN>" })),
        ("a mode that came later", json!({ "algorithmSpecification": { "trainingInputMode": "FastFile" } })),
        ("no limit of running", json!({ "stoppingCondition": { "maxRuntimeInSeconds": null } })),
        ("spot", json!({ "enableManagedSpotTraining": true, "stoppingCondition": { "maxWaitTimeInSeconds": 3600 } })),
        (
            "limits of spot with a fraction of zero",
            json!({
                "enableManagedSpotTraining": true,
                "stoppingCondition": { "maxWaitTimeInSeconds": 7200.0, "maxRuntimeInSeconds": 3600.0 },
            }),
        ),
    ];
    for (case, patch) in table {
        let admitted = try_to_create("default", &training_job("admitted", &spec_with(&patch)));
        assert!(admitted.is_ok(), "{case}: {}", admitted.unwrap_err().message);
    }
}

/// Has the object look as if its resource had been created.
fn start(home: &Namespace, subject: &Subject, name: &str) {
    report(home, subject, name, &json!({ "arn": "arn:aws:sagemaker:us-west-2:123456789012:job/it" }));
}

/// Replaces the object's status.
fn report(home: &Namespace, subject: &Subject, name: &str, status: &Value) {
    let mut object = home.get(subject.plural, name).expect("it was made");
    object["status"] = status.clone();
    let path = format!("{}/status", path_of(home, subject, name));
    home.cluster().request(Method::PUT, &path, Some(&object)).expect("a status can be written");
}

#[test]
fn what_has_started_nothing_can_be_corrected_by_an_edit() {
    let (home, job) = (Namespace::new("unstarted"), Subject::of("TrainingJob"));
    home.apply(training_job("job", &spec_with(&json!({ "trainingJobName": "first" }))).to_string());
    let refused = json!([{
        "type": "Stalled", "status": "True", "reason": "InvalidSpec", "message": "no", "observedGeneration": 1,
        "lastTransitionTime": "2026-11-23T12:00:00Z",
    }]);
    let request = json!({ "at": "2026-11-23T12:00:00Z" });
    for (case, status, is_free) in [
        ("one that nobody has seen", json!({ "observedGeneration": -1 }), true),
        (
            "one that was refused",
            json!({
                "observedGeneration": 1, "trainingJobStatus": "ReconcilingTrainingJob", "conditions": refused,
                "sageMakerTrainingJobName": "first",
            }),
            true,
        ),
        ("one whose Create may have arrived", json!({ "observedGeneration": 1, "createRequest": request }), false),
        ("one with a resource", json!({ "observedGeneration": 1, "arn": "arn:aws:sagemaker:…" }), false),
        ("one of version 1 in an error", json!({ "trainingJobStatus": "ReconcilingTrainingJob" }), false),
        ("one of version 1 that runs", json!({ "trainingJobStatus": "InProgress" }), false),
    ] {
        report(&home, job, "job", &status);
        for edit in [
            json!({ "resourceConfig": { "instanceType": "ml.m5.large" } }),
            json!({ "region": "us-east-1" }),
            json!({ "trainingJobName": "second" }),
        ] {
            let path = format!("{}?dryRun=All", path_of(&home, job, "job"));
            let answer = home.cluster().request(Method::PATCH, &path, Some(&json!({ "spec": edit })));
            assert_eq!(answer.is_ok(), is_free, "{case}, {edit}: {answer:?}");
        }
    }
}

#[test]
fn an_existing_job_changes_only_where_sagemaker_can_follow() {
    let home = Namespace::new("mutable");
    home.apply(training_job("job", &spec_with(&json!({}))).to_string());
    start(&home, Subject::of("TrainingJob"), "job");
    // In this order: what is admitted stays.
    let steps = [
        (json!({ "hyperParameters": [{ "name": "eta", "value": "0.3" }] }), Some("hyperParameters")),
        (json!({ "region": "us-east-1" }), Some("region")),
        (json!({ "stoppingCondition": null }), Some("stoppingCondition")),
        (json!({ "vpcConfig": { "subnets": ["a"], "securityGroupIds": ["b"] } }), Some("vpcConfig")),
        (json!({ "resourceConfig": { "instanceCount": 2 } }), Some("resourceConfig")),
        (json!({ "region": "us-east-1", "roleArn": "arn:aws:iam::123456789012:role/other" }), Some("region roleArn")),
        (json!({ "resourceConfig": { "keepAlivePeriodInSeconds": 60 } }), None),
        (json!({ "resourceConfig": { "keepAlivePeriodInSeconds": null } }), None),
        (json!({ "tags": [{ "key": "team", "value": "b" }] }), None),
        (json!({ "tags": null }), None),
        (json!({ "profilerConfig": { "disableProfiler": true } }), None),
        (json!({ "profilerRuleConfigurations": [{ "ruleConfigurationName": "a", "ruleEvaluatorImage": "b" }] }), None),
        (json!({ "remoteDebugConfig": { "enableRemoteDebug": true } }), None),
        (json!({ "trainingJobName": "" }), None),
        (json!({ "trainingJobName": "first" }), None),
        (json!({ "trainingJobName": "second" }), Some("trainingJobName")),
        (json!({ "trainingJobName": null }), Some("trainingJobName")),
        (json!({ "trainingJobName": "" }), Some("trainingJobName")),
    ];
    for (patch, refused) in steps {
        let answer = home.patch("trainingjobs", "job", &json!({ "spec": patch }));
        match (answer, refused) {
            (Ok(_), None) => {}
            (Err(Refused { code: 422, message }), Some(fields)) => {
                assert!(message.contains(fields), "{patch}: {fields} is not named by: {message}");
            }
            (answer, refused) => panic!("{patch}: wanted {refused:?}, got {answer:?}"),
        }
    }
}

/// A value of the same sort that is another one.
fn another(value: &Value) -> Value {
    match value {
        Value::Null => json!("something"),
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => json!(whole + 1),
            None => json!(number.as_f64().expect("a number") + 1.0),
        },
        Value::String(text) => {
            let (start, end) = text.split_at(text.len() - 1);
            json!(format!("{start}{}", if end == "x" { "y" } else { "x" }))
        }
        Value::Array(items) => items.iter().map(another).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), another(value))).collect(),
    }
}

#[test]
fn every_leaf_stays_as_it_is_but_the_few_that_may_change() {
    let home = Namespace::new("immutable");
    for subject in &JOBS {
        every_leaf_stays(&home, subject);
    }
}

#[track_caller]
fn every_leaf_stays(home: &Namespace, subject: &Subject) {
    let kind = subject.kind;
    for (flavour, leaves, pair) in subject.all_leaves_together() {
        home.apply(object(subject, flavour.name, &pair.spec).to_string());
        start(home, subject, flavour.name);
        let there = format!("{}?dryRun=All", path_of(home, subject, flavour.name));
        for leaf in leaves {
            let path = leaf.spec_path();
            let field = leaf.path[0].spec_name();
            let mut changed = json!({ &field: pair.spec[&field] });
            let place = leaf.path.iter().enumerate().fold(&mut changed, |place, (depth, segment)| {
                let inner = &mut place[segment.spec_name()];
                if segment.is_list && depth + 1 < leaf.path.len() { &mut inner[0] } else { inner }
            });
            *place = if place.is_array() && !leaf.is_in_list() {
                json!([{ "name": place[0]["name"], "value": "other" }])
            } else {
                another(place)
            };
            let may_change = subject.mutable.iter().any(|mutable| path == *mutable || field == *mutable);
            match home.cluster().request(Method::PATCH, &there, Some(&json!({ "spec": changed }))) {
                Ok(_) => assert!(may_change, "{kind} {path} was changed"),
                Err(refused) => {
                    assert!(!may_change, "{kind} {path}: {}", refused.message);
                    let names_it = refused.message.contains(&format!("existing {kind}: {field}."))
                        || refused.message.contains(&format!("{field} cannot be changed"));
                    assert!(names_it, "{kind} {path}: {}", refused.message);
                }
            }
        }
    }
}

#[test]
fn a_refused_change_names_what_was_changed_and_what_may_be() {
    let home = Namespace::new("words");
    home.apply(training_job("job", &spec_with(&json!({}))).to_string());
    start(&home, Subject::of("TrainingJob"), "job");
    let change = json!({ "spec": { "region": "us-east-1", "resourceConfig": { "instanceCount": 2 } } });
    let refused = home.patch("trainingjobs", "job", &change).expect_err("a job cannot move");
    let (_, words) = refused.message.split_once("is invalid: ").expect("a refusal");
    insta::assert_snapshot!(words, @"spec: Invalid value: cannot be changed in an existing TrainingJob: region resourceConfig. Put the old value back, or make a new TrainingJob. Only these can: tags, profilerConfig, profilerRuleConfigurations, remoteDebugConfig, resourceConfig.keepAlivePeriodInSeconds");
}

/// The definition of a kind under another group and name, so that no other test meets it: to kubectl, `trainingjobs`
/// would be those of the group that comes first in the alphabet.
fn definition_in(group: &str) -> Value {
    let mut definition = Subject::of("TrainingJob").definition();
    definition["metadata"]["name"] = json!(format!("oldjobs.{group}"));
    definition["spec"]["group"] = json!(group);
    definition["spec"]["names"] = json!({ "plural": "oldjobs", "singular": "oldjob", "kind": "OldJob" });
    definition
}

#[test]
fn an_object_that_a_new_rule_dislikes_can_still_be_reported_on_and_let_go() {
    const GROUP: &str = "ratchet.example.com";
    let home = Namespace::new("ratchet");
    let path = format!("/apis/{GROUP}/v1/namespaces/{}/oldjobs", home.name());
    let cluster = home.cluster();
    let strict = definition_in(GROUP);
    let mut lenient = strict.clone();
    let schema = &mut lenient["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    schema["x-kubernetes-validations"] = Value::Null;
    schema["properties"]["spec"] = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let install = |definition: &Value| {
        cluster.kubectl().args(["apply", "--server-side", "-f", "-"]).stdin(definition.to_string()).run().ok();
        let established = ["wait", "--for=condition=Established", "--timeout=60s", "crd"];
        cluster.kubectl().args(established).arg(format!("oldjobs.{GROUP}")).run().ok();
    };
    let bad = json!({ "enableManagedSpotTraining": true, "roleArn": "short", "resourceConfig": null });
    let mut object = training_job("old", &spec_with(&bad));
    object["apiVersion"] = json!(format!("{GROUP}/v1"));
    object["kind"] = json!("OldJob");
    object["metadata"]["finalizers"] = json!(["example.com/held"]);

    install(&lenient);
    let created = eventually("a lenient server", PATIENCE, || {
        cluster.request(Method::POST, &path, Some(&object)).map_err(|refused| refused.message)
    });
    assert_eq!(created["spec"]["roleArn"], "short");
    install(&strict);
    object["metadata"]["name"] = json!("new");
    eventually("a strict server", PATIENCE, || {
        let path = format!("{path}?dryRun=All");
        cluster.request(Method::POST, &path, Some(&object)).err().ok_or("it took a bad object".to_owned())
    });

    let old = format!("{path}/old");
    let reported = json!({ "status": { "trainingJobStatus": "Completed" } });
    cluster
        .request(Method::PATCH, &format!("{old}/status"), Some(&reported))
        .expect("a status is no matter of the spec");
    cluster.request(Method::DELETE, &old, None).expect("it can be deleted");
    let freed = json!({ "metadata": { "finalizers": null } });
    cluster.request(Method::PATCH, &old, Some(&freed)).expect("its finalizer can be taken");
    assert!(cluster.get(&old).is_none());
}
