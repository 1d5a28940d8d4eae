//! Deletions that hang for more than a job: families, what the original operator left, an operator that comes back.

use std::io::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};

use super::ground::{FINALIZER, Ground, Operator, as_of};
use crate::hosting;
use crate::smlogs::story::PLURAL;
use crate::support::eventually::PATIENCE;
use crate::support::operator::hasty;
use crate::support::{Namespace, Simulator, eventually};

#[test]
fn a_person_is_asked_and_only_a_yes_is_one() {
    let ground = Ground::new("asked", Operator::Dead);
    for name in ["over", "running"] {
        ground.held(name);
        ground.home.delete(PLURAL, name);
    }
    ground.end("over");
    let ask = |args: &[&'static str], question: &str, answer: &str| {
        let args = ["unstick"].into_iter().chain(args.iter().copied());
        let (mut program, mut typed) =
            ground.home.plugin("kubectl-sagemaker", &ground.aws, args).start_in_conversation();
        program.until_stdout_has(question);
        writeln!(typed, "{answer}").expect("a terminal takes what is typed");
        program.finish(PATIENCE)
    };
    for (answer, code) in [("", 6), ("n", 6), ("nonsense", 6), ("y", 0)] {
        let finished = ask(&["over"], "Go on? [y/N]", answer);
        assert_eq!(finished.code(), code, "{answer:?}: {}", finished.stdout);
        assert_eq!(ground.home.get(PLURAL, "over").is_some(), code == 6, "{answer:?}");
    }
    let abandon = ["running", "--abandon-aws-resource"];
    for (answer, code) in [("y", 6), ("runnin", 6), ("running", 0)] {
        let finished = ask(&abandon, "type the name running:", answer);
        assert_eq!(finished.code(), code, "{answer:?}: {}", finished.stdout);
        assert_eq!(ground.home.get(PLURAL, "running").is_some(), code == 6, "{answer:?}");
    }
    assert_eq!(ground.word("running"), "InProgress");
}

/// Waits until the Lease of an operator that was killed has lapsed.
fn until_lapsed(home: &Namespace) {
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/sagemaker-k8s-operator", home.name());
    eventually("the end of the Lease", PATIENCE, || {
        let lease = home.cluster().get(&path).ok_or("there is none")?;
        let renewed = lease["spec"]["renewTime"].as_str().and_then(|time| time.parse::<DateTime<Utc>>().ok());
        let ends = renewed.ok_or("it was never held")? + TimeDelta::seconds(10);
        if Utc::now() > ends { Ok(()) } else { Err(format!("it ends at {ends}")) }
    });
}

#[test]
fn an_operator_that_comes_back_in_the_middle_is_left_to_it() {
    // So slow that the job has not stopped before the operator is back.
    let ground = Ground::at_speed("back", Operator::Dead, 0.1);
    ground.held("mnist");
    ground.home.delete(PLURAL, "mnist");
    let args = ["unstick", "mnist", "--stop-aws", "--yes"];
    let unstick = ground.home.plugin("kubectl-sagemaker", &ground.aws, args).start();
    let stopped = || if ground.stops("mnist") == 1 { Ok(()) } else { Err("it runs".to_owned()) };
    eventually("the stop of the job", PATIENCE, stopped);
    ground.renew(&json!({ "renewTime": as_of(Utc::now()) }));
    let finished = unstick.finish(PATIENCE);
    assert_eq!(finished.code(), 6, "{}{}", finished.stdout, finished.stderr);
    assert!(finished.stderr.contains("the operator is back"), "{}", finished.stderr);
    let object = ground.home.get(PLURAL, "mnist").expect("it is left to the operator");
    assert_eq!(object["metadata"]["finalizers"], json!([FINALIZER]));
    assert_eq!(ground.word("mnist"), "Stopping");
}

#[test]
fn a_deployment_goes_with_all_that_belongs_to_it() {
    let home = Namespace::new("family");
    let aws = Simulator::at_speed(50.0);
    let running = hasty(&home, &aws).start();
    home.apply(hosting::deployment("image:1", &json!({})).to_string());
    hosting::until_ready(&home);
    running.kill();
    home.delete("hostingdeployments", hosting::NAME);
    until_lapsed(&home);
    let unstick = |args: &[&'static str]| {
        home.plugin("kubectl-sagemaker", &aws, ["unstick", hosting::NAME].into_iter().chain(args.iter().copied())).run()
    };
    let refused = unstick(&["--yes"]);
    assert_eq!(refused.code(), 6, "{}", refused.stdout);
    assert!(refused.stdout.contains("child      endpointconfig/"), "{}", refused.stdout);
    let gone = unstick(&["--stop-aws", "--yes"]);
    assert_eq!(gone.code(), 0, "{}{}", gone.stdout, gone.stderr);
    for plural in ["hostingdeployments", "endpointconfigs", "models"] {
        let path = format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{plural}", home.name());
        let left = home.cluster().get(&path).expect("they can be listed");
        assert_eq!(left["items"], json!([]), "{}", gone.stdout);
    }
    let deletes = ["DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"].map(|operation| aws.applied(operation));
    assert_eq!(deletes.each_ref().map(Vec::len), [1, 1, 1]);
    assert!(deletes[0][0].seq < deletes[1][0].seq && deletes[1][0].seq < deletes[2][0].seq, "the endpoint goes first");
}

#[test]
fn what_the_original_operator_left_goes_when_its_job_is_known_to_be_over() {
    let ground = Ground::new("original", Operator::Dead);
    let left = |name: &str, status: &Value| {
        ground.object(name, &json!({ "finalizers": [FINALIZER] }));
        ground.home.report(PLURAL, name, status);
        ground.home.delete(PLURAL, name);
    };
    // It knew of no generation.
    let said = |name: &str, word: &str| json!({ "sageMakerTrainingJobName": name, "trainingJobStatus": word, "observedGeneration": null });
    ground.aws.start_job("runs", 1, &json!({ "sandbox_training_seconds": "360000" }));
    left("runs", &said("runs", "InProgress"));
    // Its record is gone, and which account it was in was never written down.
    left("lost", &said("lost", "InProgress"));
    left("done", &said("done", "Completed"));
    for (name, flags, code) in [
        ("runs", &["--yes"][..], 6),
        ("runs", &["--stop-aws", "--yes"], 0),
        ("lost", &["--stop-aws", "--yes"], 6),
        ("lost", &["--abandon-aws-resource", "--confirm", "lost"], 0),
        ("done", &["--yes"], 0),
    ] {
        let finished = ground.unstick([name].into_iter().chain(flags.iter().copied()));
        assert_eq!(finished.code(), code, "{name} {flags:?}\n{}{}", finished.stdout, finished.stderr);
        assert_eq!(ground.home.get(PLURAL, name).is_some(), code == 6, "{name} {flags:?}");
    }
    assert_eq!(ground.word("runs"), "Stopped");
}

#[test]
fn in_a_namespace_that_is_being_deleted_nothing_is_told_and_it_goes_all_the_same() {
    let ground = Ground::new("terminating", Operator::Dead);
    ground.held("mnist");
    ground.end("mnist");
    ground.home.delete(PLURAL, "mnist");
    let path = format!("/api/v1/namespaces/{}", ground.home.name());
    ground.home.cluster().request(Method::DELETE, &path, None).expect("it can be deleted");
    let finished = ground.unstick(["mnist", "--yes"]);
    assert_eq!((finished.code(), finished.stderr.as_str()), (0, ""), "{}", finished.stdout);
    assert_eq!(ground.home.get(PLURAL, "mnist"), None);
}
