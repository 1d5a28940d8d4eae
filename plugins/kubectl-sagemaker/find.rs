//! Finding the objects that are meant, with what holds them.

use futures::future::{join_all, try_join_all};
use sagemaker_operator::cli::{Chosen, Cluster, Complaint, Console, Outcome, Target, Type, list, nearest};

use crate::held::{Held, types_of_children};
use crate::wanted::Wanted;

/// Objects, and what was not found or could not be read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    held: Vec<Held>,
    missed: Vec<Complaint>,
}

impl Found {
    /// Says what was missed. The objects, and the outcomes so far.
    pub(crate) fn told(self, console: &mut Console) -> (Vec<Held>, Vec<Outcome>) {
        let Self { held, missed } = self;
        for complaint in &missed {
            console.say(&complaint.to_string());
        }
        (held, missed.iter().map(Complaint::outcome).collect())
    }
}

/// The objects of these names. A name alone is looked for among all kinds, and has to be of one.
///
/// # Errors
/// If a type stands alone: `verb` does not mean all of its objects.
pub(crate) async fn named(cluster: &Cluster, wanted: &Wanted, verb: &str) -> Result<Found, Complaint> {
    if let Some(type_) = wanted.whole_types().first() {
        return Err(Complaint::usage(format!("which {}?", type_.singular()))
            .hint(format_args!("kubectl sagemaker {verb} {} NAME", type_.singular())));
    }
    let mut found = Found::default();
    for (type_, name) in wanted.names() {
        match one(cluster, *type_, name, verb).await {
            Ok(held) => found.held.push(held),
            Err(complaint) => found.missed.push(complaint),
        }
    }
    Ok(found)
}

async fn one(cluster: &Cluster, type_: Option<Type>, name: &str, verb: &str) -> Result<Held, Complaint> {
    let among = type_.map_or_else(|| Type::ALL.to_vec(), |type_| vec![type_]);
    let looked = among.iter().map(async |type_| {
        let target = Target { type_: *type_, namespace: None, name: name.to_owned() };
        Ok::<_, Complaint>(cluster.fetch(&target).await?.map(|object| Held::new(*type_, object)))
    });
    let (mut found, mut trouble) = (Vec::new(), None);
    for looked in join_all(looked).await {
        match looked {
            Ok(held) => found.extend(held),
            Err(complaint) => {
                trouble.get_or_insert(complaint);
            }
        }
    }
    if found.len() > 1 {
        let titles: Vec<String> = found.iter().map(|held| held.object.title()).collect();
        let which = format!("{name:?} may be {}: which is meant?", titles.join(" or "));
        return Err(Complaint::usage(which).hint(format_args!("kubectl sagemaker {verb} {}", titles[0])));
    }
    match (found.pop(), trouble) {
        (Some(held), _) => Ok(held),
        // It may be one of those that may not be read.
        (None, Some(trouble)) => Err(trouble),
        (None, None) => Err(nothing(cluster, type_, &among, name).await),
    }
}

/// What is told of a name that nothing has, with near ones.
async fn nothing(cluster: &Cluster, type_: Option<Type>, among: &[Type], name: &str) -> Complaint {
    let chosen = Chosen { labels: None, all_namespaces: false };
    let listed = join_all(among.iter().map(|type_| list(cluster, *type_, &chosen))).await;
    let known = listed.into_iter().zip(among).flat_map(|(objects, type_)| {
        let names = objects.unwrap_or_default().into_iter().filter_map(|object| object.metadata.name);
        names.map(|name| (format!("{}/{name}", type_.singular()), name))
    });
    let (titles, names): (Vec<String>, Vec<String>) = known.unzip();
    let near = nearest(name, &names);
    let near: Vec<String> = if type_.is_some() {
        near
    } else {
        titles.into_iter().zip(names).filter(|(_, name)| near.contains(name)).map(|(title, _)| title).collect()
    };
    let what = type_.map_or_else(|| "object".to_owned(), Type::singular);
    Complaint::new(format!("{what} {name:?} not found in namespace {}", cluster.namespace())).did_you_mean(&near)
}

/// All objects of these types: of that namespace, or of all.
///
/// # Errors
/// If one of the types cannot be listed.
pub(crate) async fn all(cluster: &Cluster, types: &[Type], namespace: Option<&str>) -> Result<Vec<Held>, Complaint> {
    let place = namespace.map_or_else(|| cluster.clone(), |namespace| cluster.within(namespace));
    let chosen = Chosen { labels: None, all_namespaces: namespace.is_none() };
    let of_type = async |type_: &Type| {
        let all = list(&place, *type_, &chosen).await?;
        Ok::<Vec<Held>, Complaint>(all.into_iter().map(|object| Held::new(*type_, object)).collect())
    };
    Ok(try_join_all(types.iter().map(of_type)).await?.into_iter().flatten().collect())
}

/// All objects that are being deleted and that the operator holds.
///
/// # Errors
/// If none of the kinds can be listed.
pub(crate) async fn stuck(cluster: &Cluster, all_namespaces: bool) -> Result<Found, Complaint> {
    let chosen = Chosen { labels: None, all_namespaces };
    let listed = join_all(Type::ALL.map(|type_| list(cluster, type_, &chosen))).await;
    let Found { held: mut found, mut missed } = Found::default();
    for (type_, listed) in Type::ALL.into_iter().zip(listed) {
        match listed {
            Ok(objects) => found.extend(objects.into_iter().map(|object| Held::new(type_, object))),
            Err(complaint) => missed.push(complaint),
        }
    }
    if missed.len() == Type::ALL.len() {
        return Err(missed.swap_remove(0));
    }
    found.retain(|held| held.object.deleting && !held.ours().is_empty());
    // A child goes along with its parent.
    let is_child = |held: &Held| found.iter().any(|parent| held.is_child_of(parent));
    let parents: Vec<Held> = found.iter().filter(|held| !is_child(held)).cloned().collect();
    Ok(Found { held: parents, missed })
}

/// The children of an object, the ones that go first first.
pub(crate) async fn children_of(cluster: &Cluster, parent: &Held) -> Result<Vec<Held>, Complaint> {
    let mut found = all(cluster, types_of_children(parent.object.type_), Some(&parent.object.namespace)).await?;
    found.retain(|held| held.is_child_of(parent));
    Ok(found)
}
