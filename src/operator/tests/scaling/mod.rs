//! A scaling policy against a made-up Application Auto Scaling: what others registered is left alone, what is its own goes
//! with it, whatever call the operator dies in.

mod service;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::fate::{ACCIDENTS, Fate};
use super::world::World;
use crate::api::HostingAutoscalingPolicy;
use crate::lifecycle::{Cause, TAG_UID, Tag};
use crate::operator::{FINALIZER, Next};
pub(super) use service::Service;
use service::Target;

fn id(endpoint: &str) -> String {
    format!("endpoint/{endpoint}/variant/main")
}

fn spec(endpoints: &[&str]) -> Value {
    let ids: Vec<_> = endpoints.iter().map(|name| json!({ "endpointName": name, "variantName": "main" })).collect();
    json!({
        "region": "us-west-2", "resourceId": ids, "minCapacity": 1, "maxCapacity": 3,
        "targetTrackingScalingPolicyConfiguration": { "targetValue": 60 },
    })
}

fn world(endpoints: &[&str]) -> World {
    World::new(&spec(endpoints))
}

fn pass(world: &World) -> Option<Next> {
    let next = world.pass_as::<HostingAutoscalingPolicy>(0);
    world.state().now += TimeDelta::seconds(10);
    next.and_then(Result::ok)
}

/// Passes until nothing is left to be done for now.
fn settle(world: &World) {
    for _ in 0..10 {
        pass(world);
    }
}

fn edit(world: &World, endpoints: &[&str]) {
    if let Some(object) = &mut world.state().object {
        object["spec"]["resourceId"] = spec(endpoints)["resourceId"].clone();
        object["metadata"]["generation"] = json!(2);
    }
}

fn status(world: &World) -> Value {
    world.state().object.as_ref().map(|object| object["status"].clone()).unwrap_or_default()
}

fn targets(world: &World) -> Vec<String> {
    world.state().scaling.targets.keys().cloned().collect()
}

fn offences(world: &World) -> Vec<String> {
    world.state().scaling.offences.clone()
}

/// Somebody else registers the variant.
fn somebody_registers(world: &World, endpoint: &str, capacity: (i64, i64)) {
    world.state().scaling.targets.insert(id(endpoint), Target::foreign(capacity, Vec::new()));
}

fn take_down(world: &World, endpoint: &str) {
    world.state().scaling.down.insert(id(endpoint));
}

fn bring_up(world: &World) {
    world.state().scaling.down.clear();
}

#[test]
fn what_was_refused_is_not_ours_when_somebody_else_registers_it_later() {
    let world = world(&["shop"]);
    take_down(&world, "shop");
    settle(&world);
    assert!(status(&world)["resourceIDList"].is_null() && status(&world)["attempts"].is_null());
    bring_up(&world);
    somebody_registers(&world, "shop", (1, 3));
    settle(&world);
    assert_eq!(world.reason(), "NameTaken");
    world.delete_object();
    settle(&world);
    assert!(!world.has_object());
    assert_eq!((targets(&world), offences(&world)), (vec![id("shop")], vec![]));
}

#[test]
fn to_wait_for_an_endpoint_is_no_trouble() {
    let world = world(&["shop"]);
    take_down(&world, "shop");
    settle(&world);
    let told: Vec<_> = world.state().notes.iter().map(|note| (note.warning, note.reason.clone())).collect();
    assert_eq!(told, [(false, "Busy".to_owned())]);
}

#[test]
fn a_variant_that_is_added_and_refused_is_not_ours_either() {
    let world = world(&["shop"]);
    settle(&world);
    assert!(world.says("Ready"));
    take_down(&world, "search");
    edit(&world, &["shop", "search"]);
    settle(&world);
    assert_eq!(
        (status(&world)["resourceIDList"].clone(), status(&world)["attempts"].clone()),
        (json!([id("shop")]), Value::Null)
    );
    bring_up(&world);
    somebody_registers(&world, "search", (1, 3));
    settle(&world);
    assert_eq!(world.reason(), "NameTaken");
    world.delete_object();
    settle(&world);
    assert!(!world.has_object());
    assert_eq!((targets(&world), offences(&world)), (vec![id("search")], vec![]));
}

#[test]
fn a_variant_that_lost_its_target_is_whoever_registers_it_next() {
    let world = world(&["shop", "search"]);
    settle(&world);
    world.state().scaling.targets.remove(&id("search"));
    take_down(&world, "search");
    settle(&world);
    assert_eq!(status(&world)["resourceIDList"], json!([id("shop")]));
    bring_up(&world);
    somebody_registers(&world, "search", (1, 3));
    world.delete_object();
    settle(&world);
    assert_eq!((targets(&world), offences(&world)), (vec![id("search")], vec![]));
}

#[test]
fn who_is_overtaken_in_the_registration_itself_has_no_part_in_it() {
    let world = world(&["shop"]);
    world.state().scaling.overtaken = Some((id("shop"), "somebody".to_owned()));
    settle(&world);
    assert_eq!((world.reason().as_str(), world.calls("put")), ("NameTaken", 0));
    assert!(status(&world)["resourceIDList"].is_null() && status(&world)["attempts"].is_null());
    world.delete_object();
    settle(&world);
    assert!(!world.has_object());
    assert_eq!((targets(&world), offences(&world)), (vec![id("shop")], vec![]));
}

#[test]
fn an_attempt_without_an_answer_is_told_by_tags_and_else_by_content() {
    for (tags_denied, capacity, is_ours) in
        [(false, (1, 3), false), (false, (2, 8), false), (true, (1, 3), true), (true, (2, 8), false)]
    {
        let world = world(&["shop"]);
        world.state().scaling.tags_denied = tags_denied;
        if tags_denied {
            // With its tags it is denied, and without them the answer is lost.
            world.fate(
                "register",
                Fate::Refused(Cause::Denied {
                    action: Some("application-autoscaling:TagResource".to_owned()),
                    resource: None,
                }),
            );
        }
        world.fate("register", Fate::Lost);
        pass(&world);
        assert_eq!(status(&world)["attempts"][0]["resourceID"], json!(id("shop")));
        assert!(status(&world)["resourceIDList"].is_null());
        somebody_registers(&world, "shop", capacity);
        pass(&world);
        assert_eq!(world.reason() == "NameTaken", !is_ours, "{tags_denied} {capacity:?}");
    }
}

#[test]
fn a_part_that_was_made_is_not_forgotten_beside_one_that_was_refused() {
    let world = world(&["shop", "search"]);
    take_down(&world, "shop");
    pass(&world);
    assert_eq!(status(&world)["resourceIDList"], json!([id("search")]));
    assert!(status(&world)["arn"].is_string(), "so that another account is recognised as another one");
    // Only a look that sees it shows that it goes.
    world.delete_object();
    settle(&world);
    assert!(!world.has_object());
    assert_eq!(targets(&world), Vec::<String>::new());
}

fn from_v1(list: &[&str], said: &str) -> World {
    let world = world(&["shop", "search"]);
    let ids: Vec<_> = list.iter().map(|name| id(name)).collect();
    if let Some(object) = &mut world.state().object {
        object["metadata"]["finalizers"] = json!([FINALIZER]);
        object["spec"]["policyName"] = json!("SageMakerEndpointInvocationScalingPolicy");
        object["status"] = json!({
            "hostingAutoscalingPolicyStatus": said, "policyName": "SageMakerEndpointInvocationScalingPolicy",
            "resourceIDList": ids,
        });
    }
    for name in ["shop", "search"] {
        let made = Target { capacity: (1, 3), ..Target::default() };
        world.state().scaling.targets.insert(id(name), made);
    }
    world
}

#[test]
fn what_version_1_listed_is_ours_and_what_it_did_not_list_is_if_it_is_as_it_would_have_made_it() {
    let world = from_v1(&["shop", "search"], "Created");
    world.delete_object();
    settle(&world);
    assert_eq!((world.has_object(), targets(&world)), (false, vec![]));

    let world = from_v1(&[], "Error");
    settle(&world);
    assert!(world.says("Ready"), "{:#}", status(&world));
    assert_eq!(status(&world)["resourceIDList"], json!([id("shop"), id("search")]));

    let world = from_v1(&["shop"], "Created");
    somebody_registers(&world, "search", (2, 8));
    settle(&world);
    assert_eq!(world.reason(), "NameTaken");
    world.delete_object();
    settle(&world);
    assert_eq!((world.has_object(), targets(&world), offences(&world)), (false, vec![id("search")], vec![]));
}

#[test]
fn of_a_policy_that_version_1_could_not_put_in_force_nothing_is_waited_for() {
    let leave = |list: &[&str], additional: &str| {
        let world = from_v1(list, "Error");
        world.state().scaling.targets.clear();
        if let Some(object) = &mut world.state().object {
            object["status"]["additional"] = json!(additional);
        }
        take_down(&world, "shop");
        take_down(&world, "search");
        world
    };
    let refused =
        "Unable to apply HostingAutoscalingPolicy: hosting autoscaling policy was not applied, description is empty";
    for looks in [0, 3] {
        let world = leave(&[], refused);
        (0..looks).for_each(|_| drop(pass(&world)));
        world.delete_object();
        settle(&world);
        assert!(!world.has_object(), "{looks} looks: {:#}", status(&world));
    }
    // What was in force before, or was asked for without a word of what became of it, may be in another account.
    let lost = "Unable to describe HostingAutoscalingPolicy.: RequestError: send request failed";
    for (list, additional) in [(&["before"][..], refused), (&[], lost)] {
        let world = leave(list, additional);
        world.delete_object();
        settle(&world);
        assert_eq!((world.has_object(), world.reason().as_str()), (true, "WrongAccount"), "{list:?} {additional}");
        let said = world.status().common.conditions.iter().map(|it| it.message.clone()).collect::<String>();
        for way in ["--v1-account", "v1-account=123456789012", "deletion-policy=retain"] {
            assert!(said.contains(way), "{way}: {said}");
        }
        world.annotate("sagemaker.aws.amazon.com/v1-account", super::world::MINE);
        settle(&world);
        assert!(!world.has_object());
    }
}

/// What happens to the variant `shop`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Story {
    /// Its endpoint comes up late; the policy then moves on to another variant before it is deleted.
    ComesUpLate,
    /// The same, and somebody else is the first to register it.
    SomebodyIsQuicker,
    /// The object is deleted after that many passes.
    DeleteAfter(usize),
}

/// Plays the story with those accidents; returns how many calls were made.
fn play(story: Story, tags_denied: bool, accidents: &[(usize, Fate)]) -> usize {
    let case = || format!("{story:?}, tags denied: {tags_denied}, {accidents:?}");
    let world = world(&["shop", "search"]);
    world.state().fate_at.extend(accidents.iter().cloned());
    world.state().scaling.tags_denied = tags_denied;
    if !matches!(story, Story::DeleteAfter(_)) {
        take_down(&world, "shop");
    }
    let (mut edited, mut deleted) = (false, false);
    for number in 0..90 {
        if number == 3 {
            bring_up(&world);
            if story == Story::SomebodyIsQuicker && !targets(&world).contains(&id("shop")) {
                somebody_registers(&world, "shop", (2, 8));
            }
        }
        let next = pass(&world);
        assert_eq!(offences(&world), Vec::<String>::new(), "{}\n{:#?}", case(), world.state().calls);
        if !world.has_object() {
            let left: Vec<_> = world
                .state()
                .scaling
                .targets
                .iter()
                .filter(|(_, it)| !it.is_foreign)
                .map(|(id, _)| id.clone())
                .collect();
            assert!(deleted && left.is_empty(), "left behind: {left:?}, {}\n{:#?}", case(), world.state().calls);
            assert!(
                story != Story::SomebodyIsQuicker || targets(&world) == [id("shop")],
                "what is somebody else's is gone: {}",
                case()
            );
            return world.state().calls.len();
        }
        let settled = matches!(next, Some(Next::Watch(_))) && world.says("Ready");
        let taken = matches!(next, Some(Next::Stalled)) && world.reason() == "NameTaken";
        let delete = match story {
            Story::ComesUpLate => settled && edited,
            Story::SomebodyIsQuicker => taken,
            Story::DeleteAfter(passes) => number == passes,
        };
        if story == Story::ComesUpLate && settled && !edited {
            edit(&world, &["search", "ads"]);
            edited = true;
        }
        if delete && !deleted {
            world.delete_object();
            deleted = true;
        } else if deleted && taken {
            // What may be ours without tags is for a person to decide.
            world.annotate("sagemaker.aws.amazon.com/deletion-policy", "retain");
        }
    }
    let (status, calls) = (status(&world), world.state().calls.clone());
    panic!("it never ended: {}\n{calls:#?}\n{status:#}", case());
}

#[test]
fn no_accident_takes_what_is_somebody_elses_or_leaves_ours_behind() {
    let deletions = [0, 1, 2, 5].map(Story::DeleteAfter);
    let mut played = 0;
    for story in [Story::ComesUpLate, Story::SomebodyIsQuicker].into_iter().chain(deletions) {
        for tags_denied in [false, true] {
            let calls = play(story, tags_denied, &[]);
            for first in 0..calls {
                for fate in ACCIDENTS {
                    played += 1;
                    play(story, tags_denied, &[(first, fate.clone())]);
                    for other in ACCIDENTS {
                        played += 1;
                        play(story, tags_denied, &[(first, fate.clone()), (first + 2, other)]);
                    }
                }
            }
        }
    }
    assert!(played > 5_000, "{played}");
}

#[test]
fn a_tag_of_ours_proves_what_no_list_says() {
    let world = world(&["shop"]);
    let tag = Tag { key: TAG_UID.to_owned(), value: super::world::UID.to_owned() };
    let made = Target { capacity: (2, 8), tags: vec![tag], ..Target::default() };
    world.state().scaling.targets.insert(id("shop"), made);
    settle(&world);
    assert!(world.says("Ready"));
    assert_eq!(status(&world)["resourceIDList"], json!([id("shop")]));
}
