//! A value for each leaf: one that AWS takes, and as far as can be one that no other leaf has, so that a value that went
//! astray is seen.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Value, json};

use super::model::{Leaf, Model, Shape, Sort};
use super::subject::{JOBS, Subject, subjects};

/// What AWS wants to see in texts of a certain form. All others get their own path.
const FORMS: [(&str, &str); 28] = [
    ("AcceleratorPartitionType", "mig-1g.5gb"),
    ("AutoMLJobArn", "arn:aws:sagemaker:us-west-2:123456789012:automl-job/search"),
    ("ClarifyMimeType", "text/csv"),
    ("CsvContentType", "text/csv"),
    ("EvaluatorArn", "arn:aws:lambda:us-west-2:123456789012:function:judge"),
    ("FileSystemId", "fs-0123456789abcdef0"),
    ("HubContentArn", "arn:aws:sagemaker:us-west-2:aws:hub-content/Hub/ModelReference/llama"),
    ("HubDataSetArn", "arn:aws:sagemaker:us-west-2:123456789012:hub-content/hub/DataSet/digits/1.0.0"),
    ("HyperParameterTuningJobArn", "arn:aws:sagemaker:us-west-2:123456789012:hyper-parameter-tuning-job/sweep"),
    ("JsonContentType", "application/json"),
    ("LabelingJobArn", "arn:aws:sagemaker:us-west-2:123456789012:labeling-job/labels"),
    ("MetricsEndpointPath", "/metrics"),
    ("MlFlowResourceArn", "arn:aws:sagemaker:us-west-2:123456789012:mlflow-tracking-server/runs"),
    ("MlReservationArn", "arn:aws:sagemaker:us-west-2:123456789012:reservation/spring"),
    ("ModelPackageArn", "arn:aws:sagemaker:us-west-2:123456789012:model-package/digits/1"),
    ("ModelPackageGroupArn", "arn:aws:sagemaker:us-west-2:123456789012:model-package-group/digits"),
    ("ProcessingJobArn", "arn:aws:sagemaker:us-west-2:123456789012:processing-job/rule"),
    ("RoleArn", "arn:aws:iam::123456789012:role/service-role/train"),
    ("SecurityGroupId", "sg-0123456789abcdef0"),
    ("SequenceLength", "8K"),
    ("ServerlessJobBaseModelArn", "arn:aws:sagemaker:us-west-2:aws:hub-content/Hub/Model/llama/1.0.0"),
    ("SnsTopicArn", "arn:aws:sns:us-west-2:123456789012:answers"),
    ("SubnetId", "subnet-0123456789abcdef0"),
    ("TransformJobArn", "arn:aws:sagemaker:us-west-2:123456789012:transform-job/digits"),
    ("TrainingJobArn", "arn:aws:sagemaker:us-west-2:123456789012:training-job/digits"),
    ("TrainingPlanArn", "arn:aws:sagemaker:us-west-2:123456789012:training-plan/spring"),
    ("TrainingRepositoryCredentialsProviderArn", "arn:aws:lambda:us-west-2:123456789012:function:registry"),
    ("VersionedArnOrName", "digits/1"),
];

/// Texts that are a place in S3.
const PLACES: [&str; 4] = ["DestinationS3Uri", "S3ModelUri", "S3Uri", "Url"];

/// Numbers that must fit each other.
const NUMBERS: [(&str, i64); 6] = [
    ("StoppingCondition.MaxRuntimeInSeconds", 3600),
    ("StoppingCondition.MaxWaitTimeInSeconds", 7200),
    ("MaxConcurrentTransforms", 9),
    ("MaxPayloadInMB", 11),
    ("ResourceLimits.MaxNumberOfTrainingJobs", 3),
    ("ResourceLimits.MaxParallelTrainingJobs", 2),
];

/// The leaf's value in a request.
pub(crate) fn on_the_wire(model: &Model, leaf: &Leaf) -> Value {
    let shape = model.shape(&leaf.shape);
    let value = match shape.sort {
        Sort::Map => {
            let (key, value) = entry(model, leaf, shape);
            json!({ key: value })
        }
        _ => scalar(&leaf.shape, shape, &leaf.wire_path()),
    };
    if leaf.is_in_list() { json!([value]) } else { value }
}

/// The same value in a spec, where a map is a list of names and values.
pub(crate) fn in_the_spec(model: &Model, leaf: &Leaf) -> Value {
    let shape = model.shape(&leaf.shape);
    match shape.sort {
        Sort::Map => {
            let (name, value) = entry(model, leaf, shape);
            json!([{ "name": name, "value": value }])
        }
        _ => on_the_wire(model, leaf),
    }
}

fn entry(model: &Model, leaf: &Leaf, map: &Shape) -> (String, Value) {
    let part = |shape: &Option<String>, suffix: &str| {
        let name = shape.as_deref().expect("a map has keys and values");
        scalar(name, model.shape(name), &format!("{}.{suffix}", leaf.wire_path()))
    };
    let key = part(&map.key, "key");
    (key.as_str().expect("a key is a text").to_owned(), part(&map.value, "value"))
}

fn scalar(name: &str, shape: &Shape, path: &str) -> Value {
    let number =
        NUMBERS.iter().find(|(of, _)| path.ends_with(of)).map_or_else(|| number_of(path), |(_, number)| *number);
    match shape.sort {
        // Only spot training waits, so only with it there is a limit of waiting.
        Sort::Boolean => json!(path.ends_with("EnableManagedSpotTraining") || number % 2 == 0),
        Sort::Integer | Sort::Long => json!(number.max(shape.min.unwrap_or(0)).min(shape.max.unwrap_or(i64::MAX))),
        Sort::String => json!(text(name, shape, path)),
        Sort::Timestamp => json!(1_700_000_000 + number),
        Sort::Float | Sort::Double => json!(f64::from(u8::try_from(number % 100).unwrap_or_default()) / 8.0),
        Sort::List | Sort::Map | Sort::Structure => panic!("{path}: a {:?} is no scalar", shape.sort),
    }
}

/// A number of the path's own, small enough for a count of machines.
fn number_of(path: &str) -> i64 {
    i64::from(path.bytes().fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % 89) + 3
}

fn text(name: &str, shape: &Shape, path: &str) -> String {
    if let Some(word) = shape.words.last() {
        return word.clone();
    }
    match FORMS.iter().find(|(form, _)| *form == name) {
        Some((_, text)) => (*text).to_owned(),
        None if PLACES.contains(&name) => format!("s3://bucket/{}", plain(path, '-')),
        None if name.ends_with("EnvironmentKey") => plain(path, '_'),
        None => {
            let plain = plain(path, '-');
            let most = usize::try_from(shape.max.unwrap_or(256)).unwrap_or(usize::MAX);
            let start = plain.len().saturating_sub(most);
            plain[start..].trim_start_matches('-').to_owned()
        }
    }
}

/// The path in letters, digits and `joint`.
fn plain(path: &str, joint: char) -> String {
    path.to_ascii_lowercase().replace("[]", "").replace('.', &joint.to_string())
}

#[test]
fn every_text_is_one_that_aws_takes() {
    let model = Model::sagemaker();
    let mut patterns = BTreeMap::new();
    let mut check = |shape: &str, text: &Value, path: &str| {
        let shape = model.shape(shape);
        let text = text.as_str().unwrap_or_else(|| panic!("{path}: {text} is no text"));
        let length = i64::try_from(text.len()).expect("a short text");
        assert!(shape.min.is_none_or(|min| length >= min), "{path}: {text:?} is too short");
        assert!(shape.max.is_none_or(|max| length <= max), "{path}: {text:?} is too long");
        if let Some(pattern) = &shape.pattern {
            // Java's way to write it; what looks behind is left out.
            let rust = pattern.replace(r"\p{Alnum}", "[:alnum:]").replace("(?<!-)", "");
            // Nor does Rust look ahead.
            let rust = rust.replace(r"(?!.*\.\.)", "");
            // And its halves of characters, which Rust's texts do not have.
            let rust = rust.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\u{10000}-\u{10FFFF}");
            let compiled = || Regex::new(&format!("^(?s:{rust})$")).expect("a pattern of AWS");
            assert!(
                patterns.entry(pattern).or_insert_with(compiled).is_match(text),
                "{path}: {text:?} is not {pattern}"
            );
        }
    };
    let requests = subjects().flat_map(Subject::all);
    let answers = JOBS.iter().flat_map(|subject| model.answers(&subject.describe()));
    for leaf in &requests.chain(answers).collect::<Vec<_>>() {
        let (shape, value, path) = (model.shape(&leaf.shape), on_the_wire(model, leaf), leaf.wire_path());
        match (shape.sort, &shape.key, &shape.value) {
            (Sort::String, _, _) => check(&leaf.shape, if leaf.is_in_list() { &value[0] } else { &value }, &path),
            (Sort::Map, Some(of_keys), Some(of_values)) => {
                for (key, value) in value.as_object().expect("a map") {
                    check(of_keys, &json!(key), &path);
                    check(of_values, value, &path);
                }
            }
            _ => {}
        }
    }
}
