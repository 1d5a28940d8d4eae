//! A connection that is opened before the first call needs it: a handshake with a far region takes as long as the
//! question to the API server that goes on beside it.

use aws_sdk_cloudwatchlogs::Client;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::Clients;
use crate::lifecycle::Place;

impl Clients {
    /// Opens a connection to CloudWatch Logs at a place, and leaves it to the first call. Nothing is asked of the service
    /// that takes a right or counts against a quota. Without TLS there is nothing to gain, and nothing happens.
    pub async fn connect_to_logs(&self, place: &Place) {
        let config = self.sdk_config(place).await;
        if config.endpoint_url().is_some_and(|endpoint| endpoint.starts_with("http:")) {
            return;
        }
        let client = Client::new(&config);
        // Whatever comes of it: the first call finds a connection or opens one, and tells what is wrong.
        let _ = client.describe_log_streams().customize().interceptor(OnlyConnect).send().await;
    }
}

/// Replaces a call by the smallest request that its endpoint answers to anybody.
#[derive(Debug)]
struct OnlyConnect;

#[dyn_dispatch_hint]
impl Intercept for OnlyConnect {
    fn name(&self) -> &'static str {
        "OnlyConnect"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri: http::Uri = request.uri().parse()?;
        let Some(host) = uri.authority().filter(|_| uri.scheme() == Some(&http::uri::Scheme::HTTPS)) else {
            return Err("a connection without TLS is opened soon enough".into());
        };
        *request = HttpRequest::get(format!("https://{host}/ping"))?;
        Ok(())
    }
}
