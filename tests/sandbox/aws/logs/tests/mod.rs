//! The service as a client meets it.

mod following;
mod paging;
mod rules;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Ending, Flavour, Host, LogError, LogService, Run, Scope, Workload};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-west-2";
const GROUP: &str = "/aws/sagemaker/TrainingJobs";
/// When jobs start in these tests.
const START: u64 = 1_763_926_800_000;

/// An event as any operation shows it: stream, time, text.
type Line = (u64, String, String);

fn at(now_ms: u64) -> Scope {
    Scope { account: ACCOUNT.to_owned(), region: REGION.to_owned(), now_ms }
}

/// A job whose hosts start one second after the other.
fn begin(service: &LogService, job: &str, hosts: u64, workload: Workload) {
    let host = |n| Host { stream: stream(job, n), starts_ms: START + n * 1000 };
    service.begin(Run {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        group: GROUP.to_owned(),
        job: job.to_owned(),
        hosts: (1..=hosts).map(host).collect(),
        workload,
    });
}

fn end(service: &LogService, job: &str, at_ms: u64) {
    service.end(ACCOUNT, REGION, GROUP, job, at_ms, &Ending::Completed);
}

fn stream(job: &str, host: u64) -> String {
    format!("{job}/algo-{host}-1763926800")
}

/// One operation on the group of training jobs.
fn call(service: &LogService, now_ms: u64, operation: &str, members: &Value) -> Result<Value, LogError> {
    let mut body = json!({"logGroupName": GROUP});
    body.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    answered(service.handle(&at(now_ms), operation, &body))
}

fn answered(answer: Result<String, LogError>) -> Result<Value, LogError> {
    answer.map(|text| serde_json::from_str(&text).unwrap())
}

/// Every page of `FilterLogEvents`.
fn filter(service: &LogService, now_ms: u64, members: &Value) -> Vec<Value> {
    let mut pages = Vec::<Value>::new();
    let mut members = members.clone();
    loop {
        let page = call(service, now_ms, "FilterLogEvents", &members).unwrap();
        members["nextToken"] = page["nextToken"].clone();
        pages.push(page);
        if members["nextToken"].is_null() {
            return pages;
        }
        assert!(pages.len() < 20_000, "the listing does not end");
    }
}

/// `GetLogEvents` from one end until its token comes back; the tokens sent, and the pages.
fn get(service: &LogService, now_ms: u64, token: &str, members: &Value) -> Vec<Value> {
    let mut pages = Vec::<Value>::new();
    let mut members = members.clone();
    loop {
        let page = call(service, now_ms, "GetLogEvents", &members).unwrap();
        let ended = page[token] == members["nextToken"];
        members["nextToken"] = page[token].clone();
        pages.push(page);
        if ended {
            return pages;
        }
        assert!(pages.len() < 20_000, "the stream does not end");
    }
}

fn events(pages: &[Value]) -> impl Iterator<Item = &Value> {
    pages.iter().flat_map(|page| page["events"].as_array().unwrap())
}

fn line(event: &Value, stream: &str) -> Line {
    let stream = event["logStreamName"].as_str().unwrap_or(stream);
    (event["timestamp"].as_u64().unwrap(), stream.to_owned(), event["message"].as_str().unwrap().to_owned())
}

fn lines(pages: &[Value]) -> Vec<Line> {
    events(pages).map(|event| line(event, "")).collect()
}

/// What exists by then, by the admin's text.
fn truth(service: &LogService, now_ms: u64, prefix: &str) -> Vec<Line> {
    let text = service.text(&at(now_ms), GROUP, prefix, false).collect::<String>();
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let mut part = || parts.next().unwrap();
        (part().parse().unwrap(), part(), part())
    };
    text.lines().map(line).collect()
}

/// How often each line occurs.
fn counted(lines: impl IntoIterator<Item = Line>) -> BTreeMap<Line, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

/// A job of four hosts, ended, with everything in.
fn ended_job(seed: u64, lines_per_second: f64) -> (LogService, u64) {
    let service = LogService::new();
    begin(&service, "job", 4, Workload { seed, lines_per_second, ..Workload::default() });
    end(&service, "job", START + 60_000);
    (service, START + 120_000)
}
