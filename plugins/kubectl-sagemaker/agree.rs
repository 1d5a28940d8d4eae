//! Asking a person before something is done that cannot be undone.

use sagemaker_operator::cli::{Complaint, Console};

/// Asks, and waits for the answer. `command` does it without a question.
///
/// # Errors
/// If there is nobody to ask.
pub(crate) async fn asked(console: &mut Console, question: &str, command: &str) -> Result<String, Complaint> {
    if !console.can_ask() {
        return Err(Complaint::refused("nothing was changed: there is no terminal to ask on").hint(command));
    }
    let answer = console.ask(question).await;
    let answer = answer.map_err(|error| Complaint::new(format!("the answer cannot be read: {error}")))?;
    Ok(answer.unwrap_or_default())
}

/// Whether the answer is a yes.
pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.to_lowercase().as_str(), "y" | "yes")
}
