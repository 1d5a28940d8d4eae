//! Whether a resource in AWS has lost its object: told by its name and by its tags.

use std::collections::HashSet;

use sagemaker_operator::cli::Type;
use sagemaker_operator::lifecycle::{Region, TAG_CLUSTER, TAG_OBJECT, TAG_UID, Tag};

/// What the cluster has objects for.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// The uids of all objects, without dashes.
    uids: HashSet<String>,
    /// What the objects call theirs in SageMaker.
    names: HashSet<(Type, Region, String)>,
}

impl Objects {
    /// One more object. `names` are those that its resource may have.
    pub(super) fn add(&mut self, uid: &str, type_: Type, region: Option<&Region>, names: impl Iterator<Item = String>) {
        self.uids.insert(uid.replace('-', ""));
        if let Some(region) = region {
            self.names.extend(names.map(|name| (type_, region.clone(), name)));
        }
    }

    fn has(&self, uid: &str) -> bool {
        self.uids.contains(&uid.replace('-', ""))
    }
}

/// Whose a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// It has its object.
    Kept,
    /// It was made for an object that is gone.
    Orphan(Lost),
    /// Another cluster's operator made it.
    OtherClusters,
    /// An operator had no hand in it.
    Strangers,
}

/// What is known of the object that is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lost {
    /// Its `namespace/name`, where a tag says so.
    pub(super) object: Option<String>,
    /// Its uid.
    pub(super) uid: String,
    /// Whether it was in this cluster, for sure. Version 1 left no tag that tells the cluster.
    pub(super) certain: bool,
}

impl Lost {
    /// Whether a tag says that the object was in that namespace.
    pub(super) fn was_in(&self, namespace: &str) -> bool {
        self.object.as_deref().and_then(|object| object.split_once('/')).is_some_and(|(of, _)| of == namespace)
    }
}

/// The uid at the end of a name that an operator made, without dashes.
pub(super) fn uid_in(name: &str) -> Option<&str> {
    let start = name.len().checked_sub(32)?;
    let (before, uid) = name.split_at_checked(start)?;
    let is_uid = uid.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    (is_uid && (before.is_empty() || before.ends_with('-'))).then_some(uid)
}

/// Decides. `cluster` is the uid of this cluster, where it could be read.
pub(super) fn whose(
    type_: Type,
    region: &Region,
    name: &str,
    tags: &[Tag],
    objects: &Objects,
    cluster: Option<&str>,
) -> Whose {
    if objects.names.contains(&(type_, region.clone(), name.to_owned())) {
        return Whose::Kept;
    }
    let tag = |key: &str| tags.iter().find(|tag| tag.key == key).map(|tag| &*tag.value);
    let Some(uid) = tag(TAG_UID).or_else(|| uid_in(name)) else { return Whose::Strangers };
    if objects.has(uid) {
        return Whose::Kept;
    }
    let certain = match (tag(TAG_CLUSTER), cluster) {
        (Some(its), Some(ours)) if its != ours => return Whose::OtherClusters,
        (Some(_), Some(_)) => true,
        (Some(_), None) | (None, _) => false,
    };
    Whose::Orphan(Lost { object: tag(TAG_OBJECT).map(str::to_owned), uid: uid.to_owned(), certain })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";
    const BARE: &str = "cf1e16fb10a511eaaa450a350733ba06";

    #[test]
    fn a_name_that_an_operator_made_ends_in_a_uid() {
        for (name, uid) in [
            (format!("mnist-{BARE}"), Some(BARE)),
            (BARE.to_owned(), Some(BARE)),
            (format!("mnist{BARE}"), None),
            (format!("mnist-{}", BARE.to_uppercase()), None),
            ("mnist".to_owned(), None),
            (format!("ä{}", &BARE[1..]), None),
        ] {
            assert_eq!(uid_in(&name), uid, "{name}");
        }
    }

    #[test]
    fn only_what_has_lost_its_object_is_an_orphan() {
        let region: Region = "us-west-2".parse().unwrap();
        let elsewhere: Region = "eu-west-1".parse().unwrap();
        let mut objects = Objects::default();
        objects.add("a-1", Type::TrainingJob, Some(&region), ["by-hand".to_owned()].into_iter());
        let generated = format!("mnist-{BARE}");
        let lost = |object: Option<&str>, uid: &str, certain| {
            Whose::Orphan(Lost { object: object.map(str::to_owned), uid: uid.to_owned(), certain })
        };
        let ours = [(TAG_CLUSTER, "here"), (TAG_OBJECT, "ns/mnist"), (TAG_UID, UID)];
        let theirs = [(TAG_CLUSTER, "there"), (TAG_OBJECT, "ns/mnist"), (TAG_UID, UID)];
        for (what, name, region, tags, cluster, whose_it_is) in [
            ("named by an object", "by-hand", &region, &[][..], Some("here"), Whose::Kept),
            ("such a name, elsewhere", "by-hand", &elsewhere, &[], Some("here"), Whose::Strangers),
            ("another name, tagged by it", "other", &region, &[(TAG_UID, "a-1")], Some("here"), Whose::Kept),
            ("tagged by what is gone", "any", &region, &ours, Some("here"), lost(Some("ns/mnist"), UID, true)),
            ("such tags, of which cluster is unknown", "any", &region, &ours, None, lost(Some("ns/mnist"), UID, false)),
            ("another cluster's", "any", &region, &theirs, Some("here"), Whose::OtherClusters),
            ("named after what is gone", &generated, &region, &[], Some("here"), lost(None, BARE, false)),
            ("a stranger's", "any", &region, &[("team", "vision")], Some("here"), Whose::Strangers),
        ] {
            let tags: Vec<Tag> =
                tags.iter().map(|(key, value)| Tag { key: (*key).to_owned(), value: (*value).to_owned() }).collect();
            assert_eq!(whose(Type::TrainingJob, region, name, &tags, &objects, cluster), whose_it_is, "{what}");
        }
        objects.add(UID, Type::Model, None, std::iter::empty());
        let at_once = whose(Type::TrainingJob, &region, &generated, &[], &objects, None);
        assert_eq!(at_once, Whose::Kept, "its object is there");
    }
}
