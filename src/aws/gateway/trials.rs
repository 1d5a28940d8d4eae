//! The training jobs that a tuning job starts by itself.

use aws_sdk_sagemaker::Client;
use serde_json::{Value, json};

use crate::api::{TrainingJob, TrainingJobSpec};
use crate::aws::api::{Api, unreadable};
use crate::aws::operation::Operation;
use crate::aws::wire::to_spec;
use crate::lifecycle::{Cause, Kind as _, Page, Place, Refusal, Trials};

const DESCRIBE: Operation = Operation("DescribeTrainingJob");
const LIST: Operation = Operation("ListTrainingJobsForHyperParameterTuningJob");

impl Trials for Api {
    async fn trials(&self, place: &Place, tuning_job: &str, next: Option<&str>) -> Result<Page<String>, Refusal> {
        let mut body = json!({
            "HyperParameterTuningJobName": tuning_job,
            "MaxResults": 100,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
        });
        if let Some(next) = next {
            body["NextToken"] = json!(next);
        }
        let send = |client: Client, wire| {
            client.list_training_jobs_for_hyper_parameter_tuning_job().customize().interceptor(wire).send()
        };
        let answer = self.call(LIST, place, &body, send).await?;
        let summaries = answer["TrainingJobSummaries"].as_array().into_iter().flatten();
        let items = summaries.filter_map(|summary| summary["TrainingJobName"].as_str().map(str::to_owned)).collect();
        Ok(Page { items, next: answer["NextToken"].as_str().map(str::to_owned) })
    }

    async fn trial(&self, place: &Place, name: &str) -> Result<Value, Refusal> {
        let body = json!({ "TrainingJobName": name });
        let send = |client: Client, wire| client.describe_training_job().customize().interceptor(wire).send();
        let answer = self.call(DESCRIBE, place, &body, send).await?;
        spec(place, &answer).map_err(|error| Refusal { cause: Cause::Invalid, ..unreadable(DESCRIBE.0, &error) })
    }
}

/// The answer as a spec. What the type does not know, such as times and statuses, is left out by it.
fn spec(place: &Place, answer: &Value) -> Result<Value, serde_json::Error> {
    let mut spec = to_spec(TrainingJob::KIND, answer);
    remove_empty_texts(&mut spec);
    spec["region"] = json!(place.region.as_str());
    if let Some(endpoint) = &place.endpoint {
        spec["sageMakerEndpoint"] = json!(endpoint.as_str());
    }
    serde_json::to_value(serde_json::from_value::<TrainingJobSpec>(spec)?)
}

/// SageMaker writes `""` where nothing was said, which rules would take for something. The empty value of a name means
/// something.
fn remove_empty_texts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| name == "value" || field != "");
            fields.values_mut().for_each(remove_empty_texts);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_empty_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_reads_like_a_training_job_that_somebody_wrote() {
        let place = Place {
            region: "us-west-2".parse().unwrap(),
            endpoint: Some("http://127.0.0.1:4566".parse().unwrap()),
            role: None,
        };
        let answer = json!({
            "TrainingJobName": "search-001-1a2b3c4d",
            "TrainingJobArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/search-001-1a2b3c4d",
            "TuningJobArn": "arn:aws:sagemaker:us-west-2:123456789012:hyper-parameter-tuning-job/search",
            "TrainingJobStatus": "InProgress",
            "AlgorithmSpecification": { "TrainingImage": "image", "AlgorithmName": "", "TrainingInputMode": "File" },
            "HyperParameters": { "eta": "0.2", "flag": "" },
            "OutputDataConfig": { "KmsKeyId": "", "S3OutputPath": "s3://bucket/out" },
            "ResourceConfig": { "InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5 },
            "RoleArn": "arn:aws:iam::123456789012:role/train",
            "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
            "CreationTime": 1_700_000_000.0,
        });
        insta::assert_snapshot!(format!("{:#}", spec(&place, &answer).unwrap()), @r#"
        {
          "algorithmSpecification": {
            "trainingImage": "image",
            "trainingInputMode": "File"
          },
          "hyperParameters": [
            {
              "name": "eta",
              "value": "0.2"
            },
            {
              "name": "flag",
              "value": ""
            }
          ],
          "outputDataConfig": {
            "s3OutputPath": "s3://bucket/out"
          },
          "region": "us-west-2",
          "resourceConfig": {
            "instanceCount": 1,
            "instanceType": "ml.m5.xlarge",
            "volumeSizeInGB": 5
          },
          "roleArn": "arn:aws:iam::123456789012:role/train",
          "sageMakerEndpoint": "http://127.0.0.1:4566",
          "stoppingCondition": {
            "maxRuntimeInSeconds": 3600
          },
          "trainingJobName": "search-001-1a2b3c4d"
        }
        "#);
    }
}
