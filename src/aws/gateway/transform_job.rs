//! Batch transform jobs.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb, no_such};
use crate::api::BatchTransformJob;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for BatchTransformJob {
    const NAME: &'static str = "TransformJobName";
    const ARN: &'static str = "TransformJobArn";
    const LISTING: Listing = Listing {
        summaries: "TransformJobSummaries",
        name: "TransformJobName",
        status: "TransformJobStatus",
        secondary_status: None,
    };

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeTransformJob",
            Verb::Create => "CreateTransformJob",
            Verb::Stop => "StopTransformJob",
            Verb::Update => "UpdateTransformJob",
            Verb::List => "ListTransformJobs",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| client.describe_transform_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_transform_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.stop_transform_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => Err(no_such(operation)),
            Verb::List => {
                let send = |client: Client, wire| client.list_transform_jobs().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
        }
    }
}
