//! Endpoint configurations: they are there or not, and never change.

use aws_sdk_sagemaker::Client;
use serde_json::Value;

use super::{Listing, Service, Verb, no_such};
use crate::api::EndpointConfig;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Place, Refusal};

impl Service for EndpointConfig {
    const NAME: &'static str = "EndpointConfigName";
    const ARN: &'static str = "EndpointConfigArn";
    const LISTING: Listing = Listing {
        summaries: "EndpointConfigs",
        name: "EndpointConfigName",
        status: "EndpointConfigName",
        secondary_status: None,
    };
    const MOVES: bool = false;
    const COMPARED: bool = true;

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeEndpointConfig",
            Verb::Create => "CreateEndpointConfig",
            Verb::Stop => "DeleteEndpointConfig",
            Verb::Update => "UpdateEndpointConfig",
            Verb::List => "ListEndpointConfigs",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send =
                    |client: Client, wire| client.describe_endpoint_config().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_endpoint_config().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.delete_endpoint_config().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::List => {
                let send = |client: Client, wire| client.list_endpoint_configs().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => Err(no_such(operation)),
        }
    }
}
