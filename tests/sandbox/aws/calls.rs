//! One call from its bytes to its answer: who asks, what for, may they, is it well formed, does a fault strike.

use std::time::Duration;

use serde_json::{Value, json};

use crate::progress;

use super::clock::{self, Millis};
use super::faults::Action;
use super::iam;
use super::identity::Caller;
use super::journal::Entry;
use super::model::{Operation, Service};
use super::place::{Context, partition};
use super::query;
use super::refusal::Refusal;
use super::reply::{Delivery, Reply};
use super::shapes;
use super::signature::Signed;
use super::state::{Place, Sandbox, State};
use super::sts;

/// What a request asks for.
struct Call {
    service: &'static Service,
    operation: String,
    model: &'static Operation,
    body: Value,
}

/// What an operation answers.
enum Answer {
    Tree(Value),
    /// JSON as it is sent.
    Text(String),
}

/// Answers that come as text are checked against their shape up to this size.
const CHECKED_TEXT_BYTES: usize = 64 * 1024;

/// A call that may go ahead.
struct Admitted {
    call: Call,
    caller: Caller,
    region: String,
    fault: Option<Action>,
}

/// Answers a call of any service.
pub(super) async fn answer(sandbox: &Sandbox, request: &Signed<'_>) -> Reply {
    let id = request_id();
    let mut entry = Entry {
        seq: 0,
        time: clock::now(),
        access_key: String::new(),
        account: String::new(),
        region: String::new(),
        service: String::new(),
        operation: String::new(),
        name: String::new(),
        outcome: String::new(),
        applied: false,
        http_status: 0,
        request: Value::Null,
    };
    let call = match identify(request) {
        Ok(call) => call,
        Err(refusal) => {
            entry.outcome.clone_from(&refusal.code);
            entry.http_status = refusal.status;
            sandbox.state().journal.add(entry);
            return json_error(None, &refusal, &id);
        }
    };
    let service = call.service;
    entry.service.clone_from(&service.signing_name);
    entry.operation.clone_from(&call.operation);
    resource_name(&call.body).clone_into(&mut entry.name);
    entry.request = call.body.clone();
    let admitted = match admit(sandbox, request, call, &mut entry) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            entry.outcome.clone_from(&refusal.code);
            entry.http_status = refusal.status;
            sandbox.state().journal.add(entry);
            return error(service, &refusal, &id);
        }
    };
    if let Some(Action::LatencyMs(millis)) = admitted.fault {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        entry.time = clock::now();
    }
    carry_out(sandbox, &admitted, entry, &id)
}

/// Which operation of which service, and its request.
fn identify(request: &Signed<'_>) -> Result<Call, Refusal> {
    let unknown = || Refusal::new("UnknownOperationException", "");
    if let Some(target) = request.header("x-amz-target") {
        let (prefix, operation) = target.split_once('.').ok_or_else(unknown)?;
        let service = Service::by_target(prefix).ok_or_else(unknown)?;
        let model = service.operations.get(operation).ok_or_else(unknown)?;
        if request.header("content-type").is_none_or(|it| !it.starts_with("application/x-amz-json-1.1")) {
            return Err(unknown());
        }
        let body: Value = serde_json::from_slice(request.body)
            .map_err(|error| Refusal::new("SerializationException", format!("Could not parse the request: {error}")))?;
        return Ok(Call { service, operation: operation.to_owned(), model, body });
    }
    let body = String::from_utf8_lossy(request.body);
    let fields = [query::fields(request.query), query::fields(&body)].concat();
    let action = fields.iter().find(|(key, _)| key == "Action").map(|(_, value)| value.clone()).ok_or_else(unknown)?;
    let service = Service::by_action(&action).ok_or_else(unknown)?;
    let model = &service.operations[&action];
    let body = model.input.as_deref().map_or(Value::Null, |shape| query::request(service, shape, &fields));
    Ok(Call { service, operation: action, model, body })
}

/// Signature, quota, rights, shape, in the order of AWS; then the faults.
fn admit(sandbox: &Sandbox, request: &Signed<'_>, call: Call, entry: &mut Entry) -> Result<Admitted, Refusal> {
    let now = entry.time;
    let Call { service, operation, model, body } = &call;
    let query = service.xml_namespace.is_some();
    let translate = |refusal| if query { query::translate(refusal) } else { refusal };
    let mut state = sandbox.state();
    let state = &mut *state;
    let (caller, region) = if operation == "AssumeRoleWithWebIdentity" {
        (anonymous(), "us-east-1".to_owned())
    } else {
        authenticate(state, request, service, now, entry).map_err(translate)?
    };
    entry.account.clone_from(&caller.account);
    if let Some(quotas) = &mut state.quotas
        && !quotas.admits(&caller.account, &region, &service.signing_name, operation, now)
    {
        return Err(translate(Refusal::new("ThrottlingException", "Rate exceeded")));
    }
    // Everybody may ask who they are.
    if operation != "GetCallerIdentity" {
        let resource = resource_arn(service, operation, &caller.account, &region, body);
        let rights = iam::rights(&service.signing_name, operation, &resource, body);
        iam::authorize(state.allowance.as_ref(), &state.denials, &caller, &rights).map_err(translate)?;
    }
    if let Some(shape) = &model.input {
        shapes::check_request(service, shape, body)?;
    }
    let fault = state.faults.strike(operation, &entry.name, fastrand::f64);
    if let Some(Action::Error(error)) = &fault {
        return Err(Refusal::new(&error.code, error.message.clone()).with_status(error.status));
    }
    Ok(Admitted { call, caller, region, fault })
}

fn authenticate(
    state: &State,
    request: &Signed<'_>,
    service: &Service,
    now: Millis,
    entry: &mut Entry,
) -> Result<(Caller, String), Refusal> {
    let missing = || Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token");
    let authorization = request.authorization().ok_or_else(missing)??;
    entry.access_key.clone_from(&authorization.access_key);
    entry.region.clone_from(&authorization.region);
    let key = state.keys.find(&authorization.access_key, request.header("x-amz-security-token"), now)?;
    authorization.verify(request, &key.secret, &service.signing_name, now)?;
    Ok((key.caller.clone(), authorization.region))
}

/// Whoever shows a web identity: nobody yet.
fn anonymous() -> Caller {
    Caller {
        access_key: String::new(),
        account: String::new(),
        arn: "anonymous".to_owned(),
        user_id: String::new(),
        role: None,
    }
}

/// Lets the call take effect, or not, and sends the answer, or not.
fn carry_out(sandbox: &Sandbox, admitted: &Admitted, mut entry: Entry, id: &str) -> Reply {
    let Admitted { call, fault, .. } = admitted;
    match fault {
        Some(Action::ResetBefore) => return unanswered(sandbox, entry, "reset-before", Delivery::Reset),
        Some(Action::Hang) => return unanswered(sandbox, entry, "hang", Delivery::Never),
        Some(_) | None => {}
    }
    // Pages of logs take their time, and nobody else is to wait for them.
    let logs = (call.service.signing_name == "logs").then(|| consult_logs(sandbox, admitted, entry.time));
    let mut state = sandbox.state();
    let result = logs.unwrap_or_else(|| {
        let body = perform(sandbox, &mut state, admitted, entry.time)?;
        checked(call, body).map(Answer::Tree)
    });
    let result = result.map_err(|refusal| declared(call, refusal));
    entry.applied = result.is_ok() && is_write(&call.operation);
    entry.outcome = result.as_ref().map_or_else(|refusal| refusal.code.clone(), |_| "ok".to_owned());
    let mut reply = match result {
        Ok(answer) => success(call, answer, id),
        Err(refusal) => error(call.service, &refusal, id),
    };
    entry.http_status = reply.status;
    match fault {
        Some(Action::ResetAfter) => {
            "reset-after".clone_into(&mut entry.outcome);
            entry.http_status = 0;
            reply.delivery = Delivery::Reset;
        }
        Some(Action::Truncate) => {
            "truncated".clone_into(&mut entry.outcome);
            reply.delivery = Delivery::Half;
        }
        // What was refused has no effect to be held back.
        Some(Action::HangAfterMs(millis)) if entry.outcome == "ok" => {
            reply.delivery = Delivery::After(Duration::from_millis(*millis));
        }
        Some(
            Action::Error(_)
            | Action::LatencyMs(_)
            | Action::ResetBefore
            | Action::Hang
            | Action::HangAfterMs(_)
            | Action::NotFoundForMs(_),
        )
        | None => {}
    }
    state.journal.add(entry);
    reply
}

fn unanswered(sandbox: &Sandbox, mut entry: Entry, outcome: &str, delivery: Delivery) -> Reply {
    outcome.clone_into(&mut entry.outcome);
    sandbox.state().journal.add(entry);
    Reply { delivery, ..Reply::json(500, Vec::new()) }
}

fn perform(sandbox: &Sandbox, state: &mut State, admitted: &Admitted, now: Millis) -> Result<Value, Refusal> {
    let Admitted { call, caller, region, fault } = admitted;
    let blind = match fault {
        Some(Action::NotFoundForMs(millis)) => *millis,
        Some(_) | None => 0,
    };
    let account = caller.account.as_str();
    let context = Context { caller, account, region, now, blind, pace: sandbox.pace, logs: &sandbox.logs };
    match call.service.signing_name.as_str() {
        "sagemaker" => state.sagemaker(account, region).handle(&context, &call.operation, &call.body),
        "sts" => sts::handle(&mut state.keys, &context, &call.operation, &call.body),
        "application-autoscaling" => {
            let Place { sagemaker, scaling, .. } = state.place(account, region);
            sagemaker.settle(&context);
            let variant_status = |endpoint: &str, variant: &str| sagemaker.variant_status(endpoint, variant, now);
            scaling.handle(&context, &variant_status, &call.operation, &call.body)
        }
        "servicequotas" => state.place(account, region).quotas.handle(&context, &call.operation, &call.body),
        other => Err(Refusal::new("UnknownOperationException", format!("The sandbox has no {other}."))),
    }
}

/// Lets everything happen that is due by now: a tuning job's trials log before anybody asks SageMaker about them.
pub(super) fn settle(sandbox: &Sandbox, account: &str, region: &str, now: Millis) {
    let caller = anonymous();
    let (pace, logs) = (sandbox.pace, &sandbox.logs);
    let context = Context { caller: &caller, account, region, now, blind: 0, pace, logs };
    sandbox.state().sagemaker(account, region).settle(&context);
}

/// CloudWatch Logs has its own state.
fn consult_logs(sandbox: &Sandbox, admitted: &Admitted, now: Millis) -> Result<Answer, Refusal> {
    let Admitted { call, caller, region, fault: _ } = admitted;
    let now_ms = u64::try_from(now).unwrap_or(0);
    let scope = super::logs::Scope { account: caller.account.clone(), region: region.clone(), now_ms };
    settle(sandbox, &caller.account, region, now);
    let text = sandbox
        .logs
        .handle(&scope, &call.operation, &call.body)
        .map_err(|error| Refusal::new(error.code, error.message).with_status(error.status))?;
    // Large pages hold more of what small ones hold; to check them all costs more than to make them.
    if text.len() <= CHECKED_TEXT_BYTES {
        let body = serde_json::from_str(&text).map_err(|error| broken(call, &error.to_string()))?;
        checked(call, body)?;
    }
    Ok(Answer::Text(text))
}

/// An answer that does not fit its shape is a fault of the simulator.
fn checked(call: &Call, body: Value) -> Result<Value, Refusal> {
    let Some(shape) = &call.model.output else { return Ok(Value::Null) };
    match shapes::check_answer(call.service, shape, &body) {
        Ok(()) => Ok(body),
        Err(fault) => Err(broken(call, &fault)),
    }
}

/// So is an error that the operation does not declare and that is not common to all.
fn declared(call: &Call, refusal: Refusal) -> Refusal {
    const COMMON: [&str; 4] =
        ["ValidationException", "ValidationError", "UnknownOperationException", "InternalFailure"];
    let known = COMMON.contains(&refusal.code.as_str()) || call.model.errors.contains(&refusal.code);
    if known { refusal } else { broken(call, &format!("undeclared error {}", refusal.code)) }
}

/// What is wrong with the simulator must not go unseen.
fn broken(call: &Call, fault: &str) -> Refusal {
    let text = format!("the sandbox's own answer to {} is wrong: {fault}", call.operation);
    progress::note(format_args!("error: {text}"));
    Refusal::broken(text)
}

fn success(call: &Call, answer: Answer, id: &str) -> Reply {
    let json = |bytes| Reply::json(200, bytes).with_header("x-amzn-requestid", id);
    match answer {
        Answer::Tree(body) if call.service.xml_namespace.is_some() => {
            Reply::xml(200, query::answer(call.service, &call.operation, &body, id)).with_header("x-amzn-requestid", id)
        }
        _ if call.model.output.is_none() => json(Vec::new()),
        Answer::Tree(body) => json(body.to_string().into_bytes()),
        Answer::Text(text) => json(text.into_bytes()),
    }
}

fn error(service: &'static Service, refusal: &Refusal, id: &str) -> Reply {
    if service.xml_namespace.is_some() {
        let body = query::error(service, refusal, id);
        return Reply::xml(refusal.status, body).with_header("x-amzn-requestid", id);
    }
    json_error(Some(service), refusal, id)
}

/// Modelled errors spell their member as the model does: some `Message`, some `message`.
fn json_error(service: Option<&'static Service>, refusal: &Refusal, id: &str) -> Reply {
    let shape = service.and_then(|service| service.shapes.get(&refusal.code));
    let member = if shape.is_some_and(|shape| shape.members.contains_key("Message")) { "Message" } else { "message" };
    let body = json!({ "__type": refusal.code, member: refusal.message });
    Reply::json(refusal.status, body.to_string().into_bytes()).with_header("x-amzn-requestid", id)
}

fn is_write(operation: &str) -> bool {
    !["Describe", "List", "Get", "Filter"].iter().any(|verb| operation.starts_with(verb))
}

/// The member that names the resource of a call, by precedence, with the word for it in ARNs.
const NAMES: [(&str, &str); 7] = [
    ("TrainingJobName", "training-job"),
    ("ProcessingJobName", "processing-job"),
    ("TransformJobName", "transform-job"),
    ("HyperParameterTuningJobName", "hyper-parameter-tuning-job"),
    ("EndpointName", "endpoint"),
    ("EndpointConfigName", "endpoint-config"),
    ("ModelName", "model"),
];

/// The name that journal and fault rules know a call by.
fn resource_name(body: &Value) -> &str {
    let text = |member: &str| body[member].as_str();
    let last = |text: &'_ str| text.rfind('/').map_or(0, |slash| slash + 1);
    NAMES
        .iter()
        .find_map(|(member, _)| text(member))
        .or_else(|| {
            let arn = ["ResourceArn", "ResourceARN", "RoleArn"].iter().find_map(|it| text(it));
            arn.map(|arn| &arn[last(arn)..])
        })
        .or_else(|| {
            ["ResourceId", "logStreamName", "logStreamNamePrefix", "logGroupName"].iter().find_map(|it| text(it))
        })
        .unwrap_or_default()
}

/// What IAM checks the right on.
fn resource_arn(service: &Service, operation: &str, account: &str, region: &str, body: &Value) -> String {
    let text = |member: &str| body[member].as_str();
    let partition = partition(region);
    match service.signing_name.as_str() {
        "sagemaker" => {
            let named = NAMES.iter().find_map(|(member, kind)| Some((text(member)?.to_lowercase(), kind)));
            match (named, text("ResourceArn")) {
                (Some((name, kind)), _) => format!("arn:{partition}:sagemaker:{region}:{account}:{kind}/{name}"),
                (None, Some(arn)) => arn.to_owned(),
                // A right to list is checked on all resources of the kind.
                (None, None) => {
                    let kind = operation.strip_prefix("List").and_then(|kinds| kinds.strip_suffix('s'));
                    let kind = kind.and_then(|kind| NAMES.iter().find(|(it, _)| it.strip_suffix("Name") == Some(kind)));
                    kind.map_or("*".to_owned(), |(_, kind)| {
                        format!("arn:{partition}:sagemaker:{region}:{account}:{kind}/*")
                    })
                }
            }
        }
        "logs" => text("logGroupName").map_or_else(
            || format!("arn:{partition}:logs:{region}:{account}:log-group::log-stream:"),
            |group| format!("arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:"),
        ),
        "sts" => text("RoleArn").unwrap_or("*").to_owned(),
        _ => "*".to_owned(),
    }
}

fn request_id() -> String {
    let bits = fastrand::u128(..);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
