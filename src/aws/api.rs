//! One call of SageMaker, from a JSON request to a JSON answer: wait for a turn, send, put an error into its class,
//! tell the observer.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bytes::Bytes;
use serde_json::Value;
use tracing::debug;

use super::Clients;
use super::errors::refusal;
use super::intercept::{Signer, Wire};
use super::keys::{Keys, Known};
use super::limiter::{Limits, Turn};
use super::operation::Operation;
use crate::lifecycle::{AccountId, Cause, Permit, Place, Refusal};

const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";

/// How one request went, for metrics.
#[derive(Debug)]
pub struct Sent<'a> {
    /// The operation, such as `CreateTrainingJob`.
    pub operation: &'static str,
    /// Where.
    pub place: &'a Place,
    /// `None` if AWS did what was asked.
    pub refused: Option<&'a Cause>,
    /// How long it waited for its turn in the account's quota.
    pub waited: Duration,
    /// How long it took from leaving the queue to the answer.
    pub took: Duration,
}

/// Somebody who is told of every request.
pub type Observer = dyn Fn(&Sent<'_>) + Send + Sync;

/// What all gateways share. Cheap to clone; a process has one, so that all controllers share quotas and clients.
#[derive(Clone)]
pub struct Api {
    clients: Arc<Clients>,
    permit: Arc<dyn Permit>,
    observer: Arc<Observer>,
    limits: Arc<Limits>,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("clients", &self.clients).field("permit", &self.permit).finish_non_exhaustive()
    }
}

impl Api {
    /// The way to AWS. `permit` is asked before every write leaves; `observer` is told of every request.
    pub fn new(clients: Clients, permit: Arc<dyn Permit>, observer: Arc<Observer>) -> Self {
        Self { clients: Arc::new(clients), permit, observer, limits: Arc::default(), keys: Arc::default() }
    }

    /// The clients that it asks by.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// One request of SageMaker. `send` builds the SDK's operation around the interceptor, which carries the body.
    pub(super) async fn call<T, E, F>(
        &self,
        operation: Operation,
        place: &Place,
        body: &Value,
        send: impl FnOnce(aws_sdk_sagemaker::Client, Wire) -> F,
    ) -> Result<Value, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let turn = self.limits.admit(place, operation.family()).await;
        // After the wait: credentials may have been refused and read again in the meantime.
        let client = self.clients.sagemaker(place).await;
        self.exchange(turn, operation, place, body, |wire| send(client, wire)).await
    }

    /// One request of Application Auto Scaling, as [`Api::call`].
    pub(super) async fn call_scaling<T, E, F>(
        &self,
        operation: Operation,
        place: &Place,
        body: &Value,
        send: impl FnOnce(aws_sdk_applicationautoscaling::Client, Wire) -> F,
    ) -> Result<Value, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let turn = self.limits.admit(place, operation.family()).await;
        let client = self.clients.application_autoscaling(place).await;
        self.exchange(turn, operation, place, body, |wire| send(client, wire)).await
    }

    /// Has the request leave, and learns from how it went.
    async fn exchange<T, E, F>(
        &self,
        turn: Turn,
        operation: Operation,
        place: &Place,
        body: &Value,
        send: impl FnOnce(Wire) -> F,
    ) -> Result<Value, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let waited = turn.waited;
        let (wire, seen) = Wire::new(operation, Bytes::from(body.to_string()), Arc::clone(&self.permit));

        let left = Instant::now();
        let result = send(wire).await;
        if let Some((key, signed)) = seen.signature() {
            self.keys.used(place, key, signed);
        }
        let answer = match result {
            Ok(_typed) => parse(operation.0, seen.answer()),
            Err(error) => Err(refusal(operation.0, &error)),
        };

        match answer.as_ref().err().map(|refusal| &refusal.cause) {
            Some(Cause::Throttled) => turn.throttled(),
            // No answer says nothing about the rate, and neither does what has not left.
            Some(Cause::Transient | Cause::NotLeader) => drop(turn),
            Some(_) | None => turn.answered(),
        }
        self.conclude(operation.0, place, answer.as_ref().err(), waited, left);
        answer
    }

    /// The account of the credentials in use at this place. Known for an access key once it has been asked; another
    /// key is another question, so that exchanged credentials are seen. While an exchange between accounts settles,
    /// the answer is a refusal that passes.
    pub(super) async fn account(&self, place: &Place) -> Result<AccountId, Refusal> {
        if self.keys.account(place, Instant::now()) == Known::Unknown {
            let sts = self.clients.sts(place).await;
            let left = Instant::now();
            let answer = self.ask_account(place, &sts).await;
            self.conclude(GET_CALLER_IDENTITY, place, answer.as_ref().err(), Duration::ZERO, left);
            answer?;
        }
        match self.keys.account(place, Instant::now()) {
            Known::Account(account) => Ok(account),
            Known::Settling | Known::Unknown => Err(settling()),
        }
    }

    /// Asks whose key it is that signs at this place, and notes both.
    async fn ask_account(&self, place: &Place, sts: &aws_sdk_sts::Client) -> Result<(), Refusal> {
        let (signer, seen) = Signer::new();
        let identity = sts.get_caller_identity().customize().interceptor(signer).send().await;
        let identity = identity.map_err(|error| refusal(GET_CALLER_IDENTITY, &error))?;
        let account = identity.account().unwrap_or_default().parse::<AccountId>();
        let account = account.map_err(|error| unreadable(GET_CALLER_IDENTITY, &error))?;
        if let Some((key, signed)) = seen.signature() {
            self.keys.belongs(key.clone(), account);
            self.keys.used(place, key, signed);
        }
        Ok(())
    }

    /// What every call ends with: refused credentials are read again, the observer is told.
    fn conclude(
        &self,
        operation: &'static str,
        place: &Place,
        refusal: Option<&Refusal>,
        waited: Duration,
        left: Instant,
    ) {
        let refused = refusal.map(|refusal| &refusal.cause);
        match refused {
            Some(Cause::Credentials) => self.clients.distrust(place, Instant::now()),
            Some(Cause::Transient | Cause::NotLeader) => {}
            Some(_) | None => self.clients.trust(place),
        }
        let took = left.elapsed();
        debug!(operation, region = %place.region, ?refused, ?waited, ?took, "asked AWS");
        (self.observer)(&Sent { operation, place, refused, waited, took });
    }
}

/// The answer as JSON; a few operations answer with nothing.
pub(super) fn parse(operation: &'static str, body: Option<Bytes>) -> Result<Value, Refusal> {
    match body {
        Some(body) if !body.is_empty() => serde_json::from_slice(&body).map_err(|error| unreadable(operation, &error)),
        Some(_) | None => Ok(Value::Object(serde_json::Map::new())),
    }
}

/// It is not clear whose answers the last ones were. Asking again is the only way to know more.
fn settling() -> Refusal {
    Refusal {
        operation: GET_CALLER_IDENTITY,
        cause: Cause::Transient,
        code: String::new(),
        message: "the credentials have just been exchanged for those of another account".to_owned(),
        request_id: None,
    }
}

/// AWS said yes in words that cannot be read. Asking again is the only way to know more.
pub(super) fn unreadable(operation: &'static str, error: &dyn std::error::Error) -> Refusal {
    Refusal {
        operation,
        cause: Cause::Transient,
        code: String::new(),
        message: format!("the answer cannot be read: {error}"),
        request_id: None,
    }
}
