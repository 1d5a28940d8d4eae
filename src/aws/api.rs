//! One call of SageMaker, from a JSON request to a JSON answer: wait for a turn, send, put an error into its class,
//! tell the observer.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
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
use super::limiter::Limits;
use super::operation::Operation;
use crate::lifecycle::{AccountId, Cause, Permit, Place, Refusal};

const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";
/// Sessions of roles bring a new key every hour. Forgetting them all now and then costs one question each.
const KEYS_KEPT: usize = 256;

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

/// Which access keys are in use, and whose they are.
#[derive(Debug, Default)]
struct Keys {
    in_use: Mutex<HashMap<Place, String>>,
    accounts: Mutex<HashMap<String, AccountId>>,
}

impl Keys {
    fn used(&self, place: &Place, key: String) {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), key);
    }

    fn account(&self, place: &Place) -> Option<AccountId> {
        let in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let key = in_use.get(place)?;
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn belongs(&self, key: String, account: AccountId) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= KEYS_KEPT {
            accounts.clear();
        }
        accounts.insert(key, account);
    }
}

impl Api {
    /// The way to AWS. `permit` is asked before every write leaves; `observer` is told of every request.
    pub fn new(clients: Clients, permit: Arc<dyn Permit>, observer: Arc<Observer>) -> Self {
        Self { clients: Arc::new(clients), permit, observer, limits: Arc::default(), keys: Arc::default() }
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
        let client = self.clients.sagemaker(place).await;
        let turn = self.limits.admit(place, operation.family()).await;
        let waited = turn.waited;
        let (wire, seen) = Wire::new(operation, Bytes::from(body.to_string()), Arc::clone(&self.permit));

        let left = Instant::now();
        let result = send(client, wire).await;
        if let Some(key) = seen.access_key() {
            self.keys.used(place, key);
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
    /// key is another question, so that exchanged credentials are seen.
    pub(super) async fn account(&self, place: &Place) -> Result<AccountId, Refusal> {
        if let Some(account) = self.keys.account(place) {
            return Ok(account);
        }
        let sts = self.clients.sts(place).await;
        let left = Instant::now();
        let answer = self.ask_account(place, &sts).await;
        self.conclude(GET_CALLER_IDENTITY, place, answer.as_ref().err(), Duration::ZERO, left);
        answer
    }

    async fn ask_account(&self, place: &Place, sts: &aws_sdk_sts::Client) -> Result<AccountId, Refusal> {
        let (signer, seen) = Signer::new();
        let identity = sts.get_caller_identity().customize().interceptor(signer).send().await;
        let identity = identity.map_err(|error| refusal(GET_CALLER_IDENTITY, &error))?;
        let account = identity.account().unwrap_or_default().parse::<AccountId>();
        let account = account.map_err(|error| unreadable(GET_CALLER_IDENTITY, &error))?;
        if let Some(key) = seen.access_key() {
            self.keys.used(place, key.clone());
            self.keys.belongs(key, account.clone());
        }
        Ok(account)
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
fn parse(operation: &'static str, body: Option<Bytes>) -> Result<Value, Refusal> {
    match body {
        Some(body) if !body.is_empty() => serde_json::from_slice(&body).map_err(|error| unreadable(operation, &error)),
        Some(_) | None => Ok(Value::Object(serde_json::Map::new())),
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
