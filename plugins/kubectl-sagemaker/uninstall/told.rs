//! What would be done, in its order, for a person to agree to.

use sagemaker_operator::cli::{Type, defused};

use super::installation::{Installation, Remover};
use super::scope::Scope;
use crate::held::Held;
use crate::status::table::plain;

/// All of it.
pub(super) fn plan(installation: &Installation, objects: &[Held], scope: Scope) -> String {
    let mut lines: Vec<String> = installation.operator.iter().map(|operator| format!("{}.", operator.told())).collect();
    lines.push(of_objects(objects, scope.keep_aws));
    if let Some(operator) = &installation.operator {
        lines.push(match &operator.remover {
            Remover::Here => "Then the operator: its Deployment, its service account and its rights.".to_owned(),
            remover => format!("The operator itself is left to: {}", remover.command()),
        });
        if operator.remover == Remover::Here && operator.only.is_none() {
            lines.push("Then its namespace, if nothing else runs there.".to_owned());
        }
    }
    if scope.crds {
        lines.push("Then the CRDs, and the roles for people.".to_owned());
    } else if !installation.types.is_empty() {
        lines.push("The CRDs and the roles for people stay; --crds takes them away too.".to_owned());
    }
    lines.join("\n") + "\n"
}

fn of_objects(objects: &[Held], keep_aws: bool) -> String {
    let count = match objects.len() {
        0 => return "There are no objects.".to_owned(),
        1 => "1 object is".to_owned(),
        more => format!("{more} objects are"),
    };
    let (going, staying): (Vec<&Held>, Vec<&Held>) =
        objects.iter().filter(|held| runs(held)).partition(|held| !keep_aws && !held.retains());
    let first = format!("{count} deleted first.");
    let parts = [(&going, "This is ended in AWS before:"), (&staying, "This is left in AWS, and bills there:")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(held, _)| !held.is_empty())
        .map(|(held, what)| format!("{what}\n{}", table(held)))
        .collect();
    match &parts[..] {
        [] => format!("{first} Nothing runs in AWS for them."),
        parts => format!("{first} {}", parts.join("\n")),
    }
}

/// Whether it has machines at work.
fn runs(held: &Held) -> bool {
    let object = &held.object;
    match object.type_ {
        Type::HostingDeployment => object.is_accepted() || object.status_word().is_some(),
        // Its trials have the machines; each is an object.
        _ => object.type_.is_job() && object.ending().is_none() && object.is_accepted(),
    }
}

fn table(held: &[&Held]) -> String {
    let rows = held.iter().map(|held| {
        let object = &held.object;
        let word = object.status_word().unwrap_or("-");
        let instances = object.instances().unwrap_or_default();
        [format!("  {}", object.namespace), object.title(), defused(word), defused(&instances)]
    });
    plain(rows, 3)
}
