//! What happens to a request on its way through the SDK: our body instead of the typed one, a last look at the Lease,
//! and the answer's own bytes beside the typed ones.
//!
//! So every field of the API is covered by one mapping of JSON, while the SDK does what it is good at: endpoints,
//! credentials, signatures, time-outs and the errors' forms.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;

use super::errors::Withheld;
use super::operation::{Effect, Operation};
use crate::lifecycle::Permit;

/// The suffix of the user agent by which AWS has always known what this operator creates.
const USER_AGENT_SUFFIX: &str = " sagemaker-on-kubernetes";

/// The interceptor of one request.
#[derive(Debug)]
pub(super) struct Wire {
    operation: Operation,
    body: Bytes,
    permit: Arc<dyn Permit>,
    seen: Arc<Seen>,
}

/// What one request has seen on its way.
#[derive(Debug, Default)]
pub(super) struct Seen {
    answer: Mutex<Option<Bytes>>,
    signature: Mutex<Option<(String, Instant)>>,
}

impl Seen {
    /// The body of the answer, if one came whole.
    pub(super) fn answer(&self) -> Option<Bytes> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The id of the access key that signed the request, and when; `None` if it did not come so far.
    pub(super) fn signature(&self) -> Option<(String, Instant)> {
        self.signature.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note_signature(&self, request: &HttpRequest) {
        let signed_by = request.headers().get("authorization").and_then(access_key);
        let signature = signed_by.map(|key| (key.to_owned(), Instant::now()));
        *self.signature.lock().unwrap_or_else(PoisonError::into_inner) = signature;
    }
}

/// Only looks whose signature a request carries, for services other than SageMaker.
#[derive(Debug)]
pub(super) struct Signer(Arc<Seen>);

impl Signer {
    /// An interceptor, and where it will leave what it has seen.
    pub(super) fn new() -> (Self, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        (Self(Arc::clone(&seen)), seen)
    }
}

impl Intercept for Signer {
    fn name(&self) -> &'static str {
        "Signer"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.note_signature(context.request());
        Ok(())
    }
}

impl Wire {
    /// An interceptor that sends `body`, and where it will leave what it has seen.
    pub(super) fn new(operation: Operation, body: Bytes, permit: Arc<dyn Permit>) -> (Self, Arc<Seen>) {
        let seen = Arc::new(Seen::default());
        (Self { operation, body, permit, seen: Arc::clone(&seen) }, seen)
    }
}

impl Intercept for Wire {
    fn name(&self) -> &'static str {
        "Wire"
    }

    /// Operation and body must be in place when the signature is made, and the length that was set for the typed one is
    /// stale.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        *request.body_mut() = SdkBody::from(self.body.clone());
        let headers = request.headers_mut();
        let service = headers.get("x-amz-target").and_then(|target| target.split_once('.')).map(|(service, _)| service);
        if let Some(target) = service.map(|service| format!("{service}.{}", self.operation.0)) {
            headers.insert("x-amz-target", target);
        }
        headers.insert("content-length", self.body.len().to_string());
        if self.operation.effect() == Effect::Create {
            let agent = headers.get("user-agent").unwrap_or_default().to_owned();
            headers.insert("user-agent", (agent + USER_AGENT_SUFFIX).trim_start().to_owned());
        }
        Ok(())
    }

    /// The last moment before the request leaves. It may have waited for credentials for longer than the Lease lasts.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.operation.effect().writes() && !self.permit.may_write() {
            return Err(Withheld.into());
        }
        self.seen.note_signature(context.request());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response().body().bytes().map(Bytes::copy_from_slice);
        *self.seen.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        Ok(())
    }
}

/// The access key's id in `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn access_key(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split('/').next()
}

#[cfg(test)]
#[path = "intercept_tests.rs"]
mod tests;
