//! Whose resource is it? What is not ours is never stopped, updated or deleted.

use super::{Arn, Place, Tag, names::embeds_uid};

/// The uid of the cluster's namespace `kube-system`.
pub const TAG_CLUSTER: &str = "sagemaker.aws.amazon.com/k8s-cluster";
/// `namespace/name` of the object.
pub const TAG_OBJECT: &str = "sagemaker.aws.amazon.com/k8s-object";
/// The object's uid: the proof.
pub const TAG_UID: &str = "sagemaker.aws.amazon.com/k8s-uid";
/// On an object, with the value `true`: the resource of that name may be taken over whoever made it.
pub const ANNOTATION_ADOPT: &str = "sagemaker.aws.amazon.com/adopt";
/// On an object that version 1 left behind: the account in which it worked, which it did not record.
pub const ANNOTATION_V1_ACCOUNT: &str = "sagemaker.aws.amazon.com/v1-account";
/// On a Namespace: the role to take on for its objects.
pub const ANNOTATION_ROLE: &str = "sagemaker.aws.amazon.com/role-arn";

/// On an object: `observe` leaves a resource that differs from the spec as it is, and says how it differs; `correct`,
/// the default, brings it to what the spec says.
pub const ANNOTATION_DRIFT: &str = "sagemaker.aws.amazon.com/drift";

/// SageMaker takes at most this many tags on a resource.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html>
const TAG_LIMIT: usize = 50;

/// The object as its tags name it.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The uid of namespace `kube-system`, where it may be read.
    pub cluster: Option<&'a str>,
    /// The object's namespace.
    pub namespace: &'a str,
    /// The object's name.
    pub name: &'a str,
    /// The object's uid.
    pub uid: &'a str,
}

/// The tags of a Create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPlan {
    /// The user's tags, and ours after them.
    pub tags: Vec<Tag>,
    /// False if ours had to be left out because the user's leave no room.
    pub marked: bool,
}

impl Claim<'_> {
    /// The tags that prove whose the resource is.
    pub fn tags(&self) -> Vec<Tag> {
        let tag = |key: &str, value: String| Tag { key: key.to_owned(), value };
        let mut tags: Vec<Tag> = self.cluster.map(|uid| tag(TAG_CLUSTER, uid.to_owned())).into_iter().collect();
        // Two names of Kubernetes and a slash can be longer than the 256 characters of a tag's value.
        let object = format!("{}/{}", self.namespace, self.name);
        if object.len() <= 256 {
            tags.push(tag(TAG_OBJECT, object));
        }
        tags.push(tag(TAG_UID, self.uid.to_owned()));
        tags
    }

    /// The user's tags with ours beside them; the user's win where both do not fit.
    pub fn plan(&self, wanted: Vec<Tag>) -> TagPlan {
        let ours = self.tags();
        let mut tags: Vec<Tag> = wanted.into_iter().filter(|tag| !is_ours(&tag.key)).collect();
        let marked = tags.len() + ours.len() <= TAG_LIMIT;
        if marked {
            tags.extend(ours);
        }
        TagPlan { tags, marked }
    }
}

/// Whether the key is one of the three that say whose the resource is.
pub fn is_ours(key: &str) -> bool {
    [TAG_CLUSTER, TAG_OBJECT, TAG_UID].contains(&key)
}

/// What is to be done to a resource's tags after an edit of the spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagChanges {
    /// New or with another value.
    pub set: Vec<Tag>,
    /// Keys that the spec had and no longer has, to be taken off before new ones are set: a full resource has no room for
    /// both.
    pub remove: Vec<String>,
    /// Keys of ours, to be taken off as well because the user's need their room.
    pub give_way: Vec<String>,
}

/// Compares the tags that the spec wants with those there are. `set_before` are the keys that were once set from the spec;
/// whatever else the resource carries is somebody else's and stays. Of ours, as many give way as the user's need, the proof
/// last.
pub fn tag_changes(wanted: &[Tag], there: &[Tag], set_before: &[String]) -> TagChanges {
    let is_wanted = |key: &String| wanted.iter().any(|tag| tag.key == *key);
    let is_there = |key: &String| there.iter().any(|tag| tag.key == *key);
    let set: Vec<Tag> = wanted.iter().filter(|tag| !is_ours(&tag.key) && !there.contains(tag)).cloned().collect();
    let is_removed = |key: &&String| !is_wanted(key) && is_there(key) && !is_ours(key);
    let remove: Vec<String> = set_before.iter().filter(is_removed).cloned().collect();
    let added = set.iter().filter(|tag| !is_there(&tag.key)).count();
    let too_many = (there.len() + added).saturating_sub(remove.len() + TAG_LIMIT);
    let ours = [TAG_OBJECT, TAG_CLUSTER, TAG_UID].map(str::to_owned).into_iter();
    let give_way = ours.filter(|key| added > 0 && is_there(key)).take(too_many).collect();
    TagChanges { set, remove, give_way }
}

/// What a Describe answer says of whose the resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// Nothing: name, record and tags have to tell.
    Silent,
    /// All of it is this object's.
    Own,
    /// This part of it is somebody else's.
    Others(&'a str),
}

/// What is known before the resource's tags are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The object's uid.
    pub uid: &'a str,
    /// The resource's name.
    pub name: &'a str,
    /// The resource's ARN as Describe gives it.
    pub seen: &'a Arn,
    /// The ARN that the status records.
    pub recorded: Option<&'a Arn>,
    /// What the resource says of itself.
    pub mark: Mark<'a>,
    /// Whether taking over was allowed: by annotation or by the operator's option.
    pub may_adopt: bool,
}

/// Whose the resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This object's.
    Ours,
    /// Somebody else's.
    Foreign,
    /// It has the name of ours, but lies in another account or region than ours does.
    Elsewhere,
}

/// Decides from what is known; `None` if only the tags can tell.
pub fn owner_at_sight(evidence: Evidence<'_>) -> Option<Owner> {
    match evidence.recorded {
        Some(recorded) if !same_home(recorded, evidence.seen) => Some(Owner::Elsewhere),
        Some(_) | None if evidence.may_adopt => Some(Owner::Ours),
        recorded => match evidence.mark {
            Mark::Others(_) => Some(Owner::Foreign),
            Mark::Own => Some(Owner::Ours),
            Mark::Silent => (recorded.is_some() || embeds_uid(evidence.name, evidence.uid)).then_some(Owner::Ours),
        },
    }
}

/// Decides by the tags.
pub fn owner_by_tags(uid: &str, tags: &[Tag]) -> Owner {
    if tags.iter().any(|tag| tag.key == TAG_UID && tag.value == uid) { Owner::Ours } else { Owner::Foreign }
}

/// Whether "not found", asked for at `place` by `account`, speaks of the resource that `recorded` names.
pub fn speaks_of(recorded: &Arn, place: &Place, account: &str) -> bool {
    recorded.region() == place.region.as_str() && recorded.account() == account
}

fn same_home(one: &Arn, other: &Arn) -> bool {
    one.region() == other.region() && one.account() == other.account()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: Claim<'static> = Claim { cluster: Some("c-1"), namespace: "ns", name: "job", uid: "u-1" };

    fn tags(count: usize) -> Vec<Tag> {
        (0..count).map(|n| Tag { key: format!("k{n}"), value: String::new() }).collect()
    }

    #[test]
    fn a_create_carries_three_tags_beside_the_users() {
        let plan = CLAIM.plan(tags(1));
        let shown: Vec<String> = plan.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        k0=
        sagemaker.aws.amazon.com/k8s-cluster=c-1
        sagemaker.aws.amazon.com/k8s-object=ns/job
        sagemaker.aws.amazon.com/k8s-uid=u-1
        ");
    }

    #[test]
    fn the_users_tags_win_the_limit_of_fifty() {
        assert!(CLAIM.plan(tags(47)).marked);
        let plan = CLAIM.plan(tags(48));
        assert!(!plan.marked);
        assert_eq!(plan.tags, tags(48));
    }

    #[test]
    fn an_edit_changes_the_tags_of_the_spec_and_no_others() {
        let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
        let there = [tag("same", "1"), tag("other", "1"), tag("left", "1"), tag("of-finance", "1")];
        let wanted = [tag("same", "1"), tag("other", "2"), tag("new", "1")];
        let set_before = ["same", "other", "left", "gone-already"].map(str::to_owned);
        assert_eq!(
            tag_changes(&wanted, &there, &set_before),
            TagChanges {
                set: vec![tag("other", "2"), tag("new", "1")],
                remove: vec!["left".to_owned()],
                give_way: vec![],
            }
        );
        let forged = [tag(TAG_UID, "u-2")];
        assert_eq!(tag_changes(&forged, &CLAIM.tags(), &[TAG_UID.to_owned()]), TagChanges::default());
    }

    #[test]
    fn ours_give_way_to_the_users_one_by_one_and_the_proof_last() {
        let keys = |wanted: usize, before: usize, others: usize| {
            let others = (0..others).map(|n| Tag { key: format!("other{n}"), value: String::new() });
            let there: Vec<Tag> = tags(before).into_iter().chain(others).chain(CLAIM.tags()).collect();
            let set_before: Vec<String> = tags(before).into_iter().map(|tag| tag.key).collect();
            tag_changes(&tags(wanted), &there, &set_before).give_way
        };
        assert_eq!(keys(47, 46, 0), Vec::<String>::new());
        assert_eq!(keys(48, 47, 0), [TAG_OBJECT]);
        assert_eq!(keys(49, 47, 0), [TAG_OBJECT, TAG_CLUSTER]);
        assert_eq!(keys(50, 40, 0), [TAG_OBJECT, TAG_CLUSTER, TAG_UID]);
        // Somebody else's are not touched, and one that leaves makes room for one that comes.
        assert_eq!(keys(46, 45, 2), [TAG_OBJECT]);
        assert_eq!(keys(45, 46, 2), Vec::<String>::new());
    }

    #[test]
    fn nobody_forges_our_tags_through_the_spec() {
        let forged = vec![Tag { key: TAG_UID.to_owned(), value: "u-2".to_owned() }];
        assert_eq!(owner_by_tags("u-2", &CLAIM.plan(forged).tags), Owner::Foreign);
    }

    #[test]
    fn a_resource_is_ours_by_record_name_tag_or_permission() {
        let uid = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";
        let own = "job-cf1e16fb10a511eaaa450a350733ba06";
        let here: Arn = "arn:aws:sagemaker:us-west-2:123456789012:training-job/job".parse().unwrap();
        let other_account: Arn = "arn:aws:sagemaker:us-west-2:210987654321:training-job/job".parse().unwrap();
        let other_region: Arn = "arn:aws:sagemaker:eu-west-1:123456789012:training-job/job".parse().unwrap();
        for (name, recorded, may_adopt, owner) in [
            ("job", Some(&here), false, Some(Owner::Ours)),
            ("job", Some(&other_account), false, Some(Owner::Elsewhere)),
            ("job", Some(&other_region), false, Some(Owner::Elsewhere)),
            // Permission to adopt is no permission to forget where our own one is.
            ("job", Some(&other_account), true, Some(Owner::Elsewhere)),
            (own, None, false, Some(Owner::Ours)),
            ("job", None, true, Some(Owner::Ours)),
            ("job", None, false, None),
        ] {
            let evidence = Evidence { uid, name, seen: &here, recorded, mark: Mark::Silent, may_adopt };
            assert_eq!(owner_at_sight(evidence), owner, "{evidence:?}");
        }
        for (mark, recorded, may_adopt, owner) in [
            (Mark::Own, None, false, Owner::Ours),
            (Mark::Own, Some(&other_account), false, Owner::Elsewhere),
            (Mark::Others("part"), None, false, Owner::Foreign),
            // What is ours already says nothing of a part that is new to it.
            (Mark::Others("part"), Some(&here), false, Owner::Foreign),
            (Mark::Others("part"), Some(&here), true, Owner::Ours),
            (Mark::Others("part"), Some(&other_region), true, Owner::Elsewhere),
        ] {
            let evidence = Evidence { uid, name: own, seen: &here, recorded, mark, may_adopt };
            assert_eq!(owner_at_sight(evidence), Some(owner), "{evidence:?}");
        }
        assert_eq!(owner_by_tags("u-1", &CLAIM.tags()), Owner::Ours);
        assert_eq!(owner_by_tags("u-2", &CLAIM.tags()), Owner::Foreign);
        assert_eq!(owner_by_tags("u-1", &[]), Owner::Foreign);
    }
}
