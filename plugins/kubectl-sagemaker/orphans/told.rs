//! What is told of orphans.

use chrono::Utc;
use sagemaker_operator::cli::{age, defused};
use sagemaker_operator::lifecycle::{AccountId, Place};
use serde_json::{Value, json};

use super::gone::Bereft;
use super::{Orphan, Sorted};

/// All that was found.
pub(super) struct Told<'a> {
    pub(super) sorted: &'a Sorted,
    pub(super) bereft: &'a [Bereft<'a>],
    pub(super) account: &'a AccountId,
    pub(super) places: &'a [Place],
}

impl Told<'_> {
    /// A few lines for each resource and each object.
    pub(super) fn blocks(&self) -> String {
        let orphans = self.sorted.orphans.iter().map(orphan);
        let blocks = orphans.chain(self.bereft.iter().map(bereft));
        // Whoever may tag a resource may write what they like.
        blocks.map(|lines| lines.iter().map(|line| defused(line)).collect::<Vec<_>>().join("\n  ") + "\n").collect()
    }

    /// How many there are, and where.
    pub(super) fn summary(&self) -> String {
        let Self { sorted: Sorted { orphans, others }, bereft, account, places } = self;
        let place = format!("account {account}, {}", regions(places));
        let mut found = Vec::new();
        if !orphans.is_empty() {
            let bills = orphans.iter().filter(|orphan| orphan.resource.bills()).count();
            let bills = if bills > 0 { format!(" ({bills} with machines that bill)") } else { String::new() };
            found.push(format!("{}{bills} in AWS without an object", count(orphans.len(), "resource")));
        }
        if !bereft.is_empty() {
            found.push(format!("{} with nothing in AWS any more", count(bereft.len(), "object")));
        }
        let found = if found.is_empty() { "Nothing lost".to_owned() } else { found.join(", ") };
        let others = if *others > 0 { format!(" {others} of other clusters left out.") } else { String::new() };
        format!("{found} ({place}).{others}")
    }

    /// The ARNs, one a line.
    pub(super) fn names(&self) -> String {
        self.sorted.orphans.iter().flat_map(|orphan| [orphan.resource.item.arn.as_str(), "\n"]).collect()
    }

    /// Everything.
    pub(super) fn json(&self) -> String {
        let regions: Vec<&str> = self.places.iter().map(|place| place.region.as_str()).collect();
        let resources: Vec<Value> = self.sorted.orphans.iter().map(described).collect();
        let objects = self.bereft.iter().map(|Bereft { held, name, region }| {
            json!({
                "kind": held.object.type_.kind(), "namespace": held.object.namespace, "name": held.object.name,
                "sageMakerName": name, "region": region.as_str(),
            })
        });
        let all = json!({
            "account": self.account.as_str(), "regions": regions, "resources": resources,
            "objects": objects.collect::<Vec<Value>>(), "ofOtherClusters": self.sorted.others,
        });
        format!("{all:#}\n")
    }
}

fn orphan(Orphan { resource, lost }: &Orphan) -> Vec<String> {
    let state: Vec<&str> = resource.item.status.as_deref().into_iter().chain([resource.cost()]).collect();
    let created = resource.item.created.and_then(|created| (Utc::now() - created).to_std().ok());
    let created = created.map(|ago| format!(" {} ago", age(ago))).unwrap_or_default();
    let whose = match (&lost.object, lost.certain) {
        (Some(object), true) => object.clone(),
        (Some(object), false) => format!("{object}, perhaps of another cluster"),
        (None, _) => format!("an object with uid {}, perhaps of another cluster", lost.uid),
    };
    vec![
        format!("{}: {}", resource.title(), state.join(", ")),
        format!("made{created} in {} for {whose}", resource.region),
        resource.command(),
    ]
}

fn bereft(Bereft { held, name, region }: &Bereft<'_>) -> Vec<String> {
    let (title, namespace) = (held.object.title(), &held.object.namespace);
    vec![
        format!("{title} in namespace {namespace}: has nothing in AWS any more"),
        format!("had {name} in {region}"),
        format!("kubectl sagemaker describe {title} -n {namespace}"),
    ]
}

fn described(Orphan { resource, lost }: &Orphan) -> Value {
    json!({
        "arn": resource.item.arn.as_str(), "kind": resource.type_.kind(), "name": resource.item.name,
        "status": resource.item.status, "region": resource.region.as_str(), "bills": resource.bills(),
        "object": lost.object, "uid": lost.uid, "ofThisCluster": lost.certain, "command": resource.command(),
        "created": resource.item.created,
    })
}

/// `region us-west-2`, `regions eu-west-1 and us-west-2`.
pub(super) fn regions(places: &[Place]) -> String {
    let names: Vec<&str> = places.iter().map(|place| place.region.as_str()).collect();
    match &names[..] {
        [one] => format!("region {one}"),
        names => format!("regions {}", names.join(" and ")),
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
