//! The charts of single jobs: what they need, what they refuse, and that what they make runs to its end.

use serde_json::{Value, json};

use crate::support::operator::hasty;
use crate::support::{Namespace, Simulator, helm};

const CHARTS: [(&str, &str); 3] = [
    ("jobs/training", "trainingjobs"),
    ("jobs/tuning", "hyperparametertuningjobs"),
    ("jobs/batch-transform", "batchtransformjobs"),
];
const MODEL: &str = "digits-model";

/// The values that a chart must have, and no more.
fn least(chart: &str) -> Value {
    let mut values = json!({ "spec": { "region": "us-west-2", "outputPath": "s3://bucket/out" } });
    let training = json!({ "roleArn": "arn:aws:iam::123456789012:role/train", "image": "image:1" });
    let more = match chart {
        "jobs/training" => training,
        "jobs/tuning" => {
            let mut more = training;
            let tuned = json!({
                "objective": { "metricName": "validation:error" },
                "integerParameterRanges": [{ "name": "num_round", "minValue": 10, "maxValue": 20 }],
            });
            json_patch::merge(&mut more, &tuned);
            more
        }
        "jobs/batch-transform" => json!({ "modelName": MODEL, "inputPath": "s3://bucket/in" }),
        other => panic!("no chart {other}"),
    };
    json_patch::merge(&mut values["spec"], &more);
    values
}

/// All else that a chart takes.
fn rest(chart: &str) -> Value {
    let common = json!({ "tags": { "team": "blue", "cost": 1_000_000 }, "environment": { "A": "b", "N": 3 } });
    let trained = json!({
        "trainingInputMode": "FastFile",
        "hyperparameters": { "sandbox_training_seconds": 30, "rows": 1_000_000, "eta": 0.25, "verbose": true },
        "enableManagedSpotTraining": true,
        "maxRuntimeInSeconds": 3600,
        "maxWaitTimeInSeconds": 7200,
        "metricDefinitions": [{ "name": "loss", "regex": "loss=(.*?);" }],
        "checkpointConfig": { "s3Uri": "s3://bucket/checkpoints" },
        "vpcConfig": { "securityGroupIds": ["sg-0123456789abcdef0"], "subnets": ["subnet-0123456789abcdef0"] },
        "inputDataConfig": [
            { "channel": "train", "contentType": "text/csv", "s3": { "s3Uri": "s3://bucket/train" } },
            { "channel": "validation", "fileSystem": {
                "fileSystemId": "fs-0123456789abcdef0", "fileSystemType": "EFS", "fileSystemAccessMode": "ro",
                "directoryPath": "/data",
            } },
        ],
    });
    let searched = json!({
        "strategy": "Random", "earlyStopping": "Auto", "maxNumberOfTrainingJobs": 2, "maxParallelTrainingJobs": 1,
        "objective": { "type": "Maximize" },
        "continuousParameterRanges": [{ "name": "alpha", "minValue": 0.1, "maxValue": 1_000_000, "scalingType": "Logarithmic" }],
        "categoricalParameterRanges": [{ "name": "booster", "values": ["gbtree", "dart"] }],
    });
    let transformed = json!({
        "inputDataType": "ManifestFile", "contentType": "text/csv", "compressionType": "Gzip", "splitType": "Line",
        "accept": "text/csv", "assembleWith": "Line", "instanceCount": 2,
    });
    let parts = match chart {
        "jobs/training" => vec![common, trained],
        "jobs/tuning" => vec![common, trained, searched],
        _ => vec![common, transformed],
    };
    let mut all = json!({ "name": "by-its-own-name" });
    for part in parts {
        json_patch::merge(&mut all, &json!({ "spec": part }));
    }
    all
}

#[test]
fn what_has_to_be_given_is_named_and_what_cannot_be_meant_is_refused() {
    for (chart, missing) in [
        ("jobs/training", vec!["region", "roleArn", "image", "outputPath"]),
        ("jobs/tuning", vec!["region", "roleArn", "image", "outputPath"]),
        ("jobs/batch-transform", vec!["region", "modelName", "inputPath", "outputPath"]),
    ] {
        for name in missing {
            let without = json!({ "spec": { name: null } });
            refuses(chart, &without, &format!("spec.{name} is missing: give |hint: --set spec.{name}="));
        }
    }
    let channel = |more: Value| {
        let mut channel = json!({ "channel": "train" });
        json_patch::merge(&mut channel, &more);
        json!({ "spec": { "inputDataConfig": [channel] } })
    };
    let none = json!({ "spec": { "integerParameterRanges": null } });
    refuses("jobs/tuning", &none, "are all empty: give what is to be tuned");
    let nothing = json!({ "spec": { "objective": { "metricName": "" } } });
    refuses("jobs/tuning", &nothing, "spec.objective.metricName is missing");
    let waits = json!({ "spec": { "maxWaitTimeInSeconds": 7200 } });
    refuses("jobs/training", &waits, "spec.maxWaitTimeInSeconds is for spot training|enableManagedSpotTraining=true");
    for (values, said) in [
        (json!({ "spec": { "imge": "image:1" } }), "imge"),
        (json!({ "spec": { "region": "Oregon" } }), "region"),
        (json!({ "spec": { "roleArn": "train" } }), "roleArn"),
        (json!({ "spec": { "outputPath": "/out" } }), "outputPath"),
        (json!({ "spec": { "instanceCount": 0 } }), "instanceCount"),
        (json!({ "spec": { "hyperparameters": { "a": ["b"] } } }), "hyperparameters"),
        (json!({ "name": "No_Name" }), "name"),
        (channel(json!({})), "inputDataConfig"),
        (channel(json!({ "s3": {} })), "s3Uri"),
    ] {
        refuses("jobs/training", &values, said);
    }
}

/// The chart takes no such values, and says each of the parts.
#[track_caller]
fn refuses(chart: &str, change: &Value, said: &str) {
    let mut values = least(chart);
    json_patch::merge(&mut values, change);
    let refused = helm::render(chart, "ml", &values.to_string());
    assert_eq!((refused.code(), refused.stdout.as_str()), (1, ""), "{chart}: {values}");
    for part in said.split('|') {
        assert!(refused.stderr.contains(part), "{chart}: {values}: {}", refused.stderr);
    }
}

#[test]
fn with_the_least_and_with_all_values_a_job_runs_to_its_end_and_goes_with_its_release() {
    let home = Namespace::new("chart-jobs");
    let aws = Simulator::with(["--speed", "200", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let _operator = hasty(&home, &aws).start();
    let helm = || home.cluster().helm().args(["-n", home.name()]);
    for (chart, plural) in CHARTS {
        let lint =
            helm().args(["lint", "--strict", "-f", "-"]).arg(helm::chart(chart)).stdin(least(chart).to_string()).run();
        assert_eq!(lint.code(), 0, "{chart}: {}{}", lint.stdout, lint.stderr);
        let mut all = least(chart);
        json_patch::merge(&mut all, &rest(chart));
        for (release, name, values) in [("least", "least", least(chart)), ("all", "by-its-own-name", all)] {
            let release = format!("{release}-{plural}");
            let name = if name == "least" { release.as_str() } else { name };
            let object = helm::render(chart, home.name(), &values.to_string()).ok();
            let taken = home.kubectl(["apply", "--dry-run=server", "--validate=strict", "-f", "-"]).stdin(object).run();
            assert_eq!((taken.code(), taken.stderr.as_str()), (0, ""), "{chart}");
            let said =
                helm().args(["install", &release, "-f", "-"]).arg(helm::chart(chart)).stdin(values.to_string()).run();
            assert!(said.ok().contains(&format!("kubectl smlogs -n {}", home.name())), "{chart}");
            let _ = home.until_condition(plural, name, "Complete");
        }
    }

    let asked = |operation: &str| aws.applied(operation).last().expect("it was made").request.clone();
    let training = asked("CreateHyperParameterTuningJob")["TrainingJobDefinition"].clone();
    assert_eq!(training["StaticHyperParameters"]["rows"], "1000000");
    assert_eq!(training["StaticHyperParameters"]["eta"], "0.25");
    assert_eq!(training["StoppingCondition"]["MaxWaitTimeInSeconds"], 7200);
    assert_eq!(asked("CreateTransformJob")["Environment"], json!({ "A": "b", "N": "3" }));
    let tags = aws.applied("CreateTrainingJob").iter().find_map(|call| {
        let tags = call.request["Tags"].as_array()?;
        tags.contains(&json!({ "Key": "cost", "Value": "1000000" })).then_some(())
    });
    assert!(tags.is_some(), "no training has the tags");

    for (_, plural) in CHARTS {
        for (release, name) in [("least", ""), ("all", "by-its-own-name")] {
            let release = format!("{release}-{plural}");
            helm().args(["uninstall", &release]).run().ok();
            home.until_gone(plural, if name.is_empty() { &release } else { name });
        }
    }
}
