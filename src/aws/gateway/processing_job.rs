//! Processing jobs.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb, no_such};
use crate::api::ProcessingJob;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for ProcessingJob {
    const NAME: &'static str = "ProcessingJobName";
    const ARN: &'static str = "ProcessingJobArn";
    const LISTING: Listing = Listing {
        summaries: "ProcessingJobSummaries",
        name: "ProcessingJobName",
        status: "ProcessingJobStatus",
        secondary_status: None,
    };

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeProcessingJob",
            Verb::Create => "CreateProcessingJob",
            Verb::Stop => "StopProcessingJob",
            Verb::Update => "UpdateProcessingJob",
            Verb::List => "ListProcessingJobs",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| client.describe_processing_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_processing_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.stop_processing_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => Err(no_such(operation)),
            Verb::List => {
                let send = |client: Client, wire| client.list_processing_jobs().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
        }
    }
}
