//! The objects, and the Namespaces that carry a role.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::DynamicObject;
use sagemaker_operator::cli::{Cluster, Type, Unread, span};
use sagemaker_operator::lifecycle::ANNOTATION_ROLE;
use serde_json::Value;

use super::installed::{is_placeholder, is_role};
use super::line::{Finding, Line, some};
use crate::builtin::builtin;
use crate::held::Held;

pub(super) const NAMESPACES: &str = "namespaces";
pub(super) const OBJECTS: &str = "objects";
pub(super) const LEFTOVERS: &str = "leftovers";
/// How long the operator may take to stop what an object has and to let it go.
const PATIENCE: Duration = Duration::from_mins(10);

/// Where it was looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In all namespaces.
    Everywhere,
    /// In this namespace, as was wanted.
    Here(String),
    /// In this namespace, as no other may be looked at.
    HereAlone(String),
}

impl Place {
    pub(super) fn told(&self) -> String {
        match self {
            Self::Everywhere => "in all namespaces".to_owned(),
            Self::Here(namespace) => format!("in namespace {namespace}"),
            Self::HereAlone(namespace) => format!("in namespace {namespace} alone: you may not do so in all"),
        }
    }

    fn flags(&self) -> String {
        match self {
            Self::Everywhere => " -A".to_owned(),
            Self::Here(namespace) | Self::HereAlone(namespace) => format!(" -n {namespace}"),
        }
    }
}

/// Asks about all namespaces, or, if that is not allowed, about the one that is meant where none is named; about that one
/// alone if it is `wanted`.
///
/// # Errors
/// Why nothing can be seen.
async fn widest<T>(
    cluster: &Cluster,
    wanted: Option<&str>,
    ask: impl AsyncFn(Option<&str>) -> Result<T, Unread>,
) -> Result<(T, Place), Unread> {
    if let Some(namespace) = wanted {
        return Ok((ask(wanted).await?, Place::Here(namespace.to_owned())));
    }
    match ask(None).await {
        Err(Unread::Denied(_)) => {
            let here = cluster.namespace();
            Ok((ask(Some(here)).await?, Place::HereAlone(here.to_owned())))
        }
        asked => Ok((asked?, Place::Everywhere)),
    }
}

/// The objects that were found.
pub(super) struct Found {
    objects: Vec<Held>,
    place: Place,
}

/// Looks at all objects, or at those of a namespace.
///
/// # Errors
/// Why none can be seen.
pub(super) async fn look(cluster: &Cluster, namespace: Option<&str>) -> Result<Found, Unread> {
    let (objects, place) = widest(cluster, namespace, async |place| all(cluster, place).await).await?;
    Ok(Found { objects, place })
}

async fn all(cluster: &Cluster, namespace: Option<&str>) -> Result<Vec<Held>, Unread> {
    let of_type = async |type_: Type| {
        let stored = cluster.all_stored(&type_.resource(), namespace, None).await?;
        let read = stored.into_iter().filter_map(|object| serde_json::from_value::<DynamicObject>(object).ok());
        Ok::<Vec<Held>, Unread>(read.map(|object| Held::new(type_, object)).collect())
    };
    Ok(try_join_all(Type::ALL.map(of_type)).await?.into_iter().flatten().collect())
}

/// The check that nothing hangs.
pub(super) fn objects(found: &Result<Found, Unread>, operator_may_be_alive: bool, now: DateTime<Utc>) -> Line {
    let Found { objects, place } = match found {
        Ok(found) => found,
        Err(why) => return Line::of(OBJECTS, "", vec![Finding::unread("objects", why)]),
    };
    let going: Vec<&Held> = objects.iter().filter(|held| held.object.deleting && !held.ours().is_empty()).collect();
    let since = |held: &Held| held.deleting_since().and_then(|since| (now - since).to_std().ok()).unwrap_or_default();
    let hangs = |held: &&&Held| !operator_may_be_alive || since(held) > PATIENCE;
    let hanging: Vec<&Held> = going.iter().filter(hangs).copied().collect();
    let mut findings = Vec::new();
    if let Some(longest) = hanging.iter().map(|held| since(held)).max() {
        let (verb, why) = match (hanging.len(), operator_may_be_alive) {
            (1, true) => ("hangs", "though the operator may be at work"),
            (_, true) => ("hang", "though the operator may be at work"),
            (1, false) => ("hangs", "as no operator works"),
            (_, false) => ("hang", "as no operator works"),
        };
        let names: Vec<String> = hanging.iter().map(|held| title(held, place)).collect();
        let detail = format!("{} {verb} in deletion for up to {}, {why}", some(&names), span(longest));
        let next = match hanging.as_slice() {
            [one] => format!("kubectl sagemaker unstick {} -n {}", one.object.title(), one.object.namespace),
            _ => format!("kubectl sagemaker unstick --all-stuck{}", place.flags()),
        };
        let finding = if operator_may_be_alive { Finding::warn(detail) } else { Finding::fail(detail) };
        findings.push(finding.next(next));
    }
    let count = objects.len();
    let passed = match going.len() {
        0 => format!("{count}, none is being deleted, {}", place.told()),
        some => format!("{count}, {some} of them being deleted by the operator, {}", place.told()),
    };
    Line::of(OBJECTS, passed, findings)
}

fn title(held: &Held, place: &Place) -> String {
    match place {
        Place::Everywhere => format!("{}/{}", held.object.namespace, held.object.title()),
        Place::Here(_) | Place::HereAlone(_) => held.object.title(),
    }
}

/// Objects that version 1 held and that nobody has taken over.
pub(super) fn left_by_version_1(found: &Result<Found, Unread>) -> Vec<Finding> {
    let Found { objects, place } = match found {
        Ok(found) => found,
        Err(why) => return vec![Finding::unread("objects", why)],
    };
    let left: Vec<String> = objects
        .iter()
        .filter(|held| !held.object.deleting && !held.ours().is_empty() && !is_known(&held.stored.data["status"]))
        .map(|held| title(held, place))
        .collect();
    match left.len() {
        0 => Vec::new(),
        count => {
            let are = if count == 1 { "is" } else { "are" };
            let detail = format!("{} {are} held by version 1's finalizer and not taken over yet", some(&left));
            vec![Finding::warn(detail).next("start the operator: it takes them over by itself")]
        }
    }
}

/// Whether this operator has ever written a status.
fn is_known(status: &Value) -> bool {
    let has_seen = status["observedGeneration"].as_i64().is_some_and(|generation| generation >= 0);
    has_seen || status["conditions"].as_array().is_some_and(|conditions| !conditions.is_empty())
}

/// Reads all Namespaces, or one.
///
/// # Errors
/// Why none can be seen.
pub(super) async fn look_at_namespaces(
    cluster: &Cluster,
    namespace: Option<&str>,
) -> Result<(Vec<Value>, Place), Unread> {
    let resource = builtin::<Namespace>();
    let read = async |namespace: Option<&str>| match namespace {
        Some(name) => Ok(cluster.stored(&resource, None, name).await?.into_iter().collect()),
        None => cluster.all_stored(&resource, None, None).await,
    };
    widest(cluster, namespace, read).await
}

/// The check of the roles that Namespaces carry.
pub(super) fn namespaces(found: &Result<(Vec<Value>, Place), Unread>) -> Line {
    let (namespaces, place) = match found {
        Ok(found) => found,
        Err(why) => return Line::of(NAMESPACES, "", vec![Finding::unread("Namespaces", why)]),
    };
    let roles: Vec<(&str, &str)> = namespaces
        .iter()
        .filter_map(|it| {
            let role = it["metadata"]["annotations"][ANNOTATION_ROLE].as_str()?;
            Some((it["metadata"]["name"].as_str()?, role))
        })
        .collect();
    let bad = roles.iter().filter(|(_, role)| !is_role(role) || is_placeholder(role));
    let found = bad.map(|(namespace, role)| {
        Finding::fail(format!("{namespace} names {role:?}, which is no role's ARN: nothing in it can be done")).next(
            format!(
                "kubectl annotate namespace {namespace} --overwrite {ANNOTATION_ROLE}=arn:aws:iam::ACCOUNT:role/NAME"
            ),
        )
    });
    let passed = match roles.len() {
        0 => format!("none has a role of its own, {}", place.told()),
        count => format!("{count} with a role of its own, {}", place.told()),
    };
    Line::of(NAMESPACES, passed, found.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-11-23T12:00:00Z";

    fn object(name: &str, deleted: Option<&str>, finalizer: Option<&str>, status: &Value) -> Held {
        let stored = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "TrainingJob",
            "metadata": { "name": name, "namespace": "ml", "deletionTimestamp": deleted, "finalizers": finalizer.map(|it| [it]) },
            "spec": {}, "status": status,
        });
        Held::new(Type::TrainingJob, serde_json::from_value(stored).unwrap())
    }

    const OURS: Option<&str> = Some("sagemaker-operator-finalizer");

    #[test]
    fn what_hangs_is_told_from_what_the_operator_is_at() {
        let now = NOW.parse().unwrap();
        let (new, old) = (Some("2026-11-23T11:58:00Z"), Some("2026-11-23T11:00:00Z"));
        let found = |objects: Vec<Held>| Ok(Found { objects, place: Place::Everywhere });
        let one = |deleted, finalizer| found(vec![object("mnist", deleted, finalizer, &json!({}))]);
        let both = found(vec![object("a", new, OURS, &json!({})), object("b", old, OURS, &json!({}))]);
        let said = [
            objects(&found(Vec::new()), true, now),
            objects(&one(None, OURS), true, now),
            objects(&one(new, OURS), true, now),
            objects(&one(new, OURS), false, now),
            objects(&one(old, OURS), true, now),
            objects(&one(old, Some("somebody/else")), false, now),
            objects(&both, true, now),
            objects(&both, false, now),
            objects(&Err(Unread::Denied("trainingjobs is forbidden".to_owned())), true, now),
        ];
        insta::assert_snapshot!(said.map(|line| line.text(None, false)).concat(), @r"
        PASS  objects         0, none is being deleted, in all namespaces
        PASS  objects         1, none is being deleted, in all namespaces
        PASS  objects         1, 1 of them being deleted by the operator, in all namespaces
        FAIL  objects         ml/trainingjob/mnist hangs in deletion for up to 2m00s, as no operator works
                              → kubectl sagemaker unstick trainingjob/mnist -n ml
        WARN  objects         ml/trainingjob/mnist hangs in deletion for up to 1h00m, though the operator may be at work
                              → kubectl sagemaker unstick trainingjob/mnist -n ml
        PASS  objects         1, none is being deleted, in all namespaces
        WARN  objects         ml/trainingjob/b hangs in deletion for up to 1h00m, though the operator may be at work
                              → kubectl sagemaker unstick trainingjob/b -n ml
        FAIL  objects         ml/trainingjob/a, ml/trainingjob/b hang in deletion for up to 1h00m, as no operator works
                              → kubectl sagemaker unstick --all-stuck -A
        SKIP  objects         not checked: you may not read objects: trainingjobs is forbidden
        ");
    }

    #[test]
    fn an_object_is_left_if_only_version_1_ever_wrote_its_status() {
        let old = json!({ "trainingJobStatus": "InProgress" });
        let seen = json!({ "trainingJobStatus": "InProgress", "conditions": [{ "type": "Ready" }] });
        let new = json!({ "observedGeneration": -1 });
        for (finalizer, status, is_left) in
            [(OURS, &old, true), (OURS, &new, true), (OURS, &seen, false), (None, &old, false)]
        {
            let objects = vec![object("mnist", None, finalizer, status)];
            let left = left_by_version_1(&Ok(Found { objects, place: Place::Everywhere }));
            assert_eq!(!left.is_empty(), is_left, "{finalizer:?} {status}");
        }
    }

    #[test]
    fn a_role_of_a_namespace_has_to_be_an_arn() {
        let namespace = |role: Option<&str>| {
            let annotations = role.map(|role| json!({ ANNOTATION_ROLE: role }));
            Ok((vec![json!({ "metadata": { "name": "ml", "annotations": annotations } })], Place::Everywhere))
        };
        let said = [
            namespaces(&namespace(None)),
            namespaces(&namespace(Some("arn:aws:iam::123456789012:role/team"))),
            namespaces(&namespace(Some("team"))),
            namespaces(&namespace(Some("arn:aws:iam::123456789012:user/team"))),
            namespaces(&namespace(Some("arn:aws:iam::123456789012:role/DELETE_ME"))),
            namespaces(&Err(Unread::Silent("no answer within 8s".to_owned()))),
        ];
        insta::assert_snapshot!(said.map(|line| line.text(None, false)).concat(), @r#"
        PASS  namespaces      none has a role of its own, in all namespaces
        PASS  namespaces      1 with a role of its own, in all namespaces
        FAIL  namespaces      ml names "team", which is no role's ARN: nothing in it can be done
                              → kubectl annotate namespace ml --overwrite sagemaker.aws.amazon.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME
        FAIL  namespaces      ml names "arn:aws:iam::123456789012:user/team", which is no role's ARN: nothing in it can be done
                              → kubectl annotate namespace ml --overwrite sagemaker.aws.amazon.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME
        FAIL  namespaces      ml names "arn:aws:iam::123456789012:role/DELETE_ME", which is no role's ARN: nothing in it can be done
                              → kubectl annotate namespace ml --overwrite sagemaker.aws.amazon.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME
        SKIP  namespaces      not checked: Namespaces cannot be read: no answer within 8s
        "#);
    }
}
