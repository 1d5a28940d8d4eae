//! `kubectl sagemaker` against a real API server.

mod live;
mod logs;
mod version;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::smlogs::story::{PLURAL, Story};
use crate::support::eventually::PATIENCE;
use crate::support::process::Program;

/// What both streams said, without what differs from run to run.
fn said(story: &Story, program: Program) -> String {
    let finished = program.run();
    let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
    let text = text.replace(story.home.name(), "NAMESPACE");
    Regex::new(r"(us-west-2.*?   )\d+s\b").expect("it is a pattern").replace_all(&text, "${1}AGE").into_owned()
}

fn condition(type_: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": type_, "status": "True", "reason": reason, "message": message,
        "lastTransitionTime": "2026-11-23T12:06:02Z",
    })
}

/// One object of each standing.
fn story() -> Story {
    let story = Story::at_speed("status", 50.0);
    for name in ["bert-large", "failed", "fresh", "new", "running", "xgboost-mnist"] {
        story.object(name, 2);
    }
    let denied = "SageMaker refused it: role operator may not iam:PassRole on arn:aws:iam::123456789012:role/train";
    story.home.report(PLURAL, "bert-large", &json!({ "conditions": [condition("Stalled", "AccessDenied", denied)] }));
    let why = "AlgorithmError: ExecuteUserScriptError, exit code: 1, ValueError: could not convert string to float";
    let failed = json!({
        "trainingJobStatus": "Failed", "secondaryStatus": "Failed", "additional": why,
        "trainingStartTime": "2026-11-23T12:00:00Z", "trainingEndTime": "2026-11-23T12:01:40Z",
        "conditions": [condition("Failed", "Failed", why), condition("Stalled", "Failed", why)],
    });
    story.home.report(PLURAL, "failed", &failed);
    let creating = json!({
        "trainingJobStatus": "SynchronizingK8sJobWithSageMaker",
        "conditions": [condition("Reconciling", "Throttled", "asking again in 8s: Rate exceeded")],
    });
    story.home.report(PLURAL, "new", &creating);
    let running = json!({ "trainingJobStatus": "InProgress", "secondaryStatus": "Training" });
    story.home.report(PLURAL, "running", &running);
    let completed = json!({
        "trainingJobStatus": "Completed", "secondaryStatus": "Completed",
        "sageMakerTrainingJobName": "xgboost-mnist-cf1e",
        "trainingStartTime": "2026-11-23T12:00:00Z", "trainingEndTime": "2026-11-23T12:06:02Z",
        "conditions": [condition("Complete", "Completed", "")],
    });
    story.home.report(PLURAL, "xgboost-mnist", &completed);
    story
}

#[test]
fn status_tells_what_is_going_on_and_what_needs_somebody() {
    let story = story();
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status"])), @r"
    NAME                        STATUS                PROGRESS   REASON                                     REGION      AGE
    trainingjob/bert-large      Stalled               -          AccessDenied iam:PassRole                  us-west-2   AGE
    trainingjob/failed          Failed                1m40s      AlgorithmError: ExecuteUserScriptError,…   us-west-2   AGE
    trainingjob/fresh           Pending               -                                                     us-west-2   AGE
    trainingjob/new             Throttled             -          asking again in 8s: Rate exceeded          us-west-2   AGE
    trainingjob/running         InProgress Training   -                                                     us-west-2   AGE
    trainingjob/xgboost-mnist   Completed             6m02s                                                 us-west-2   AGE
    ---
    6 objects: 3 moving, 1 ended, 1 failed, 1 needs you (trainingjob/bert-large). Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "wide", "--no-headers"])), @r"
    trainingjob/bert-large      Stalled               -       AccessDenied iam:PassRole                                                                             us-west-2   <none>               2 × ml.m5.xlarge   <none>                                                                                              AGE
    trainingjob/failed          Failed                1m40s   AlgorithmError: ExecuteUserScriptError, exit code: 1, ValueError: could not convert string to float   us-west-2   <none>               2 × ml.m5.xlarge   <none>                                                                                              AGE
    trainingjob/fresh           Pending               -                                                                                                             us-west-2   <none>               2 × ml.m5.xlarge   <none>                                                                                              AGE
    trainingjob/new             Throttled             -       asking again in 8s: Rate exceeded                                                                     us-west-2   <none>               2 × ml.m5.xlarge   <none>                                                                                              AGE
    trainingjob/running         InProgress Training   -                                                                                                             us-west-2   <none>               2 × ml.m5.xlarge   <none>                                                                                              AGE
    trainingjob/xgboost-mnist   Completed             6m02s                                                                                                         us-west-2   xgboost-mnist-cf1e   2 × ml.m5.xlarge   https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/jobs/xgboost-mnist-cf1e   AGE
    ---
    6 objects: 3 moving, 1 ended, 1 failed, 1 needs you (trainingjob/bert-large). Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "name"])), @r"
    trainingjob/bert-large
    trainingjob/failed
    trainingjob/fresh
    trainingjob/new
    trainingjob/running
    trainingjob/xgboost-mnist
    ---
    exit 0
    ");

    let list: Value = serde_json::from_str(&sagemaker(&["status", "-o", "json"]).run().ok()).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 6);
    assert_eq!(list["items"][0]["kind"], "TrainingJob");

    let all = sagemaker(&["status", "-A"]).run().ok();
    assert!(all.starts_with("NAMESPACE "), "{all}");
    assert!(
        all.lines().any(|line| line.starts_with(story.home.name()) && line.contains("trainingjob/running")),
        "{all}"
    );
}

#[test]
fn status_fits_the_terminal() {
    let story = story();
    let shown = |columns| {
        let status = story.home.plugin("kubectl-sagemaker", &story.aws, ["status"]).columns(columns);
        let shown = status.start_on_terminal().finish(PATIENCE).stdout.replace('\r', "");
        let table: Vec<&str> = shown.lines().filter(|line| !line.contains(" objects: ")).collect();
        assert!(table.iter().all(|line| line.chars().count() <= columns.into()), "{shown}");
        Regex::new(r"(?m)\d+[sm]$").unwrap().replace_all(&table.join("\n"), "AGE").into_owned()
    };
    assert_snapshot!(shown(80), @r"
    NAME                       STATUS               PROGRESS  REASON            AGE
    trainingjob/bert-large     Stalled              -         AccessDenied ia…  AGE
    trainingjob/failed         Failed               1m40s     AlgorithmError:…  AGE
    trainingjob/fresh          Pending              -                           AGE
    trainingjob/new            Throttled            -         asking again in…  AGE
    trainingjob/running        InProgress Training  -                           AGE
    trainingjob/xgboost-mnist  Completed            6m02s                       AGE
    ");
    assert_snapshot!(shown(140), @r"
    NAME                        STATUS                PROGRESS   REASON                                     REGION      AGE
    trainingjob/bert-large      Stalled               -          AccessDenied iam:PassRole                  us-west-2   AGE
    trainingjob/failed          Failed                1m40s      AlgorithmError: ExecuteUserScriptError,…   us-west-2   AGE
    trainingjob/fresh           Pending               -                                                     us-west-2   AGE
    trainingjob/new             Throttled             -          asking again in 8s: Rate exceeded          us-west-2   AGE
    trainingjob/running         InProgress Training   -                                                     us-west-2   AGE
    trainingjob/xgboost-mnist   Completed             6m02s                                                 us-west-2   AGE
    ");
}

#[test]
fn status_shows_all_kinds_of_jobs() {
    let story = Story::at_speed("all-jobs", 50.0);
    let report = |kind: &str, plural: &str, name: &str, spec: Value, status: &Value| {
        let mut spec = spec;
        spec["region"] = json!("us-west-2");
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": kind, "metadata": { "name": name }, "spec": spec,
        });
        story.home.apply(object.to_string());
        story.home.report(plural, name, status);
    };
    let cluster = json!({ "instanceCount": 1, "instanceType": "ml.m5.large", "volumeSizeInGB": 5 });
    let processing = json!({
        "appSpecification": { "imageUri": "image" },
        "processingResources": { "clusterConfig": cluster },
        "roleArn": "arn:aws:iam::123456789012:role/process",
    });
    let processed = json!({
        "processingJobStatus": "Completed", "sageMakerProcessingJobName": "prepare-cf1e",
        "processingStartTime": "2026-11-23T12:00:00Z", "processingEndTime": "2026-11-23T12:06:02Z",
        "conditions": [condition("Complete", "Completed", "")],
    });
    report("ProcessingJob", "processingjobs", "prepare", processing, &processed);
    let transform = json!({
        "modelName": "model",
        "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } },
        "transformOutput": { "s3OutputPath": "s3://b/out" },
        "transformResources": { "instanceCount": 3, "instanceType": "ml.m5.xlarge" },
    });
    let why = "ClientError: See job logs for more information";
    let failed = json!({
        "transformJobStatus": "Failed", "additional": why, "sageMakerTransformJobName": "predict-cf1e",
        "transformStartTime": "2026-11-23T12:00:00Z", "transformEndTime": "2026-11-23T12:01:40Z",
        "conditions": [condition("Failed", "Failed", why)],
    });
    report("BatchTransformJob", "batchtransformjobs", "predict", transform, &failed);
    let tuning = json!({
        "hyperParameterTuningJobConfig": {
            "hyperParameterTuningJobObjective": { "type": "Minimize", "metricName": "error" },
            "resourceLimits": { "maxNumberOfTrainingJobs": 10, "maxParallelTrainingJobs": 2 },
            "strategy": "Random",
        },
        "trainingJobDefinition": {
            "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
            "enableManagedSpotTraining": true,
            "outputDataConfig": { "s3OutputPath": "s3://b/out" },
            "resourceConfig": { "instanceCount": 2, "instanceType": "ml.p3.2xlarge", "volumeSizeInGB": 5 },
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "stoppingCondition": { "maxRuntimeInSeconds": 60, "maxWaitTimeInSeconds": 60 },
        },
    });
    let searching = json!({
        "hyperParameterTuningJobStatus": "InProgress", "sageMakerHyperParameterTuningJobName": "cf1e",
        "trainingJobStatusCounters": { "completed": 3, "inProgress": 2, "totalError": 1, "stopped": 0 },
        "arn": "arn:aws:sagemaker:us-west-2:123456789012:hyper-parameter-tuning-job/cf1e",
    });
    report("HyperparameterTuningJob", "hyperparametertuningjobs", "search", tuning, &searching);
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status", "-o", "wide"])), @r"
    NAME                             STATUS       PROGRESS         REASON                                           REGION      SAGEMAKER-NAME   INSTANCES                CONSOLE                                                                                                  AGE
    batchtransformjob/predict        Failed       1m40s            ClientError: See job logs for more information   us-west-2   predict-cf1e     3 × ml.m5.xlarge         https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/transform-jobs/predict-cf1e    AGE
    hyperparametertuningjob/search   InProgress   4 of 10 trials                                                    us-west-2   cf1e             2 × ml.p3.2xlarge spot   https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/hyper-tuning-jobs/cf1e         AGE
    processingjob/prepare            Completed    6m02s                                                             us-west-2   prepare-cf1e     1 × ml.m5.large          https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/processing-jobs/prepare-cf1e   AGE
    ---
    3 objects: 1 moving, 1 ended, 1 failed. Operator not running: nobody holds its Lease.
    exit 0
    ");
}

/// What lasts: a model, and an endpoint of each standing.
fn lasting() -> Story {
    let story = Story::at_speed("lasting-status", 50.0);
    let make = |kind: &str, plural: &str, name: &str, spec: &Value, status: &Value| {
        let mut spec = spec.clone();
        spec["region"] = json!("eu-west-1");
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": kind,
            "metadata": { "name": name, "labels": { "team": name } }, "spec": spec,
        });
        story.home.apply(object.to_string());
        story.home.report(plural, name, status);
    };
    let model = json!({
        "executionRoleArn": "arn:aws:iam::123456789012:role/serve",
        "primaryContainer": { "image": "image", "modelDataUrl": "s3://b/model.tar.gz" },
    });
    let created = json!({
        "status": "Created", "sageMakerModelName": "digits-cf1e", "conditions": [condition("Ready", "Created", "")],
        "arn": "arn:aws:sagemaker:eu-west-1:123456789012:model/digits-cf1e",
    });
    make("Model", "models", "digits", &model, &created);
    let variant = json!({
        "variantName": "all", "modelName": "digits", "initialInstanceCount": 2, "instanceType": "ml.m5.large",
    });
    let deployment = json!({
        "models": [{
            "name": "digits", "executionRoleArn": "arn:aws:iam::123456789012:role/serve",
            "containers": [{ "image": "image", "modelDataUrl": "s3://b/model.tar.gz" }],
        }],
        "productionVariants": [variant],
    });
    let hosts =
        |current: u32| json!([{ "variantName": "all", "currentInstanceCount": current, "desiredInstanceCount": 2 }]);
    let updating = json!({
        "endpointStatus": "Updating", "endpointName": "churn-cf1e", "productionVariants": hosts(1),
        "conditions": [condition("Reconciling", "Updating", "the endpoint takes on churn-2")],
    });
    make("HostingDeployment", "hostingdeployments", "churn", &deployment, &updating);
    let serving = json!({
        "endpointStatus": "InService", "endpointName": "spam-cf1e", "productionVariants": hosts(2),
        "arn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/spam-cf1e",
        "conditions": [condition("Ready", "InService", "")],
    });
    make("HostingDeployment", "hostingdeployments", "spam", &deployment, &serving);
    let failed = json!({
        "endpointStatus": "Failed", "endpointName": "fraud-cf1e",
        "conditions": [condition("Stalled", "EndpointFailed", "the primary container did not pass the ping health check")],
    });
    make("HostingDeployment", "hostingdeployments", "fraud", &deployment, &failed);
    story
}

#[test]
fn what_lasts_is_shown_with_what_serves_and_what_is_wrong() {
    let story = lasting();
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    let region =
        |text: String| Regex::new(r"(eu-west-1.*?   )\d+s\b").unwrap().replace_all(&text, "${1}AGE").into_owned();
    let said = |args: &[&'static str]| region(said(&story, sagemaker(args)));
    assert_snapshot!(said(&["status"]), @r"
    NAME                      STATUS      PROGRESS       REASON                          REGION      AGE
    hostingdeployment/churn   Updating    1 of 2 hosts   the endpoint takes on churn-2   eu-west-1   AGE
    hostingdeployment/fraud   Stalled     -              EndpointFailed                  eu-west-1   AGE
    hostingdeployment/spam    InService   2 hosts                                        eu-west-1   AGE
    model/digits              Created     -                                              eu-west-1   AGE
    ---
    4 objects: 1 moving, 2 ready, 1 needs you (hostingdeployment/fraud). Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "--sort-by", "status", "--active", "--no-headers"]), @r"
    hostingdeployment/fraud   Stalled     -              EndpointFailed                  eu-west-1   AGE
    hostingdeployment/churn   Updating    1 of 2 hosts   the endpoint takes on churn-2   eu-west-1   AGE
    hostingdeployment/spam    InService   2 hosts                                        eu-west-1   AGE
    model/digits              Created     -                                              eu-west-1   AGE
    ---
    4 objects: 1 moving, 2 ready, 1 needs you (hostingdeployment/fraud). Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "--failed"]), @r"
    NAME                      STATUS    PROGRESS   REASON           REGION      AGE
    hostingdeployment/fraud   Stalled   -          EndpointFailed   eu-west-1   AGE
    ---
    1 object: 1 needs you (hostingdeployment/fraud). Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "-l", "team=spam", "-o", "wide"]), @r"
    NAME                     STATUS      PROGRESS   REASON   REGION      SAGEMAKER-NAME   INSTANCES         CONSOLE                                                                                         AGE
    hostingdeployment/spam   InService   2 hosts             eu-west-1   spam-cf1e        2 × ml.m5.large   https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/spam-cf1e   AGE
    ---
    1 object: 1 ready. Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "model", "hostingdeployment/spam"]), @r"
    NAME                     STATUS      PROGRESS   REASON   REGION      AGE
    hostingdeployment/spam   InService   2 hosts             eu-west-1   AGE
    model/digits             Created     -                   eu-west-1   AGE
    ---
    2 objects: 2 ready. Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "chrun", "digits"]), @r#"
    NAME           STATUS    PROGRESS   REASON   REGION      AGE
    model/digits   Created   -                   eu-west-1   AGE
    ---
    error: object "chrun" not found in namespace NAMESPACE
    did you mean: churn
    1 object: 1 ready. Operator not running: nobody holds its Lease.
    exit 1
    "#);
    assert_snapshot!(said(&["status", "trainingjobs", "--failed"]), @r"
    ---
    No trainingjob that has failed or needs you in namespace NAMESPACE. Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&["status", "jobs/x"]), @r#"
    ---
    error: there is no type "jobs"
    hint: types: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment, Model, EndpointConfig, HostingAutoscalingPolicy
    exit 2
    "#);
    assert_snapshot!(said(&["status", "-w", "-o", "json"]), @r"
    ---
    error: --watch shows a table: it has no other form than -o wide
    hint: kubectl get KIND --watch -o json
    exit 2
    ");
    let yaml = sagemaker(&["status", "model", "-o", "yaml"]).run().ok();
    assert!(yaml.starts_with("apiVersion: v1\n") && yaml.contains("\n  kind: Model\n"), "{yaml}");
}

#[test]
fn what_changes_is_shown_as_it_changes() {
    let story = Story::at_speed("watched-status", 50.0);
    for name in ["one", "two"] {
        story.object(name, 1);
    }
    let mut watch = story.home.plugin("kubectl-sagemaker", &story.aws, ["status", "--watch"]).start();
    watch.until_stdout_has("trainingjob/two");
    let running = json!({ "trainingJobStatus": "InProgress", "secondaryStatus": "Training" });
    story.home.report(PLURAL, "two", &running);
    watch.until_stdout_has("InProgress Training");
    story.home.delete(PLURAL, "one");
    watch.until_stdout_has("Deleted");
    watch.signal(rustix::process::Signal::INT);
    let watched = watch.finish(PATIENCE);
    assert_eq!(watched.code(), 130, "{}", watched.stderr);
    let words: Vec<Vec<&str>> = watched.stdout.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
    assert_eq!(
        words,
        [
            ["NAME", "STATUS", "PROGRESS"],
            ["trainingjob/one", "Pending", "-"],
            ["trainingjob/two", "Pending", "-"],
            ["trainingjob/two", "InProgress", "Training"],
            ["trainingjob/one", "Deleted", "-"],
        ]
    );
}

#[test]
fn a_terminal_shows_the_table_in_its_place() {
    let story = Story::at_speed("drawn-status", 50.0);
    story.object("one", 1);
    let mut watch = story.home.plugin("kubectl-sagemaker", &story.aws, ["status", "-w"]).start_on_terminal();
    watch.until_stdout_has("Pending");
    story.object("two", 1);
    watch.until_stdout_has("trainingjob/two");
    story.home.report(PLURAL, "one", &json!({ "trainingJobStatus": "InProgress", "secondaryStatus": "Training" }));
    watch.until_stdout_has("InProgress Training");
    watch.signal(rustix::process::Signal::INT);
    let watched = watch.finish(PATIENCE);
    assert_eq!(watched.code(), 130, "{}", watched.stdout);
    let drawn: Vec<&str> = watched.stdout.split("\x1b[J").collect();
    // Each drawing but the last goes back over exactly its own lines.
    for drawing in &drawn[..drawn.len() - 1] {
        let (text, back) = drawing.rsplit_once("\x1b[").expect("it goes back");
        assert_eq!(back.trim_end_matches("A\r"), text.lines().count().to_string(), "{text}");
    }
    let last = drawn[drawn.len() - 1].replace('\r', "");
    let last = Regex::new(r"us-west-2   \d+s").unwrap().replace_all(&last, "us-west-2   AGE").into_owned();
    assert_snapshot!(last.trim_end(), @r"
    NAME              STATUS                PROGRESS   REASON   REGION      AGE
    trainingjob/one   InProgress Training   -                   us-west-2   AGE
    trainingjob/two   Pending               -                   us-west-2   AGE
    2 objects: 2 moving. Operator not running: nobody holds its Lease.
    ");
}

#[test]
fn status_of_an_empty_namespace_and_unknown_commands_are_told() {
    let story = Story::at_speed("empty", 50.0);
    let sagemaker = |args: &[&'static str]| story.home.plugin("kubectl-sagemaker", &story.aws, args.iter().copied());
    assert_snapshot!(said(&story, sagemaker(&["status"])), @r"
    ---
    No object in namespace NAMESPACE. Operator not running: nobody holds its Lease.
    exit 0
    ");
    assert_snapshot!(said(&story, sagemaker(&["staus"])), @r"
    ---
    error: unrecognized subcommand 'staus'

      tip: a similar subcommand exists: 'status'

    Usage: kubectl sagemaker [OPTIONS] <COMMAND>

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(said(&story, sagemaker(&["status", "--as", "carol"])), @r#"
    ---
    error: the cluster denies it: trainingjobs.sagemaker.aws.amazon.com is forbidden: User "carol" cannot list resource "trainingjobs" in API group "sagemaker.aws.amazon.com" in the namespace "NAMESPACE"
    hint: kubectl auth can-i list trainingjobs.sagemaker.aws.amazon.com -n NAMESPACE
    exit 1
    "#);
}
