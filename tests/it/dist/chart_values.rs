//! Every value of the operator's charts moves something, and the API server takes what comes of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::process::Program;
use crate::support::{Namespace, built, helm};

/// A value, what it is set to, what has to be set beside it; then the kind of an object, a place in it, and what has to be
/// there. A place that ends with `/*` is a list that has to contain it; no place, and null, means that there is no such
/// object.
type Row = (&'static str, Value, Value, &'static str, &'static str, Value);

const ANNOTATIONS: &str = "/metadata/annotations";
const POD: &str = "/spec/template/spec";
const IMAGE: &str = "/spec/template/spec/containers/0/image";
const ARGS: &str = "/spec/template/spec/containers/0/args/*";
const ENV: &str = "/spec/template/spec/containers/0/env/*";

/// Of the image, who the operator is, and how many there are.
fn placed() -> Vec<Row> {
    let (none, tag) = (json!({}), json!({ "image": { "tag": "t" } }));
    let digest = format!("sha256:{}", "0".repeat(64));
    let of_digest = format!("registry.example.com/sagemaker-operator@{digest}");
    let no_role = json!({ "roleArn": "" });
    let role = "arn:aws:iam::123456789012:role/other";
    let secrets = json!([{ "name": "s" }]);
    let mirrored = json!({ "region": "eu-west-1", "image": { "tag": "t" } });
    let account = "ServiceAccount";
    let deployment = "Deployment";
    let at = |place: &'static str| [POD, place].concat().leak() as &'static str;
    vec![
        (
            "roleArn",
            json!(role),
            none.clone(),
            account,
            "/metadata/annotations/eks.amazonaws.com~1role-arn",
            json!(role),
        ),
        ("region", json!("eu-west-1"), none.clone(), deployment, ENV, variable("AWS_REGION", "eu-west-1")),
        ("image.registry", json!("r.io"), tag.clone(), deployment, IMAGE, json!("r.io/sagemaker-operator:t")),
        ("image.repository", json!("a/b"), tag, deployment, IMAGE, json!("registry.example.com/a/b:t")),
        ("image.tag", json!("t"), none.clone(), deployment, IMAGE, json!("registry.example.com/sagemaker-operator:t")),
        ("image.digest", json!(digest), none.clone(), deployment, IMAGE, json!(of_digest)),
        (
            "image.pullPolicy",
            json!("Always"),
            none.clone(),
            deployment,
            at("/containers/0/imagePullPolicy"),
            json!("Always"),
        ),
        ("image.pullSecrets", secrets.clone(), none.clone(), deployment, at("/imagePullSecrets"), secrets),
        (
            "image.mirrors",
            json!({ "eu-west-1": "eu.io" }),
            mirrored,
            deployment,
            IMAGE,
            json!("eu.io/sagemaker-operator:t"),
        ),
        ("serviceAccount.create", json!(false), no_role.clone(), account, "", Value::Null),
        ("serviceAccount.name", json!("other"), none.clone(), deployment, at("/serviceAccountName"), json!("other")),
        (
            "serviceAccount.annotations",
            json!({ "a": "b" }),
            none.clone(),
            account,
            "/metadata/annotations/a",
            json!("b"),
        ),
        ("serviceAccount.podIdentity", json!(true), no_role, account, ANNOTATIONS, Value::Null),
        ("replicas", json!(2), none, deployment, "/spec/replicas", json!(2)),
        (
            "podDisruptionBudget.maxUnavailable",
            json!("50%"),
            json!({ "replicas": 2 }),
            "PodDisruptionBudget",
            "/spec/maxUnavailable",
            json!("50%"),
        ),
    ]
}

/// What the operator is told.
fn told() -> Vec<Row> {
    let flags = [
        ("logFormat", json!("json"), "--log-format=json"),
        ("operator.adoptByName", json!(true), "--adopt-by-name"),
        ("operator.concurrency", json!(32), "--concurrency=32"),
        ("operator.leaseDuration", json!("20s"), "--lease-duration=20s"),
        ("operator.notFoundWindow", json!("3m"), "--not-found-window=3m"),
        ("operator.pollInterval", json!("500ms"), "--poll-interval=500ms"),
        ("operator.retryBase", json!("2s"), "--retry-base=2s"),
        ("operator.retryCap", json!("1m 30s"), "--retry-cap=1m 30s"),
        ("operator.stalledInterval", json!("1h"), "--stalled-interval=1h"),
        ("operator.sweepInterval", json!("15m"), "--sweep-interval=15m"),
        ("operator.v1Account", json!("012345678901"), "--v1-account=012345678901"),
    ];
    let proxy = json!({ "proxy": { "https": "http://proxy:3128" } });
    let excepted = "10.0.0.0/8,$(KUBERNETES_SERVICE_HOST),169.254.170.23,[fd00:ec2::23]";
    let variables = [
        ("logLevel", json!("debug"), json!({}), variable("RUST_LOG", "debug")),
        ("aws.useFipsEndpoint", json!(true), json!({}), variable("AWS_USE_FIPS_ENDPOINT", "true")),
        ("aws.useDualstackEndpoint", json!(true), json!({}), variable("AWS_USE_DUALSTACK_ENDPOINT", "true")),
        (
            "aws.sagemakerEndpoint",
            json!("https://a.b"),
            json!({}),
            variable("AWS_DEFAULT_SAGEMAKER_ENDPOINT", "https://a.b"),
        ),
        ("proxy.http", json!("http://proxy:3128"), json!({}), variable("HTTP_PROXY", "http://proxy:3128")),
        ("proxy.https", json!("http://proxy:3128"), json!({}), variable("HTTPS_PROXY", "http://proxy:3128")),
        ("proxy.none", json!("10.0.0.0/8"), proxy, variable("NO_PROXY", excepted)),
        ("extraEnv", json!([{ "name": "A", "value": "b" }]), json!({}), variable("A", "b")),
    ];
    let flags = flags.into_iter().map(|(path, value, flag)| (path, value, json!({}), "Deployment", ARGS, json!(flag)));
    let variables = variables.into_iter().map(|(path, value, also, var)| (path, value, also, "Deployment", ENV, var));
    flags.chain(variables).collect()
}

/// Of the pods and the way to them.
fn around() -> Vec<Row> {
    let on = json!({ "serviceMonitor": { "enabled": true } });
    let peers = json!([{ "podSelector": { "matchLabels": { "a": "b" } } }]);
    let affinity = json!({ "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [
        { "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": { "a": "b" } } },
    ] } });
    let tolerations = json!([{ "key": "a", "operator": "Exists" }]);
    let spread = json!([{
        "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": { "matchLabels": { "control-plane": "controller-manager" } },
    }]);
    let volumes = json!([{ "name": "ca", "configMap": { "name": "ca" } }]);
    let mounts = json!([{ "name": "ca", "mountPath": "/etc/ca", "readOnly": true }]);
    let pod = [
        ("resources.requests", json!({ "cpu": "100m" }), "/containers/0/resources/requests/cpu", json!("100m")),
        ("resources.limits", json!({ "cpu": "2" }), "/containers/0/resources/limits/cpu", json!("2")),
        ("priorityClassName", json!("high"), "/priorityClassName", json!("high")),
        ("nodeSelector", json!({ "a": "b" }), "/nodeSelector/a", json!("b")),
        ("affinity", affinity.clone(), "/affinity", affinity),
        ("tolerations", tolerations.clone(), "/tolerations", tolerations),
        ("topologySpreadConstraints", spread.clone(), "/topologySpreadConstraints", spread),
        ("extraVolumes", volumes.clone(), "/volumes", volumes.clone()),
    ];
    let rows = [
        ("metrics.secure.enabled", json!(true), "Deployment", ARGS, json!("--secure-metrics-addr=:8443")),
        ("networkPolicy.enabled", json!(false), "NetworkPolicy", "", Value::Null),
        ("networkPolicy.from", peers.clone(), "NetworkPolicy", "/spec/ingress/0/from", peers),
        ("serviceMonitor.enabled", json!(true), "ServiceMonitor", "/spec/endpoints/0/port", json!("http")),
        ("prometheusRule.enabled", json!(true), "PrometheusRule", "/spec/groups/0/name", json!("sagemaker-operator")),
        ("dashboard.enabled", json!(true), "ConfigMap", "/metadata/labels/grafana_dashboard", json!("1")),
        ("podAnnotations", json!({ "a": "b" }), "Deployment", "/spec/template/metadata/annotations/a", json!("b")),
        ("podLabels", json!({ "a": "b" }), "Deployment", "/spec/template/metadata/labels/a", json!("b")),
    ];
    let monitor = [
        ("serviceMonitor.interval", json!("10s"), "/spec/endpoints/0/interval", json!("10s")),
        ("serviceMonitor.scrapeTimeout", json!("5s"), "/spec/endpoints/0/scrapeTimeout", json!("5s")),
        ("serviceMonitor.labels", json!({ "release": "p" }), "/metadata/labels/release", json!("p")),
    ];
    let labels = [
        ("prometheusRule.labels", json!({ "prometheusRule": { "enabled": true } }), "PrometheusRule"),
        ("dashboard.labels", json!({ "dashboard": { "enabled": true } }), "ConfigMap"),
    ];
    let labels = labels.map(|(path, also, kind)| -> Row {
        (path, json!({ "release": "p" }), also, kind, "/metadata/labels/release", json!("p"))
    });
    let at = |place: &str| [POD, place].concat().leak() as &'static str;
    let mounted: Row = (
        "extraVolumeMounts",
        mounts.clone(),
        json!({ "extraVolumes": volumes }),
        "Deployment",
        at("/containers/0/volumeMounts"),
        mounts,
    );
    let certificate: Row = (
        "metrics.secure.certSecret",
        json!("cert"),
        json!({ "metrics": { "secure": { "enabled": true } } }),
        "Deployment",
        ARGS,
        json!("--metrics-cert-dir=/etc/metrics-cert"),
    );
    let pod = pod.into_iter().map(|(path, value, place, is)| (path, value, json!({}), "Deployment", at(place), is));
    let rows = rows.into_iter().map(|(path, value, kind, place, is)| (path, value, json!({}), kind, place, is));
    let monitor =
        monitor.into_iter().map(|(path, value, place, is)| (path, value, on.clone(), "ServiceMonitor", place, is));
    pod.chain(rows).chain(monitor).chain(labels).chain([mounted, certificate]).collect()
}

fn variable(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn table() -> Vec<Row> {
    [placed(), told(), around()].concat()
}

/// All values by their paths, as the schema has them.
fn leaves(schema: &Value, path: &str, into: &mut BTreeSet<String>) {
    for (name, inner) in schema["properties"].as_object().expect("an object") {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        assert!(inner["description"].is_string(), "{path} is not described");
        if inner["properties"].is_object() {
            assert_eq!(inner["additionalProperties"], false, "{path} would take a name with a typing error");
            leaves(inner, &path, into);
        } else {
            into.insert(path);
        }
    }
}

/// Whether it is as wanted, and the object.
fn holds(text: &str, kind: &str, place: &str, wanted: &Value) -> (bool, Option<Value>) {
    let object = helm::objects(text).into_iter().find(|object| object["kind"] == kind);
    let there = match (&object, place.strip_suffix("/*")) {
        (None, _) => wanted.is_null() && place.is_empty(),
        (Some(object), Some(list)) => {
            object.pointer(list).and_then(Value::as_array).is_some_and(|list| list.contains(wanted))
        }
        (Some(_), None) if place.is_empty() => false,
        (Some(object), None) => object.pointer(place).unwrap_or(&Value::Null) == wanted,
    };
    (there, object)
}

#[test]
fn every_value_moves_what_it_is_for_and_the_api_server_takes_it() {
    let home = Namespace::new("chart-values");
    let mut moved = Vec::new();
    for (path, value, also, kind, place, wanted) in table() {
        let mut values = json!({ "roleArn": "arn:aws:iam::123456789012:role/sagemaker-operator" });
        json_patch::merge(&mut values, &also);
        if path != "serviceAccount.create" && path != "serviceAccount.podIdentity" {
            let without = helm::render(helm::NAMESPACED, home.name(), &values.to_string()).ok();
            assert!(!holds(&without, kind, place, &wanted).0, "{path}: {wanted} is there without it");
        }
        let set = path.rsplit('.').fold(value, |inner, name| json!({ name: inner }));
        json_patch::merge(&mut values, &set);
        let rendered = helm::render(helm::NAMESPACED, home.name(), &values.to_string()).ok();
        let (there, object) = holds(&rendered, kind, place, &wanted);
        assert!(there, "{path}: no {wanted} at {place} of\n{object:#?}");
        // Those of the Prometheus operator are not served here.
        moved.extend(object.filter(|object| object["apiVersion"] != "monitoring.coreos.com/v1"));
    }
    let all = json!({ "apiVersion": "v1", "kind": "List", "items": moved }).to_string();
    let taken = home.kubectl(["apply", "--dry-run=server", "-f", "-"]).stdin(all).run();
    assert_eq!(taken.code(), 0, "{}", taken.stderr);
    // kubectl tells what would be dropped.
    assert_eq!(taken.stderr, "");
}

#[test]
fn the_table_has_every_value_of_the_schema_and_every_flag_of_the_operator() {
    let mut known = BTreeSet::new();
    for chart in [helm::CLUSTER, helm::NAMESPACED] {
        let text = std::fs::read_to_string(helm::chart(chart).join("values.schema.json")).unwrap();
        leaves(&serde_json::from_str(&text).unwrap(), "", &mut known);
    }
    // Helm's own.
    known.retain(|path| path != "global" && path != "common");
    let rows = table();
    assert_eq!(rows.iter().map(|row| row.0.to_owned()).collect::<BTreeSet<_>>(), known);

    let help = Program::tied(&built::binaries().join("sagemaker-operator")).arg("--help").run().ok();
    let named = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let flag = |text: &str| text.split(['=', '[', ']', ',']).next().unwrap_or_default().to_owned();
    let mut flags: BTreeSet<_> = named.map(flag).collect();
    // What the charts set themselves, or what says nothing to a pod.
    for own in ["namespace", "metrics-addr", "enable-leader-election", "help", "version"] {
        assert!(flags.remove(own), "{own} is no flag");
    }
    let args = rows.iter().filter(|row| row.4 == ARGS).filter_map(|row| row.5.as_str()?.strip_prefix("--"));
    assert_eq!(args.map(flag).collect::<BTreeSet<_>>(), flags);
}
