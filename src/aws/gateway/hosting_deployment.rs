//! Endpoints.

use aws_sdk_sagemaker::Client;
use serde_json::{Value, json};

use super::{Listing, Service, Verb, to_request};
use crate::api::HostingDeployment;
use crate::api::hosting_deployment::HostingDeploymentSpec;
use crate::aws::api::Api;
use crate::aws::operation::Operation;
use crate::lifecycle::{Kind, Place, Refusal};

impl Service for HostingDeployment {
    const NAME: &'static str = "EndpointName";
    const ARN: &'static str = "EndpointArn";
    const LISTING: Listing =
        Listing { summaries: "Endpoints", name: "EndpointName", status: "EndpointStatus", secondary_status: None };

    /// Models and configuration are resources of their own: the endpoint names but the latter.
    fn request(spec: &HostingDeploymentSpec) -> Result<Value, serde_json::Error> {
        let own = json!({ "deploymentConfig": serde_json::to_value(&spec.deployment_config)? });
        let mut body = to_request(Self::KIND, &own);
        if let Some(body) = body.as_object_mut() {
            body.remove("ExcludeRetainedVariantProperties");
        }
        body["EndpointConfigName"] = json!(spec.resolved.config);
        Ok(body)
    }

    fn operation(verb: Verb) -> Operation {
        Operation(match verb {
            Verb::Describe => "DescribeEndpoint",
            Verb::Create => "CreateEndpoint",
            Verb::Stop => "DeleteEndpoint",
            Verb::Update => "UpdateEndpoint",
            Verb::List => "ListEndpoints",
        })
    }

    async fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> Result<Value, Refusal> {
        let operation = Self::operation(verb);
        match verb {
            Verb::Describe => {
                let send = |client: Client, wire| client.describe_endpoint().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Create => {
                let send = |client: Client, wire| client.create_endpoint().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Stop => {
                let send = |client: Client, wire| client.delete_endpoint().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::Update => {
                let send = |client: Client, wire| client.update_endpoint().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
            Verb::List => {
                let send = |client: Client, wire| client.list_endpoints().customize().interceptor(wire).send();
                api.call(operation, place, body, send).await
            }
        }
    }
}
