//! STS: who am I, and sessions of roles.

use serde_json::{Value, json};

use super::clock;
use super::identity::{Keys, Session};
use super::place::Context;
use super::refusal::Refusal;

/// Answers one action. `context.caller` is the anonymous caller for a web identity, which needs no signature.
pub(super) fn handle(
    keys: &mut Keys,
    context: &Context<'_>,
    operation: &str,
    request: &Value,
) -> Result<Value, Refusal> {
    match operation {
        "GetCallerIdentity" => {
            let caller = context.caller;
            Ok(json!({ "UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn }))
        }
        "AssumeRole" => assume(keys, context, request),
        "AssumeRoleWithWebIdentity" => {
            let mut answer = assume(keys, context, request)?;
            answer["SubjectFromWebIdentityToken"] = "system:serviceaccount:sandbox:operator".into();
            answer["Audience"] = "sts.amazonaws.com".into();
            answer["Provider"] = "https://oidc.sandbox.invalid".into();
            Ok(answer)
        }
        other => Err(Refusal::new("InvalidAction", format!("Could not find operation {other} for version 2011-06-15"))),
    }
}

fn assume(keys: &mut Keys, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let seconds = request["DurationSeconds"].as_i64().unwrap_or(3600);
    let expires = context.now + seconds * 1000;
    let role_arn = text("RoleArn");
    let session = Session { role_arn, name: text("RoleSessionName"), expires };
    let Some(key) = keys.assume(session) else {
        return Err(Refusal::new("ValidationError", format!("{role_arn} is invalid")));
    };
    let (token, _) = key.session.as_ref().expect("what STS hands out is a session");
    Ok(json!({
        "Credentials": {
            "AccessKeyId": key.caller.access_key,
            "SecretAccessKey": key.secret,
            "SessionToken": token,
            "Expiration": clock::seconds(expires),
        },
        "AssumedRoleUser": { "AssumedRoleId": key.caller.user_id, "Arn": key.caller.arn },
    }))
}
