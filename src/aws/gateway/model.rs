//! Models: they are there or not, and never change.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb, no_such};
use crate::api::Model;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for Model {
    const NAME: &'static str = "ModelName";
    const ARN: &'static str = "ModelArn";
    const LISTING: Listing =
        Listing { summaries: "Models", name: "ModelName", status: "ModelName", secondary_status: None };
    const MOVES: bool = false;
    const COMPARED: bool = true;

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeModel",
            Verb::Create => "CreateModel",
            Verb::Stop => "DeleteModel",
            Verb::Update => "UpdateModel",
            Verb::List => "ListModels",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| client.describe_model().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_model().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.delete_model().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::List => {
                let send = |client: Client, wire| client.list_models().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => Err(no_such(operation)),
        }
    }
}
