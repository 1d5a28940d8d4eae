//! What each step does: at most one call that writes, and the status that tells of it.

use crate::lifecycle::{
    Cause, CreateRequest, Gateway, Home, Intent, Kind, Observation as _, Obstacle, Phase, Refusal, Sort, Standing,
    Step, Verdict, leading, verdict_of, verdict_of_obstacle,
};

use super::cluster::{Cluster, ClusterError};
use super::reconcile::{Case, Moving, Next};
use super::report::QUIET;
use super::status::{recorded_arn, was_seen};

/// A resource that is known is not said to be in trouble before its calls failed this often in a row.
const TOLERATED_FAILURES: u32 = 2;

/// A name that is taken, but under which nothing is to be seen, is said to be so after this many attempts.
const TAKEN_BUT_UNSEEN: u32 = 8;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    pub(super) async fn create(mut self) -> Result<Next, ClusterError> {
        let in_trouble = leading(&K::common(&self.before).conditions).is_some_and(|said| {
            matches!(&*said.type_, "Stalled" | "Reconciling")
                && said.status == "True"
                && !QUIET.contains(&&*said.reason)
        });
        let reconciler = self.reconciler;
        let Ok(_turn) = reconciler.creating.try_acquire() else {
            if !in_trouble {
                let text = format!("{} waits for its turn: SageMaker takes only so many Creates a second", self.name);
                self.publish(Verdict::new(Standing::Reconciling, "WaitingForTurn", text), false).await?;
            }
            return Ok(Next::Retry);
        };
        // Written before the request leaves: should this process end before the answer comes, the next one has to know
        // that something may have been started.
        let remembered = K::common(&self.status).create_request.clone();
        // Who may not ask for the account, or cannot reach STS, goes without it.
        let account = self.reconciler.gateway.account(&self.place).await.ok().map(|account| account.to_string());
        K::common_mut(&mut self.status).create_request = Some(CreateRequest { at: self.now, account });
        let word = K::status_word(&self.status).unwrap_or(K::FIRST_STATUS).to_owned();
        self.report_without(&word, None);
        if in_trouble {
            // What stood in the way is still the truth until this attempt has an answer.
            self.remember().await?;
        } else {
            let text = format!("asking SageMaker to create {}", self.name);
            self.publish(Verdict::new(Standing::Reconciling, "Creating", text), false).await?;
        }

        let cluster = self.reconciler.cluster.uid().await;
        let plan = self.claim(cluster.as_deref()).plan(K::tags(&self.spec));
        if !plan.marked {
            let text = format!(
                "{} carries the 50 tags of its spec and none of the operator's, which leave no room",
                self.name
            );
            self.tell(true, "TagsLeftOut", "Create", text).await;
        }
        let gateway = &self.reconciler.gateway;
        let mut created = gateway.create(&self.place, &self.name, &self.spec, &plan.tags).await;
        if let Err(refusal) = &created
            && plan.marked
            && denies_tagging(refusal)
        {
            let text = format!(
                "{} is created without the operator's tags: {refusal}\nhint: allow sagemaker:AddTags to the operator's role",
                self.name
            );
            self.tell(true, "TagsDenied", "Create", text).await;
            created = gateway.create(&self.place, &self.name, &self.spec, &K::tags(&self.spec)).await;
        }
        match created {
            Ok(created) => {
                K::common_mut(&mut self.status).arn = Some(created.arn.as_str().to_owned());
                self.note_tags();
                let standing = match K::SORT {
                    Sort::Job => Standing::Running,
                    Sort::Lasting => Standing::Reconciling,
                };
                let text = format!("SageMaker accepted {}", self.name);
                self.publish(Verdict::new(standing, "Created", text), false).await?;
                Ok(Next::Soon)
            }
            // Either our own, whose answer was lost, or somebody else's: the next look tells.
            Err(refusal) if refusal.cause == Cause::AlreadyExists && self.attempt < TAKEN_BUT_UNSEEN => Ok(Next::Retry),
            Err(refusal) => {
                if refusal.cause != Cause::Transient {
                    // A clear refusal has started nothing.
                    K::common_mut(&mut self.status).create_request = remembered;
                }
                self.trouble(&refusal).await
            }
        }
    }

    pub(super) async fn stop(mut self, step: Step) -> Result<Next, ClusterError> {
        let stopped = self.reconciler.gateway.stop(&self.place, &self.name).await;
        match stopped {
            Ok(()) => {}
            // It has ended or gone in between: the next look tells, and only a look lets the object go.
            Err(refusal) if matches!(refusal.cause, Cause::AlreadyEnded | Cause::NotFound) => {}
            Err(refusal) => return self.trouble(&refusal).await,
        }
        let (reason, text) = match (K::SORT, step) {
            (_, Step::Replace) => ("Replacing", format!("{} is deleted in SageMaker to be created anew", self.name)),
            (Sort::Job, _) => ("Stopping", format!("{} is being stopped in SageMaker", self.name)),
            (Sort::Lasting, _) => ("Deleting", format!("{} is being deleted in SageMaker", self.name)),
        };
        self.publish(Verdict::new(Standing::Reconciling, reason, text), false).await?;
        Ok(Next::Soon)
    }

    pub(super) async fn update(mut self, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        let drift = seen.map(|seen| K::drift(&self.spec, seen)).unwrap_or_default();
        let Some(update) = &drift.update else { return Ok(Next::Soon) };
        let updated = self.reconciler.gateway.update(&self.place, &self.name, update).await;
        if let Err(refusal) = updated {
            return self.trouble(&refusal).await;
        }
        if let Err(refusal) = self.follow_tags().await {
            return self.trouble(&refusal).await;
        }
        let text = format!("{} is updated in SageMaker: {}", self.name, drift.fields.join(", "));
        self.tell(false, "Updated", "Update", text.clone()).await;
        let verdict = match K::SORT {
            Sort::Job => self.verdict_of_phase(seen),
            Sort::Lasting => Verdict::new(Standing::Reconciling, "Updating", text),
        };
        self.publish(verdict, false).await?;
        // An update that does not take, because SageMaker rounds a value, must not be repeated at full speed.
        Ok(Next::Retry)
    }

    pub(super) async fn watch(mut self, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        if let Err(refusal) = self.follow_tags().await {
            return self.trouble(&refusal).await;
        }
        let verdict = self.verdict_of_phase(seen);
        self.publish(verdict, false).await?;
        Ok(Next::Watch(Moving {
            place: self.place,
            name: self.name,
            last_modified: seen.and_then(K::Observed::last_modified),
        }))
    }

    pub(super) async fn wait_for_sight(mut self) -> Result<Next, ClusterError> {
        if self.intent == Intent::Remove {
            let text = format!("{} does not show up in SageMaker yet, so that it can be stopped", self.name);
            self.publish(Verdict::new(Standing::Reconciling, "Deleting", text), false).await?;
        }
        Ok(Next::Retry)
    }

    pub(super) async fn rest(mut self, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        // A finished job whose record is gone keeps what its status says.
        if seen.is_some() {
            if let Err(refusal) = self.follow_tags().await {
                return self.trouble(&refusal).await;
            }
            let verdict = self.verdict_of_phase(seen);
            self.publish(verdict, false).await?;
        }
        match K::SORT {
            Sort::Job => Ok(Next::Rest),
            Sort::Lasting => Ok(Next::Watch(Moving {
                place: self.place,
                name: self.name,
                last_modified: seen.and_then(K::Observed::last_modified),
            })),
        }
    }

    pub(super) async fn lost(mut self) -> Result<Next, ClusterError> {
        let text = format!(
            "SageMaker no longer knows {}, which was not seen to end; it is not started again\n\
             hint: to run it again, apply the object under another name",
            self.name
        );
        self.report_without("Failed", Some(&text));
        self.publish(Verdict::new(Standing::Failed, "RecordGone", text), false).await?;
        Ok(Next::Rest)
    }

    pub(super) async fn refuse(mut self, obstacle: Obstacle) -> Result<Next, ClusterError> {
        let recorded = recorded_arn::<K>(&self.status);
        let asked = K::common(&self.status).create_request.as_ref().and_then(|request| request.account.as_deref());
        let home = match (&recorded, asked) {
            (Some(arn), _) => Home::Recorded(arn),
            (None, Some(account)) => Home::Asked(account),
            (None, None) => Home::Unknown,
        };
        let account = self.reconciler.gateway.account(&self.place).await.ok();
        let verdict = verdict_of_obstacle(
            obstacle,
            &self.name,
            &self.place.region,
            home,
            account.as_ref().map(crate::lifecycle::AccountId::as_str),
        );
        self.complain(&verdict);
        self.publish(verdict, false).await?;
        Ok(Next::Stalled)
    }

    /// A call did not go through: the object says so, unless it may well go through the next time.
    pub(super) async fn trouble(mut self, refusal: &Refusal) -> Result<Next, ClusterError> {
        let verdict = verdict_of(refusal, K::hint(refusal));
        tracing::warn!(
            kind = K::KIND, object = %self.identity.key, operation = refusal.operation, reason = %verdict.reason,
            %refusal, "refused"
        );
        if refusal.cause == Cause::NotLeader {
            return Ok(Next::Retry);
        }
        let passing = verdict.standing == Standing::Reconciling;
        let known = K::common(&self.status).arn.is_some() || was_seen::<K>(&self.status);
        let said = leading(&K::common(&self.before).conditions).is_some_and(|leading| leading.reason == verdict.reason);
        let forgotten = K::common(&self.status).create_request != K::common(&self.before).create_request;
        // The same trouble in other words is no news, and a single failure of a known resource none either.
        let worth_saying = !passing || forgotten || (!said && (!known || self.attempt >= TOLERATED_FAILURES));
        if worth_saying {
            self.complain(&verdict);
            self.publish(verdict, true).await?;
        }
        Ok(if passing { Next::Retry } else { Next::Stalled })
    }

    fn verdict_of_phase(&self, seen: Option<&K::Observed>) -> Verdict {
        let Some(seen) = seen else {
            return Verdict::new(Standing::Reconciling, "Synchronizing", "asking SageMaker");
        };
        let name = &self.name;
        let deleting = self.intent == Intent::Remove;
        match (K::SORT, seen.phase()) {
            (Sort::Job, Phase::Active) => {
                Verdict::new(Standing::Running, "InProgress", format!("SageMaker runs {name}"))
            }
            (_, Phase::Changing) => {
                Verdict::new(Standing::Reconciling, "InProgress", format!("SageMaker is working on {name}"))
            }
            (_, Phase::Stopping) if deleting => Verdict::new(
                Standing::Reconciling,
                "Stopping",
                format!("{name} is being stopped in SageMaker; the object goes when it has ended"),
            ),
            (_, Phase::Stopping) => Verdict::new(
                Standing::Reconciling,
                "Stopping",
                format!("{name} is being stopped in SageMaker, not by this operator"),
            ),
            (_, Phase::Completed) => Verdict::new(Standing::Completed, "Completed", format!("{name} has completed")),
            (_, Phase::Failed { reason }) => {
                let why = seen.failure_reason().unwrap_or_default();
                let text = if why.is_empty() { format!("{name} ended as {reason}") } else { why.to_owned() };
                Verdict::new(Standing::Failed, reason, text)
            }
            (Sort::Lasting, Phase::Active) => {
                Verdict::new(Standing::AsWanted, "AsWanted", format!("{name} is as wanted"))
            }
        }
    }
}

/// Whether a Create was denied only because of the tags it carries.
fn denies_tagging(refusal: &Refusal) -> bool {
    match &refusal.cause {
        Cause::Denied { action: Some(action), resource: _ } => action.ends_with(":AddTags"),
        Cause::Denied { action: None, resource: _ }
        | Cause::NotFound
        | Cause::AlreadyExists
        | Cause::AlreadyEnded
        | Cause::Busy
        | Cause::Throttled
        | Cause::Transient
        | Cause::Credentials
        | Cause::Invalid
        | Cause::QuotaInUse
        | Cause::QuotaZero
        | Cause::NotLeader => false,
    }
}
