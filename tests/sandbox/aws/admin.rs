//! The admin API: the journal, fault rules, what is allowed and denied, other people's jobs and the truth about logs. Unsigned.

use serde::Deserialize;
use serde_json::{Value, json};

use super::calls;
use super::clock;
use super::identity::Caller;
use super::journal::Selection;
use super::logs;
use super::place::Context;
use super::query;
use super::quota::Quotas;
use super::refusal::Refusal;
use super::reply::Reply;
use super::signature::Signed;
use super::state::Sandbox;

/// What every path begins with.
pub(super) const PREFIX: &str = "/_sandbox/";

/// Answers a request of the admin API.
pub(super) fn answer(sandbox: &Sandbox, request: &Signed<'_>) -> Reply {
    let fields = Fields(query::fields(request.query));
    let path: Vec<&str> = request.path[PREFIX.len()..].split('/').collect();
    calls::settle(sandbox, fields.account(), fields.region(), clock::now());
    if let ("GET", ["logs", "text"]) = (request.method, &path[..]) {
        let (group, prefix) = (fields.text("group"), fields.text("prefix"));
        return Reply::text(sandbox.logs.text(&fields.scope(), group, prefix, fields.get("visible").is_some()));
    }
    let (status, body) = match route(sandbox, request, &path, &fields) {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.status, json!({ "error": refusal.message })),
    };
    Reply::of(status, "application/json", body.to_string().into_bytes())
}

fn route(sandbox: &Sandbox, request: &Signed<'_>, path: &[&str], fields: &Fields) -> Result<Value, Refusal> {
    match (request.method, path) {
        ("GET", ["journal"]) => {
            let selection = Selection {
                after: fields.number("after")?.unwrap_or(0),
                operation: fields.get("operation"),
                name: fields.get("name"),
            };
            Ok(json!({ "calls": sandbox.state().journal.select(&selection) }))
        }
        ("POST", ["faults"]) => Ok(json!({ "id": sandbox.state().faults.add(read(request.body)?) })),
        ("DELETE", ["faults", rest @ ..]) => {
            sandbox.state().faults.remove(id(rest)?);
            Ok(json!({}))
        }
        // {"actions": […]} is all that is allowed from now on, each with its whole name.
        ("POST", ["allow"]) => {
            sandbox.state().allowance = Some(read(request.body)?);
            Ok(json!({}))
        }
        ("DELETE", ["allow"]) => {
            sandbox.state().allowance = None;
            Ok(json!({}))
        }
        ("POST", ["deny"]) => {
            let denial = read(request.body)?;
            let mut state = sandbox.state();
            state.next_denial += 1;
            let id = state.next_denial;
            state.denials.push((id, denial));
            Ok(json!({ "id": id }))
        }
        ("DELETE", ["deny", rest @ ..]) => {
            let id = id(rest)?;
            sandbox.state().denials.retain(|(it, _)| id.is_some_and(|id| id != *it));
            Ok(json!({}))
        }
        // {"enabled": false} lifts all quotas; true brings them back with full buckets.
        ("POST", ["quotas"]) => {
            let order: Value = read(request.body)?;
            let enabled = order["enabled"].as_bool().ok_or_else(|| bad("\"enabled\" must be true or false"))?;
            sandbox.state().quotas = enabled.then(Quotas::default);
            Ok(json!({}))
        }
        // {"name": "ml.m5.large for training job usage", "value": 4}
        ("POST", ["service-quotas"]) => {
            let order: Value = read(request.body)?;
            let (name, value) = (order["name"].as_str(), order["value"].as_f64());
            let (Some(name), Some(value)) = (name, value) else {
                return Err(bad("\"name\" must be a text and \"value\" a number"));
            };
            sandbox.state().place(fields.account(), fields.region()).quotas.apply(name, value)?;
            Ok(json!({}))
        }
        ("DELETE", ["sessions"]) => {
            sandbox.state().keys.expire_sessions(clock::now());
            Ok(json!({}))
        }
        ("POST", ["requests"]) => {
            let orders: Vec<Order> = read(request.body)?;
            // Nobody else sees what is between one and the next.
            let mut state = sandbox.state();
            let answers = orders.iter().map(|order| {
                let caller = somebody_else(&order.account);
                let (account, region, pace, logs) = (&*order.account, &*order.region, sandbox.pace, &sandbox.logs);
                let context = Context { caller: &caller, account, region, now: clock::now(), blind: 0, pace, logs };
                state.sagemaker(account, region).handle(&context, &order.operation, &order.request)
            });
            answers.collect::<Result<Vec<Value>, Refusal>>().map(Value::Array)
        }
        ("GET", ["logs"]) => Ok(sandbox.logs.truth(&fields.scope(), fields.text("group"), fields.text("prefix"))),
        ("POST" | "GET" | "DELETE", ["jobs", rest @ ..]) => jobs(sandbox, request, rest, fields),
        (method, _) => Err(bad(&format!("the sandbox has no {method} {}", request.path)).with_status(404)),
    }
}

fn jobs(sandbox: &Sandbox, request: &Signed<'_>, path: &[&str], fields: &Fields) -> Result<Value, Refusal> {
    let now = clock::now();
    let missing = |name: &str| bad(&format!("there is no training job {name}")).with_status(404);
    match (request.method, path) {
        ("POST", []) => {
            let order: Value = read(request.body)?;
            if order["kind"] != "TrainingJob" {
                return Err(bad("\"kind\" must be TrainingJob"));
            }
            let account = order["account"].as_str().unwrap_or(DEFAULT_ACCOUNT);
            let region = order["region"].as_str().unwrap_or(DEFAULT_REGION);
            let caller = somebody_else(account);
            let (pace, logs) = (sandbox.pace, &sandbox.logs);
            let context = Context { caller: &caller, account, region, now, blind: 0, pace, logs };
            sandbox.state().sagemaker(account, region).start_foreign_job(&context, &order)
        }
        ("GET", ["TrainingJob", name]) => {
            let mut state = sandbox.state();
            let sagemaker = state.sagemaker(fields.account(), fields.region());
            sagemaker.training_record(name, now).ok_or_else(|| missing(name))
        }
        ("DELETE", ["TrainingJob", name]) => {
            let mut state = sandbox.state();
            let gone = state.sagemaker(fields.account(), fields.region()).forget_training_job(name);
            if gone { Ok(json!({})) } else { Err(missing(name)) }
        }
        (method, _) => Err(bad(&format!("the sandbox has no {method} {}", request.path)).with_status(404)),
    }
}

const DEFAULT_ACCOUNT: &str = "123456789012";
const DEFAULT_REGION: &str = "us-west-2";

/// What somebody else asks of SageMaker.
#[derive(Deserialize)]
struct Order {
    #[serde(default = "default_account")]
    account: String,
    #[serde(default = "default_region")]
    region: String,
    operation: String,
    #[serde(default)]
    request: Value,
}

fn default_account() -> String {
    DEFAULT_ACCOUNT.to_owned()
}

fn default_region() -> String {
    DEFAULT_REGION.to_owned()
}

/// The fields of a query, decoded.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_| bad(&format!("{name} must be a number, not '{text}'")));
        self.get(name).map(parse).transpose()
    }

    fn account(&self) -> &str {
        self.get("account").unwrap_or(DEFAULT_ACCOUNT)
    }

    fn region(&self) -> &str {
        self.get("region").unwrap_or(DEFAULT_REGION)
    }

    fn scope(&self) -> logs::Scope {
        let now_ms = u64::try_from(clock::now()).unwrap_or(0);
        logs::Scope { account: self.account().to_owned(), region: self.region().to_owned(), now_ms }
    }
}

fn somebody_else(account: &str) -> Caller {
    Caller {
        access_key: String::new(),
        account: account.to_owned(),
        arn: format!("arn:aws:iam::{account}:user/somebody-else"),
        user_id: String::new(),
        role: None,
    }
}

fn id(rest: &[&str]) -> Result<Option<u64>, Refusal> {
    rest.first().map(|text| text.parse().map_err(|_| bad(&format!("'{text}' is not a rule's number")))).transpose()
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

fn bad(text: &str) -> Refusal {
    Refusal::new("BadRequest", text)
}
