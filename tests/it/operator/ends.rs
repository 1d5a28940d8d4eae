//! Whose job is it, and is it over? Neither a second job nor a lost one, whatever the records say.

use serde_json::json;

use super::{JOB, JOBS, hasty, job, touch, until_running, until_stalled};
use crate::support::simulator::Keys;
use crate::support::{Namespace, Simulator};

#[test]
fn with_the_keys_of_another_account_nothing_is_created_stopped_or_let_go() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("wrong-account");
    let operator = hasty(&home, &aws).start();
    home.apply(job(3600, ""));
    let name = until_running(&home);
    operator.kill();

    let operator = hasty(&home, &aws).keys(Keys::Foreign).start();
    let message = until_stalled(&home, "WrongAccount");
    assert!(message.contains(Keys::Foreign.account()) && message.contains(Keys::Ours.account()), "{message}");
    home.delete(JOBS, JOB);
    let before = aws.calls("DescribeTrainingJob").len();
    crate::support::eventually("two more looks", super::troubles::SOON, || {
        let calls = aws.calls("DescribeTrainingJob").len();
        if calls >= before + 2 { Ok(()) } else { Err(format!("{calls} calls")) }
    });
    assert!(home.get(JOBS, JOB).is_some(), "the finalizer was released");
    assert!(aws.journal().iter().all(|call| call.account.as_deref() != Some(Keys::Foreign.account()) || !call.applied));
    assert_eq!(aws.job(&name)["status"], "InProgress");
    operator.kill();

    let _operator = hasty(&home, &aws).start();
    home.until_gone(JOBS, JOB);
    assert_eq!((aws.applied("CreateTrainingJob").len(), aws.applied("StopTrainingJob").len()), (1, 1));
}

#[test]
fn a_job_of_somebody_else_under_the_wanted_name_is_left_alone_until_annotated() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("name-taken");
    aws.start_job("popular", 1, &json!({ "sandbox_training_seconds": "3600" }));
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, "trainingJobName: popular"));
    let message = until_stalled(&home, "NameTaken");
    assert!(message.contains("sagemaker.aws.amazon.com/adopt"), "{message}");
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
    assert_eq!(aws.job("popular")["status"], "InProgress", "it was stopped");

    home.apply(job(30, "trainingJobName: popular"));
    until_stalled(&home, "NameTaken");
    home.kubectl(["annotate", "trainingjob", JOB, "sagemaker.aws.amazon.com/adopt=true"]).run().ok();
    assert_eq!(until_running(&home), "popular");
    assert!(aws.applied("CreateTrainingJob").is_empty() && aws.calls("StopTrainingJob").is_empty());
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
    assert_eq!(aws.applied("StopTrainingJob").len(), 1);
}

#[test]
fn a_finished_job_whose_record_is_gone_is_not_started_again() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("record-gone");
    let operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    let name = home.get(JOBS, JOB).unwrap()["spec"]["trainingJobName"].as_str().unwrap().to_owned();
    aws.forget_job(&name);
    operator.kill();

    let mut operator = hasty(&home, &aws).start();
    operator.process().until_stderr_has("watching kind=\"TrainingJob\"");
    let looks = aws.calls("DescribeTrainingJob").len();
    touch(&home, "please look");
    operator.process().until_stderr_has("step=Rest");
    assert!(aws.calls("DescribeTrainingJob").len() > looks);
    assert_eq!(aws.calls("CreateTrainingJob").len(), 1);
    let object = home.get(JOBS, JOB).unwrap();
    assert_eq!(object["status"]["trainingJobStatus"], "Completed");
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
}

#[test]
fn a_finished_job_costs_no_call_when_the_operator_starts() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("restart");
    let operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    operator.kill();
    let calls = aws.journal().len();
    let mut operator = hasty(&home, &aws).start();
    let line = operator.process().until_stderr_has("watching kind=\"TrainingJob\"");
    assert!(line.contains("objects=1") && line.contains("due=0"), "{line}");
    assert_eq!(aws.journal().len(), calls);
}
