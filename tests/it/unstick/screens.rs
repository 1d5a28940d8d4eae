//! What people read.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::json;

use super::ground::{FINALIZER, Ground, Operator};
use crate::smlogs::story::PLURAL;
use crate::support::process::Finished;

/// What both streams said, without what differs from run to run.
fn said(ground: &Ground, finished: &Finished) -> String {
    let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
    let text = text.replace(ground.home.name(), "NAMESPACE");
    let ages = Regex::new(r"(deleting for|renewed the Lease) \d+s").expect("it is a pattern");
    ages.replace_all(&text, "$1 AGE").into_owned()
}

#[test]
fn an_object_whose_job_runs_is_explained_and_stays() {
    let ground = Ground::new("screens", Operator::Dead);
    ground.trains("mnist");
    ground.home.delete(PLURAL, "mnist");
    assert_snapshot!(said(&ground, &ground.unstick(["mnist"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    Letting trainingjob/mnist go now would leave the job mnist there, billing 2 × ml.m5.xlarge. Nothing was changed. You can
      kubectl get deployments -n sagemaker-k8s-operator-system
          start the operator, which does all of it by itself (best)
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --stop-aws
          stop it, wait, let go
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --abandon-aws-resource --confirm mnist
          let go, and leave it behind
    ---
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["mnist", "--stop-aws"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    What is to be done:
      stop the job mnist, and wait for its end
      let trainingjob/mnist go: take off sagemaker-operator-finalizer
    ---
    error: nothing was changed: there is no terminal to ask on
    hint: kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --stop-aws --yes
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["mnist", "--abandon-aws-resource", "--yes"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    What is to be done:
      leave the job mnist in AWS as it is, billing 2 × ml.m5.xlarge
      let trainingjob/mnist go: take off sagemaker-operator-finalizer
    ---
    error: nothing was changed: there is no terminal to ask on
    hint: kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --abandon-aws-resource --confirm mnist
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["trainingjob", "mnist", "--stop-aws", "--dry-run"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    What is to be done:
      stop the job mnist, and wait for its end
      let trainingjob/mnist go: take off sagemaker-operator-finalizer
    ---
    exit 0
    ");
    assert_eq!(ground.stops("mnist"), 0);
    assert_snapshot!(said(&ground, &ground.unstick(["trainingjob/mnist", "--stop-aws", "--yes"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    What is to be done:
      stop the job mnist, and wait for its end
      let trainingjob/mnist go: take off sagemaker-operator-finalizer
    the job mnist is over
    trainingjob/mnist released
    ---
    exit 0
    ");
    assert_eq!(ground.home.get(PLURAL, "mnist"), None);
}

#[test]
fn what_is_over_goes_with_an_event_and_without_a_question_to_whoever_has_said_yes() {
    let ground = Ground::new("screens", Operator::Dead);
    ground.trains("over");
    ground.end("over");
    ground.home.delete(PLURAL, "over");
    assert_snapshot!(said(&ground, &ground.unstick(["over"])), @r"
    trainingjob/over has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  over in us-west-2 has ended: Stopped
    What is to be done:
      let trainingjob/over go: take off sagemaker-operator-finalizer
    ---
    error: nothing was changed: there is no terminal to ask on
    hint: kubectl sagemaker unstick trainingjob/over -n NAMESPACE --yes
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["over", "--yes"])), @r"
    trainingjob/over has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  over in us-west-2 has ended: Stopped
    What is to be done:
      let trainingjob/over go: take off sagemaker-operator-finalizer
    trainingjob/over released
    ---
    exit 0
    ");
    let events: Vec<_> = ground.home.events("over").iter().map(|event| event["note"].clone()).collect();
    assert_eq!(
        events,
        [json!("kubectl sagemaker unstick takes off sagemaker-operator-finalizer: the job over has ended (Stopped)")]
    );
}

#[test]
fn who_is_refused_is_told_what_to_do_instead() {
    let ground = Ground::new("screens", Operator::Alive);
    ground.trains("kept");
    ground.trains("deleted");
    ground.home.delete(PLURAL, "deleted");
    ground.object("foreign", &json!({ "finalizers": ["example.com/other"] }));
    assert_snapshot!(said(&ground, &ground.unstick(["kept"])), @r"
    trainingjob/kept is not being deleted, held by sagemaker-operator-finalizer.
      operator   alive: sagemaker-operator-7d4f renewed the Lease AGE ago
      SageMaker  kept in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    Nobody has deleted trainingjob/kept. Nothing was changed. You can
      kubectl delete trainingjob/kept -n NAMESPACE
          have the operator stop it and let it go
      kubectl sagemaker unstick trainingjob/kept -n NAMESPACE --force --confirm kept
          do it all the same
    ---
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["deleted"])), @r"
    trainingjob/deleted has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   alive: sagemaker-operator-7d4f renewed the Lease AGE ago
      SageMaker  deleted in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    The operator works on it, and lets it go by itself. Nothing was changed. You can
      kubectl sagemaker describe trainingjob/deleted -n NAMESPACE
          see what it waits for
      kubectl sagemaker unstick trainingjob/deleted -n NAMESPACE --force --confirm deleted
          do it all the same
    ---
    exit 6
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["foreign"])), @r"
    trainingjob/foreign is not being deleted, held by example.com/other.
      operator   alive: sagemaker-operator-7d4f renewed the Lease AGE ago
      SageMaker  nothing was ever started
    The operator does not hold trainingjob/foreign: whoever put example.com/other there has to let it go. Nothing was changed.
    ---
    exit 6
    ");
}

#[test]
fn what_aws_does_not_tell_is_not_taken_for_gone() {
    let ground = Ground::new("screens", Operator::Dead);
    ground.trains("mnist");
    ground.home.delete(PLURAL, "mnist");
    ground.aws.deny("sagemaker:DescribeTrainingJob");
    assert_snapshot!(said(&ground, &ground.unstick(["mnist", "--yes"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2: unknown, your credentials may not sagemaker:DescribeTrainingJob
    Nobody knows what letting trainingjob/mnist go would leave: it may be a job that bills. Nothing was changed. You can
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --profile NAME
          look with credentials of its account (best)
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --abandon-aws-resource --confirm mnist
          let go, and leave it behind
    ---
    exit 6
    ");
    ground.aws.allow_all();
    let elsewhere = json!({ "arn": "arn:aws:sagemaker:us-west-2:210987654321:training-job/mnist" });
    ground.home.report(PLURAL, "mnist", &elsewhere);
    ground.aws.forget_job("mnist");
    assert_snapshot!(said(&ground, &ground.unstick(["mnist", "--yes"])), @r"
    trainingjob/mnist has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  mnist in us-west-2: unknown, it lies in account 210987654321 and region us-west-2, and your credentials do not
    Nobody knows what letting trainingjob/mnist go would leave: it may be a job that bills. Nothing was changed. You can
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --profile NAME
          look with credentials of its account (best)
      kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE --abandon-aws-resource --confirm mnist
          let go, and leave it behind
    ---
    exit 6
    ");
}

#[test]
fn a_name_is_looked_for_among_all_kinds() {
    let ground = Ground::new("screens", Operator::Dead);
    ground.object("mnist", &json!({ "finalizers": [FINALIZER] }));
    let model = json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "Model", "metadata": { "name": "mnist" },
        "spec": { "region": "us-west-2", "executionRoleArn": "arn:aws:iam::123456789012:role/serve",
            "primaryContainer": { "image": "image:1" } },
    });
    ground.home.apply(model.to_string());
    assert_snapshot!(said(&ground, &ground.unstick(["mnist"])), @r#"
    ---
    error: "mnist" may be trainingjob/mnist or model/mnist: which is meant?
    hint: kubectl sagemaker unstick trainingjob/mnist
    exit 2
    "#);
    assert_snapshot!(said(&ground, &ground.unstick(["mnits"])), @r#"
    ---
    error: object "mnits" not found in namespace NAMESPACE
    did you mean: trainingjob/mnist, model/mnist
    exit 1
    "#);
    assert_snapshot!(said(&ground, &ground.unstick(["trainingjob"])), @r"
    ---
    error: which trainingjob?
    hint: kubectl sagemaker unstick trainingjob NAME
    exit 2
    ");
    assert_snapshot!(said(&ground, &ground.unstick([])), @r"
    ---
    error: the following required arguments were not provided:
      <TYPE|NAME>...

    Usage: kubectl sagemaker unstick --namespace <NAMESPACE> <TYPE|NAME>...

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(said(&ground, &ground.unstick(["--all-stuck"])), @r"
    ---
    Nothing hangs.
    exit 0
    ");
}

#[test]
fn all_that_hang_are_seen_to_and_what_is_not_safe_stays() {
    let ground = Ground::new("screens", Operator::Dead);
    for name in ["ended", "running"] {
        ground.trains(name);
        ground.home.delete(PLURAL, name);
    }
    ground.trains("kept");
    ground.end("ended");
    assert_snapshot!(said(&ground, &ground.unstick(["--all-stuck", "--yes"])), @r"
    trainingjob/ended has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  ended in us-west-2 has ended: Stopped
    What is to be done:
      let trainingjob/ended go: take off sagemaker-operator-finalizer
    trainingjob/ended released

    trainingjob/running has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   not running: nobody has held the Lease for 1h00m
      SageMaker  running in us-west-2 is InProgress (Training), billing 2 × ml.m5.xlarge
    Letting trainingjob/running go now would leave the job running there, billing 2 × ml.m5.xlarge. Nothing was changed. You can
      kubectl get deployments -n sagemaker-k8s-operator-system
          start the operator, which does all of it by itself (best)
      kubectl sagemaker unstick trainingjob/running -n NAMESPACE --stop-aws
          stop it, wait, let go
      kubectl sagemaker unstick trainingjob/running -n NAMESPACE --abandon-aws-resource --confirm running
          let go, and leave it behind
    ---
    exit 6
    ");
    assert_eq!(ground.home.get(PLURAL, "ended"), None);
    assert!(ground.home.get(PLURAL, "running").is_some() && ground.home.get(PLURAL, "kept").is_some());
}
