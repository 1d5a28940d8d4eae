//! From what the SDK gives to a [`Refusal`], whether AWS answered or not.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::classify;
use crate::lifecycle::{Cause, Refusal};

/// The last interceptor's word: this process may no longer write, so nothing has left.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("withheld: another operator may hold the Lease by now")]
pub(in crate::aws) struct Withheld;

/// Puts an error of a call into its class.
pub(in crate::aws) fn refusal<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    let refuse = |cause, code: &str, message: String| Refusal {
        operation,
        cause,
        code: code.to_owned(),
        message,
        request_id: request_id.clone(),
    };
    match error {
        SdkError::ServiceError(answer) => {
            let (code, message) = (answer.err().code().unwrap_or_default(), answer.err().message().unwrap_or_default());
            refuse(classify(operation, code, message, answer.raw().status().as_u16()), code, message.to_owned())
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status();
            let message = if status.is_success() {
                format!("the answer is cut or garbled: {}", chain(error))
            } else {
                format!("HTTP {} without an error of AWS: something on the way has answered", status.as_u16())
            };
            refuse(classify(operation, "", "", status.as_u16()), "", message)
        }
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            let (cause, code, message) = unsent(error);
            refuse(cause, &code, message)
        }
        // A time-out, or a variant that the SDK has grown since: nothing is known about the effect.
        _ => refuse(Cause::Transient, "", chain(error)),
    }
}

/// The request did not leave, or its answer did not arrive: somewhere down the chain is the reason.
fn unsent(error: &(dyn Error + 'static)) -> (Cause, String, String) {
    if find::<Withheld>(error).is_some() {
        return (Cause::NotLeader, String::new(), Withheld.to_string());
    }
    let Some(credentials) = find::<CredentialsError>(error) else {
        return (Cause::Transient, String::new(), chain(error));
    };
    // The role of a Namespace: STS has answered, and its words are worth more than "no credentials".
    match find::<AssumeRoleError>(credentials) {
        Some(denied) => {
            let (code, message) = (denied.code().unwrap_or_default(), denied.message().unwrap_or_default());
            let cause = match classify("AssumeRole", code, message, 403) {
                cause @ (Cause::Denied { .. } | Cause::Throttled | Cause::Transient) => cause,
                Cause::NotFound
                | Cause::AlreadyExists
                | Cause::AlreadyEnded
                | Cause::Busy
                | Cause::Credentials
                | Cause::Invalid
                | Cause::QuotaInUse
                | Cause::QuotaZero
                | Cause::NotLeader => Cause::Credentials,
            };
            (cause, code.to_owned(), message.to_owned())
        }
        None => (Cause::Credentials, String::new(), chain(credentials)),
    }
}

/// The first error of that type down the chain of sources.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    links(error).find_map(|link| link.downcast_ref())
}

/// The whole chain in one line. Links that only repeat what the next one says are left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for text in links(error).map(ToString::to_string) {
        if said.last().is_none_or(|last| !last.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link| (*link).source())
}
