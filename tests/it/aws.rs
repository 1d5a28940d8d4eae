//! The gateway to SageMaker against the simulator: what leaves, what comes back, and what each trouble is taken for.

mod bench;
mod environment;
mod tls;

use std::sync::atomic::Ordering;

use chrono::{TimeDelta, Utc};
use sagemaker_operator::api::TrainingJob;
use sagemaker_operator::lifecycle::{Cause, Gateway, Observation, Phase, Refusal, Tag};
use serde_json::{Value, json};

use crate::support::Simulator;
use crate::support::eventually::PATIENCE;
use crate::support::simulator::Keys;
use bench::{Bench, spec, tags};

fn cause<T>(result: Result<T, Refusal>) -> Cause {
    match result {
        Ok(_) => panic!("AWS did what should have been refused"),
        Err(refusal) => refusal.cause,
    }
}

#[tokio::test]
async fn a_job_is_created_described_and_stopped() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    assert_eq!(cause(bench.describe("mnist").await), Cause::NotFound);

    let created = bench.create("mnist").await.unwrap();
    assert_eq!(created.arn.as_str(), "arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist");
    let request: &Value = &aws.applied("CreateTrainingJob")[0].request;
    assert_eq!(request["TrainingJobName"], "mnist");
    assert_eq!(request["HyperParameters"], json!({"max_depth": "5"}));
    assert_eq!(request["ResourceConfig"]["VolumeSizeInGB"], 5);
    assert_eq!(request["Tags"], json!([{"Key": "team", "Value": "research"}]));
    assert_eq!(request.get("Region"), None);

    let seen = bench.describe("mnist").await.unwrap();
    assert_eq!(seen.phase(), Phase::Active);
    assert_eq!(seen.arn().unwrap(), created.arn);
    bench.stop("mnist").await.unwrap();
    assert_eq!(bench.describe("mnist").await.unwrap().phase(), Phase::Stopping);
    assert_eq!(
        *bench.sent.lock().unwrap(),
        [
            "DescribeTrainingJob Some(NotFound)",
            "CreateTrainingJob None",
            "DescribeTrainingJob None",
            "StopTrainingJob None",
            "DescribeTrainingJob None"
        ]
    );
}

#[tokio::test]
async fn a_job_is_changed_in_place() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    bench.create("mnist").await.unwrap();
    let update = json!({"ResourceConfig": {"KeepAlivePeriodInSeconds": 60}});
    bench.update("mnist", &update).await.unwrap();
    let request: &Value = &aws.applied("UpdateTrainingJob")[0].request;
    assert_eq!(request, &json!({"TrainingJobName": "mnist", "ResourceConfig": {"KeepAlivePeriodInSeconds": 60}}));
}

#[tokio::test]
async fn a_stop_that_comes_too_late_is_told() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    bench.create("mnist").await.unwrap();
    bench.stop("mnist").await.unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !bench.describe("mnist").await.unwrap().phase().has_ended() {
        assert!(tokio::time::Instant::now() < deadline, "it never ended");
    }
    assert_eq!(cause(bench.stop("mnist").await), Cause::AlreadyEnded);
}

#[tokio::test]
async fn tags_are_read_set_and_removed() {
    let aws = Simulator::at_speed(10.0);
    let Bench { api, place, .. } = &Bench::on(&aws);
    let arn = Gateway::<TrainingJob>::create(api, place, "mnist", &spec(), &tags()).await.unwrap().arn;
    let more = [Tag { key: "empty".to_owned(), value: String::new() }];
    Gateway::<TrainingJob>::add_tags(api, place, &arn, &more).await.unwrap();
    Gateway::<TrainingJob>::delete_tags(api, place, &arn, &["team".to_owned()]).await.unwrap();
    assert_eq!(Gateway::<TrainingJob>::tags(api, place, &arn).await.unwrap(), more);
}

#[tokio::test]
async fn what_changed_is_listed_page_by_page() {
    let aws = Simulator::at_speed(10.0);
    let Bench { api, place, .. } = &Bench::on(&aws);
    for number in 0..130 {
        aws.start_job(&format!("job-{number:03}"), 1, &json!({}));
    }
    let since = Utc::now() - TimeDelta::minutes(5);
    let first = Gateway::<TrainingJob>::changed_since(api, place, since, None).await.unwrap();
    assert_eq!(first.items.len(), 100);
    let next = first.next.as_deref();
    let second = Gateway::<TrainingJob>::changed_since(api, place, since, next).await.unwrap();
    assert_eq!((second.items.len(), second.next), (30, None));
    assert!(first.items.is_sorted_by_key(|item| item.last_modified));
    let mut names: Vec<_> = first.items.iter().chain(&second.items).map(|item| item.name.clone()).collect();
    names.sort();
    assert_eq!(names, (0..130).map(|number| format!("job-{number:03}")).collect::<Vec<_>>());

    let later = Utc::now() + TimeDelta::minutes(5);
    assert!(Gateway::<TrainingJob>::changed_since(api, place, later, None).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn without_a_permit_nothing_that_writes_leaves() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    bench.permit.0.store(false, Ordering::SeqCst);
    let refusal = bench.create("mnist").await.unwrap_err();
    assert_eq!(refusal.cause, Cause::NotLeader);
    assert_eq!(refusal.to_string(), "CreateTrainingJob: withheld: another operator may hold the Lease by now");
    assert_eq!(cause(bench.stop("mnist").await), Cause::NotLeader);
    assert!(aws.journal().is_empty());
    assert_eq!(cause(bench.describe("mnist").await), Cause::NotFound);
}

#[tokio::test]
async fn a_lost_answer_may_have_had_its_effect() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    aws.fault(&json!({"operation": "CreateTrainingJob", "count": 1, "action": "resetAfter"}));
    assert_eq!(cause(bench.create("mnist").await), Cause::Transient);
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    assert_eq!(cause(bench.create("mnist").await), Cause::AlreadyExists);
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
}

#[tokio::test]
async fn trouble_on_the_way_may_pass() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    let error = |code: &str, status: u16| json!({"error": {"code": code, "message": "…", "status": status}});
    for (action, expected) in [
        (json!("resetBefore"), Cause::Transient),
        (json!("truncate"), Cause::Transient),
        (error("InternalFailure", 500), Cause::Transient),
        (error("ServiceUnavailable", 503), Cause::Transient),
        (error("ThrottlingException", 400), Cause::Throttled),
        (error("ExpiredTokenException", 400), Cause::Credentials),
        (error("SomethingNew", 400), Cause::Invalid),
    ] {
        aws.fault(&json!({"operation": "DescribeTrainingJob", "count": 1, "action": action}));
        assert_eq!(cause(bench.describe("mnist").await), expected, "{action}");
    }
    // Port 1 of loopback, where nobody listens.
    assert_eq!(cause(Bench::at("http://127.0.0.1:1").describe("mnist").await), Cause::Transient);
}

#[tokio::test]
async fn a_denial_names_what_is_missing() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    aws.deny("iam:PassRole");
    let refusal = bench.create("mnist").await.unwrap_err();
    let denied = Cause::Denied {
        action: Some("iam:PassRole".to_owned()),
        resource: Some("arn:aws:iam::123456789012:role/train".to_owned()),
    };
    assert_eq!(refusal.cause, denied);
    assert_eq!(refusal.code, "AccessDeniedException");
    assert!(aws.applied("CreateTrainingJob").is_empty());
}

#[tokio::test]
async fn credentials_that_are_wrong_or_missing_are_told_apart_from_denials() {
    let aws = Simulator::at_speed(10.0);
    for (id, secret, code) in [
        (Keys::Ours.id(), "a wrong secret", "InvalidSignatureException"),
        ("AKIANOBODY", "any secret", "UnrecognizedClientException"),
    ] {
        let bench = Bench::on(&aws);
        bench.pocket.put(id, secret);
        let refusal = bench.describe("mnist").await.unwrap_err();
        assert_eq!((refusal.cause, refusal.code.as_str()), (Cause::Credentials, code));
    }
    let bench = Bench::on(&aws);
    bench.pocket.empty();
    let refusal = bench.describe("mnist").await.unwrap_err();
    assert_eq!(refusal.cause, Cause::Credentials);
    assert!(refusal.message.contains("the pocket is empty"), "{}", refusal.message);
}

#[tokio::test]
async fn the_account_is_asked_once_for_each_key() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    for _ in 0..3 {
        assert_eq!(bench.account().await.unwrap(), Keys::Ours.account());
    }
    assert_eq!(aws.calls("GetCallerIdentity").len(), 1);
}

#[tokio::test]
async fn exchanged_keys_are_seen_once_the_old_ones_are_refused() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws);
    assert_eq!(bench.account().await.unwrap(), Keys::Ours.account());
    bench.pocket.put(Keys::Foreign.id(), Keys::Foreign.secret());
    assert_eq!(bench.account().await.unwrap(), Keys::Ours.account(), "the old keys are still good and in use");

    let expired = json!({"error": {"code": "ExpiredTokenException", "message": "expired", "status": 400}});
    aws.fault(&json!({"operation": "DescribeTrainingJob", "count": 1, "action": expired}));
    assert_eq!(cause(bench.describe("mnist").await), Cause::Credentials);
    assert_eq!(cause(bench.describe("mnist").await), Cause::NotFound);
    let refusal = bench.account().await.unwrap_err();
    assert_eq!(refusal.cause, Cause::Transient, "an answer to the old keys may still be under way");
    assert!(refusal.message.contains("those of another account"), "{refusal}");
}

#[tokio::test]
async fn the_role_of_a_namespace_is_taken_on_and_kept() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::on(&aws).with_role("arn:aws:iam::210987654321:role/team");
    assert_eq!(bench.account().await.unwrap(), Keys::Foreign.account());
    assert_eq!(cause(bench.describe("mnist").await), Cause::NotFound);

    let taken_on = aws.calls("AssumeRole");
    assert_eq!(taken_on.len(), 1, "{taken_on:?}");
    assert_eq!(taken_on[0].request["ExternalId"], "team-a");
    assert_eq!(taken_on[0].request["RoleSessionName"], "sagemaker-operator-test");
}

#[tokio::test]
async fn a_role_that_may_not_be_taken_on_is_a_denial() {
    let aws = Simulator::at_speed(10.0);
    let role = "arn:aws:iam::210987654321:role/team";
    aws.deny("sts:AssumeRole");
    let bench = Bench::on(&aws).with_role(role);
    let denied = Cause::Denied { action: Some("sts:AssumeRole".to_owned()), resource: Some(role.to_owned()) };
    assert_eq!(cause(bench.describe("mnist").await), denied);
    assert_eq!(cause(bench.account().await), denied);
    aws.allow_all();
    assert_eq!(cause(bench.describe("mnist").await), Cause::NotFound);
}
