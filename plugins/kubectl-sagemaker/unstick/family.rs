//! What goes together: an object, and the children that would hang after it.

use futures::future::join_all;
use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{Cluster, Complaint, Sign, operator_sign};

use super::decide::{Allowed, Aws, Hold, Verdict, Why, decide};
use crate::find::children_of;
use crate::held::Held;
use crate::resource::{Resource, resource_of};

/// One of a family.
pub(super) struct Member {
    pub(super) held: Held,
    /// Its resource; `None` if the object cannot be read.
    pub(super) resource: Option<Box<dyn Resource>>,
    pub(super) aws: Aws,
    pub(super) verdict: Verdict,
}

/// An object and its children.
pub(super) struct Family {
    /// The object first, then its children in the order in which they go.
    pub(super) members: Vec<Member>,
    pub(super) operator: Sign,
}

impl Family {
    /// Looks at all of it: the children, the operator, and AWS.
    ///
    /// # Errors
    /// If it cannot be said what the children are.
    pub(super) async fn look(cluster: &Cluster, aws: &Api, parent: Held, allowed: Allowed) -> Result<Self, Complaint> {
        let (children, operator) =
            tokio::join!(children_of(cluster, &parent), operator_sign(cluster, &parent.object.namespace));
        // What belongs to a deployment that is to be left is left too.
        let all_retained = parent.retains();
        let members = std::iter::once((parent, false)).chain(children?.into_iter().map(|child| (child, true)));
        let may_be_alive = operator.may_be_alive();
        let looked = members.map(|(held, is_child)| async move {
            let (resource, said) = match resource_of(&held) {
                Ok(resource) => {
                    let said = Aws::of(resource.look(aws).await, &held.object);
                    (Some(resource), said)
                }
                Err(why) => (None, Aws::Unknown(why)),
            };
            let verdict = decide(hold_of(&held, is_child, all_retained), may_be_alive, &said, allowed);
            Member { held, resource, aws: said, verdict }
        });
        Ok(Self { members: join_all(looked).await, operator })
    }

    pub(super) fn parent(&self) -> &Member {
        &self.members[0]
    }

    /// Why the family stays as it is: what stands in the way of its head first.
    pub(super) fn refused(&self) -> Option<Why> {
        self.members.iter().find_map(|member| match member.verdict {
            Verdict::Refused(why) => Some(why),
            Verdict::Free | Verdict::LetGo | Verdict::Stop | Verdict::Abandon => None,
        })
    }
}

fn hold_of(held: &Held, is_child: bool, all_retained: bool) -> Hold {
    Hold {
        ours: !held.ours().is_empty(),
        deleting: held.object.deleting,
        is_child,
        retains: all_retained || held.retains(),
        in_use: held.object.holds("Stalled").is_some_and(|said| said.reason == "InUse"),
    }
}
