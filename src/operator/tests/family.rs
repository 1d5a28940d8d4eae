//! An object with a child: the child comes first, is followed, holds what it needs, and goes first.

use std::sync::Arc;

use futures::FutureExt as _;
use serde_json::json;

use super::kind::{Job, JobSeen};
use super::world::World;
use crate::lifecycle::{Standing, Verdict};
use crate::operator::{Answer, Children, Cluster, ClusterError, FINALIZER, Key, Next, Subject, Trouble};

const CHILD: &str = "Child";

/// Keeps one child: it has to be ready before the job starts, and to be gone before the object goes.
#[derive(Debug)]
struct One;

fn wait(reason: &str) -> Verdict {
    Verdict::new(Standing::Reconciling, reason, "the child is not as far yet")
}

fn key() -> Key {
    Key::new("ns", "child")
}

impl<C: Cluster> Children<Job, C> for One {
    fn prepare<'a>(&'a self, cluster: &'a C, subject: Subject<'a, Job>) -> Answer<'a> {
        async move {
            match cluster.other(CHILD, &key()).await? {
                Some(child) if child.status["ready"] == true => {
                    subject.spec.keep_alive = 7;
                    Ok(None)
                }
                Some(_) => Ok(Some(wait("WaitingForChild"))),
                None if subject.spec.tags.iter().any(|tag| tag == "bad") => {
                    Err(Trouble::Cluster(ClusterError::Refused("no such child".to_owned())))
                }
                None => {
                    let child = json!({ "metadata": { "name": "child" } });
                    cluster.create_other(CHILD, subject.key.namespace(), &child).await?;
                    Ok(Some(wait("WaitingForChild")))
                }
            }
        }
        .boxed()
    }

    fn hold<'a>(&'a self, cluster: &'a C, _subject: Subject<'a, Job>) -> Answer<'a> {
        async move {
            let child = cluster.other(CHILD, &key()).await?;
            Ok(child.filter(|child| child.spec["needs"] == true).map(|_| wait("InUse")))
        }
        .boxed()
    }

    fn follow<'a>(&'a self, _cluster: &'a C, subject: Subject<'a, Job>, seen: &'a JobSeen) -> Answer<'a> {
        async move {
            subject.status.additional = Some(format!("followed {}", seen.status));
            Ok(None)
        }
        .boxed()
    }

    fn part<'a>(&'a self, cluster: &'a C, _subject: Subject<'a, Job>) -> Answer<'a> {
        async move {
            let Some(child) = cluster.other(CHILD, &key()).await? else { return Ok(None) };
            cluster.delete_other(CHILD, &key(), child.metadata.uid.as_deref().unwrap_or_default()).await?;
            Ok(Some(wait("Deleting")))
        }
        .boxed()
    }
}

fn pass(world: &World) -> Next {
    world.pass_keeping(0, false, Arc::new(One)).expect("it lives").expect("it answers")
}

fn tell_child(about: &World, part: &str, what: &str) {
    let mut state = about.state();
    let child = state.others.get_mut(&(CHILD, "child".to_owned())).expect("there is a child");
    child[part] = json!({ what: true });
}

#[test]
fn the_child_comes_first_and_completes_the_spec() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    assert_eq!((pass(&world), pass(&world)), (Next::Retry, Next::Retry));
    assert_eq!((world.creates(), world.reason().as_str()), (0, "WaitingForChild"));
    assert_eq!(world.calls("create other"), 1);

    tell_child(&world, "status", "ready");
    assert_eq!(pass(&world), Next::Soon);
    assert_eq!((world.creates(), world.job().keep_alive), (1, 7), "with what only the child knows");
    pass(&world);
    assert_eq!(world.status().additional.as_deref(), Some("followed InProgress"));
}

#[test]
fn what_the_child_needs_is_held_and_the_child_goes_before_its_parent() {
    let world = World::new(&json!({ "region": "us-west-2" }));
    pass(&world);
    tell_child(&world, "status", "ready");
    pass(&world);
    pass(&world);
    tell_child(&world, "spec", "needs");
    world.delete_object();
    assert_eq!((pass(&world), world.reason().as_str(), world.calls("stop")), (Next::Retry, "InUse", 0));

    world.state().others.get_mut(&(CHILD, "child".to_owned())).expect("there is a child")["spec"] = json!(null);
    pass(&world);
    assert_eq!(world.calls("stop"), 1);
    world.set_status_of_job(&world.job_name(), "Stopped");
    assert_eq!((pass(&world), world.reason().as_str()), (Next::Retry, "Deleting"));
    assert!(world.has_object() && world.state().others.is_empty());
    assert_eq!(pass(&world), Next::Gone);
    assert!(!world.has_object());
}

#[test]
fn what_the_api_server_refuses_of_a_child_is_what_the_object_says() {
    let world = World::new(&json!({ "region": "us-west-2", "tags": ["bad"] }));
    assert_eq!((pass(&world), world.reason().as_str()), (Next::Stalled, "ChildRefused"));
    assert!(world.says("Stalled"));
    let finalizers = world.state().object.as_ref().expect("it is there")["metadata"]["finalizers"].clone();
    assert_eq!(finalizers, json!([FINALIZER]));
}
