//! The AWS simulator as a process, and its admin API with types.

use std::process::ChildStdin;

use serde::Deserialize;
use serde_json::{Value, json};

use super::built;
use super::process::{Program, Running};

/// The region of the samples.
pub(crate) const REGION: &str = "us-west-2";

/// The accounts that the simulator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Keys {
    /// Account 123456789012.
    #[default]
    Ours,
    /// Account 210987654321.
    Foreign,
}

impl Keys {
    /// The account's twelve digits.
    pub(crate) fn account(self) -> &'static str {
        match self {
            Self::Ours => "123456789012",
            Self::Foreign => "210987654321",
        }
    }

    /// The access key's id.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Ours => "AKIASANDBOX000000001",
            Self::Foreign => "AKIASANDBOX000000002",
        }
    }

    /// The secret.
    pub(crate) fn secret(self) -> &'static str {
        match self {
            Self::Ours => "sandbox-secret-1",
            Self::Foreign => "sandbox-secret-2",
        }
    }
}

/// A call that the simulator has seen.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    pub(crate) seq: u64,
    pub(crate) account: Option<String>,
    pub(crate) operation: String,
    pub(crate) name: Option<String>,
    /// `ok`, the error code, or what was done to the answer.
    pub(crate) outcome: String,
    /// Whether a write took effect.
    pub(crate) applied: bool,
    #[serde(default)]
    pub(crate) request: Value,
}

/// What a job has really logged.
#[derive(Debug, Deserialize)]
pub(crate) struct Truth {
    pub(crate) events: u64,
    pub(crate) streams: Vec<Value>,
}

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Simulator {
    endpoint: String,
    process: Running,
    _input: ChildStdin,
}

impl Simulator {
    /// One whose jobs run `speed` times as fast as real ones.
    pub(crate) fn at_speed(speed: f64) -> Self {
        Self::with(["--speed", &speed.to_string()])
    }

    /// One with these arguments.
    pub(crate) fn with<'a>(args: impl IntoIterator<Item = &'a str>) -> Self {
        let program = Program::tied(built::sandbox()).args(["aws", "--port", "0", "--until-stdin-closes"]).args(args);
        let (mut process, input) = program.start_held();
        let ready: Value = serde_json::from_str(&process.until_stdout_has("{")).expect("a line of JSON");
        let endpoint = ready["endpoint"].as_str().expect("it tells its address").to_owned();
        Self { endpoint, process, _input: input }
    }

    /// Its address.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The process.
    pub(crate) fn process(&mut self) -> &mut Running {
        &mut self.process
    }

    /// The environment in which the SDK finds it.
    pub(crate) fn env(&self, keys: Keys) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", keys.id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", keys.secret().to_owned()),
        ]
    }

    /// Every call so far, in order.
    pub(crate) fn journal(&self) -> Vec<Call> {
        serde_json::from_value(self.get("journal")["calls"].take()).expect("the journal is a list of calls")
    }

    /// The calls of one operation.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call> {
        let mut calls = self.journal();
        calls.retain(|call| call.operation == operation);
        calls
    }

    /// The writes of one operation that took effect, whatever was answered.
    pub(crate) fn applied(&self, operation: &str) -> Vec<Call> {
        let mut calls = self.calls(operation);
        calls.retain(|call| call.applied);
        calls
    }

    /// Makes calls go wrong; see the simulator's own documentation for the rule. Returns the rule's id.
    pub(crate) fn fault(&self, rule: &Value) -> u64 {
        self.post("faults", rule)["id"].as_u64().expect("a rule has an id")
    }

    /// Ends all faults.
    pub(crate) fn heal(&self) {
        self.delete("faults");
    }

    /// Lifts the quotas of requests, or brings them back with full buckets.
    pub(crate) fn set_quotas(&self, enabled: bool) {
        self.post("quotas", &json!({ "enabled": enabled }));
    }

    /// What Service Quotas tells of a quota of instances, such as `ml.m5.xlarge for endpoint usage`.
    pub(crate) fn set_service_quota(&self, name: &str, value: u32) {
        self.post("service-quotas", &json!({ "name": name, "value": value }));
    }

    /// Allows these actions and no other, whoever asks.
    pub(crate) fn allow_only(&self, actions: &[&str]) {
        self.post("allow", &json!({ "actions": actions }));
    }

    /// Takes away the right to an action, such as `sagemaker:CreateTrainingJob`.
    pub(crate) fn deny(&self, action: &str) -> u64 {
        self.post("deny", &json!({ "action": action }))["id"].as_u64().expect("a denial has an id")
    }

    /// Gives all rights back.
    pub(crate) fn allow_all(&self) {
        self.delete("deny");
    }

    /// Starts a training job that belongs to nobody.
    pub(crate) fn start_job(&self, name: &str, hosts: u32, hyper_parameters: &Value) {
        self.start_job_in(REGION, name, hosts, hyper_parameters);
    }

    /// The same in another region.
    pub(crate) fn start_job_in(&self, region: &str, name: &str, hosts: u32, hyper_parameters: &Value) {
        let job = json!({
            "kind": "TrainingJob", "account": Keys::Ours.account(), "region": region,
            "name": name, "hosts": hosts, "hyperParameters": hyper_parameters,
        });
        self.post("jobs", &job);
    }

    /// Has SageMaker do something on behalf of somebody else who may do everything; returns the answer.
    pub(crate) fn ask(&self, operation: &str, request: &Value) -> Value {
        self.ask_at_once([(operation, request)]).remove(0)
    }

    /// The same for several in a row: nobody sees what is between one and the next.
    pub(crate) fn ask_at_once<const N: usize>(&self, requests: [(&str, &Value); N]) -> Vec<Value> {
        let orders = requests.map(|(operation, request)| {
            json!({
                "account": Keys::Ours.account(), "region": REGION, "operation": operation, "request": request,
            })
        });
        match self.post("requests", &orders.into_iter().collect()) {
            Value::Array(answers) => answers,
            other => panic!("no list of answers: {other}"),
        }
    }

    /// Makes a model that belongs to nobody.
    pub(crate) fn make_model(&self, name: &str, image: &str) {
        self.ask("CreateModel", &model(name, image));
    }

    /// Has somebody make the model anew under its name.
    pub(crate) fn forge_model(&self, name: &str, image: &str) {
        let gone = json!({ "ModelName": name });
        self.ask_at_once([("DeleteModel", &gone), ("CreateModel", &model(name, image))]);
    }

    /// The record of a training job.
    pub(crate) fn job(&self, name: &str) -> Value {
        self.job_in(REGION, name)
    }

    /// The same in another region.
    pub(crate) fn job_in(&self, region: &str, name: &str) -> Value {
        self.get(&format!("jobs/TrainingJob/{name}?{}", in_region(region)))
    }

    /// Forgets a training job, as if it had been deleted in SageMaker.
    pub(crate) fn forget_job(&self, name: &str) {
        self.delete(&format!("jobs/TrainingJob/{name}?{}", here()));
    }

    /// What a training job has logged so far.
    pub(crate) fn truth(&self, name: &str) -> Truth {
        self.truth_in(REGION, name)
    }

    /// The same in another region.
    pub(crate) fn truth_in(&self, region: &str, name: &str) -> Truth {
        let answer = self.get(&format!("logs?{}&prefix={name}/&{}", training_jobs(), in_region(region)));
        serde_json::from_value(answer).expect("the truth has a number of events and streams")
    }

    /// The same as lines `TIMESTAMP_MS<TAB>STREAM<TAB>MESSAGE`, in the order of time, stream and position.
    pub(crate) fn truth_lines(&self, name: &str) -> Vec<String> {
        self.truth_lines_in(REGION, name)
    }

    /// The same in another region.
    pub(crate) fn truth_lines_in(&self, region: &str, name: &str) -> Vec<String> {
        self.log_text(&format!("{}&prefix={name}/&{}", training_jobs(), in_region(region)))
    }

    /// The same of all streams of a log group whose names begin so.
    pub(crate) fn truth_lines_of(&self, group: &str, prefix: &str) -> Vec<String> {
        self.log_text(&format!("group={group}&prefix={prefix}&{}", here()))
    }

    /// The text that the admin API has for a query, line by line.
    pub(crate) fn log_text(&self, query: &str) -> Vec<String> {
        let url = self.url(&format!("logs/text?{query}"));
        let text = http().get(&url).call().and_then(|mut answer| {
            let whole = answer.body_mut().with_config().limit(1 << 30);
            whole.read_to_string()
        });
        text.unwrap_or_else(|error| panic!("{url}: {error}")).lines().map(str::to_owned).collect()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.endpoint)
    }

    fn get(&self, path: &str) -> Value {
        answer(path, http().get(&self.url(path)).call())
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        answer(path, http().post(&self.url(path)).send_json(body))
    }

    fn delete(&self, path: &str) {
        if let Err(error) = http().delete(&self.url(path)).call() {
            panic!("DELETE {path}: {error}");
        }
    }
}

/// A client that goes to loopback straight, whatever proxy the developer has.
pub(super) fn http() -> ureq::Agent {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().proxy(None).build())
}

fn model(name: &str, image: &str) -> Value {
    let role = format!("arn:aws:iam::{}:role/serve", Keys::Ours.account());
    json!({ "ModelName": name, "ExecutionRoleArn": role, "PrimaryContainer": { "Image": image } })
}

fn here() -> String {
    in_region(REGION)
}

pub(crate) fn in_region(region: &str) -> String {
    format!("account={}&region={region}", Keys::Ours.account())
}

pub(crate) fn training_jobs() -> &'static str {
    "group=/aws/sagemaker/TrainingJobs"
}

#[track_caller]
fn answer(path: &str, result: Result<http::Response<ureq::Body>, ureq::Error>) -> Value {
    let read = result.and_then(|mut answer| answer.body_mut().with_config().limit(1 << 30).read_json());
    read.unwrap_or_else(|error| panic!("the simulator's {path}: {error}"))
}
