//! What `kubectl sagemaker iam` prints.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::process::{Finished, Program};
use crate::support::{Namespace, Simulator};

fn iam(home: &Namespace, aws: &Simulator, args: &[&'static str]) -> Program {
    home.plugin("kubectl-sagemaker", aws, ["iam"].into_iter().chain(args.iter().copied()))
}

/// What it prints for people, and how it ends; what it prints for programs has to be JSON.
fn said(program: Program) -> (Value, String) {
    let Finished { stdout, stderr, status, .. } = program.run();
    let document = if stdout.is_empty() { Value::Null } else { serde_json::from_str(&stdout).expect("it is JSON") };
    (document, format!("{stderr}exit {}", status.code().unwrap_or(-1)))
}

/// Somebody without credentials: no file, no instance.
fn nobody(program: Program, home: &tempfile::TempDir) -> Program {
    program
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", home.path())
}

#[test]
fn trust_is_filled_in_from_the_cluster_and_the_account() {
    let (home, aws) = (Namespace::new("iam-trust"), Simulator::at_speed(50.0));
    let (document, told) = said(iam(&home, &aws, &["trust"]));
    assert_snapshot!(told, @r"
    warning: the issuer https://kubernetes.default.svc is known inside of the cluster only, so that AWS cannot trust it
    hint: use --pod-identity, or start the API server with a public --service-account-issuer
    exit 0
    ");
    let statement = &document["Statement"][0];
    let namespace = home.name();
    let account = ":sagemaker-k8s-operator-default";
    assert_eq!(statement["Condition"]["StringEquals"]["kubernetes.default.svc:aud"], "sts.amazonaws.com");
    assert_eq!(
        statement["Condition"]["StringEquals"]["kubernetes.default.svc:sub"],
        format!("system:serviceaccount:{namespace}{account}"),
        "the plugin is started with -n"
    );
    assert_eq!(statement["Principal"]["Federated"], "arn:aws:iam::123456789012:oidc-provider/kubernetes.default.svc");

    let given =
        ["trust", "--issuer", "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0A", "--account", "210987654321"];
    let (document, told) = said(iam(&home, &aws, &given).env("AWS_REGION", "cn-north-1"));
    assert_eq!(told, "exit 0");
    assert_eq!(
        document["Statement"][0]["Principal"]["Federated"],
        "arn:aws-cn:iam::210987654321:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/0A"
    );

    let (document, told) = said(iam(&home, &aws, &["trust", "--pod-identity"]));
    assert_eq!(told, "exit 0");
    assert_eq!(document["Statement"][0]["Principal"]["Service"], "pods.eks.amazonaws.com");
    let role = "arn:aws:iam::123456789012:role/operator";
    let (document, told) = said(iam(&home, &aws, &["trust", "--operator-role", role]));
    assert_eq!(told, "exit 0");
    assert_eq!(document["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"], *namespace);
}

#[test]
fn what_cannot_be_found_out_is_said_and_how_to_give_it() {
    let (home, aws) = (Namespace::new("iam-unknown"), Simulator::at_speed(50.0));
    let folder = tempfile::tempdir().unwrap();
    let (document, told) = said(nobody(iam(&home, &aws, &["trust", "--issuer", "example.com/id/A"]), &folder));
    assert_snapshot!(told, @r"
    warning: the account is not known: no AWS credentials found: neither in the environment nor in a profile, nor from a container or an instance
    hint: replace <AWS account number>, or say which: --account NUMBER
    exit 0
    ");
    assert_eq!(
        document["Statement"][0]["Principal"]["Federated"],
        "arn:aws:iam::<AWS account number>:oidc-provider/example.com/id/A"
    );
    let (document, told) = said(nobody(iam(&home, &aws, &["trust", "--as", "somebody"]), &folder));
    assert_snapshot!(told, @r#"
    error: you may not get /.well-known/openid-configuration: forbidden: User "somebody" cannot get path "/.well-known/openid-configuration"
    hint: give it with --issuer URL; EKS tells it: aws eks describe-cluster --name CLUSTER --query cluster.identity.oidc.issuer --output text
    exit 1
    "#);
    assert_eq!(document, Value::Null);
    let (_, told) = said(iam(&home, &aws, &["policy", "--pass-role", "arn:aws:s3:::bucket"]));
    assert_snapshot!(told, @r"
    error: invalid value 'arn:aws:s3:::bucket' for '--pass-role <ARN>': not a role, such as arn:aws:iam::123456789012:role/train

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn policies_are_filled_in_and_put_together() {
    let (home, aws) = (Namespace::new("iam-policy"), Simulator::at_speed(50.0));
    let train = "arn:aws:iam::123456789012:role/train";
    let (document, told) = said(iam(&home, &aws, &["policy", "--for", "training,log-reader", "--pass-role", train]));
    assert_eq!(told, "exit 0");
    let text = document.to_string();
    let has = ["sagemaker:CreateTrainingJob", "logs:FilterLogEvents", train, "arn:aws:logs:*:123456789012:log-group:"];
    assert!(has.iter().all(|part| text.contains(part)), "{text}");
    assert!(!text.contains("Model") && !text.contains("role/*"), "{text}");

    let (document, told) = said(iam(&home, &aws, &["policy", "--namespace-only", "ml", "--partition", "aws-us-gov"]));
    assert_snapshot!(told, @r#"
    note: it passes any role of the account to SageMaker: name those that objects use with --pass-role ARN
    note: reading is not limited to the namespace: a look at what is not there yet would be denied instead of answered with "not found", and lists and log groups carry no tags of objects
    note: which roles are passed cannot be limited by a resource's tags, only by --pass-role
    note: alarms of auto scaling and its service-linked role carry no tags of objects
    note: what does not carry the tag sagemaker.aws.amazon.com/k8s-object can neither be changed nor ended: what version 1 or somebody else made, or what has 50 tags of its own, until somebody tags it
    exit 0
    "#);
    let text = document.to_string();
    assert!(text.contains("arn:aws-us-gov:sagemaker:*:123456789012:endpoint/*"), "{text}");
    assert!(text.contains(r#""aws:RequestTag/sagemaker.aws.amazon.com/k8s-object":"ml/*""#), "{text}");
}
