//! The operator's Deployment, version 1 beside it, the Lease, and the role that the operator takes on.

use futures::future::join_all;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::core::ApiResource;
use sagemaker_operator::cli::{Cluster, Deployed, Sign, Unread, deployed, operator_sign, span};
use sagemaker_operator::lifecycle::{
    ANNOTATION_EKS_ROLE, Arn, LEASE as LEASE_NAME, OPERATOR_NAMESPACE, OPERATOR_SELECTOR, PLACEHOLDER_NAMESPACE,
    PLACEHOLDER_ROLE,
};
use serde_json::Value;

use super::line::{Finding, Line, some};
use crate::builtin::builtin;
use crate::deployment::{containers, images, is_of_version_1, scope, strings};
use crate::version::{VERSION_HINT, is_far};

pub(super) const OPERATOR: &str = "operator";
pub(super) const VERSION_1: &str = "version 1";
pub(super) const LEASE: &str = "Lease";
pub(super) const ROLE: &str = "role";
/// What is said where the operator would have to be looked at.
pub(super) const ABSENT: &str = "there is no Deployment of the operator";
/// What is installed, each part for itself.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) deployed: Result<Option<Deployed>, String>,
    /// The whole Deployment, if it is there.
    pub(super) stored: Value,
    /// Those of its pods that are there.
    pods: Result<Vec<Value>, Unread>,
    /// Its `ServiceAccount`.
    account: Result<Option<Value>, Unread>,
    /// The Deployments of version 1.
    first: Result<Vec<Value>, Unread>,
    pub(super) sign: Sign,
}

impl Installed {
    /// Looks at it. Without a namespace, version 1 is looked for in all of them.
    pub(super) async fn look(cluster: &Cluster, namespace: Option<&str>) -> Self {
        let (found, first) = tokio::join!(deployed(cluster), first_versions(cluster, namespace));
        let ours = match &found {
            Ok(Some(found)) if !is_of_version_1(&found.image) => Some(found),
            Ok(_) | Err(_) => None,
        };
        let Some(Deployed { namespace: home, name, .. }) = ours else {
            let sign = operator_sign(cluster, cluster.namespace()).await;
            let nothing = found.map(|_| None);
            return Self {
                deployed: nothing,
                stored: Value::Null,
                pods: Ok(Vec::new()),
                account: Ok(None),
                first,
                sign,
            };
        };
        let stored =
            cluster.stored(&builtin::<Deployment>(), Some(home), name).await.ok().flatten().unwrap_or_default();
        let (labels, pod, account) = (labels_of(&stored), builtin::<Pod>(), builtin::<ServiceAccount>());
        let (pods, account, sign) = tokio::join!(
            cluster.all_stored(&pod, Some(home), Some(&labels)),
            cluster.stored(&account, Some(home), account_of(&stored)),
            operator_sign(cluster, home),
        );
        Self { deployed: found, stored, pods, account, first, sign }
    }

    /// The Deployment, or why a check of it cannot be made.
    pub(super) fn ours(&self) -> Result<&Deployed, String> {
        match &self.deployed {
            Ok(Some(deployed)) => Ok(deployed),
            Ok(None) => Err(ABSENT.to_owned()),
            Err(_) => Err("the operator's Deployment cannot be read".to_owned()),
        }
    }

    /// The namespace that the operator is restricted to, if it is.
    pub(super) fn scope(&self) -> Option<String> {
        scope(&self.stored)
    }

    /// Its `ServiceAccount`'s name.
    pub(super) fn account(&self) -> &str {
        account_of(&self.stored)
    }

    /// The check of the Deployment.
    pub(super) fn operator(&self) -> Line {
        let deployed = match &self.deployed {
            Ok(Some(deployed)) => deployed,
            Ok(None) => return Line::of(OPERATOR, "", vec![self.absent()]),
            Err(why) => return Line::skip(OPERATOR, format!("the operator's Deployment cannot be read: {why}")),
        };
        let Deployed { namespace, name, image, version, ready, wanted } = deployed;
        let count = format!("{ready} of {wanted} ready");
        let mut findings = Vec::new();
        if *wanted == 0 {
            let none = Finding::fail(format!("{namespace}/{name} is scaled to 0"));
            findings.push(none.next(format!("kubectl -n {namespace} scale deployment {name} --replicas=1")));
        } else if ready < wanted {
            let (why, next) = self.why_not_ready(namespace, name, image);
            let detail = format!("{count}{why}");
            let finding = if *ready == 0 { Finding::fail(detail) } else { Finding::warn(detail) };
            findings.push(finding.next(next));
        }
        let client = env!("CARGO_PKG_VERSION");
        if let Some(version) = version.as_ref().filter(|version| is_far(client, version)) {
            let far = format!("its version {version} is more than a minor version away from this plugin's {client}");
            findings.push(Finding::warn(far).next(VERSION_HINT));
        }
        let version = version.as_ref().map(|version| format!("{version}, ")).unwrap_or_default();
        Line::of(OPERATOR, format!("{count}, {version}{namespace}/{name}"), findings)
    }

    fn absent(&self) -> Finding {
        match &self.sign {
            Sign::Alive { by, .. } => {
                Finding::warn(format!("no Deployment is found, but {by} holds the Lease: it runs elsewhere"))
                    .next(format!("kubectl get deployments -A -l {OPERATOR_SELECTOR}"))
            }
            Sign::Silent { .. } | Sign::Absent | Sign::Unleased { .. } | Sign::Unknown(_) => {
                Finding::fail(format!("not installed: no Deployment of it in {OPERATOR_NAMESPACE}, nor where -n says"))
                    .next("install it, or name its namespace: kubectl sagemaker doctor -n NAMESPACE")
            }
        }
    }

    /// Why pods are not ready, and what tells more.
    fn why_not_ready(&self, namespace: &str, name: &str, image: &str) -> (String, String) {
        let labels = labels_of(&self.stored);
        let describe = format!("kubectl -n {namespace} describe pod -l {labels}");
        let pods = match &self.pods {
            Ok(pods) if pods.is_empty() => {
                let why = failed_condition(&self.stored["status"]).unwrap_or("no pod of it is there");
                return (format!(": {why}"), format!("kubectl -n {namespace} describe deployment {name}"));
            }
            Ok(pods) => pods,
            Err(why) => return (format!("; why is not known: {why}"), describe),
        };
        match pods.iter().find_map(reason) {
            Some(reason) if reason.contains("CrashLoopBackOff") => {
                (format!(": {reason}"), format!("kubectl -n {namespace} logs deployment/{name} --previous"))
            }
            Some(reason) if reason.contains("Image") => (format!(": {reason} on {image}"), describe),
            Some(reason) => (format!(": {reason}"), describe),
            None => (String::new(), describe),
        }
    }

    /// The check that version 1 does not run beside it.
    pub(super) fn version_1(&self) -> Line {
        let first = match &self.first {
            Ok(first) => first,
            Err(why) => return Line::of(VERSION_1, "", vec![Finding::unread("Deployments", why)]),
        };
        let running = first.iter().filter(|deployment| replicas(deployment) > 0);
        let found = running.map(|deployment| {
            let (namespace, name) = place(deployment);
            let image = images(deployment).next().unwrap_or_default();
            Finding::fail(format!("{namespace}/{name} still runs ({image}): nothing else may work beside it"))
                .next(format!("kubectl -n {namespace} delete deployment {name}"))
        });
        Line::of(VERSION_1, "does not run", found.collect())
    }

    /// What is left of version 1 that does not run.
    pub(super) fn left_by_version_1(&self) -> Vec<Finding> {
        if let Err(why) = &self.first {
            return vec![Finding::unread("Deployments", why)];
        }
        let resting = self.first.iter().flatten().filter(|deployment| replicas(deployment) == 0);
        let found = resting.map(|deployment| {
            let (namespace, name) = place(deployment);
            Finding::warn(format!("{namespace}/{name} of version 1 is there, scaled to 0"))
                .next(format!("kubectl -n {namespace} delete deployment {name}"))
        });
        found.collect()
    }

    /// The check of the Lease.
    pub(super) fn lease(&self) -> Line {
        let look = |namespace: &str| format!("kubectl -n {namespace} get lease {LEASE_NAME} -o yaml");
        let (namespace, restart) = match &self.deployed {
            Ok(Some(Deployed { namespace, name, .. })) => {
                (namespace.as_str(), Some(format!("kubectl -n {namespace} logs deployment/{name}")))
            }
            Ok(None) | Err(_) => (OPERATOR_NAMESPACE, None),
        };
        let and_log = |finding: Finding| restart.iter().fold(finding, |finding, step| finding.next(step.as_str()));
        let finding = match &self.sign {
            Sign::Alive { by, ago } => {
                return Line::pass(LEASE, format!("held by {by}, renewed {} ago", span(*ago)));
            }
            Sign::Unknown(why) => Finding::skip(why),
            Sign::Silent { ago } => {
                and_log(Finding::fail(format!("expired: renewed {} ago", span(*ago))).next(look(namespace)))
            }
            Sign::Absent if matches!(self.deployed, Ok(None)) => Finding::skip(ABSENT),
            Sign::Absent => and_log(Finding::fail("nobody holds it: no operator works").next(look(namespace))),
            Sign::Unleased { pod } => {
                and_log(Finding::warn(format!("nobody holds it, though pod {pod} runs: it starts, or is version 1")))
            }
        };
        Line::of(LEASE, "", vec![finding])
    }

    /// The check of the role that the operator takes on.
    pub(super) fn role(&self) -> Line {
        let Deployed { namespace, name, .. } = match self.ours() {
            Ok(deployed) => deployed,
            Err(why) => return Line::skip(ROLE, why),
        };
        let account_name = self.account();
        let mut findings = Vec::new();
        let restart = format!("kubectl -n {namespace} rollout restart deployment {name}");
        let annotate = format!(
            "kubectl -n {namespace} annotate serviceaccount {account_name} --overwrite {ANNOTATION_EKS_ROLE}=arn:aws:iam::ACCOUNT:role/NAME"
        );
        let placeholders: Vec<&str> = containers(&self.stored)
            .flat_map(|container| {
                let env = container["env"].as_array().into_iter().flatten().filter_map(|one| one["value"].as_str());
                strings(&container["args"]).chain(env).collect::<Vec<_>>()
            })
            .filter(|text| is_placeholder(text))
            .collect();
        for text in placeholders {
            findings.push(
                Finding::fail(format!("the Deployment still has the placeholder {text}"))
                    .next(format!("kubectl -n {namespace} edit deployment {name}")),
            );
        }
        let mut passed = format!("none on ServiceAccount {account_name}: keys, Pod Identity or the node's role serve");
        match &self.account {
            Err(why) => findings.push(Finding::unread("ServiceAccounts", why)),
            Ok(None) => findings.push(
                Finding::fail(format!("there is no ServiceAccount {namespace}/{account_name}: no pod can be made"))
                    .next(format!("kubectl -n {namespace} create serviceaccount {account_name}")),
            ),
            Ok(Some(account)) => match account["metadata"]["annotations"][ANNOTATION_EKS_ROLE].as_str() {
                None => {}
                Some(role) if is_placeholder(role) => findings.push(
                    Finding::fail(format!("ServiceAccount {account_name} still has the placeholder {role}"))
                        .next(annotate)
                        .next(restart),
                ),
                Some(role) if !is_role(role) => findings.push(
                    Finding::fail(format!("ServiceAccount {account_name} names {role:?}, which is no role's ARN"))
                        .next(annotate)
                        .next(restart),
                ),
                Some(role) => passed = format!("{role} on ServiceAccount {account_name}"),
            },
        }
        Line::of(ROLE, passed, findings)
    }
}

/// Whether a text is the ARN of a role.
pub(super) fn is_role(text: &str) -> bool {
    text.parse::<Arn>().is_ok_and(|arn| arn.is_role())
}

/// Whether a text is still as an installer came, of either version.
pub(super) fn is_placeholder(text: &str) -> bool {
    [PLACEHOLDER_ROLE, PLACEHOLDER_NAMESPACE].iter().any(|placeholder| text.contains(placeholder))
}

async fn first_versions(cluster: &Cluster, namespace: Option<&str>) -> Result<Vec<Value>, Unread> {
    let deployments = builtin::<Deployment>();
    let found = match namespace {
        Some(namespace) => in_places(cluster, &deployments, [namespace, OPERATOR_NAMESPACE]).await,
        None => match cluster.all_stored(&deployments, None, Some(OPERATOR_SELECTOR)).await {
            Err(Unread::Denied(_)) => in_places(cluster, &deployments, [cluster.namespace(), OPERATOR_NAMESPACE]).await,
            found => found,
        },
    };
    let is_first = |deployment: &Value| images(deployment).any(is_of_version_1);
    Ok(found?.into_iter().filter(is_first).collect())
}

async fn in_places(cluster: &Cluster, resource: &ApiResource, places: [&str; 2]) -> Result<Vec<Value>, Unread> {
    let places = if places[0] == places[1] { &places[..1] } else { &places[..] };
    let listed = places.iter().map(|place| cluster.all_stored(resource, Some(place), Some(OPERATOR_SELECTOR)));
    Ok(join_all(listed).await.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

fn place(deployment: &Value) -> (&str, &str) {
    let text = |field: &str| deployment["metadata"][field].as_str().unwrap_or_default();
    (text("namespace"), text("name"))
}

fn replicas(deployment: &Value) -> u64 {
    deployment["spec"]["replicas"].as_u64().unwrap_or(1)
}

fn account_of(deployment: &Value) -> &str {
    let spec = &deployment["spec"]["template"]["spec"];
    spec["serviceAccountName"].as_str().filter(|name| !name.is_empty()).unwrap_or("default")
}

/// The selector of its pods, as kubectl takes it.
fn labels_of(deployment: &Value) -> String {
    let labels = deployment["spec"]["selector"]["matchLabels"].as_object().into_iter().flatten();
    let labels: Vec<String> = labels.filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?))).collect();
    if labels.is_empty() { OPERATOR_SELECTOR.to_owned() } else { labels.join(",") }
}

/// What a Deployment says of pods that it could not make.
fn failed_condition(status: &Value) -> Option<&str> {
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let bad = |condition: &&Value| {
        (condition["type"] == "ReplicaFailure" && condition["status"] == "True")
            || (condition["type"] == "Progressing" && condition["status"] == "False")
    };
    conditions.into_iter().find(bad)?["message"].as_str()
}

/// Why a pod is not ready: what its containers wait for, how they ended, or that no node takes it.
fn reason(pod: &Value) -> Option<String> {
    let status = &pod["status"];
    let statuses = ["initContainerStatuses", "containerStatuses"];
    let containers = statuses.iter().filter_map(|field| status[field].as_array()).flatten();
    for container in containers {
        let state = &container["state"];
        let ended = [&state["terminated"], &container["lastState"]["terminated"]].into_iter().find(|it| it.is_object());
        let ended = ended.map(|ended| {
            let code = ended["exitCode"].as_i64().unwrap_or_default();
            format!("{}, exit code {code}", ended["reason"].as_str().unwrap_or("ended"))
        });
        match (state["waiting"]["reason"].as_str(), ended) {
            (Some("ContainerCreating" | "PodInitializing"), None) => {}
            (Some(waiting), Some(ended)) => return Some(format!("{waiting} ({ended})")),
            (Some(waiting), None) => return Some(waiting.to_owned()),
            (None, Some(ended)) if container["ready"] != true => return Some(ended),
            (None, _) => {}
        }
    }
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let unscheduled = conditions.into_iter().find(|it| it["type"] == "PodScheduled" && it["status"] == "False")?;
    let words = [&unscheduled["reason"], &unscheduled["message"]].into_iter().filter_map(Value::as_str);
    Some(some(&words.map(str::to_owned).collect::<Vec<_>>()).replace(", ", ": "))
}

#[cfg(test)]
#[path = "installed_tests.rs"]
mod tests;
