//! What AWS did not do, in few words.

use std::time::Duration;

use sagemaker_operator::cli::span;
use sagemaker_operator::lifecycle::{Cause, Refusal};

/// AWS's own words, behind their code.
pub(super) fn said(refusal: &Refusal) -> String {
    if refusal.code.is_empty() { refusal.message.clone() } else { format!("{}: {}", refusal.code, refusal.message) }
}

/// Its silence.
pub(super) fn unanswered(operation: &'static str, patience: Duration) -> Refusal {
    Refusal {
        operation,
        cause: Cause::Transient,
        code: String::new(),
        message: format!("no answer within {}", span(patience)),
        request_id: None,
    }
}
