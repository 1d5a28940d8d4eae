//! What each step does: at most one call that writes, and the status that tells of it.

use std::time::Duration;

use crate::lifecycle::{
    Again, Cause, CreateRequest, Gateway, Home, Intent, Kind, Mark, Observation, Obstacle, Phase, Refusal, Replacement,
    Sort, Standing, Step, Tag, Verdict, leading, recorded_arn, verdict_of, verdict_of_obstacle, was_seen,
};

use super::case::Case;
use super::cluster::{Cluster, ClusterError, Credentials};
use super::reconcile::{Moving, Next};
use super::report::QUIET;

/// A resource that is known is not said to be in trouble before its calls failed this often in a row.
const TOLERATED_FAILURES: u32 = 2;

/// A name that is taken, but under which nothing is to be seen, is said to be so after this many attempts.
const TAKEN_BUT_UNSEEN: u32 = 8;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    /// Whether the namespace, at this moment, still wants the credentials of this pass: what is created with others would
    /// be another account's.
    async fn has_right_credentials(&self) -> Result<bool, ClusterError> {
        let wanted = self.reconciler.cluster.credentials(self.identity.key.namespace(), Duration::ZERO).await?;
        Ok(match (wanted, &self.place.role) {
            (Credentials::Own, None) => true,
            (Credentials::Of(wanted), Some(used)) => wanted == used.role,
            (Credentials::Own | Credentials::Of(_) | Credentials::Unknown { .. }, _) => false,
        })
    }

    /// Whether the object says that something stands in the way.
    fn is_in_trouble(&self) -> bool {
        leading(&K::common(&self.before).conditions).is_some_and(|said| {
            matches!(&*said.type_, "Stalled" | "Reconciling")
                && said.status == "True"
                && !QUIET.contains(&&*said.reason)
        })
    }

    pub(super) async fn wait_for_turn(mut self) -> Result<Next, ClusterError> {
        if !self.is_in_trouble() {
            let text = format!("{} waits for its turn: SageMaker takes only so many Creates a second", self.name);
            self.publish(Verdict::new(Standing::Reconciling, "WaitingForTurn", text), false).await?;
        }
        Ok(Next::Turn)
    }

    pub(super) async fn create(mut self) -> Result<Next, ClusterError> {
        if !self.has_right_credentials().await? {
            return Ok(Next::Soon);
        }
        let in_trouble = self.is_in_trouble();
        let reconciler = self.reconciler;
        let cluster = reconciler.cluster.uid().await;
        let plan = self.claim(cluster.as_deref()).plan(K::tags(&self.spec));
        // Written before the request leaves: should this process end before the answer comes, the next one has to know
        // that something may have been started.
        let remembered = K::common(&self.status).create_request.clone();
        // Who may not ask for the account, or cannot reach STS, goes without it.
        let account = reconciler.gateway.account(&self.place).await.ok().map(|account| account.to_string());
        let untagged = !plan.marked || remembered.as_ref().is_some_and(|request| request.untagged);
        K::common_mut(&mut self.status).create_request =
            Some(CreateRequest { at: self.now, account, untagged, by_version_1: false });
        // What version 1 said last of an object that it never started is over now.
        let word = K::status_word(&self.status).filter(|_| !was_seen::<K>(&self.status)).unwrap_or(K::FIRST_STATUS);
        let word = word.to_owned();
        K::nothing_there(&mut self.status);
        K::foresee(&mut self.status, &self.spec, &self.name, untagged);
        self.report_without(&word, None);
        if in_trouble {
            // What stood in the way is still the truth until this attempt has an answer.
            self.remember().await?;
        } else {
            let text = format!("asking SageMaker to create {}", self.name);
            self.publish(Verdict::new(Standing::Reconciling, "Creating", text), false).await?;
        }

        let gateway = &reconciler.gateway;
        let (mut created, mut parts) = gateway.create_parts(&self.place, &self.name, &self.spec, &plan.tags).await;
        K::settle(&mut self.status, &parts);
        let mut denied = None;
        if let Err(refusal) = &created
            && plan.marked
            && denies_tagging(refusal)
        {
            denied = Some(refusal.clone());
            if let Some(request) = &mut K::common_mut(&mut self.status).create_request {
                request.untagged = true;
            }
            K::foresee(&mut self.status, &self.spec, &self.name, true);
            self.remember().await?;
            let tags = K::tags(&self.spec);
            (created, parts) = gateway.create_parts(&self.place, &self.name, &self.spec, &tags).await;
            K::settle(&mut self.status, &parts);
        }
        match created {
            Ok(created) => {
                // The window of "not yet" begins with the answer: the request may have waited for its turn.
                let at = self.moment();
                let common = K::common_mut(&mut self.status);
                common.arn = Some(created.arn.as_str().to_owned());
                if let Some(request) = &mut common.create_request {
                    request.at = at;
                }
                self.note_tags();
                self.tell_of_tags(plan.marked, denied.as_ref()).await;
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
                let common = K::common_mut(&mut self.status);
                if let Some(arn) = parts.accepted.iter().find_map(|part| part.arn.clone()) {
                    common.arn = Some(arn);
                } else if refusal.cause != Cause::Transient && parts.accepted.is_empty() && parts.unanswered.is_empty()
                {
                    // A clear refusal has started nothing.
                    common.create_request = remembered;
                }
                self.trouble(&refusal).await
            }
        }
    }

    /// Says why the new resource does not carry the operator's tags, if it does not.
    async fn tell_of_tags(&self, marked: bool, denied: Option<&Refusal>) {
        let name = &self.name;
        if let Some(refusal) = denied {
            let action =
                if let Cause::Denied { action: Some(action), .. } = &refusal.cause { action } else { "tagging" };
            let text = format!(
                "{name} was created without the operator's tags: {refusal}\n\
                 hint: allow {action} to the operator's role"
            );
            self.tell(true, "TagsDenied", "Create", text).await;
        } else if !marked {
            let text = format!("{name} carries the tags of its spec and none of the operator's: there is room for 50");
            self.tell(true, "TagsLeftOut", "Create", text).await;
        }
    }

    pub(super) async fn stop(mut self, step: Step) -> Result<Next, ClusterError> {
        let stopped = self.reconciler.gateway.stop(&self.place, &self.handle()).await;
        match stopped {
            Ok(()) => {}
            // It has ended or gone in between: the next look tells, and only a look lets the object go.
            Err(refusal) if matches!(refusal.cause, Cause::AlreadyEnded | Cause::NotFound) => {}
            Err(refusal) => return self.trouble(&refusal).await,
        }
        if step == Step::Replace {
            let common = K::common_mut(&mut self.status);
            let last = common.replacement.as_ref();
            common.replacement = Some(Replacement::after(last, self.identity.generation, self.now));
        }
        K::report_deleted(&mut self.status);
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
        let cluster = self.reconciler.cluster.uid().await;
        let plan = self.claim(cluster.as_deref()).plan(K::tags(&self.spec));
        let mut updated = self.update_with(update, &plan.tags, !plan.marked).await?;
        if plan.marked && updated.as_ref().is_err_and(denies_tagging) {
            updated = self.update_with(update, &K::tags(&self.spec), true).await?;
        }
        let updated = match updated {
            Ok(()) => self.follow_tags().await,
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = updated {
            let is_replaced = refusal.cause == Cause::AlreadyEnded && seen.is_some_and(K::replaced_if_refused);
            if is_replaced && self.again() == Again::Now {
                return self.stop_unless_held(Step::Replace).await;
            }
            return self.trouble_beside(&refusal, seen).await;
        }
        let now = self.moment();
        K::updated(&mut self.status, update, now);
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

    /// Sends an update; what is new carries these tags.
    async fn update_with(
        &mut self,
        update: &serde_json::Value,
        tags: &[Tag],
        untagged: bool,
    ) -> Result<Result<(), Refusal>, ClusterError> {
        self.foresee(untagged).await?;
        let (updated, parts) = self.reconciler.gateway.update_parts(&self.place, &self.handle(), update, tags).await;
        K::settle(&mut self.status, &parts);
        Ok(updated)
    }

    /// Has the API server keep what a call that is about to leave may bring about. What the status says beside it is told
    /// with the call's outcome.
    async fn foresee(&mut self, untagged: bool) -> Result<(), ClusterError> {
        K::foresee(&mut self.status, &self.spec, &self.name, untagged);
        let mut foreseen = self.before.clone();
        K::carry_over(&self.status, &mut foreseen);
        if foreseen != self.before {
            let reported = std::mem::replace(&mut self.status, foreseen);
            self.remember().await?;
            self.status = reported;
        }
        Ok(())
    }

    pub(super) async fn watch(mut self, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        if let Err(refusal) = self.follow_tags().await {
            return self.trouble_beside(&refusal, seen).await;
        }
        let verdict = self.verdict_of_phase(seen);
        self.publish(verdict, false).await?;
        if K::SORT == Sort::Job && seen.is_some_and(|seen| seen.phase().has_ended()) {
            // What still moves beside an ended job does not move the job's own time of change, which listings go by.
            return Ok(Next::Retry);
        }
        if K::SORT == Sort::Lasting && seen.is_some_and(|seen| seen.phase() == Phase::Stopping) {
            // A listing shows what changes, but not that something is gone.
            return Ok(Next::Retry);
        }
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
                return self.trouble_beside(&refusal, seen).await;
            }
            let is_right =
                seen.is_some_and(|seen| seen.phase() == Phase::Active && K::drift(&self.spec, seen).fields.is_empty());
            if let Some(replacement) = &mut K::common_mut(&mut self.status).replacement {
                replacement.helped |= is_right;
            }
            let verdict = self.verdict_of_phase(seen);
            self.publish(verdict, false).await?;
            if !is_right && matches!(self.again(), Again::From(_)) {
                return Ok(Next::Retry);
            }
        } else if let Some(verdict) = self.verdict_of_record() {
            self.publish(verdict, false).await?;
        }
        match K::SORT {
            Sort::Job if K::common(&self.status).unfinished => Ok(Next::Stalled),
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

    pub(super) async fn refuse(mut self, obstacle: Obstacle, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        let recorded = recorded_arn::<K>(&self.status);
        let asked = K::common(&self.status).create_request.as_ref().and_then(|request| request.account.as_deref());
        let home = match (&recorded, asked) {
            (Some(arn), _) => Home::Recorded(arn),
            (None, Some(account)) => Home::Asked(account),
            (None, None) => Home::Unknown,
        };
        let account = self.reconciler.gateway.account(&self.place).await.ok();
        let taken = match seen.map(|seen| seen.mark(&self.identity.uid)) {
            Some(Mark::Others(part)) => part,
            Some(Mark::Silent | Mark::Own) | None => &self.name,
        };
        let verdict = verdict_of_obstacle(
            obstacle,
            taken,
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
            code = %refusal.code, request = refusal.request_id, "refused"
        );
        if refusal.cause == Cause::NotLeader {
            return Ok(Next::Retry);
        }
        let passing = verdict.standing == Standing::Reconciling;
        let known = K::common(&self.status).arn.is_some() || was_seen::<K>(&self.status);
        let said = leading(&K::common(&self.before).conditions).is_some_and(|leading| leading.reason == verdict.reason);
        let forgotten = K::common(&self.status).create_request != K::common(&self.before).create_request;
        // Where the resource is has to be known from its first sight on, whatever stands in the way of the rest.
        let found = K::recorded_arn(&self.before).is_none() && K::recorded_arn(&self.status).is_some();
        let mut settled = self.before.clone();
        K::carry_over(&self.status, &mut settled);
        let forgotten = forgotten || settled != self.before;
        // The same trouble in other words is no news, and a single failure of a known resource none either.
        let worth_saying = !passing || forgotten || found || (!said && (!known || self.attempt >= TOLERATED_FAILURES));
        if worth_saying {
            self.complain(&verdict);
            // To wait until AWS has settled is the way of things, and no trouble.
            self.publish(verdict, refusal.cause != Cause::Busy).await?;
        }
        Ok(if passing { Next::Retry } else { Next::Stalled })
    }

    /// A call beside the resource's own life did not go through. A job that has ended is not said to be anything else
    /// for it.
    async fn trouble_beside(mut self, refusal: &Refusal, seen: Option<&K::Observed>) -> Result<Next, ClusterError> {
        if K::SORT == Sort::Lasting || !seen.is_some_and(|seen| seen.phase().has_ended()) {
            return self.trouble(refusal).await;
        }
        let verdict = self.verdict_of_phase(seen);
        self.publish(verdict, false).await?;
        let trouble = verdict_of(refusal, K::hint(refusal));
        let passing = trouble.standing == Standing::Reconciling;
        self.tell(true, &trouble.reason, "Update", trouble.message).await;
        Ok(if passing { Next::Retry } else { Next::Stalled })
    }
}

/// Whether a Create was denied only because of the tags it carries.
fn denies_tagging(refusal: &Refusal) -> bool {
    match &refusal.cause {
        Cause::Denied { action: Some(action), resource: _ } => {
            action.ends_with(":AddTags") || action.ends_with(":TagResource")
        }
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
