//! What whoever asks, and the operator's `ServiceAccount`, may do in the cluster.

use k8s_openapi::api::rbac::v1::PolicyRule;
use sagemaker_operator::access::rbac;
use sagemaker_operator::api::GROUP;
use sagemaker_operator::cli::{Cluster, Deed, Type, Unread};

use super::installed::Installed;
use super::line::{Finding, Line};
use super::objects::Place;

pub(super) const YOURS: &str = "RBAC, yours";
pub(super) const OPERATORS: &str = "RBAC, operator";

/// Something that needs rights.
struct Want {
    /// What they are needed for.
    purpose: &'static str,
    /// Whether nothing works without.
    is_vital: bool,
    deeds: Vec<Deed>,
}

/// Which deeds are denied, for each of what wants them.
#[derive(Debug)]
pub(super) struct Denied {
    purpose: &'static str,
    is_vital: bool,
    deeds: Vec<Deed>,
}

fn deeds(group: &str, verbs: &[&str], resources: &[&str], namespace: Option<&str>) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for resource in resources {
        for verb in verbs {
            deeds.push(Deed {
                verb: (*verb).to_owned(),
                group: group.to_owned(),
                resource: (*resource).to_owned(),
                name: None,
                namespace: namespace.map(str::to_owned),
            });
        }
    }
    deeds
}

fn kinds() -> Vec<&'static str> {
    Type::ALL.map(Type::plural).to_vec()
}

/// What the plugins want to do in a namespace, or in all of them.
fn yours(namespace: Option<&str>) -> Vec<Want> {
    let logged: Vec<&str> = Type::ALL.into_iter().filter(|type_| type_.logged().is_some()).map(Type::plural).collect();
    let look = [deeds(GROUP, &["get", "list"], &kinds(), namespace), deeds(GROUP, &["watch"], &logged, namespace)];
    vec![
        Want { purpose: "status, describe and smlogs", is_vital: true, deeds: look.concat() },
        Want { purpose: "events and describe", is_vital: false, deeds: deeds("", &["list"], &["events"], namespace) },
        Want { purpose: "unstick", is_vital: false, deeds: deeds(GROUP, &["patch", "delete"], &kinds(), namespace) },
    ]
}

/// What the operator wants to do in the namespaces that it serves, and in its own: what its installers allow it.
fn operators(scope: Option<&str>, home: &str) -> Vec<Want> {
    let rules = rbac::operator().into_iter().map(|rule| (rule, scope));
    let rules = rules.chain(rbac::leader().into_iter().map(|rule| (rule, Some(home))));
    let mut wants: Vec<Want> = Vec::new();
    for (rule, namespace) in rules {
        let (purpose, is_vital) = purpose(&rule);
        let deeds = deeds_of(&rule, namespace);
        match wants.iter_mut().find(|want| want.purpose == purpose) {
            Some(want) => want.deeds.extend(deeds),
            None => wants.push(Want { purpose, is_vital, deeds }),
        }
    }
    wants
}

/// What a rule of the operator is for, and whether nothing works without.
fn purpose(rule: &PolicyRule) -> (&'static str, bool) {
    match rule.resources.iter().flatten().next().map(String::as_str) {
        Some("events") => ("Events", false),
        Some("namespaces") => ("roles of namespaces", false),
        Some("pods") => ("seeing whether version 1 runs", false),
        Some(_) | None => ("its work", true),
    }
}

fn deeds_of(rule: &PolicyRule, namespace: Option<&str>) -> Vec<Deed> {
    let name = rule.resource_names.iter().flatten().next();
    let mut all = Vec::new();
    for group in rule.api_groups.iter().flatten() {
        for resource in rule.resources.iter().flatten() {
            all.extend(rule.verbs.iter().map(|verb| Deed {
                verb: verb.clone(),
                group: group.clone(),
                resource: resource.clone(),
                name: name.cloned(),
                namespace: namespace.map(str::to_owned),
            }));
        }
    }
    all
}

/// Asks what whoever asks may not do, and where that was asked: who may not do all of it in all namespaces is asked for
/// the one that is meant where none is named.
///
/// # Errors
/// Why that is not known.
pub(super) async fn look_at_yours(cluster: &Cluster, namespace: Option<&str>) -> Result<(Vec<Denied>, Place), Unread> {
    let ask = async |namespace: Option<&str>| {
        let wants = yours(namespace);
        let denied = cluster.denied_to_me(all(&wants)).await?;
        Ok::<_, Unread>(sorted(wants, &denied))
    };
    if let Some(namespace) = namespace {
        return Ok((ask(Some(namespace)).await?, Place::Here(namespace.to_owned())));
    }
    let denied = ask(None).await?;
    if denied.is_empty() {
        return Ok((denied, Place::Everywhere));
    }
    let here = cluster.namespace();
    Ok((ask(Some(here)).await?, Place::HereAlone(here.to_owned())))
}

/// Asks what the operator's `ServiceAccount` may not do; `None` if there is none to ask about.
///
/// # Errors
/// Why that is not known: not everybody may ask about others.
pub(super) async fn look_at_operators(cluster: &Cluster, installed: &Installed) -> Result<Option<Vec<Denied>>, Unread> {
    let Ok(deployed) = installed.ours() else { return Ok(None) };
    let wants = operators(installed.scope().as_deref(), &deployed.namespace);
    let denied = cluster.denied_to_account(all(&wants), &deployed.namespace, installed.account()).await?;
    Ok(Some(sorted(wants, &denied)))
}

fn all(wants: &[Want]) -> Vec<Deed> {
    wants.iter().flat_map(|want| want.deeds.clone()).collect()
}

fn sorted(wants: Vec<Want>, denied: &[Deed]) -> Vec<Denied> {
    let sort = |Want { purpose, is_vital, mut deeds }| {
        deeds.retain(|deed| denied.contains(deed));
        Denied { purpose, is_vital, deeds }
    };
    wants.into_iter().map(sort).filter(|denied| !denied.deeds.is_empty()).collect()
}

/// The check of the rights of whoever asks.
pub(super) fn check_yours(denied: &Result<(Vec<Denied>, Place), Unread>) -> Line {
    match denied {
        Err(why) => Line::of(YOURS, "", vec![Finding::unread("your rights", why)]),
        Ok((denied, place)) => {
            let passed = format!("you may do what the plugins do, {}", place.told());
            Line::of(YOURS, passed, findings("you", denied, ""))
        }
    }
}

/// The check of the rights of the operator.
pub(super) fn check_operators(denied: &Result<Option<Vec<Denied>>, Unread>, installed: &Installed) -> Line {
    let deployed = match installed.ours() {
        Ok(deployed) => deployed,
        Err(why) => return Line::skip(OPERATORS, why),
    };
    let account = format!("system:serviceaccount:{}:{}", deployed.namespace, installed.account());
    match denied {
        Err(why) => Line::of(OPERATORS, "", vec![Finding::unread("the rights of others", why)]),
        Ok(None) => Line::skip(OPERATORS, super::installed::ABSENT),
        Ok(Some(denied)) => {
            let who = format!("ServiceAccount {}", installed.account());
            Line::of(OPERATORS, format!("{who} may do what it needs to"), findings(&who, denied, &account))
        }
    }
}

fn findings(who: &str, denied: &[Denied], account: &str) -> Vec<Finding> {
    let one = |denied: &Denied| {
        let Denied { purpose, is_vital, deeds } = denied;
        let detail = format!("{who} may not {}, as is needed for {purpose}", listed(deeds));
        let finding = if *is_vital { Finding::fail(detail) } else { Finding::warn(detail) };
        deeds.first().into_iter().fold(finding, |finding, deed| finding.next(question(deed, account)))
    };
    denied.iter().map(one).collect()
}

/// `get, list any of our kinds and watch models`: verbs that are denied for the same are told together.
fn listed(deeds: &[Deed]) -> String {
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for verb in ["get", "list", "watch", "create", "update", "patch", "delete"] {
        let denied = deeds.iter().filter(|deed| deed.verb == verb);
        let resources: Vec<&str> = denied.map(|deed| deed.resource.as_str()).collect();
        match groups.iter_mut().find(|(_, known)| *known == resources) {
            _ if resources.is_empty() => {}
            Some((verbs, _)) => verbs.push(verb),
            None => groups.push((vec![verb], resources)),
        }
    }
    let told = groups.into_iter().map(|(verbs, resources)| {
        let all = kinds();
        let is_all = all.iter().all(|kind| resources.contains(kind));
        let named = is_all.then_some("any of our kinds").into_iter();
        let named: Vec<&str> = named.chain(resources.into_iter().filter(|it| !(is_all && all.contains(it)))).collect();
        format!("{} {}", verbs.join(", "), named.join(", "))
    });
    told.collect::<Vec<_>>().join(" and ")
}

/// The question that kubectl answers the same way.
fn question(deed: &Deed, account: &str) -> String {
    let Deed { verb, group, resource, name, namespace } = deed;
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let resource = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    let resource = name.as_ref().map_or_else(|| resource.clone(), |name| format!("{resource}/{name}"));
    let part = if subresource.is_empty() { String::new() } else { format!(" --subresource={subresource}") };
    let place = namespace.as_ref().map_or_else(|| " -A".to_owned(), |namespace| format!(" -n {namespace}"));
    let who = if account.is_empty() { String::new() } else { format!(" --as={account}") };
    format!("kubectl auth can-i {verb} {resource}{part}{place}{who}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said if all deeds are denied that are chosen.
    fn said(wants: Vec<Want>, who: &str, account: &str, is_denied: fn(&Deed) -> bool) -> String {
        let denied: Vec<Deed> = all(&wants).into_iter().filter(is_denied).collect();
        Line::of("RBAC", "all", findings(who, &sorted(wants, &denied), account)).text(None, false)
    }

    #[test]
    fn what_is_denied_is_named_with_its_verb_and_with_what_does_not_work() {
        let account = "system:serviceaccount:ml:op";
        let said = [
            said(yours(Some("ml")), "you", "", |_| false),
            said(yours(Some("ml")), "you", "", |deed| deed.verb == "list"),
            said(yours(None), "you", "", |deed| deed.verb == "patch" && deed.resource == "models"),
            said(yours(None), "you", "", |_| true),
            said(operators(None, "ml"), "ServiceAccount op", account, |deed| deed.resource == "models/status"),
            said(operators(Some("ml"), "ml"), "ServiceAccount op", account, |deed| deed.resource == "namespaces"),
        ];
        insta::assert_snapshot!(said.concat(), @r"
        PASS  RBAC            all
        FAIL  RBAC            you may not list any of our kinds, as is needed for status, describe and smlogs; you may not list events, as is needed for events and describe
                              → kubectl auth can-i list trainingjobs.sagemaker.aws.amazon.com -n ml
                              → kubectl auth can-i list events -n ml
        WARN  RBAC            you may not patch models, as is needed for unstick
                              → kubectl auth can-i patch models.sagemaker.aws.amazon.com -A
        FAIL  RBAC            you may not get, list any of our kinds and watch trainingjobs, processingjobs, batchtransformjobs, hyperparametertuningjobs, hostingdeployments, as is needed for status, describe and smlogs; you may not list events, as is needed for events and describe; you may not patch, delete any of our kinds, as is needed for unstick
                              → kubectl auth can-i get trainingjobs.sagemaker.aws.amazon.com -A
                              → kubectl auth can-i list events -A
                              → kubectl auth can-i patch trainingjobs.sagemaker.aws.amazon.com -A
        FAIL  RBAC            ServiceAccount op may not patch models/status, as is needed for its work
                              → kubectl auth can-i patch models.sagemaker.aws.amazon.com --subresource=status -A --as=system:serviceaccount:ml:op
        WARN  RBAC            ServiceAccount op may not get namespaces, as is needed for roles of namespaces
                              → kubectl auth can-i get namespaces -n ml --as=system:serviceaccount:ml:op
        ");
    }

    #[test]
    fn a_lease_is_asked_for_in_the_operators_own_namespace() {
        let deeds = all(&operators(Some("vision"), "ml"));
        let place = |resource: &str| {
            let mut places: Vec<_> =
                deeds.iter().filter(|deed| deed.resource == resource).map(|deed| deed.namespace.as_deref()).collect();
            places.dedup();
            places
        };
        assert_eq!(place("leases"), [Some("ml")]);
        assert_eq!(place("trainingjobs"), [Some("vision")]);
    }
}
