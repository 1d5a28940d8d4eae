//! Hyperparameter tuning jobs.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb, no_such};
use crate::api::HyperparameterTuningJob;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for HyperparameterTuningJob {
    const NAME: &'static str = "HyperParameterTuningJobName";
    const ARN: &'static str = "HyperParameterTuningJobArn";
    const LISTING: Listing = Listing {
        summaries: "HyperParameterTuningJobSummaries",
        name: "HyperParameterTuningJobName",
        status: "HyperParameterTuningJobStatus",
        secondary_status: None,
    };

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeHyperParameterTuningJob",
            Verb::Create => "CreateHyperParameterTuningJob",
            Verb::Stop => "StopHyperParameterTuningJob",
            Verb::Update => "UpdateHyperParameterTuningJob",
            Verb::List => "ListHyperParameterTuningJobs",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| {
                    client.describe_hyper_parameter_tuning_job().customize().interceptor(wire).send()
                };
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| {
                    client.create_hyper_parameter_tuning_job().customize().interceptor(wire).send()
                };
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| {
                    client.stop_hyper_parameter_tuning_job().customize().interceptor(wire).send()
                };
                api.call(operation, place, body, send).await
            }
            Verb::Update => Err(no_such(operation)),
            Verb::List => {
                let send = |client: Client, wire| {
                    client.list_hyper_parameter_tuning_jobs().customize().interceptor(wire).send()
                };
                api.call(operation, place, body, send).await
            }
        }
    }
}
