//! The role that is passed to SageMaker.

use serde_json::Value;

use super::super::place::Context;
use super::super::refusal::Refusal;

/// A role can be passed within its own account only.
pub(super) fn check_account(context: &Context<'_>, role: &Value) -> Result<(), Refusal> {
    let account = role.as_str().and_then(|arn| arn.split(':').nth(4));
    if account.is_some_and(|account| account != context.account) {
        return Err(Refusal::validation("RoleArn: Cross-account pass role is not allowed."));
    }
    Ok(())
}
