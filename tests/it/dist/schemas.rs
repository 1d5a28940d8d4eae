//! kubeconform takes all that is installed, by schemas made from what the control plane itself says of its kinds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::kustomize;
use crate::support::eventually::PATIENCE;
use crate::support::{Cluster, eventually, helm, installed, judges};

const REFERENCE: &str = "#/definitions/";

/// The definitions of the control plane, with ours: it takes a moment to tell of new kinds.
fn definitions() -> Value {
    eventually("our kinds in the control plane's OpenAPI", PATIENCE, || {
        let mut all = Cluster::shared().get("/openapi/v2").ok_or("no OpenAPI")?["definitions"].take();
        let ours = all.as_object().into_iter().flatten().filter(|(name, _)| name.contains(".sagemaker.")).count();
        // Each has its list.
        if ours < 16 {
            return Err(format!("{ours} of ours"));
        }
        strict(&mut all);
        Ok(all)
    })
}

/// From Kubernetes' `OpenAPI` to a JSON schema that takes no field it does not know.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("format").is_some_and(|format| format == "int-or-string") {
                map.insert("type".to_owned(), json!(["integer", "string"]));
            }
            // Words that are no formats of JSON schema, such as `int32`.
            map.retain(|key, value| key != "format" || !value.is_string());
            let is_open = map.contains_key("additionalProperties")
                || map.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
            if map.get("properties").is_some_and(Value::is_object) && !is_open {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(strict);
        }
        Value::Array(list) => list.iter_mut().for_each(strict),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// All definitions that this one needs.
fn needed(schema: &Value, all: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            let name = map.get("$ref").and_then(|it| it.as_str()?.strip_prefix(REFERENCE));
            if let Some(name) = name
                && into.insert(name.to_owned())
            {
                needed(&all[name], all, into);
            }
            map.values().for_each(|inner| needed(inner, all, into));
        }
        Value::Array(list) => list.iter().for_each(|inner| needed(inner, all, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Writes a file for each kind of the objects, where kubeconform looks for it.
fn write_schemas(objects: &[Value], folder: &Path) {
    let all = definitions();
    let wanted: BTreeSet<(&str, &str)> =
        objects.iter().filter_map(|object| Some((object["apiVersion"].as_str()?, object["kind"].as_str()?))).collect();
    for (api, kind) in wanted {
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        let is_it = |known: &Value| known["group"] == group && known["version"] == version && known["kind"] == kind;
        let groups = |schema: &Value| {
            schema["x-kubernetes-group-version-kind"].as_array().is_some_and(|known| known.iter().any(is_it))
        };
        let map = all.as_object().expect("a map");
        let (_, schema) = map.iter().find(|(_, schema)| groups(schema)).unwrap_or_else(|| panic!("no {api} {kind}"));
        let mut names = BTreeSet::new();
        needed(schema, &all, &mut names);
        let mut whole = schema.clone();
        whole["definitions"] = names.into_iter().map(|name| (name.clone(), all[&name].clone())).collect();
        // To kubeconform, `v1` is also the group of what has none.
        let file = format!("{}_{}_{version}.json", kind.to_lowercase(), if group.is_empty() { version } else { group });
        fs::write(folder.join(file), whole.to_string()).expect("a file can be written");
    }
}

/// How many objects are valid, and what is said of the others.
fn judged(objects: &[Value], folder: &Path) -> (u64, String) {
    let documents: Vec<_> = objects.iter().map(Value::to_string).collect();
    let location =
        format!("{}/{{{{.ResourceKind}}}}_{{{{.Group}}}}_{{{{.ResourceAPIVersion}}}}.json", folder.display());
    let args = ["-strict", "-summary", "-output", "json", "-schema-location", &location, "-"];
    let said = judges::kubeconform().args(args).stdin(documents.join("\n---\n")).run();
    let told: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}{}", said.stdout, said.stderr));
    assert_eq!((said.code() == 0, &told["summary"]["skipped"]), (told["resources"] == json!([]), &json!(0)), "{told}");
    (told["summary"]["valid"].as_u64().unwrap_or_default(), told["resources"].to_string())
}

#[test]
fn all_that_is_installed_is_valid_and_a_field_that_nobody_knows_is_not() {
    let role = "roleArn: arn:aws:iam::123456789012:role/sagemaker-operator";
    let secure = "metrics: {secure: {enabled: true, certSecret: cert}}";
    let argocd = fs::read_to_string(judges::config()).expect("it is checked in");
    let all = [
        installed::text("installer.yaml"),
        installed::text("china/installer_china.yaml"),
        installed::text("namespaced/operator.yaml").replace("PLACEHOLDER-NAMESPACE", "ml"),
        installed::text("namespaced/china/operator_china.yaml").replace("PLACEHOLDER-NAMESPACE", "ml"),
        installed::text("namespaced/crd.yaml"),
        kustomize::build("overlays/example"),
        kustomize::build("overlays/namespaced"),
        helm::render(helm::CLUSTER, "ml", &format!("{{{role}, replicas: 2}}")).ok(),
        helm::render(helm::NAMESPACED, "ml", &format!("{{{role}, replicas: 2, {secure}}}")).ok(),
        helm::render(helm::KINDS, "ml", "").ok(),
        argocd,
    ];
    let objects: Vec<_> = all.iter().flat_map(|text| helm::objects(text)).collect();
    assert!(objects.len() > 100, "{}", objects.len());
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_schemas(&objects, folder.path());
    assert_eq!(judged(&objects, folder.path()), (objects.len() as u64, "[]".to_owned()));

    let mut deployment = objects.into_iter().find(|object| object["kind"] == "Deployment").expect("the operator");
    deployment["spec"]["template"]["spec"]["containers"][0]["comand"] = json!(["/manager"]);
    let (valid, said) = judged(&[deployment], folder.path());
    assert!(valid == 0 && said.contains("comand"), "{said}");
}
