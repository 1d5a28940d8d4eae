//! The frame over real sockets: signatures, refusals, faults, the journal and the admin API.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::clock;
use super::faults::Faults;
use super::http;
use super::place::Pace;
use super::quota::Quotas;
use super::signature::{Authorization, Signed};
use super::state::Sandbox;

const KEY: (&str, &str) = ("AKIASANDBOX000000001", "sandbox-secret-1");

/// A simulator on a port of its own, gone with the value.
struct Server {
    address: SocketAddr,
    _runtime: Runtime,
}

/// What came back: status and body, or how the connection ended.
type Outcome = Result<(u16, Value), ErrorKind>;

impl Server {
    fn start(quotas: bool) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let sandbox = Sandbox::new(Pace(1000.0), Faults::default(), quotas.then(Quotas::default));
        runtime.spawn(http::serve(listener, Arc::new(sandbox)));
        Self { address, _runtime: runtime }
    }

    /// A signed call of SageMaker.
    fn call(&self, operation: &str, body: &Value) -> Outcome {
        exchange(self.send(operation, body, KEY))
    }

    /// Sends a signed call and leaves its answer on the way.
    fn send(&self, operation: &str, body: &Value, (access_key, secret): (&str, &str)) -> TcpStream {
        let body = body.to_string();
        let mut headers: Vec<(String, String)> = [
            ("content-type", "application/x-amz-json-1.1"),
            ("host", &self.address.to_string()),
            ("x-amz-date", &clock::amz_date(clock::now())),
            ("x-amz-target", &format!("SageMaker.{operation}")),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let request = Signed { method: "POST", path: "/", query: "", headers: &headers, body: body.as_bytes() };
        let authorization = Authorization::header(&request, access_key, secret, "us-west-2", "sagemaker");
        headers.push(("authorization".to_owned(), authorization));
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        self.write(&format!("POST / HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
    }

    /// A call of the admin API.
    fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (host, length) = (self.address, body.len());
        let text =
            format!("{method} /_sandbox/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}");
        let (status, answer) = exchange(self.write(&text)).expect("the admin API answers");
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn write(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("the simulator listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has time-outs");
        stream.write_all(text.as_bytes()).expect("the request is taken");
        stream
    }

    /// What the journal says of each call of an operation: outcome, whether it was applied, and HTTP status.
    fn journal(&self, operation: &str) -> Vec<(String, bool, u64)> {
        let answer = self.admin("GET", &format!("journal?operation={operation}"), &Value::Null);
        let calls = answer["calls"].as_array().expect("a list of calls");
        let told = |call: &Value| {
            let outcome = call["outcome"].as_str().unwrap_or_default().to_owned();
            (outcome, call["applied"] == json!(true), call["httpStatus"].as_u64().unwrap_or_default())
        };
        calls.iter().map(told).collect()
    }
}

/// Reads one answer. A body shorter than announced is `UnexpectedEof`.
fn exchange(mut stream: TcpStream) -> Outcome {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let status = head[9..12].parse().expect("a status line");
                return Ok((status, serde_json::from_str(body).unwrap_or_else(|_| Value::from(body))));
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) => return Err(error.kind()),
        }
    }
}

fn training_job(name: &str) -> Value {
    json!({
        "TrainingJobName": name,
        "RoleArn": "arn:aws:iam::123456789012:role/execution",
        "AlgorithmSpecification": { "TrainingImage": "image", "TrainingInputMode": "File" },
        "OutputDataConfig": { "S3OutputPath": "s3://bucket/output" },
        "ResourceConfig": { "InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5 },
        "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
    })
}

fn refusal(outcome: Outcome) -> String {
    let (status, body) = outcome.expect("a refusal is an answer");
    format!("{status} {body}")
}

#[test]
fn a_broken_answer_leaves_the_effect_that_its_rule_says() {
    let created = |applied: bool| if applied { 400 } else { 200 };
    for (action, outcome, applied, expected) in [
        ("resetBefore", "reset-before", false, ErrorKind::ConnectionReset),
        ("resetAfter", "reset-after", true, ErrorKind::ConnectionReset),
        ("truncate", "truncated", true, ErrorKind::UnexpectedEof),
    ] {
        let server = Server::start(false);
        server.admin("POST", "faults", &json!({ "operation": "CreateTrainingJob", "count": 1, "action": action }));
        assert_eq!(server.call("CreateTrainingJob", &training_job("mnist")), Err(expected), "{action}");
        let (status, _) = server.call("CreateTrainingJob", &training_job("mnist")).expect("the rule is spent");
        assert_eq!(status, created(applied), "{action}: only what was not applied can be created");
        let journal = server.journal("CreateTrainingJob");
        assert_eq!((journal[0].0.as_str(), journal[0].1), (outcome, applied));
        assert_eq!(journal.iter().filter(|(_, applied, _)| *applied).count(), 1);
    }
}

#[test]
fn a_hanging_call_is_journaled_and_never_answered() {
    let server = Server::start(false);
    server.admin("POST", "faults", &json!({ "action": "hang" }));
    let mut stream = server.send("ListTrainingJobs", &json!({}), KEY);
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.journal("ListTrainingJobs").is_empty() {
        assert!(Instant::now() < deadline, "the call reaches the journal");
        std::thread::yield_now();
    }
    stream.set_nonblocking(true).expect("a socket can be asked without waiting");
    assert_eq!(stream.read(&mut [0]).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    assert_eq!(server.journal("ListTrainingJobs"), [("hang".to_owned(), false, 0)]);
}

#[test]
fn an_answer_held_back_has_already_taken_effect() {
    let server = Server::start(false);
    server.admin("POST", "faults", &json!({ "operation": "CreateTrainingJob", "action": { "hangAfterMs": 600_000 } }));
    let held = server.send("CreateTrainingJob", &training_job("mnist"), KEY);
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.journal("CreateTrainingJob").is_empty() {
        assert!(Instant::now() < deadline, "the call reaches the journal");
        std::thread::yield_now();
    }
    let (status, _) = server.call("DescribeTrainingJob", &json!({ "TrainingJobName": "mnist" })).expect("an answer");
    assert_eq!(status, 200);
    drop(held);
}

#[test]
fn refusals_come_in_the_form_of_the_protocol() {
    let server = Server::start(false);
    let with = |key| exchange(server.send("ListTrainingJobs", &json!({}), key));
    insta::assert_snapshot!(refusal(with((KEY.0, "wrong"))), @r#"400 {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}"#);
    insta::assert_snapshot!(refusal(with(("AKIANOBODY", "x"))), @r#"400 {"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#);
    insta::assert_snapshot!(refusal(server.call("StopTrainingJob", &json!({ "TrainingJobName": "none" }))), @r#"400 {"__type":"ValidationException","message":"Requested resource not found."}"#);
    insta::assert_snapshot!(refusal(server.call("Dance", &json!({}))), @r#"400 {"__type":"UnknownOperationException","message":""}"#);
    server.call("CreateTrainingJob", &training_job("mnist")).expect("an answer");
    insta::assert_snapshot!(refusal(server.call("CreateTrainingJob", &training_job("mnist"))), @r#"400 {"Message":"Training job names must be unique within an AWS account and region, and a training job with this name already exists (arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist)","__type":"ResourceInUse"}"#);
    let unsigned = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: SageMaker.ListModels\r\ncontent-type: \
         application/x-amz-json-1.1\r\ncontent-length: 2\r\n\r\n{{}}",
        server.address
    );
    insta::assert_snapshot!(refusal(exchange(server.write(&unsigned))), @r#"400 {"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#);
}

#[test]
fn a_right_can_be_taken_away_and_given_back() {
    let server = Server::start(false);
    let id = server.admin("POST", "deny", &json!({ "action": "sagemaker:CreateTrainingJob" }))["id"].clone();
    insta::assert_snapshot!(refusal(server.call("CreateTrainingJob", &training_job("mnist"))), @r#"400 {"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist because no identity-based policy allows the sagemaker:CreateTrainingJob action"}"#);
    server.admin("DELETE", &format!("deny/{id}"), &Value::Null);
    let (status, _) = server.call("CreateTrainingJob", &training_job("mnist")).expect("an answer");
    assert_eq!(status, 200);
}

#[test]
fn a_dry_quota_throttles_and_can_be_lifted() {
    let server = Server::start(true);
    let list = || server.call("ListTrainingJobs", &json!({})).expect("an answer").0;
    let statuses: Vec<_> = (0..20).map(|_| list()).collect();
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses.contains(&400), "two a second are all there are");
    assert!(server.journal("ListTrainingJobs").iter().any(|(outcome, ..)| outcome == "ThrottlingException"));
    server.admin("POST", "quotas", &json!({ "enabled": false }));
    assert!((0..20).all(|_| list() == 200));
}

#[test]
fn web_identities_need_no_signature_and_get_a_session_in_xml() {
    let server = Server::start(false);
    let body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=operator&WebIdentityToken=token\
                &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fteam%2Foperator";
    let text = |body: &str| {
        let (host, length) = (server.address, body.len());
        let kind = "application/x-www-form-urlencoded";
        format!("POST / HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let (status, answer) = exchange(server.write(&text(body))).expect("an answer");
    let answer = answer.as_str().expect("XML is no JSON");
    let user = "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/operator/operator</Arn>";
    assert!(status == 200 && answer.contains(user), "{answer}");
    server.admin("POST", "deny", &json!({ "action": "sts:*" }));
    let (status, answer) = exchange(server.write(&text(body))).expect("an answer");
    assert!(status == 403 && answer.to_string().contains("<Code>AccessDenied</Code>"), "{answer}");
}
