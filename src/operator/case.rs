//! One object in one pass: taken charge of, looked at, decided about.

use std::time::Instant;

use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;
use tracing::info;

use crate::lifecycle::{
    AccountId, Again, Claim, FINALIZER, Gateway, Handle, Intent, Kind, Known, Legacy, OnDrift, Owner, Past, Place,
    Refusal, Sighting, Sort, Standing, Step, Verdict, look, next_step, past,
};

use super::cluster::{Cluster, ClusterError, Note, Part};
use super::object::Identity;
use super::reconcile::{Next, Reconciler, invalid_policy};

/// One object in one pass.
pub(super) struct Case<'a, K: Kind, G, C> {
    pub(super) reconciler: &'a Reconciler<K, G, C>,
    pub(super) identity: Identity,
    pub(super) intent: Intent,
    pub(super) spec: K::Spec,
    pub(super) place: Place,
    pub(super) name: String,
    /// The status as the API server has it.
    pub(super) before: K::Status,
    /// The status as it is to be.
    pub(super) status: K::Status,
    /// What the original operator did, if the object comes from it.
    pub(super) legacy: Option<Legacy>,
    pub(super) now: DateTime<Utc>,
    /// The same with its fraction of a second, which no status holds.
    pub(super) clock: DateTime<Utc>,
    /// When the pass began, on a clock that never jumps.
    pub(super) begun: Instant,
    /// When AWS changed what is not written into the status yet.
    pub(super) news: Option<DateTime<Utc>>,
    pub(super) attempt: u32,
}

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    pub(super) async fn run(mut self) -> Result<Next, ClusterError> {
        match self.take_charge().await {
            Ok(()) => {}
            Err(ClusterError::Refused(why)) => return self.unacceptable(&why).await,
            Err(error) => return Err(error),
        }
        if let Err(error) = &self.identity.on_deletion {
            // It matters only when the object is deleted, and then it stands in the way.
            self.tell(true, "InvalidAnnotation", "Reconcile", invalid_policy(error)).await;
        }
        if self.intent == Intent::Keep && K::status_word(&self.status).is_none() {
            self.report_without(K::FIRST_STATUS, None);
            self.publish(Verdict::new(Standing::Reconciling, "Synchronizing", "asking SageMaker"), false).await?;
        }
        let waits = match self.prepare().await? {
            Ok(waits) => waits,
            Err(refusal) => return self.trouble(&refusal).await,
        };
        // SageMaker itself started a trial.
        let started = if self.identity.is_trial() { Some(Legacy::Started) } else { self.legacy };
        let past = past::<K>(&self.status, self.reconciler.rules.not_found_window, self.now, started);
        let may_create = self.intent == Intent::Keep && matches!(past, Past::Nothing | Past::Unanswered { .. });
        // Who has to wait for a turn anyhow does not ask before it has one.
        let creating = &self.reconciler.creating;
        let Ok(turn) = (may_create && waits.is_none()).then(|| creating.try_acquire()).transpose() else {
            return self.wait_for_turn().await;
        };
        let (seen, sighting) = match self.look().await {
            Ok(seen) => seen,
            Err(refusal) => return self.trouble(&refusal).await,
        };
        let step = next_step(self.intent, past, &sighting, K::SORT, self.on_drift(seen.as_ref()));
        info!(kind = K::KIND, object = %self.identity.key, name = %self.name, ?step, "next step");
        let mut says = waits;
        if let (Some(seen), Sighting::Present { owner: Owner::Ours, .. }) = (&seen, &sighting) {
            self.report(seen);
            if self.intent == Intent::Keep {
                // Also while something is waited for: what an edit has left over need not wait with it.
                match self.follow(seen).await? {
                    Ok(followed) => says = says.or(followed),
                    Err(refusal) => return self.trouble(&refusal).await,
                }
            }
        }
        self.take(step, seen.as_ref(), says, turn).await
    }

    /// What is to be done about a difference: nothing where that was asked for, or where a replacement did not help or was the
    /// last of many.
    fn on_drift(&self, seen: Option<&K::Observed>) -> OnDrift {
        let on_drift = seen.map_or(K::ON_DRIFT, K::on_drift);
        match on_drift {
            OnDrift::Replace if self.identity.observe || self.again() != Again::Now => OnDrift::Ignore,
            OnDrift::Update if self.identity.observe && K::SORT == Sort::Lasting => OnDrift::Ignore,
            OnDrift::Ignore | OnDrift::Update | OnDrift::Replace => on_drift,
        }
    }

    /// Whether the resource may be replaced.
    pub(super) fn again(&self) -> Again {
        let last = K::common(&self.status).replacement.as_ref();
        last.map_or(Again::Now, |last| last.again(self.identity.generation, self.now))
    }

    /// Takes the step, unless the children have something else to say.
    async fn take(
        self,
        step: Step,
        seen: Option<&K::Observed>,
        says: Option<Verdict>,
        turn: Option<SemaphorePermit<'_>>,
    ) -> Result<Next, ClusterError> {
        match step {
            Step::Create | Step::Update | Step::Replace | Step::Watch | Step::Rest if says.is_some() => {
                self.say(says, seen).await
            }
            Step::Create => match turn.or_else(|| self.reconciler.creating.try_acquire().ok()) {
                Some(_turn) => self.create().await,
                None => self.wait_for_turn().await,
            },
            Step::Stop | Step::Replace => self.stop_unless_held(step).await,
            Step::Update => self.update(seen).await,
            Step::Watch => self.watch(seen).await,
            Step::Await => self.wait_for_sight().await,
            Step::Rest => self.rest(seen).await,
            Step::Lost => self.lost().await,
            Step::Refuse(obstacle) => self.refuse(obstacle, seen).await,
            Step::Release => self.release().await,
        }
    }

    /// The API server refuses what has to be written down before anything is started, such as a name made from the
    /// object's.
    async fn unacceptable(mut self, why: &str) -> Result<Next, ClusterError> {
        let hint = K::NAME_FIELD.map(|field| format!("\nhint: set spec.{field}")).unwrap_or_default();
        let text = format!("the API server does not take {} for this object: {why}{hint}", self.name);
        let verdict = Verdict::new(Standing::Refused, "InvalidSpec", text);
        self.complain(&verdict);
        self.publish(verdict, true).await?;
        Ok(Next::Stalled)
    }

    /// This moment, to the second, by the clock of the pass.
    pub(super) fn moment(&self) -> DateTime<Utc> {
        (self.now + self.begun.elapsed()).trunc_subsecs(0)
    }

    /// Puts the finalizer and the name in use onto the object before anything is started for it.
    async fn take_charge(&mut self) -> Result<(), ClusterError> {
        let mut metadata = serde_json::Map::new();
        let mut patch = serde_json::Map::new();
        if self.intent == Intent::Keep {
            if !self.identity.is_held() {
                self.identity.finalizers.push(FINALIZER.to_owned());
                metadata.insert("finalizers".to_owned(), json!(self.identity.finalizers));
            }
            if let (Some(field), None) = (K::NAME_FIELD, K::given_name(&self.spec)) {
                K::set_name(&mut self.spec, &self.name);
                patch.insert("spec".to_owned(), json!({ field: self.name }));
            }
        }
        if metadata.is_empty() && patch.is_empty() {
            return Ok(());
        }
        metadata.insert("resourceVersion".to_owned(), json!(self.identity.version));
        patch.insert("metadata".to_owned(), Value::Object(metadata));
        let cluster = &self.reconciler.cluster;
        let object = cluster.patch(&self.identity.key, Part::Object, &Value::Object(patch)).await?;
        self.identity = Identity::of(&object);
        Ok(())
    }

    /// Asks AWS what there is, and whose it is.
    async fn look(&self) -> Result<(Option<K::Observed>, Sighting), Refusal> {
        let known = Known {
            handle: self.handle(),
            uid: &self.identity.uid,
            is_trial: self.identity.is_trial(),
            legacy: self.legacy,
            v1_account: self.v1_account(),
            may_adopt: self.reconciler.rules.adopt_by_name || self.identity.adopt,
        };
        look(&*self.reconciler.gateway, &self.place, &known).await
    }

    /// The account in which version 1 worked, if anybody has said so.
    fn v1_account(&self) -> Option<&AccountId> {
        self.identity.v1_account.as_ref().or(self.reconciler.rules.v1_account.as_ref())
    }

    /// What the resource is known by.
    pub(super) fn handle(&self) -> Handle<'_, K> {
        Handle { name: &self.name, spec: &self.spec, status: &self.status, intent: self.intent }
    }

    /// The tags that mark the resource as this object's, beside the user's.
    pub(super) fn claim<'c>(&'c self, cluster: Option<&'c str>) -> Claim<'c> {
        Claim {
            cluster,
            namespace: self.identity.key.namespace(),
            name: self.identity.key.name(),
            uid: &self.identity.uid,
        }
    }

    pub(super) async fn tell(&self, warning: bool, reason: &str, action: &'static str, text: String) {
        let note = Note { warning, reason: reason.to_owned(), action, text };
        self.reconciler.cluster.tell(&self.identity.key, &self.identity.uid, &note).await;
    }
}
