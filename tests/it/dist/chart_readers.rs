//! The chart of one namespace with metrics for those alone who may read them: what it installs is all that it takes.

use serde_json::{Value, json};

use super::pods::{HASTY, Pod};
use crate::support::eventually::PATIENCE;
use crate::support::https;
use crate::support::tls::{Made, Mounted};
use crate::support::{Namespace, Simulator, eventually, helm};

const SECRET: &str = "metrics-cert";

/// The chart with these values of `metrics.secure`.
fn rendered(chart: &str, namespace: &str, secure: &Value) -> String {
    let values = json!({
        "roleArn": "arn:aws:iam::123456789012:role/sagemaker-operator",
        "metrics": { "secure": secure },
        "serviceMonitor": { "enabled": true },
    });
    helm::render(chart, namespace, &values.to_string()).ok()
}

/// The one object of that kind.
#[track_caller]
fn the(kind: &str, text: &str) -> Value {
    let mut all = helm::objects(text).into_iter().filter(|object| object["kind"] == kind);
    let one = all.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(all.next().is_none(), "more than one {kind}");
    one
}

#[test]
fn a_reader_reads_the_metrics_as_the_service_monitor_says_and_with_no_more_rights_than_installed() {
    let (aws, home) = (Simulator::at_speed(10.0), Namespace::new("chart-readers"));
    let text = rendered(helm::NAMESPACED, home.name(), &json!({ "enabled": true, "certSecret": SECRET }));
    let monitor = the("ServiceMonitor", &text)["spec"]["endpoints"][0].take();
    // Its kind is not served here.
    let mut served = helm::objects(&text);
    served.retain(|object| object["kind"] != "ServiceMonitor");
    home.apply(json!({ "apiVersion": "v1", "kind": "List", "items": served }).to_string());

    let made = Made::of(monitor["tlsConfig"]["serverName"].as_str().expect("a name"));
    let mounted = Mounted::with(&made.certificate(), &made.key());
    let (pod, port) = Pod::of(home.cluster(), home.name()).at_secure_port();
    let _operator = pod.mounting(SECRET, mounted.path()).start(&aws, HASTY);

    let reader = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": { "name": format!("{}-prometheus", home.name()) },
        "subjects": [{ "kind": "ServiceAccount", "name": "prometheus", "namespace": home.name() }],
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
            "name": format!("sagemaker-k8s-operator-{}-metrics-reader", home.name()),
        },
    });
    home.apply(reader.to_string());
    home.kubectl(["create", "serviceaccount", "prometheus"]).run().ok();
    let path = monitor["path"].as_str().expect("a path");
    // What was said of a token is kept for a while, so each time it is another one.
    let read = || {
        let token = home.kubectl(["create", "token", "prometheus"]).run().ok();
        https::get(port, path, Some(token.trim()), &made.trust()).unwrap()
    };
    let answer = read();
    assert_eq!((answer.code, answer.body.ends_with("# EOF\n")), (200, true), "{}", answer.body);

    // What it takes cannot be had by a Role, and is all that there is of the whole cluster.
    let binding = format!("sagemaker-k8s-operator-{}-proxy-rolebinding", home.name());
    home.cluster().kubectl().args(["delete", "clusterrolebinding", &binding]).run().ok();
    eventually("the end of its right", PATIENCE, || match read().code {
        503 => Ok(()),
        code => Err(code.to_string()),
    });
}

#[test]
fn only_if_it_is_wanted_there_are_rights_of_the_whole_cluster_and_no_others() {
    let wide = |chart: &str, secure: &Value| -> Vec<Value> {
        let mut all = helm::objects(&rendered(chart, "ml", secure));
        let own = ["manager-role", "-view", "-edit", "-admin", "-log-reader", "-companion-reader"];
        all.retain(|object| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            object["kind"].as_str().is_some_and(|kind| kind.starts_with("ClusterRole"))
                && !own.iter().any(|own| name.ends_with(own))
                && !name.ends_with("manager-rolebinding")
        });
        all
    };
    for (chart, whose) in [(helm::CLUSTER, ""), (helm::NAMESPACED, "ml-")] {
        assert_eq!(wide(chart, &json!({})), Vec::<Value>::new(), "{chart}");
        let all = wide(chart, &json!({ "enabled": true }));
        let told = all.iter().map(|object| {
            let name = &object["metadata"]["name"];
            let told = [&object["kind"], name, &object["rules"], &object["roleRef"]["name"], &object["subjects"]];
            let told = told.into_iter().filter(|it| !it.is_null()).map(Value::to_string);
            told.collect::<Vec<_>>().join(" ").replace(&format!("operator-{whose}"), "operator-")
        });
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
            "ClusterRole" "sagemaker-k8s-operator-proxy-role" [{"apiGroups":["authentication.k8s.io"],"resources":["tokenreviews"],"verbs":["create"]},{"apiGroups":["authorization.k8s.io"],"resources":["subjectaccessreviews"],"verbs":["create"]}]
            "ClusterRole" "sagemaker-k8s-operator-metrics-reader" [{"nonResourceURLs":["/metrics"],"verbs":["get"]}]
            "ClusterRoleBinding" "sagemaker-k8s-operator-proxy-rolebinding" "sagemaker-k8s-operator-proxy-role" [{"kind":"ServiceAccount","name":"sagemaker-k8s-operator-default","namespace":"ml"}]
            "#);
        }
    }
}

#[test]
fn with_a_certificate_that_nobody_vouches_for_the_service_monitor_does_not_ask_for_it() {
    let text = rendered(helm::CLUSTER, "ml", &json!({ "enabled": true }));
    let endpoint = the("ServiceMonitor", &text)["spec"]["endpoints"][0].take();
    insta::assert_snapshot!(format!("{endpoint:#}"), @r#"
    {
      "bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token",
      "interval": "30s",
      "path": "/metrics",
      "port": "https",
      "scheme": "https",
      "tlsConfig": {
        "insecureSkipVerify": true
      }
    }
    "#);
    let service = the("Service", &text);
    let (annotations, ports) = (&service["metadata"]["annotations"], &service["spec"]["ports"]);
    insta::assert_snapshot!(format!("{annotations} {ports}"), @r#"{"prometheus.io/port":"8443","prometheus.io/scheme":"https","prometheus.io/scrape":"true"} [{"name":"https","port":8443,"targetPort":"https"}]"#);
    let ports = the("NetworkPolicy", &text)["spec"]["ingress"][0]["ports"].take();
    assert_eq!(ports, json!([{ "port": "https", "protocol": "TCP" }]));
}
