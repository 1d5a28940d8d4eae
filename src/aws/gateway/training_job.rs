//! Training jobs.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb};
use crate::api::TrainingJob;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for TrainingJob {
    const NAME: &'static str = "TrainingJobName";
    const ARN: &'static str = "TrainingJobArn";
    const LISTING: Listing = Listing {
        summaries: "TrainingJobSummaries",
        name: "TrainingJobName",
        status: "TrainingJobStatus",
        secondary_status: Some("SecondaryStatus"),
    };

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeTrainingJob",
            Verb::Create => "CreateTrainingJob",
            Verb::Stop => "StopTrainingJob",
            Verb::Update => "UpdateTrainingJob",
            Verb::List => "ListTrainingJobs",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| client.describe_training_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_training_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.stop_training_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => {
                let send = |client: Client, wire| client.update_training_job().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::List => {
                let send = |client: Client, wire| client.list_training_jobs().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
        }
    }
}
