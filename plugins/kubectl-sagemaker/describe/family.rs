//! An object and what belongs to it, drawn as a tree.

use chrono::{DateTime, Utc};
use sagemaker_operator::cli::Complaint;
use serde_json::{Value, json};
use termtree::Tree;

use super::section::Section;
use crate::held::Held;
use crate::status::{Row, hosts};

/// How many children are drawn; those that need somebody come first.
const CHILDREN: usize = 20;

/// The section; empty for an object on its own. `status` is the newest there is.
pub(super) fn section(
    parent: &Held,
    children: &Result<Vec<Held>, Complaint>,
    status: &Value,
    now: DateTime<Utc>,
) -> Section {
    let children = match children {
        Ok(children) => children,
        Err(complaint) => return Section::unread("children", "Children", complaint.message()),
    };
    let rows = rows(children, now);
    let object = |row: &Row| json!({ "name": row.name, "status": row.status, "reason": row.reason });
    let objects: Vec<Value> = rows.iter().map(object).collect();
    let data = json!({ "objects": objects, "variants": status["productionVariants"] });
    let section = Section::new("children", "Children", &data);
    let variants = variants(status);
    if rows.is_empty() && variants.is_empty() {
        return section;
    }
    section.wholes(drawn(parent.object.title(), &rows, variants).lines().map(str::to_owned).collect::<Vec<_>>())
}

/// The tree of `kubectl sagemaker tree`.
pub(crate) fn tree(parent: &Held, children: &[Held], now: DateTime<Utc>) -> String {
    let root = told(&Row::new(&parent.object, now));
    drawn(root, &rows(children, now), variants(&parent.stored.data["status"]))
}

fn drawn(root: String, children: &[Row], variants: Vec<String>) -> String {
    let mut tree = Tree::new(root);
    tree.extend(leaves(children).into_iter().chain(variants).map(Tree::new));
    tree.to_string()
}

/// The children as rows, what needs somebody first.
fn rows(children: &[Held], now: DateTime<Utc>) -> Vec<Row> {
    let mut rows: Vec<Row> = children.iter().map(|child| Row::new(&child.object, now)).collect();
    rows.sort_by_key(|row| (row.standing as u8, row.name.clone()));
    rows
}

fn leaves(rows: &[Row]) -> Vec<String> {
    let mut leaves: Vec<String> = rows.iter().take(CHILDREN).map(told).collect();
    if rows.len() > CHILDREN {
        leaves.push(format!("… and {} more", rows.len() - CHILDREN));
    }
    leaves
}

fn told(row: &Row) -> String {
    let reason = if row.reason.is_empty() { String::new() } else { format!("  {}", row.reason) };
    format!("{}  {}{reason}", row.name, row.status)
}

/// What serves an endpoint.
fn variants(status: &Value) -> Vec<String> {
    let told = |variant: &Value| {
        let name = variant["variantName"].as_str()?;
        let count = |field: &str| variant[field].as_u64();
        let hosts = match (count("currentInstanceCount"), count("desiredInstanceCount")) {
            (Some(now), Some(wanted)) => hosts(now, wanted),
            _ => "no hosts of its own".to_owned(),
        };
        let weight = match (variant["currentWeight"].as_f64(), variant["desiredWeight"].as_f64()) {
            (Some(now), Some(wanted)) => format!(", weight {now} of {wanted}"),
            _ => String::new(),
        };
        Some(format!("variant {name}  {hosts}{weight}"))
    };
    let all = ["productionVariants", "shadowProductionVariants"];
    all.into_iter().flat_map(|field| status[field].as_array().into_iter().flatten().filter_map(told)).collect()
}
