//! The API server's version, and the definitions of our kinds.

use sagemaker_operator::api::{GROUP, VERSION};
use sagemaker_operator::cli::{Cluster, Type, Unread, missing_types};
use serde_json::Value;

use super::line::{Finding, Line, some};
use crate::builtin::definitions;

pub(super) const CLUSTER: &str = "cluster";
pub(super) const CRDS: &str = "CRDs";
/// The oldest Kubernetes on which an object that a newer rule dislikes can still be changed.
const OLDEST: (u32, u32) = (1, 30);
/// What installs the definitions or renews them.
pub(super) const APPLY: &str = "kubectl apply -f dist/crds";

/// The check of the API server.
pub(super) fn cluster(version: &Result<String, String>, server: &str) -> Line {
    let version = match version {
        Ok(version) => version,
        Err(why) => {
            let denied = Finding::warn(format!("{server} does not tell its version: {why}"));
            return Line::of(CLUSTER, "", vec![denied.next("kubectl auth whoami")]);
        }
    };
    let mut findings = Vec::new();
    if numbers(version).is_some_and(|numbers| numbers < OLDEST) {
        let (major, minor) = OLDEST;
        findings.push(
            Finding::fail(format!("{version} is older than {major}.{minor}, the oldest that this product runs on"))
                .next("upgrade the cluster, or stay with version 1 of the operator"),
        );
    }
    Line::of(CLUSTER, format!("{version} at {server}"), findings)
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    let digits = |part: &str| part.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    Some((digits(parts.next()?)?, digits(parts.next()?)?))
}

/// What is known of the definitions.
#[derive(Debug)]
pub(super) enum Known {
    /// The definitions, `None` for one that is not there.
    All(Vec<(Type, Option<Value>)>),
    /// Not everybody may read definitions; whether a kind is served, everybody may know.
    Missing(Vec<Type>),
}

/// Reads the definitions.
///
/// # Errors
/// Why nothing is known of them.
pub(super) async fn look(cluster: &Cluster) -> Result<Known, String> {
    match definitions(cluster).await {
        Ok(all) => Ok(Known::All(all)),
        Err(Unread::Denied(_)) => missing_types(cluster).await.map(Known::Missing),
        Err(Unread::Silent(why)) => Err(why),
    }
}

/// The check of the definitions.
pub(super) fn crds(known: &Result<Known, String>) -> Line {
    let all = Type::ALL.len();
    match known {
        Err(why) => Line::skip(CRDS, format!("the definitions cannot be read: {why}")),
        Ok(Known::Missing(missing)) => Line::of(
            CRDS,
            format!("{all} of {all} served; their definitions you may not read"),
            absent(missing).into_iter().collect(),
        ),
        Ok(Known::All(found)) => {
            let missing: Vec<Type> = found.iter().filter(|(_, crd)| crd.is_none()).map(|(type_, _)| *type_).collect();
            let there: Vec<(Type, &Value)> =
                found.iter().filter_map(|(type_, crd)| Some((*type_, crd.as_ref()?))).collect();
            let mut findings: Vec<Finding> = absent(&missing).into_iter().collect();
            for trouble in TROUBLES {
                let troubled: Vec<String> = there
                    .iter()
                    .filter(|(_, crd)| (trouble.has)(crd))
                    .map(|(type_, _)| type_.kind().to_owned())
                    .collect();
                if !troubled.is_empty() {
                    let is = if troubled.len() == 1 { trouble.is } else { trouble.are };
                    findings.push(Finding::fail(format!("{} {is}", some(&troubled))).next(trouble.next));
                }
            }
            Line::of(CRDS, format!("{all} of {all}, {VERSION}{}", version(&there)), findings)
        }
    }
}

fn absent(missing: &[Type]) -> Option<Finding> {
    let names: Vec<&str> = missing.iter().map(|type_| type_.kind()).collect();
    let all = Type::ALL.len();
    match names.len() {
        0 => None,
        none if none == all => Some(Finding::fail(format!("none of {all} is installed")).next(APPLY)),
        some => Some(Finding::fail(format!("{} of {all}: {} not installed", all - some, names.join(", "))).next(APPLY)),
    }
}

/// The version that the definitions are labelled with, if it is one.
fn version(there: &[(Type, &Value)]) -> String {
    let mut labels: Vec<&str> =
        there.iter().filter_map(|(_, crd)| crd["metadata"]["labels"]["app.kubernetes.io/version"].as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    match labels.as_slice() {
        [] => String::new(),
        labels => format!(", version {}", labels.join(" and ")),
    }
}

/// Something that may be wrong with a definition.
struct Trouble {
    has: fn(&Value) -> bool,
    is: &'static str,
    are: &'static str,
    next: &'static str,
}

const TROUBLES: [Trouble; 5] = [
    Trouble {
        has: |crd| crd["metadata"]["deletionTimestamp"].is_string(),
        is: "is being deleted, and all its objects with it",
        are: "are being deleted, and all their objects with them",
        next: "kubectl sagemaker unstick --all-stuck -A --dry-run    shows the objects that hold a definition",
    },
    Trouble {
        has: |crd| !is_terminating(crd) && our_version(crd).is_none_or(|version| version["served"] != true),
        is: "is not served as v1",
        are: "are not served as v1",
        next: APPLY,
    },
    Trouble {
        has: |crd| !is_terminating(crd) && !says(crd, "Established", "True"),
        is: "is not established",
        are: "are not established",
        next: "kubectl describe crd | grep -A6 Conditions:",
    },
    Trouble {
        has: |crd| crd["spec"]["conversion"]["strategy"] == "Webhook",
        is: "is converted by a webhook, which this product does not have",
        are: "are converted by a webhook, which this product does not have",
        next: APPLY,
    },
    Trouble {
        has: |crd| {
            let schema = |version: &Value| {
                version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["conditions"].is_object()
            };
            our_version(crd).is_some_and(|version| !schema(version))
        },
        is: "is still as version 1 defined it: conditions are lost",
        are: "are still as version 1 defined them: conditions are lost",
        next: APPLY,
    },
];

fn is_terminating(crd: &Value) -> bool {
    crd["metadata"]["deletionTimestamp"].is_string()
}

fn our_version(crd: &Value) -> Option<&Value> {
    crd["spec"]["versions"].as_array()?.iter().find(|version| version["name"] == VERSION)
}

fn says(crd: &Value, type_: &str, status: &str) -> bool {
    let conditions = crd["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().any(|condition| condition["type"] == type_ && condition["status"] == status)
}

/// What version 1 has left in the definitions.
pub(super) fn left_by_version_1(known: &Result<Known, String>) -> Vec<Finding> {
    let found = match known {
        Ok(Known::All(found)) => found,
        Ok(Known::Missing(_)) => return vec![Finding::skip("the definitions you may not read")],
        Err(why) => return vec![Finding::skip(format!("the definitions cannot be read: {why}"))],
    };
    let there = found.iter().filter_map(|(type_, crd)| Some((type_, crd.as_ref()?)));
    let mut findings = Vec::new();
    for (type_, crd) in there {
        let stored = crd["status"]["storedVersions"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let old: Vec<&str> = stored.filter(|version| *version != VERSION).collect();
        if !old.is_empty() {
            let patch = format!(r#"{{"status":{{"storedVersions":["{VERSION}"]}}}}"#);
            findings.push(
                Finding::warn(format!("objects of {} may still be stored as {}", type_.kind(), old.join(", ")))
                    .next(format!("kubectl get {}.{GROUP} -A -o json | kubectl replace -f -", type_.plural()))
                    .next(format!(
                        "kubectl patch crd {}.{GROUP} --subresource=status --type=merge -p '{patch}'",
                        type_.plural()
                    )),
            );
        }
        if crd["spec"]["preserveUnknownFields"] == true {
            findings.push(
                Finding::warn(format!("{} keeps fields that nobody knows, as version 1 had it", type_.kind()))
                    .next(APPLY),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::line::Verdict;
    use super::*;

    fn crd() -> Value {
        json!({
            "metadata": { "labels": { "app.kubernetes.io/version": "2.0.0" } },
            "spec": { "versions": [{
                "name": "v1", "served": true,
                "schema": { "openAPIV3Schema": { "properties": { "status": { "properties": { "conditions": {} } } } } },
            }] },
            "status": { "conditions": [{ "type": "Established", "status": "True" }], "storedVersions": ["v1"] },
        })
    }

    /// All definitions, of which the first is changed.
    fn with(change: impl Fn(&mut Value)) -> Known {
        let mut first = crd();
        change(&mut first);
        let mut all: Vec<_> = Type::ALL.map(|type_| (type_, Some(crd()))).into();
        all[0].1 = Some(first);
        Known::All(all)
    }

    #[test]
    fn an_old_server_fails() {
        for (version, expected) in [
            (Ok("v1.36.3"), "PASS  cluster         v1.36.3 at https://k\n"),
            (Ok("v1.30.0-eks-1234"), "PASS  cluster         v1.30.0-eks-1234 at https://k\n"),
            (Ok("unknown"), "PASS  cluster         unknown at https://k\n"),
            (
                Ok("v1.29.11"),
                "FAIL  cluster         v1.29.11 is older than 1.30, the oldest that this product runs on\n",
            ),
            (Err("Unauthorized"), "WARN  cluster         https://k does not tell its version: Unauthorized\n"),
        ] {
            let version = version.map(str::to_owned).map_err(str::to_owned);
            let text = cluster(&version, "https://k").text(None, false);
            assert!(text.starts_with(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_definition_is_named() {
        let text = |known: Result<Known, String>| crds(&known).text(None, false);
        let said: Vec<String> = [
            text(Ok(with(|_| {}))),
            text(Ok(with(|crd| crd["metadata"]["deletionTimestamp"] = json!("2026-11-23T12:00:00Z")))),
            text(Ok(with(|crd| crd["spec"]["versions"][0]["served"] = json!(false)))),
            text(Ok(with(|crd| crd["status"]["conditions"] = json!([])))),
            text(Ok(with(|crd| crd["spec"]["conversion"] = json!({ "strategy": "Webhook" })))),
            text(Ok(with(|crd| crd["spec"]["versions"][0]["schema"] = json!({})))),
            text(Ok(Known::All(Type::ALL.map(|type_| (type_, None)).into()))),
            text(Ok(Known::Missing(vec![Type::Model]))),
            text(Ok(Known::Missing(Vec::new()))),
            text(Err("no answer".to_owned())),
        ]
        .into();
        insta::assert_snapshot!(said.concat(), @r"
        PASS  CRDs            8 of 8, v1, version 2.0.0
        FAIL  CRDs            TrainingJob is being deleted, and all its objects with it
                              → kubectl sagemaker unstick --all-stuck -A --dry-run    shows the objects that hold a definition
        FAIL  CRDs            TrainingJob is not served as v1
                              → kubectl apply -f dist/crds
        FAIL  CRDs            TrainingJob is not established
                              → kubectl describe crd | grep -A6 Conditions:
        FAIL  CRDs            TrainingJob is converted by a webhook, which this product does not have
                              → kubectl apply -f dist/crds
        FAIL  CRDs            TrainingJob is still as version 1 defined it: conditions are lost
                              → kubectl apply -f dist/crds
        FAIL  CRDs            none of 8 is installed
                              → kubectl apply -f dist/crds
        FAIL  CRDs            7 of 8: Model not installed
                              → kubectl apply -f dist/crds
        PASS  CRDs            8 of 8 served; their definitions you may not read
        SKIP  CRDs            not checked: the definitions cannot be read: no answer
        ");
    }

    #[test]
    fn what_version_1_left_in_a_definition_is_named() {
        let left = |change: fn(&mut Value)| Line::of("leftovers", "none", left_by_version_1(&Ok(with(change))));
        let said: Vec<String> = [
            left(|_| {}),
            left(|crd| crd["status"]["storedVersions"] = json!(["v1alpha1", "v1"])),
            left(|crd| crd["spec"]["preserveUnknownFields"] = json!(true)),
        ]
        .map(|line| line.text(None, false))
        .into();
        let unread = Line::of("leftovers", "none", left_by_version_1(&Ok(Known::Missing(Vec::new()))));
        assert_eq!(unread.verdict, Verdict::Skip);
        insta::assert_snapshot!(said.concat(), @r#"
        PASS  leftovers       none
        WARN  leftovers       objects of TrainingJob may still be stored as v1alpha1
                              → kubectl get trainingjobs.sagemaker.aws.amazon.com -A -o json | kubectl replace -f -
                              → kubectl patch crd trainingjobs.sagemaker.aws.amazon.com --subresource=status --type=merge -p '{"status":{"storedVersions":["v1"]}}'
        WARN  leftovers       TrainingJob keeps fields that nobody knows, as version 1 had it
                              → kubectl apply -f dist/crds
        "#);
    }
}
