//! Values that cannot be meant are refused, and what to give instead is said.

use crate::support::helm;

const ROLE: &str = "arn:aws:iam::123456789012:role/sagemaker-operator";

#[test]
fn values_that_cannot_be_meant_are_refused_with_what_to_give_instead() {
    for (values, said) in [
        (
            String::new(),
            "roleArn is missing: give the role in AWS that the operator is to take on\nhint: --set roleArn=",
        ),
        (
            "roleArn: arn:aws:iam::123456789012:role/DELETE_ME".to_owned(),
            "roleArn is still arn:aws:iam::123456789012:role/DELETE_ME: give the role",
        ),
        ("roleArn: sagemaker-operator".to_owned(), "roleArn is sagemaker-operator, which names no role in AWS"),
        (format!("{{roleArn: '{ROLE}', serviceAccount: {{podIdentity: true}}}}"), "hint: leave out roleArn"),
        (format!("{{roleArn: '{ROLE}', image: {{mirrors: {{aws: ''}}}}}}"), "image.registry is missing"),
        (format!("{{roleArn: '{ROLE}', imagge: {{}}}}"), "imagge"),
        (format!("{{roleArn: '{ROLE}', image: {{tagg: v1}}}}"), "tagg"),
        (format!("{{roleArn: '{ROLE}', operator: {{pollInterval: 10}}}}"), "pollInterval"),
        (format!("{{roleArn: '{ROLE}', operator: {{v1Account: 123456789012}}}}"), "v1Account"),
        (format!("{{roleArn: '{ROLE}', operator: {{metricsAddr: ':1'}}}}"), "metricsAddr"),
        (format!("{{roleArn: '{ROLE}', logFormat: xml}}"), "logFormat"),
        (
            format!("{{roleArn: '{ROLE}', metrics: {{secure: {{certSecret: cert}}}}}}"),
            "metrics.secure.certSecret is for metrics over HTTPS, which are off\nhint: --set metrics.secure.enabled=true",
        ),
        (format!("{{roleArn: '{ROLE}', metrics: {{secure: {{enabled: true, certSecret: /tls}}}}}}"), "certSecret"),
        (format!("{{roleArn: '{ROLE}', replicas: -1}}"), "replicas"),
    ] {
        for chart in [helm::CLUSTER, helm::NAMESPACED] {
            let refused = helm::render(chart, "ml", &values);
            assert_eq!((refused.code(), refused.stdout.as_str()), (1, ""), "{values}");
            assert!(refused.stderr.contains(said), "{values}: {}", refused.stderr);
        }
    }
    let refused = helm::render(helm::KINDS, "ml", "roleArn: any");
    assert!(refused.code() == 1 && refused.stderr.contains("roleArn"), "{}", refused.stderr);
}
