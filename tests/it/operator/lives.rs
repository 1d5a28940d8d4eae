//! From the manifest to the end.

use serde_json::Value;

use super::{JOB, JOBS, condition, hasty, job, touch, until_running, until_stalled};
use crate::support::{Namespace, Simulator};

fn reasons(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["reason"].as_str()).collect()
}

#[test]
fn a_job_runs_from_its_manifest_to_its_end() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("whole-life");
    let operator = hasty(&home, &aws).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");

    let object = home.get(JOBS, JOB).unwrap();
    let uid = object["metadata"]["uid"].as_str().unwrap();
    let name = format!("{JOB}-{}", uid.replace('-', ""));
    assert_eq!(object["spec"]["trainingJobName"], name);
    let status = &object["status"];
    assert_eq!(status["trainingJobStatus"], "Completed");
    assert_eq!(status["sageMakerTrainingJobName"], name);
    assert_eq!(status["arn"], format!("arn:aws:sagemaker:us-west-2:123456789012:training-job/{name}"));
    assert_eq!(status["modelPath"], format!("s3://my-bucket/xgboost/{name}/output/model.tar.gz"));
    assert_eq!(status["observedGeneration"], object["metadata"]["generation"]);
    for (kind, wanted) in [("Complete", "True"), ("Failed", "False"), ("Reconciling", "False"), ("Stalled", "False")] {
        assert_eq!(condition(&object, kind).map(|it| &it["status"]), Some(&Value::from(wanted)), "{kind}");
    }

    let created = aws.applied("CreateTrainingJob");
    assert_eq!(created.len(), 1);
    let tags = created[0].request["Tags"].to_string();
    assert!(tags.contains(uid) && tags.contains(&format!("{}/{JOB}", home.name())), "{tags}");
    assert!(aws.calls("StopTrainingJob").is_empty());

    let events = home.events(JOB);
    assert_eq!(
        reasons(&events),
        ["Created", "InProgress", "Completed"],
        "one event for each transition, none for a poll"
    );
    assert!(events.iter().all(|event| event["series"].is_null()), "{events:#?}");

    let metrics = operator.page("metrics").unwrap();
    let ours = r#"sagemaker_operator_aws_calls_total{operation="CreateTrainingJob",region="us-west-2",outcome="ok"} 1"#;
    assert!(metrics.contains(ours), "{metrics}");

    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
    assert!(aws.calls("StopTrainingJob").is_empty(), "what has ended needs no stop");
}

#[test]
fn a_deleted_job_is_stopped_first_and_its_object_held_until_it_has_ended() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("deleted");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(3600, ""));
    let name = until_running(&home);
    home.delete(JOBS, JOB);
    let held = home.until(JOBS, JOB, "Stopping", |object| object["status"]["trainingJobStatus"] == "Stopping");
    assert_eq!(held["metadata"]["finalizers"][0], "sagemaker-operator-finalizer");
    assert_eq!(condition(&held, "Reconciling").map(|it| &it["status"]), Some(&Value::from("True")));
    home.until_gone(JOBS, JOB);
    assert_eq!(aws.job(&name)["status"], "Stopped", "{:#}", aws.job(&name));
    assert_eq!(aws.applied("StopTrainingJob").len(), 1);
}

#[test]
fn a_failed_job_says_why_in_sagemakers_words() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("failed");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, "").replace("xgboost:1", "fail:1"));
    let failed = home.until_condition(JOBS, JOB, "Failed");
    assert!(failed["message"].as_str().unwrap().contains("AlgorithmError"), "{failed}");
    let object = home.get(JOBS, JOB).unwrap();
    assert_eq!(object["status"]["trainingJobStatus"], "Failed");
    assert_eq!(object["status"]["additional"], failed["message"]);
}

#[test]
fn a_job_full_of_tags_has_one_exchanged_and_ours_give_way_to_the_users() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("full-of-tags");
    let _operator = hasty(&home, &aws).start();
    let tags = |from: u32, to: u32| {
        let tags: Vec<_> = (from..to).map(|n| format!("{{key: k{n:02}, value: v}}")).collect();
        job(3600, &format!("tags: [{}]", tags.join(", ")))
    };
    let held = || {
        let arn = home.get(JOBS, JOB).unwrap()["status"]["arn"].clone();
        let answer = aws.ask("ListTags", &serde_json::json!({ "ResourceArn": arn }));
        let tags = answer["Tags"].as_array().cloned().unwrap_or_default();
        let ours = tags.iter().filter(|tag| tag["Key"].as_str().is_some_and(|key| key.contains("/k8s-"))).count();
        (ours, tags.len())
    };
    let edit = |from: u32, to: u32| {
        home.apply(tags(from, to));
        let keys: Vec<_> = (from..to).map(|n| format!("k{n:02}")).collect();
        home.until(JOBS, JOB, "the new tags", |object| object["status"]["tagKeys"] == serde_json::json!(keys));
    };
    home.apply(tags(0, 47));
    until_running(&home);
    assert_eq!(held(), (3, 50));
    edit(1, 48);
    assert_eq!(held(), (3, 50), "one for one");
    edit(1, 50);
    assert_eq!(held(), (1, 50), "two more of the user's");
    assert!(home.events(JOB).iter().any(|event| event["reason"] == "TagsLeftOut"), "{:#?}", home.events(JOB));
}

#[test]
fn an_edit_of_the_tags_reaches_sagemaker() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("tags");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(3600, "tags: [{key: team, value: blue}, {key: left, value: over}]"));
    until_running(&home);
    home.apply(job(3600, "tags: [{key: team, value: red}]"));
    home.until(JOBS, JOB, "the new tags", |object| object["status"]["tagKeys"] == serde_json::json!(["team"]));
    let (set, removed) = (aws.applied("AddTags"), aws.applied("DeleteTags"));
    assert_eq!((set.len(), removed.len()), (1, 1));
    assert_eq!(set[0].request["Tags"], serde_json::json!([{ "Key": "team", "Value": "red" }]));
    assert_eq!(removed[0].request["TagKeys"], serde_json::json!(["left"]));
}

#[test]
fn a_namespace_may_have_a_role_of_its_own() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("own-role");
    let role = "sagemaker.aws.amazon.com/role-arn=arn:aws:iam::210987654321:role/team";
    home.kubectl(["annotate", "namespace", home.name(), role]).run().ok();
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, "").replace("123456789012:role", "210987654321:role"));
    home.until_condition(JOBS, JOB, "Complete");
    let created = aws.applied("CreateTrainingJob");
    assert_eq!(created.len(), 1);
    assert_eq!(created[0].account.as_deref(), Some("210987654321"));
    let assumed = aws.calls("AssumeRole");
    assert_eq!(assumed[0].request["ExternalId"], home.name(), "{assumed:#?}");
    let cluster = home.kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]).run().ok();
    assert_eq!(assumed[0].request["RoleSessionName"], format!("sagemaker-operator-{cluster}"));
}

#[test]
fn a_role_that_is_none_is_said_on_the_object_and_heard_when_it_is_mended() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("bad-role");
    let annotate = |role: &str| {
        let role = format!("sagemaker.aws.amazon.com/role-arn={role}");
        home.kubectl(["annotate", "--overwrite", "namespace", home.name(), &role]).run().ok();
    };
    annotate("team");
    let _operator = hasty(&home, &aws).start();
    home.apply(job(30, "").replace("123456789012:role", "210987654321:role"));
    let message = until_stalled(&home, "InvalidRole");
    assert!(message.contains("\"team\"") && message.contains("hint: kubectl annotate"), "{message}");
    assert!(aws.journal().is_empty(), "{:#?}", aws.journal());
    annotate("arn:aws:iam::210987654321:role/team");
    touch(&home, "mended");
    home.until_condition(JOBS, JOB, "Complete");
    let created = aws.applied("CreateTrainingJob");
    assert_eq!((created.len(), created[0].account.as_deref()), (1, Some("210987654321")));
}

#[test]
fn ten_jobs_that_run_are_watched_by_one_listing() {
    let aws = Simulator::at_speed(5.0);
    let home = Namespace::new("listing");
    let _operator = hasty(&home, &aws).start();
    let names: Vec<String> = (0..10).map(|n| format!("story-{n}")).collect();
    for name in &names {
        home.apply(job(60, "").replace("name: story\n", &format!("name: {name}\n")));
    }
    for name in &names {
        home.until_condition(JOBS, name, "Complete");
    }
    let described = aws.calls("DescribeTrainingJob").len();
    // Before the Create, after it, and for each of the seven secondary statuses and the end.
    assert!(described <= 10 * 12, "{described} calls of DescribeTrainingJob for ten jobs");
    assert!(!aws.calls("ListTrainingJobs").is_empty());
    assert_eq!(aws.applied("CreateTrainingJob").len(), 10);
}
