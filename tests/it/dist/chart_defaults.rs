//! With its default values, a chart installs what the installer does.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{built, helm, installed};

/// By kind and name, without what Helm adds of its own.
pub(super) fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for mut object in objects {
        let own = [
            ("labels", &["helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/instance"][..]),
            ("annotations", &["helm.sh/resource-policy"]),
        ];
        for (place, keys) in own {
            let Some(metadata) = object["metadata"].as_object_mut() else { panic!("{object:#}") };
            let Some(map) = metadata.get_mut(place).and_then(Value::as_object_mut) else { continue };
            for key in keys {
                map.remove(*key);
            }
            if map.is_empty() {
                metadata.remove(place);
            }
        }
        let name = format!("{} {}", object["kind"], object["metadata"]["name"]);
        assert!(all.insert(name.clone(), object).is_none(), "{name} is there twice");
    }
    all
}

#[test]
fn a_chart_with_default_values_is_what_the_installer_is_object_for_object() {
    let cluster = installed::NAMESPACE;
    for (chart, namespace, installer, partition) in [
        (helm::CLUSTER, cluster, "installer.yaml", "aws"),
        (helm::CLUSTER, cluster, "china/installer_china.yaml", "aws-cn"),
        (helm::KINDS, "default", "namespaced/crd.yaml", "aws"),
        (helm::NAMESPACED, "ml", "namespaced/operator.yaml", "aws"),
        (helm::NAMESPACED, "ml", "namespaced/china/operator_china.yaml", "aws-cn"),
    ] {
        let role = format!("arn:{partition}:iam::123456789012:role/sagemaker-operator");
        let values = if chart == helm::KINDS { String::new() } else { format!("roleArn: {role}") };
        let rendered = by_name(helm::objects(&helm::render(chart, namespace, &values).ok()));
        let text = installed::text(installer).replace("PLACEHOLDER-NAMESPACE", namespace);
        let text = text.replace("role/DELETE_ME", "role/sagemaker-operator");
        let mut wanted = by_name(helm::objects(&text));
        // Helm makes namespaces itself, if it is told to.
        wanted.retain(|name, _| !name.starts_with("\"Namespace\""));
        let names = |objects: &BTreeMap<String, Value>| objects.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&rendered), names(&wanted), "{chart}");
        for (name, object) in &rendered {
            assert!(*object == wanted[name], "{chart}: {name}\n{object:#}\nis not\n{:#}", wanted[name]);
        }
    }
}

#[test]
fn the_charts_are_without_a_fault_to_helm() {
    for chart in [helm::CLUSTER, helm::KINDS, helm::NAMESPACED, "common"] {
        let values = if [helm::CLUSTER, helm::NAMESPACED].contains(&chart) {
            "roleArn=arn:aws:iam::123456789012:role/sagemaker-operator"
        } else {
            ""
        };
        let lint = helm::helm().args(["lint", "--strict", "--set", values]).arg(helm::chart(chart)).run();
        assert_eq!(lint.code(), 0, "{chart}: {}{}", lint.stdout, lint.stderr);
        assert!(lint.stdout.contains("1 chart(s) linted, 0 chart(s) failed"), "{}", lint.stdout);
    }
}

#[test]
fn only_the_chart_of_all_namespaces_keeps_the_kinds() {
    for (chart, kept) in [(helm::CLUSTER, "keep"), (helm::KINDS, "")] {
        let values = if kept.is_empty() { "" } else { "roleArn: arn:aws:iam::123456789012:role/sagemaker-operator" };
        let objects = helm::objects(&helm::render(chart, "default", values).ok());
        let policy = |object: &Value| object["metadata"]["annotations"]["helm.sh/resource-policy"].clone();
        let (kinds, others): (Vec<_>, Vec<_>) =
            objects.iter().partition(|object| object["kind"] == "CustomResourceDefinition");
        assert_eq!(kinds.len(), 8);
        assert!(kinds.into_iter().all(|kind| policy(kind).as_str().unwrap_or_default() == kept), "{chart}");
        assert!(others.into_iter().all(|other| policy(other) == Value::Null), "{chart}");
    }
    // Helm would never again look at what lies there.
    assert!(!built::root().join("dist/charts/installer/rolebased/crds").exists());
}
