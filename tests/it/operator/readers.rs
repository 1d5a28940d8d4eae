//! Metrics for those alone whom Kubernetes lets read them, on a real API server with real tokens.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::hasty;
use crate::support::eventually::PATIENCE;
use crate::support::https::{self, Answer, Trust};
use crate::support::operator::{Operator, free_port};
use crate::support::process::Program;
use crate::support::tls::{Made, Mounted};
use crate::support::{Namespace, Simulator, built, eventually, helm, installed};

const VALUES: &str = "{roleArn: 'arn:aws:iam::123456789012:role/op', metrics: {secure: {enabled: true}}}";

/// The rights that the chart gives the operator and readers.
#[track_caller]
fn give_rights(home: &Namespace) {
    let chart = helm::render(helm::NAMESPACED, home.name(), VALUES).ok();
    home.kubectl(["apply", "-l", "app.kubernetes.io/component=rights", "-f", "-"]).stdin(chart).run().ok();
}

/// A token of a service account of that name, which is made for it.
#[track_caller]
fn token_of(home: &Namespace, name: &str) -> String {
    home.kubectl(["create", "serviceaccount", name]).run().ok();
    home.kubectl(["create", "token", name]).run().ok().trim().to_owned()
}

/// A token of one who may read the metrics.
#[track_caller]
fn reader(home: &Namespace) -> String {
    let account = format!("--serviceaccount={}:reader", home.name());
    let role = format!("--clusterrole=sagemaker-k8s-operator-{}-metrics-reader", home.name());
    let binding = format!("{}-reader", home.name());
    home.kubectl(["create", "clusterrolebinding", &binding, &account, &role]).run().ok();
    token_of(home, "reader")
}

/// An operator that may do what its service account may, and no more, and serves its metrics over HTTPS.
struct Served {
    operator: Operator,
    port: u16,
}

impl Served {
    #[track_caller]
    fn start(home: &Namespace, aws: &Simulator, log: &str, more: &[&str]) -> Self {
        let kubeconfig = installed::kubeconfig_in(home.cluster(), home.name());
        let port = free_port();
        let address = format!("--secure-metrics-addr=127.0.0.1:{port}");
        let setup = hasty(home, aws).args([address.as_str()]).args(more.iter().copied());
        let setup = setup.env("KUBECONFIG", kubeconfig.to_str().expect("a path of letters")).env("RUST_LOG", log);
        Self { operator: setup.start(), port }
    }

    fn metrics(&self, token: Option<&str>, trust: &Trust) -> Result<Answer, String> {
        https::get(self.port, "/metrics", token, trust)
    }

    /// What somebody who trusts anybody is told, and with which code.
    #[track_caller]
    fn told(&self, token: Option<&str>) -> (u16, String) {
        let answer = self.metrics(token, &Trust::Anybody).expect("an answer");
        (answer.code, answer.body)
    }
}

#[test]
fn who_may_read_gets_the_metrics_and_all_others_are_told_why_they_do_not() {
    let (aws, home) = (Simulator::at_speed(10.0), Namespace::new("readers"));
    give_rights(&home);
    let (reader, other) = (reader(&home), token_of(&home, "other"));
    let revoked = token_of(&home, "revoked");
    home.kubectl(["delete", "serviceaccount", "revoked"]).run().ok();
    let elsewhere = home.kubectl(["create", "token", "reader", "--audience=elsewhere"]).run().ok();

    let mut served = Served::start(&home, &aws, "trace", &[]);
    served.operator.process().until_stderr_has("watching");
    let answer = served.metrics(Some(&reader), &Trust::Anybody).unwrap();
    assert!(answer.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", answer.head);
    assert_eq!(answer.code, 200, "{}", answer.body);
    for line in ["\nsagemaker_operator_leading 1\n", "# TYPE sagemaker_operator_objects gauge\n"] {
        assert!(answer.body.contains(line), "{}", answer.body);
    }
    assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);

    let mut told = Vec::new();
    let nobodys = ["nonsense", revoked.as_str(), elsewhere.trim()];
    for token in [None, Some(other.as_str())].into_iter().chain(nobodys.map(Some)) {
        let answer = served.metrics(token, &Trust::Anybody).unwrap();
        assert_eq!(answer.head.contains("\r\nwww-authenticate: bearer"), answer.code == 401, "{}", answer.head);
        told.push(format!("{} {}", answer.code, answer.body));
    }
    insta::assert_snapshot!(told.concat().replace(home.name(), "NAMESPACE"), @r#"
    401 who asks? The request has no token
    hint: curl -H "Authorization: Bearer $(kubectl create token NAME)" …
    403 user "system:serviceaccount:NAMESPACE:other" may not get the path /metrics
    hint: bind a ClusterRole to it that allows get on nonResourceURLs /metrics; the charts make one, the name of which ends in metrics-reader
    401 the API server does not accept the token: it is unknown to it or has expired
    401 the API server does not accept the token: it is unknown to it or has expired
    401 the API server does not accept the token: it is unknown to it or has expired
    "#);
    assert_eq!(https::get(served.port, "/healthz", Some(&reader), &Trust::Anybody).unwrap().code, 404);

    assert_eq!(served.operator.page("healthz").unwrap(), "ok\n");
    assert!(served.operator.page("metrics").unwrap_err().contains("404"));
    let log = served.operator.process().stderr();
    for token in [&reader, &other, &revoked] {
        assert!(!log.contains(token.as_str()), "a token stands in the log");
    }
}

#[test]
fn an_operator_that_may_not_ask_says_so_once_and_answers_when_it_may() {
    let (aws, home) = (Simulator::at_speed(10.0), Namespace::new("readers-unknown"));
    installed::give_rights_of_one_namespace(&home);
    let token = token_of(&home, "somebody");
    let mut served = Served::start(&home, &aws, "info", &[]);
    let told: BTreeSet<_> = (0..3).map(|_| served.told(Some(&token))).collect();
    insta::assert_debug_snapshot!(told, @r#"
    {
        (
            503,
            "it cannot be told whether you may read the metrics: the operator itself may not create tokenreviews.authentication.k8s.io; its log says what it lacks\n",
        ),
    }
    "#);
    served.operator.process().until_stderr_has("cannot create resource \"tokenreviews\"");
    let log = served.operator.process().stderr();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("ClusterRole system:auth-delegator")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");

    give_rights(&home);
    eventually("an answer", PATIENCE, || match served.told(Some(&token)) {
        (403, _) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    served.operator.process().until_stderr_has("who may read the metrics can be told again");
}

#[test]
fn while_the_api_server_cannot_be_asked_nobody_is_let_in_or_taken_for_somebody_who_may_not() {
    let (aws, home) = (Simulator::at_speed(10.0), Namespace::new("readers-silent"));
    let (port, nobody) = (free_port(), free_port());
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{ "name": "c", "context": { "cluster": "c" } }],
        "clusters": [{ "name": "c", "cluster": { "server": format!("http://127.0.0.1:{nobody}") } }],
    });
    fs::write(&kubeconfig, config.to_string()).unwrap();
    let setup = hasty(&home, &aws).args([format!("--secure-metrics-addr=127.0.0.1:{port}")]);
    let mut operator = setup.env("KUBECONFIG", kubeconfig.to_str().unwrap()).launch();
    let answer = eventually("an answer", PATIENCE, || https::get(port, "/metrics", Some("token"), &Trust::Anybody));
    assert_eq!(answer.code, 503);
    insta::assert_snapshot!(answer.body, @"it cannot be told whether you may read the metrics: the API server does not answer as it should; the operator's log says more");
    operator.process().until_stderr_has("nobody can be told whether they may read the metrics");
}

#[test]
fn a_renewed_certificate_is_used_without_a_restart_and_a_wrong_one_is_not() {
    let (aws, home) = (Simulator::at_speed(10.0), Namespace::new("readers-renewed"));
    give_rights(&home);
    let reader = reader(&home);
    let [before, after] = ["metrics.before", "metrics.after"].map(Made::of);
    let mounted = Mounted::with(&before.certificate(), &before.key());
    let folder = format!("--metrics-cert-dir={}", mounted.path().display());
    let mut served = Served::start(&home, &aws, "info", &[&folder]);
    assert_eq!(served.metrics(Some(&reader), &before.trust()).unwrap().code, 200);
    assert!(served.metrics(Some(&reader), &after.trust()).is_err());

    // The key of another one: half of a renewal.
    mounted.put(&after.certificate(), &before.key());
    let line = served.operator.process().until_stderr_has("still served with the certificate before");
    assert!(line.contains("cannot be used") && line.contains("hint: tls.crt has to begin"), "{line}");
    assert_eq!(served.metrics(Some(&reader), &before.trust()).unwrap().code, 200);

    mounted.put(&after.certificate(), &after.key());
    served.operator.process().until_stderr_has("served with a new certificate");
    assert_eq!(served.metrics(Some(&reader), &after.trust()).unwrap().code, 200);
    assert!(served.metrics(Some(&reader), &before.trust()).is_err());
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_operator_with_what_to_do() {
    let (good, other) = (Made::of("metrics"), Made::of("other"));
    let empty = tempfile::tempdir().unwrap();
    let folders = [
        Mounted::with("no certificate", &good.key()),
        Mounted::with(&good.certificate(), "no key"),
        Mounted::with(&good.certificate(), &other.key()),
        Mounted::with("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &good.key()),
    ];
    let on = "--secure-metrics-addr=127.0.0.1:0";
    let kubeconfig = crate::support::Cluster::shared().kubeconfig_of("operator");
    let mut told = Vec::new();
    let folders = [empty.path()].into_iter().chain(folders.iter().map(Mounted::path));
    let cases = folders.map(|folder| (vec![on], folder)).chain([(vec![], empty.path())]);
    for (args, folder) in cases {
        let operator = Program::tied(&built::binaries().join("sagemaker-operator"));
        let operator = operator.args(args).arg("--metrics-addr=127.0.0.1:0").arg("--metrics-cert-dir").arg(folder);
        let ended = operator.env("KUBECONFIG", &kubeconfig).run();
        assert_eq!(ended.code(), 1, "{}", ended.stderr);
        let line = ended.stderr.trim_end().replace(&folder.display().to_string(), "DIR");
        assert_eq!(line.lines().count(), 1, "{line}");
        told.push(line.split_once("failed to").expect("it failed").1.to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    find a certificate for the metrics: DIR/tls.crt cannot be read: No such file or directory (os error 2); hint: mount a Secret of type kubernetes.io/tls there, or leave out --metrics-cert-dir, so that a certificate is made at the start
    find a certificate for the metrics: DIR/tls.crt holds no certificate in PEM form; hint: it has to be as in a Secret of type kubernetes.io/tls
    find a certificate for the metrics: DIR/tls.key holds no private key in PEM form; hint: it has to be as in a Secret of type kubernetes.io/tls
    find a certificate for the metrics: tls.crt and tls.key in DIR cannot be used: keys may not be consistent: KeyMismatch; hint: tls.crt has to begin with the server's certificate, and tls.key to hold the key of that one
    find a certificate for the metrics: tls.crt and tls.key in DIR cannot be used: invalid peer certificate: BadEncoding; hint: tls.crt has to begin with the server's certificate, and tls.key to hold the key of that one
    use --metrics-cert-dir: metrics are not served over HTTPS; hint: add --secure-metrics-addr=:8443, or leave out --metrics-cert-dir
    ");
}
