//! kubectl's connection flags: each of them acts.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use super::story::{PLURAL, Story, assert_same, lines};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::process::Program;
use crate::support::simulator::Keys;

fn said(story: &Story, program: Program) -> String {
    let finished = program.run();
    let text = finished.stderr.replace(story.home.name(), "NAMESPACE").replace(story.home.cluster().server(), "SERVER");
    format!("{text}exit {}", finished.code())
}

/// An object whose job has an empty log, so that all that can go wrong is the way to the API server.
fn story() -> Story {
    let story = Story::at_speed("connection", 50.0);
    story.object("job", 1);
    story.aws.start_job("neighbour", 1, &json!({ "sandbox_training_seconds": "1", "sandbox_flush_seconds": "0" }));
    story.home.report(PLURAL, "job", &json!({ "sageMakerTrainingJobName": "job", "trainingJobStatus": "Completed" }));
    eventually("a log group", PATIENCE, || {
        let finished = story.smlogs(["trainingjob", "job"]).run();
        if finished.code() == 0 { Ok(()) } else { Err(finished.stderr) }
    });
    story
}

#[test]
fn flags_choose_the_cluster_and_the_user() {
    let story = story();
    let cluster = story.home.cluster();
    let smlogs = || story.smlogs(["trainingjob", "job"]);
    let here = said(&story, smlogs());
    assert_snapshot!(here, @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "Completed" and secondary status ""
    no lines: the job is Completed
    exit 0
    "#);

    let kubeconfig = cluster.kubeconfig().display().to_string();
    let ca = cluster.ca().display().to_string();
    let token = cluster.token("admin").to_owned();
    let empty = || smlogs().env("KUBECONFIG", "");
    let home = || empty().env("HOME", "/nonexistent");
    assert_eq!(said(&story, home().args(["--kubeconfig", &kubeconfig])), here);
    assert_eq!(
        said(&story, home().args(["--server", cluster.server(), "--token", &token, "--certificate-authority", &ca])),
        here
    );
    assert_eq!(
        said(&story, home().args(["--server", cluster.server(), "--token", &token, "--insecure-skip-tls-verify"])),
        here
    );
    assert_eq!(said(&story, smlogs().env("KUBECONFIG", format!("/nonexistent:{kubeconfig}"))), here);
    assert_eq!(said(&story, smlogs().args(["--context", "admin"])), here);

    assert_snapshot!(said(&story, home()), @r"
    error: no kubeconfig found: do not know which cluster to ask
    hint: set KUBECONFIG, or use --kubeconfig FILE
    exit 1
    ");
    assert_snapshot!(said(&story, smlogs().args(["--context", "amdin"])), @r#"
    error: the kubeconfig has no context "amdin"
    did you mean: admin
    hint: kubectl config get-contexts
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().args(["--user", "nobody"])), @r#"
    error: the kubeconfig has no user "nobody"
    hint: kubectl config get-users
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().args(["--cluster", "nowhere"])), @r#"
    error: the kubeconfig has no cluster "nowhere"
    hint: kubectl config get-clusters
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().args(["--token", "wrong"])), @r"
    error: the API server at SERVER does not accept the credentials of the kubeconfig
    hint: kubectl auth whoami
    exit 1
    ");
    assert_snapshot!(said(&story, smlogs().args(["--as", "carol"])), @r#"
    error: the cluster denies it: trainingjobs.sagemaker.aws.amazon.com "job" is forbidden: User "carol" cannot get resource "trainingjobs" in API group "sagemaker.aws.amazon.com" in the namespace "NAMESPACE"
    hint: kubectl auth can-i get trainingjobs.sagemaker.aws.amazon.com -n NAMESPACE
    exit 1
    "#);
    assert_snapshot!(said(&story, smlogs().args(["--as-group", "devs"])), @r"
    error: --as-group and --as-uid need --as
    exit 2
    ");
    assert_eq!(said(&story, smlogs().args(["--as", "carol", "--as-group", "system:masters"])), here);
    assert_snapshot!(said(&story, smlogs().args(["--server", "https://127.0.0.1:1"])), @r"
    error: cannot reach the API server at https://127.0.0.1:1: Connection refused (os error 111)
    hint: check --context and --server, or: kubectl cluster-info
    exit 1
    ");
}

#[test]
fn get_on_the_one_kind_and_filter_log_events_are_all_that_is_needed() {
    let story = Story::at_speed("least", 50.0);
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": { "name": "read-one" },
        "rules": [{ "apiGroups": ["sagemaker.aws.amazon.com"], "resources": ["trainingjobs"], "verbs": ["get"] }],
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": { "name": "read-one" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "read-one" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "log-reader" }],
    });
    story.home.apply(role.to_string());
    story.home.apply(binding.to_string());
    // All that is left of AWS is logs:FilterLogEvents.
    for action in ["sagemaker:*", "sts:*", "logs:DescribeLogStreams", "logs:GetLogEvents"] {
        story.aws.deny(action);
    }
    let knobs = json!({ "sandbox_training_seconds": "100", "sandbox_outcome": "fail", "sandbox_flush_seconds": "0" });
    story.job("least", 1, &knobs);
    let smlogs = || story.smlogs(["trainingjob", "least", "-f", "--quiet-for", "3s", "--context", "log-reader"]);
    let followed = story.while_told("least", || smlogs().run());
    assert_eq!(followed.code(), 3, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("least"));
    let read = story.smlogs(["trainingjob", "least", "--context", "log-reader"]).run().ok();
    assert_same(&lines(&read), &story.written("least"));
    assert_snapshot!(said(&story, story.smlogs(["trainingjob", "leest", "--context", "log-reader"])), @r#"
    error: trainingjob "leest" not found in namespace "NAMESPACE"
    hint: kubectl get trainingjob -A
    exit 1
    "#);
}

#[test]
fn a_profile_that_is_asked_for_wins_over_keys_in_the_environment() {
    let story = story();
    let keys = Keys::default();
    let folder = tempfile::tempdir().expect("there is room for a file");
    let credentials = folder.path().join("credentials");
    let profile = format!("[good]\naws_access_key_id={}\naws_secret_access_key={}\n", keys.id(), keys.secret());
    fs::write(&credentials, profile).expect("a file can be written");
    let smlogs = |profile: &str| {
        let smlogs = story.smlogs(["trainingjob", "job", "--profile", profile]);
        smlogs.env("AWS_SHARED_CREDENTIALS_FILE", &credentials).env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000001")
    };
    assert_snapshot!(said(&story, smlogs("good")), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "Completed" and secondary status ""
    no lines: the job is Completed
    exit 0
    "#);
    assert_snapshot!(said(&story, smlogs("godo")), @r#"
    "job" has SageMaker TrainingJobName "job" in region "us-west-2", status "Completed" and secondary status ""
    error: there are no such AWS credentials: the credential provider was not enabled: profile `godo` was not defined: could not find source profile godo referenced from the root profile
    hint: aws configure list-profiles
    exit 1
    "#);
}
