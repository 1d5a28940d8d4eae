//! The charts of single jobs below `dist/charts/jobs`: an object made from values, for those who start jobs with Helm.

use serde_json::{Value, json};

use super::charts::by_hand;
use super::files::File;

const SHARED: &str = include_str!("charts/jobs/_job.tpl");
const CHART: &str = include_str!("charts/jobs/Chart.yaml");
const NOTES: &str = include_str!("charts/jobs/NOTES.txt");
const TRAINING: &str = include_str!("charts/jobs/_training_values.yaml");
const ONE: &str = "  # NAME: VALUE; numbers need no quotes.\n  hyperparameters: {}\n";
const MANY: &str = include_str!("charts/jobs/tuning/values.yaml");

/// A chart.
struct Job {
    folder: &'static str,
    name: &'static str,
    about: &'static str,
    kind: &'static str,
    template: &'static str,
    values: String,
    /// What may stand in `spec`.
    schema: Value,
}

/// All of their files.
pub(super) fn jobs() -> Vec<File> {
    let mut tuning = training();
    merge(&mut tuning, search());
    let all = [
        Job {
            folder: "training",
            name: "sagemaker-training-job",
            about: "A training in SageMaker",
            kind: "TrainingJob",
            template: include_str!("charts/jobs/training/job.yaml"),
            values: TRAINING.replace("HYPERPARAMETERS\n", ONE),
            schema: training(),
        },
        Job {
            folder: "tuning",
            name: "sagemaker-tuning-job",
            about: "A search for the best hyperparameters in SageMaker",
            kind: "HyperparameterTuningJob",
            template: include_str!("charts/jobs/tuning/job.yaml"),
            values: TRAINING.replace("HYPERPARAMETERS\n", MANY),
            schema: tuning,
        },
        Job {
            folder: "batch-transform",
            name: "sagemaker-batch-transform-job",
            about: "A batch transform in SageMaker",
            kind: "BatchTransformJob",
            template: include_str!("charts/jobs/transform/job.yaml"),
            values: include_str!("charts/jobs/transform/values.yaml").to_owned(),
            schema: transform(),
        },
    ];
    all.iter().flat_map(Job::files).collect()
}

impl Job {
    fn files(&self) -> Vec<File> {
        let Self { folder, name, about, kind, template, values, schema } = self;
        let folder = format!("charts/jobs/{folder}");
        let chart = CHART.replace("NAME_OF_CHART", name).replace("ABOUT_CHART", about);
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": about,
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "global": { "type": "object" },
                "name": { "type": "string", "maxLength": 63, "pattern": "^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$" },
                "spec": { "type": "object", "additionalProperties": false, "properties": schema },
            },
        });
        [
            ("Chart.yaml", chart.as_str()),
            ("values.yaml", values),
            ("values.schema.json", &format!("{schema:#}\n")),
            ("templates/_job.tpl", SHARED),
            ("templates/job.yaml", template),
            ("templates/NOTES.txt", &NOTES.replace("KIND", kind)),
        ]
        .map(|(path, text)| by_hand(&folder, path, text))
        .to_vec()
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// What all jobs have.
fn common() -> Value {
    json!({
        "region": { "type": "string", "pattern": "^([a-z]{2,}(-[a-z]+)+-[0-9]+)?$" },
        "outputPath": in_s3(),
        "instanceType": { "type": "string", "pattern": "^ml\\." },
        "instanceCount": { "type": "integer", "minimum": 1 },
        "environment": map(),
        "tags": map(),
    })
}

fn training() -> Value {
    let channel = object(
        &json!({
            "channel": { "type": "string", "minLength": 1 },
            "s3": { "type": "object", "required": ["s3Uri"] },
            "fileSystem": {
                "type": "object",
                "required": ["fileSystemId", "fileSystemType", "fileSystemAccessMode", "directoryPath"],
            },
            "contentType": { "type": "string" },
            "compressionType": { "enum": ["None", "Gzip"] },
            "recordWrapperType": { "enum": ["None", "RecordIO"] },
            "inputMode": input_mode(),
            "shuffleConfig": { "type": "object" },
        }),
        &["channel"],
    );
    let mut channel = channel;
    merge(&mut channel, json!({ "oneOf": [{ "required": ["s3"] }, { "required": ["fileSystem"] }] }));
    let text = json!({ "type": "string", "minLength": 1 });
    let ids = json!({ "type": "array", "items": text, "minItems": 1 });
    let network = json!({ "securityGroupIds": ids, "subnets": ids });
    let mut all = common();
    merge(
        &mut all,
        json!({
            "roleArn": { "type": "string", "pattern": "^(arn:aws[a-z-]*:iam::[0-9]{12}:role/.+)?$" },
            "image": { "type": "string" },
            "trainingInputMode": input_mode(),
            "volumeSizeInGB": { "type": "integer", "minimum": 0 },
            "maxRuntimeInSeconds": { "type": "integer", "minimum": 1 },
            "maxWaitTimeInSeconds": { "type": "integer", "minimum": 0 },
            "enableManagedSpotTraining": { "type": "boolean" },
            "inputDataConfig": { "type": "array", "items": channel },
            "hyperparameters": map(),
            "metricDefinitions": list(&object(&json!({ "name": text, "regex": text }), &["name", "regex"])),
            "checkpointConfig": object(&json!({ "s3Uri": in_s3(), "localPath": text }), &[]),
            "vpcConfig": object(&network, &[]),
        }),
    );
    all
}

fn search() -> Value {
    let scaled = |words: &[&str]| {
        let range = json!({
            "name": { "type": "string", "minLength": 1 },
            "minValue": scalar(), "maxValue": scalar(), "scalingType": { "enum": words },
        });
        list(&object(&range, &["name", "minValue", "maxValue"]))
    };
    let category = json!({
        "name": { "type": "string", "minLength": 1 },
        "values": { "type": "array", "items": scalar(), "minItems": 1 },
    });
    json!({
        "strategy": { "enum": ["Bayesian", "Random", "Grid", "Hyperband"] },
        "earlyStopping": { "enum": ["Off", "Auto"] },
        "objective": object(&json!({ "type": { "enum": ["Minimize", "Maximize"] }, "metricName": { "type": "string" } }), &[]),
        "maxNumberOfTrainingJobs": { "type": "integer", "minimum": 1 },
        "maxParallelTrainingJobs": { "type": "integer", "minimum": 1 },
        "integerParameterRanges": scaled(&["Auto", "Linear", "Logarithmic"]),
        "continuousParameterRanges": scaled(&["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]),
        "categoricalParameterRanges": list(&object(&category, &["name", "values"])),
    })
}

fn transform() -> Value {
    let mut all = common();
    merge(
        &mut all,
        json!({
            "modelName": { "type": "string" },
            "inputPath": in_s3(),
            "inputDataType": { "enum": ["S3Prefix", "ManifestFile"] },
            "contentType": { "type": "string" },
            "compressionType": { "enum": ["", "None", "Gzip"] },
            "splitType": { "enum": ["", "None", "Line", "RecordIO", "TFRecord"] },
            "accept": { "type": "string" },
            "assembleWith": { "enum": ["", "None", "Line"] },
        }),
    );
    all
}

fn in_s3() -> Value {
    json!({ "type": "string", "pattern": "^((s3|https)://.+)?$" })
}

fn input_mode() -> Value {
    json!({ "enum": ["File", "Pipe", "FastFile"] })
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn map() -> Value {
    json!({ "type": "object", "additionalProperties": scalar() })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}
