//! Calls that are refused, delayed, lost, or answered to nobody.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{JOB, JOBS, condition, hasty, job, until_running, until_stalled};
use crate::support::{Namespace, Simulator, eventually};

pub(super) const SOON: Duration = Duration::from_mins(1);

#[track_caller]
fn until_calls(aws: &Simulator, operation: &str, outcome: &str, count: usize) {
    eventually(&format!("{count} × {operation}: {outcome}"), SOON, || {
        let calls = aws.calls(operation);
        let such = calls.iter().filter(|call| call.outcome == outcome).count();
        if such >= count { Ok(()) } else { Err(format!("{calls:#?}")) }
    });
}

/// How often the job was not found although it was there.
fn looked_in_vain(aws: &Simulator) -> usize {
    let created = aws.applied("CreateTrainingJob")[0].seq;
    let looks = aws.calls("DescribeTrainingJob").into_iter().filter(|call| call.seq > created);
    looks.filter(|call| call.outcome == "ValidationException").count()
}

#[test]
fn killed_between_the_create_and_its_answer_it_does_not_create_again() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("killed");
    aws.fault(&json!({ "operation": "CreateTrainingJob", "count": 1, "action": { "hangAfterMs": 60_000 } }));
    let operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    eventually("the Create", SOON, || {
        let applied = aws.applied("CreateTrainingJob").len();
        if applied == 1 { Ok(()) } else { Err(format!("{applied} creates")) }
    });
    let object = home.get(JOBS, JOB).unwrap();
    assert!(object["status"]["arn"].is_null(), "the answer was not held back: {:#}", object["status"]);
    operator.kill();

    let _operator = hasty(&home, &aws).start();
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
}

#[test]
fn a_lost_answer_does_not_start_a_second_job() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("lost-answer");
    aws.fault(&json!({ "operation": "CreateTrainingJob", "count": 1, "action": "resetAfter" }));
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    assert_eq!(aws.calls("CreateTrainingJob")[0].outcome, "reset-after");
}

#[test]
fn a_lost_answer_and_a_job_that_is_not_to_be_seen_yet_do_not_start_a_second_one() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("hidden");
    aws.fault(&json!({ "operation": "CreateTrainingJob", "count": 1, "action": "resetAfter" }));
    aws.fault(&json!({ "operation": "DescribeTrainingJob", "action": { "notFoundForMs": 5_000 } }));
    let _operator = hasty(&home, &aws).start();
    home.apply(job(3600, ""));
    until_running(&home);
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    assert!(looked_in_vain(&aws) > 0, "it was never hidden: {:#?}", aws.journal());
}

#[test]
fn a_job_deleted_before_it_can_be_seen_is_stopped_when_it_can() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("too-early");
    aws.fault(&json!({ "operation": "DescribeTrainingJob", "action": { "notFoundForMs": 6_000 } }));
    let _operator = hasty(&home, &aws).start();
    home.apply(job(3600, ""));
    let created = home.until(JOBS, JOB, "an ARN", |object| object["status"]["arn"].is_string());
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
    let name = created["spec"]["trainingJobName"].as_str().unwrap();
    assert_eq!(aws.job(name)["status"], "Stopped");
    assert!(looked_in_vain(&aws) > 0, "it was never hidden: {:#?}", aws.journal());
}

#[test]
fn a_minute_of_throttling_is_outlived_without_a_flood() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("throttled");
    let throttle = json!({ "error": { "code": "ThrottlingException", "message": "Rate exceeded", "status": 400 } });
    for operation in ["CreateTrainingJob", "DescribeTrainingJob", "ListTrainingJobs"] {
        aws.fault(&json!({ "operation": operation, "action": throttle }));
    }
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    let start = Instant::now();
    eventually("the end of the minute", Duration::from_secs(70), || {
        let object = home.get(JOBS, JOB).unwrap();
        let stalled = condition(&object, "Stalled").is_some_and(|stalled| stalled["status"] == "True");
        assert!(!stalled, "throttling is no reason to give up: {:#}", object["status"]);
        let passed = start.elapsed();
        if passed > Duration::from_mins(1) { Ok(()) } else { Err(format!("{passed:?}")) }
    });
    let calls = aws.journal().len();
    assert!((5..90).contains(&calls), "{calls} calls in a minute with a longest wait of 2 s");
    let object = home.get(JOBS, JOB).unwrap();
    assert_eq!(condition(&object, "Reconciling").map(|it| it["reason"].as_str()), Some(Some("Throttled")));
    let told = home.events(JOB).iter().filter(|event| event["reason"] == "Throttled").count();
    assert_eq!(told, 1);

    aws.heal();
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
}

#[test]
fn a_denied_action_is_named_and_the_job_starts_when_the_right_is_given_back() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("denied");
    aws.deny("sagemaker:CreateTrainingJob");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    let message = until_stalled(&home, "AccessDenied");
    assert!(message.contains("sagemaker:CreateTrainingJob") && message.contains("hint: "), "{message}");
    let object = home.get(JOBS, JOB).unwrap();
    assert_eq!(object["status"]["trainingJobStatus"], "ReconcilingTrainingJob");
    aws.allow_all();
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
}

#[test]
fn where_tagging_is_denied_the_job_starts_without_our_tags() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("untagged");
    aws.deny("sagemaker:AddTags");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    let created = aws.applied("CreateTrainingJob");
    assert_eq!(created.len(), 1);
    assert!(created[0].request["Tags"].is_null(), "{}", created[0].request);
    assert!(home.events(JOB).iter().any(|event| event["reason"] == "TagsDenied" && event["type"] == "Warning"));
}

#[test]
fn a_deletion_while_aws_cannot_be_reached_keeps_the_finalizer() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("unreachable");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(3600, ""));
    until_running(&home);
    for operation in ["DescribeTrainingJob", "StopTrainingJob", "ListTrainingJobs"] {
        aws.fault(&json!({ "operation": operation, "action": "resetBefore" }));
    }
    home.delete(JOBS, JOB);
    until_calls(&aws, "DescribeTrainingJob", "reset-before", 5);
    let held = home.until(JOBS, JOB, "that it says why", |object| {
        condition(object, "Reconciling").is_some_and(|it| it["reason"] == "Unreachable")
    });
    assert_eq!(held["metadata"]["finalizers"][0], "sagemaker-operator-finalizer");
    aws.heal();
    home.until_gone(JOBS, JOB);
    assert_eq!(aws.applied("StopTrainingJob").len(), 1);
}

#[test]
fn a_bad_object_does_not_delay_another() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("bad-object");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, "").replace("name: story\n", "name: bad\n").replace("us-west-2\n  role", "Mars\n  role"));
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    let stalled = home.until_condition(JOBS, "bad", "Stalled");
    assert_eq!(stalled["reason"], "InvalidSpec");
    home.delete(JOBS, "bad");
    home.until_gone(JOBS, "bad");
}
