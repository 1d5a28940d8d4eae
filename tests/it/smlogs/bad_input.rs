//! What cannot be done is said in one line that names the thing, with the next step.

use insta::assert_snapshot;
use serde_json::json;

use super::story::{PLURAL, Story};
use crate::support::Cluster;
use crate::support::process::{Finished, Program};

/// What was said and the exit code, without what differs from run to run.
fn said(story: &Story, program: Program) -> String {
    let finished: Finished = program.run();
    assert_eq!(finished.stdout, "", "nothing is said on stdout");
    let code = finished.code();
    let text = finished.stderr.replace(story.home.name(), "NAMESPACE").replace(story.home.cluster().server(), "SERVER");
    let text = text.replace(story.aws.endpoint(), "ENDPOINT");
    format!("{text}exit {code}")
}

#[test]
fn an_object_that_is_not_there_is_told_with_near_names_and_namespaces() {
    let story = Story::at_speed("not-there", 50.0);
    // No other test has an object of this name in a namespace of its own.
    story.object("lonely-mnist", 1);
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "lonly-mnist"])), @r#"
    error: trainingjob "lonly-mnist" not found in namespace "NAMESPACE"
    did you mean: lonely-mnist
    exit 1
    "#);
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "bert"])), @r#"
    error: trainingjob "bert" not found in namespace "NAMESPACE"
    hint: kubectl get trainingjob -A
    exit 1
    "#);

    let other = Story::at_speed("elsewhere", 50.0);
    let text = said(&other, other.smlogs(["trainingjob", "lonely-mnist"])).replace(story.home.name(), "OTHER");
    assert_snapshot!(text, @r#"
    error: trainingjob "lonely-mnist" not found in namespace "NAMESPACE"
    hint: it is in namespace OTHER: use -n OTHER
    exit 1
    "#);
}

#[test]
fn types_that_are_not_known_or_have_no_log_are_told_apart() {
    let story = Story::at_speed("types", 50.0);
    assert_snapshot!(said(&story, story.smlogs(["trainjob", "a"])), @r#"
    error: there is no type "trainjob"
    did you mean: TrainingJob
    hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
    exit 2
    "#);
    assert_snapshot!(said(&story, story.smlogs(["trainingjob"])), @r"
    error: which trainingjob?
    hint: kubectl get TrainingJob
    hint: for all of them: kubectl smlogs trainingjob --all
    exit 2
    ");
    assert_snapshot!(said(&story, story.smlogs(["model", "a"])), @r"
    error: a model has no log that smlogs can read
    hint: its endpoint logs: kubectl get hostingdeployment, then kubectl smlogs hostingdeployment NAME
    exit 1
    ");
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "a", "--tail", "many"])), @r"
    error: invalid value 'many' for '--tail <N>': not a number of lines, or -1 for all

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn a_cluster_without_the_kinds_is_told() {
    let story = Story::at_speed("bare", 50.0);
    let bare = Cluster::start();
    let kinds = story.smlogs(["batchtransformjob", "a"]).env("KUBECONFIG", bare.kubeconfig()).run();
    assert_snapshot!(kinds.stderr.replace(bare.server(), "SERVER"), @r"
    error: the cluster at SERVER does not know the type BatchTransformJob: its CRD is not installed
    hint: kubectl get crd batchtransformjobs.sagemaker.aws.amazon.com
    ");
    assert_eq!(kinds.code(), 1);
}

#[test]
fn a_job_that_is_not_created_is_told_with_what_its_conditions_say() {
    let story = Story::at_speed("uncreated", 50.0);
    story.object("fresh", 1);
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "fresh"])), @r#"
    error: trainingjob/fresh has not been created in SageMaker yet: no operator has taken it up
    hint: kubectl describe trainingjob fresh -n NAMESPACE, or wait for it with -f
    exit 1
    "#);

    story.object("refused", 1);
    let condition = json!({
        "type": "Stalled", "status": "True", "reason": "AccessDenied", "lastTransitionTime": "2026-11-23T12:00:00Z",
        "message": "SageMaker refused it: iam:PassRole is not allowed",
    });
    story.home.report(PLURAL, "refused", &json!({ "conditions": [condition] }));
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "refused"])), @r#"
    error: trainingjob/refused has not been created in SageMaker yet: AccessDenied: SageMaker refused it: iam:PassRole is not allowed
    hint: kubectl describe trainingjob refused -n NAMESPACE, or wait for it with -f
    exit 1
    "#);
}

#[test]
fn what_aws_refuses_is_told_by_name() {
    let story = Story::at_speed("refusals", 50.0);
    story.object("job", 1);
    let status = json!({ "sageMakerTrainingJobName": "job", "trainingJobStatus": "InProgress", "secondaryStatus": "Starting", "arn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/job" });
    story.home.report(PLURAL, "job", &status);
    let smlogs = || story.smlogs(["trainingjob", "job"]);

    // No log group yet: nothing has logged in this region.
    assert_snapshot!(said(&story, smlogs()), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    error: there is no log group /aws/sagemaker/TrainingJobs in us-west-2: nothing has logged there
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().args(["--region", "eu-west-1"])), @r#"
    "job" has SageMaker TrainingJobName "job" in region "eu-west-1", status "InProgress" and secondary status "Starting"
    error: there is no log group /aws/sagemaker/TrainingJobs in eu-west-1: nothing has logged there
    hint: trainingjob/job runs in us-west-2: leave out --region
    exit 1
    "#);

    assert_snapshot!(said(&story, smlogs().env("AWS_ACCESS_KEY_ID", "").env("AWS_SECRET_ACCESS_KEY", "")), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    error: no AWS credentials found: neither in the environment nor in a profile, nor from a container or an instance
    hint: set AWS_PROFILE or use --profile NAME; to sign in: aws sso login
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000001")), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    error: AWS does not accept the credentials: UnrecognizedClientException: The security token included in the request is invalid.
    hint: set AWS_PROFILE or use --profile NAME; to see who you are: aws sts get-caller-identity
    exit 1
    "#);

    story.aws.fault(&json!({ "operation": "*", "action": { "error": {
        "code": "ExpiredTokenException", "message": "The security token included in the request is expired", "status": 400,
    } } }));
    assert_snapshot!(said(&story, smlogs()), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    error: the AWS credentials have expired: ExpiredTokenException: The security token included in the request is expired
    hint: renew them, such as with: aws sso login
    exit 1
    "#);
    story.aws.heal();

    story.aws.deny("logs:FilterLogEvents");
    assert_snapshot!(said(&story, smlogs()), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    error: AWS denies logs:FilterLogEvents: AccessDeniedException: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs:log-stream: because no identity-based policy allows the logs:FilterLogEvents action
    hint: allow logs:FilterLogEvents on log group /aws/sagemaker/TrainingJobs, or use another --profile
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().arg("-f")), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "InProgress" and secondary status "Starting"
    waiting for the first line: Starting
    error: AWS denies logs:FilterLogEvents: AccessDeniedException: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/TrainingJobs:log-stream: because no identity-based policy allows the logs:FilterLogEvents action
    hint: allow logs:FilterLogEvents on log group /aws/sagemaker/TrainingJobs, or use another --profile
    exit 1
    "#);
}
