//! The points of a pass at which the keeper of the children is asked, and what becomes of the answers.

use crate::lifecycle::{Gateway, Intent, Kind, Observation as _, Refusal, Standing, Step, Verdict};

use super::case::Case;
use super::children::{Answer, Children, Subject, Trouble};
use super::cluster::{Cluster, ClusterError};
use super::reconcile::{Moving, Next, let_go};

/// What the keeper said, or why AWS did not let it.
type Said = Result<Option<Verdict>, Refusal>;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    pub(super) async fn prepare(&mut self) -> Result<Said, ClusterError> {
        if self.intent == Intent::Remove {
            return Ok(Ok(None));
        }
        self.ask(|children, cluster, subject| children.prepare(cluster, subject)).await
    }

    pub(super) async fn follow(&mut self, seen: &K::Observed) -> Result<Said, ClusterError> {
        self.ask(|children, cluster, subject| children.follow(cluster, subject, seen)).await
    }

    pub(super) async fn stop_unless_held(mut self, step: Step) -> Result<Next, ClusterError> {
        match self.ask(|children, cluster, subject| children.hold(cluster, subject)).await? {
            Ok(None) => self.stop(step).await,
            Ok(held) => self.say(held, None).await,
            Err(refusal) => self.trouble(&refusal).await,
        }
    }

    pub(super) async fn release(mut self) -> Result<Next, ClusterError> {
        match self.ask(|children, cluster, subject| children.part(cluster, subject)).await? {
            Ok(None) => {
                if self.identity.is_trial() {
                    self.tell_that_it_stays().await?;
                }
                let_go(&*self.reconciler.cluster, &self.identity).await?;
                Ok(Next::Gone)
            }
            Ok(held) => self.say(held, None).await,
            Err(refusal) => self.trouble(&refusal).await,
        }
    }

    /// A trial that was deleted by hand stays, since its finalizer is its tuning job's: it says so.
    async fn tell_that_it_stays(&mut self) -> Result<(), ClusterError> {
        let (standing, reason) = match K::status_word(&self.status) {
            Some("Completed") => (Standing::Completed, "Completed"),
            Some("Stopped") => (Standing::Failed, "Stopped"),
            Some(_) | None => (Standing::Failed, "Failed"),
        };
        let text = format!("{} has ended; this object stays until that of its tuning job is deleted", self.name);
        self.publish(Verdict::new(standing, reason, text), false).await
    }

    /// Says what the children have to say, and looks again accordingly.
    pub(super) async fn say(
        mut self,
        verdict: Option<Verdict>,
        seen: Option<&K::Observed>,
    ) -> Result<Next, ClusterError> {
        let Some(verdict) = verdict else { return Ok(Next::Retry) };
        let standing = verdict.standing;
        if standing == Standing::Reconciling || standing == Standing::Refused {
            self.complain(&verdict);
        }
        self.publish(verdict, false).await?;
        Ok(match standing {
            Standing::Reconciling => Next::Retry,
            Standing::Refused => Next::Stalled,
            Standing::Running | Standing::Completed | Standing::Failed | Standing::AsWanted => Next::Watch(Moving {
                place: self.place,
                name: self.name,
                last_modified: seen.and_then(K::Observed::last_modified),
            }),
        })
    }

    /// Asks the keeper. What the API server refuses of a child is what the object says.
    async fn ask<'s>(
        &'s mut self,
        question: impl FnOnce(&'s dyn Children<K, C>, &'s C, Subject<'s, K>) -> Answer<'s>,
    ) -> Result<Said, ClusterError> {
        let subject = Subject {
            key: &self.identity.key,
            uid: &self.identity.uid,
            generation: self.identity.generation.unwrap_or_default(),
            place: &self.place,
            name: &self.name,
            deleting: self.identity.deleting,
            now: self.now,
            spec: &mut self.spec,
            status: &mut self.status,
        };
        match question(&*self.reconciler.children, &self.reconciler.cluster, subject).await {
            Ok(answer) => Ok(Ok(answer)),
            Err(Trouble::Aws(refusal)) => Ok(Err(refusal)),
            Err(Trouble::Cluster(ClusterError::Refused(why))) => {
                let text = format!("the API server refuses what this object needs beside it: {why}");
                Ok(Ok(Some(Verdict::new(Standing::Refused, "ChildRefused", text))))
            }
            Err(Trouble::Cluster(ClusterError::NotInstalled)) => {
                let text = "the API server does not know a kind of which this object needs others beside it\n\
                            hint: apply the CustomResourceDefinitions of all eight kinds";
                Ok(Ok(Some(Verdict::new(Standing::Reconciling, "KindNotInstalled", text))))
            }
            Err(Trouble::Cluster(error)) => Err(error),
        }
    }
}
