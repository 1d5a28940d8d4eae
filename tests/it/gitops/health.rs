//! Argo CD's health checks: every way an object may stand, and how they get into Argo CD.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Namespace, judges};

/// The generation of all specs.
const GENERATION: i64 = 2;

/// A condition, whose message is its own name.
fn condition(kind: &str, status: bool) -> Value {
    let status = if status { "True" } else { "False" };
    json!({ "type": kind, "status": status, "reason": "Why", "message": format!("{kind} {status}") })
}

fn object(status: &Value, spec: &Value) -> Value {
    json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1",
        "kind": "HostingAutoscalingPolicy",
        "metadata": { "name": "digits", "namespace": "default", "generation": GENERATION },
        "spec": spec,
        "status": status,
    })
}

/// What the operator says of this generation.
fn said(conditions: &[(&str, bool)]) -> Value {
    let conditions: Vec<_> = conditions.iter().map(|(kind, status)| condition(kind, *status)).collect();
    json!({ "observedGeneration": GENERATION, "conditions": conditions })
}

#[test]
fn every_way_to_stand_has_its_word() {
    let ended = [("Complete", true), ("Failed", false), ("Reconciling", false), ("Stalled", false)];
    let failed = [("Complete", false), ("Failed", true), ("Reconciling", false), ("Stalled", true)];
    let running = [("Complete", false), ("Failed", false), ("Reconciling", false)];
    let ready = [("Ready", true), ("Reconciling", false), ("Stalled", false)];
    let refused = [("Ready", false), ("Reconciling", false), ("Stalled", true)];
    let stale = |observed: i64| {
        let mut status = said(&failed);
        status["observedGeneration"] = json!(observed);
        status
    };
    let waiting = "Waiting for the operator to take up what the spec says";
    let suspended = json!({ "suspendedState": { "scheduledScalingSuspended": true } });
    let whole = json!({ "suspendedState": { "scheduledScalingSuspended": false } });
    let none = json!({});
    let table = [
        ("no status", &Value::Null, &none, "Progressing", waiting),
        ("an empty one", &json!({}), &none, "Progressing", waiting),
        ("that of a fresh object", &json!({ "observedGeneration": -1 }), &none, "Progressing", waiting),
        ("of an older generation", &stale(GENERATION - 1), &none, "Progressing", waiting),
        ("nothing said", &said(&[]), &none, "Progressing", "Waiting for the operator"),
        ("a job being made", &said(&[("Reconciling", true)]), &none, "Progressing", "Reconciling True"),
        ("a job that runs", &said(&running), &none, "Progressing", "Complete False"),
        ("a job that completed", &said(&ended), &none, "Healthy", "Complete True"),
        ("a job that failed", &said(&failed), &none, "Degraded", "Failed True"),
        ("a job refused", &said(&[("Reconciling", false), ("Stalled", true)]), &none, "Degraded", "Stalled True"),
        (
            "one in deletion",
            &said(&[("Complete", true), ("Reconciling", true)]),
            &none,
            "Progressing",
            "Reconciling True",
        ),
        (
            "one being updated",
            &said(&[("Ready", false), ("Reconciling", true)]),
            &none,
            "Progressing",
            "Reconciling True",
        ),
        ("one as wanted", &said(&ready), &none, "Healthy", "Ready True"),
        ("one refused", &said(&refused), &none, "Degraded", "Stalled True"),
        ("nothing suspended", &said(&ready), &whole, "Healthy", "Ready True"),
        (
            "something suspended",
            &said(&ready),
            &suspended,
            "Suspended",
            "Scaling is suspended, at least in part, by spec.suspendedState",
        ),
        ("suspended, but refused", &said(&refused), &suspended, "Degraded", "Stalled True"),
    ];
    let objects: Vec<_> = table.iter().map(|(_, status, spec, ..)| object(status, spec)).collect();
    for (judged, (about, _, _, word, message)) in judges::judge(&objects).into_iter().zip(table) {
        assert_eq!((judged.argo.as_str(), judged.message.as_str()), (word, message), "{about}");
    }
}

#[test]
fn the_checks_are_added_to_what_argo_cd_is_told_already() {
    let home = Namespace::new("argocd");
    let path = format!("/api/v1/namespaces/{}/configmaps", home.name());
    let theirs = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "argocd-cm", "labels": { "app.kubernetes.io/part-of": "argocd" } },
        "data": { "timeout.reconciliation": "180s" },
    });
    home.cluster().request(Method::POST, &path, Some(&theirs)).expect("a ConfigMap can be made");
    let (config, one) = (judges::config(), format!("{path}/argocd-cm"));
    let config = config.to_str().expect("a path of letters");
    let by_server = ["apply", "--server-side", "--field-manager=sagemaker-operator", "-f", config];
    let by_patch = ["patch", "configmap", "argocd-cm", "--patch-file", config];
    for how in [&by_server[..], &by_patch] {
        home.kubectl(how.iter().copied()).run().ok();
        let told = home.cluster().get(&one).expect("it is there");
        assert_eq!(told["data"]["timeout.reconciliation"], "180s");
        assert_eq!(told["metadata"]["labels"]["app.kubernetes.io/part-of"], "argocd");
        assert_eq!(judges::scripts(&told).len(), 8, "{told:#}");
    }
}
