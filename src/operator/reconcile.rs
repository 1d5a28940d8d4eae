//! One pass over one object: describe, compare, decide, at most one call, and the status if it changed.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use crate::lifecycle::{
    Arn, Assume, Cause, Claim, Evidence, Gateway, Intent, Kind, Observation as _, OnDrift, Owner, Place, Refusal,
    Sighting, Sort, Standing, Step, Verdict, next_step, owner_at_sight, owner_by_tags, resource_name, speaks_of,
};

use super::children::{Keeper, NoChildren};
use super::cluster::{Cluster, ClusterError, Note, Part};
use super::object::{FINALIZER, Identity, Key, Whole};
use super::status::{is_known_to_v1, past, recorded_arn, was_started_by_v1};

/// What an administrator decides about all objects.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Take over an existing resource of the wanted name without asking whose it is, as version 1 did.
    pub adopt_by_name: bool,
    /// How long after a Create "not found" may mean "not yet".
    pub not_found_window: Duration,
    /// How many Creates may wait for their place in the account's quota at a time. The rest leave their turn to
    /// deletions and looks, which must not stand behind two hundred new jobs.
    pub creates_at_once: usize,
}

/// A resource that moves by itself, to be looked at again when a listing says that it has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// Where it is listed.
    pub place: Place,
    /// Its name in AWS.
    pub name: String,
    /// When AWS last changed it, as of this look.
    pub last_modified: Option<DateTime<Utc>>,
}

/// When to look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Never: there is no such object any more.
    Gone,
    /// When the object changes.
    Rest,
    /// When AWS has changed the resource, and in a slow sweep.
    Watch(Moving),
    /// Almost at once: something was done or started, and its effect is to be seen.
    Soon,
    /// After a wait that grows with each attempt.
    Retry,
    /// Slowly, or at once when the object changes.
    Stalled,
}

/// Who makes the passes of a kind.
pub struct Reconciler<K, G, C> {
    pub(super) gateway: Arc<G>,
    pub(super) cluster: Arc<C>,
    pub(super) rules: Rules,
    pub(super) creating: Semaphore,
    pub(super) children: Keeper<K, C>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind, G: Gateway<K>, C: Cluster> Reconciler<K, G, C> {
    /// A reconciler of that kind, whose objects stand alone.
    pub fn new(gateway: Arc<G>, cluster: Arc<C>, rules: Rules) -> Self {
        let creating = Semaphore::new(rules.creates_at_once);
        Self { gateway, cluster, rules, creating, children: Arc::new(NoChildren), kind: PhantomData }
    }

    /// The same, of objects with children.
    #[must_use]
    pub fn keeping(mut self, children: Keeper<K, C>) -> Self {
        self.children = children;
        self
    }

    /// Makes one pass. `attempt` counts the passes in a row that ended in [`Next::Retry`].
    pub async fn pass(&self, key: &Key, attempt: u32, now: DateTime<Utc>) -> Result<Next, ClusterError> {
        let Some(object) = self.cluster.get(key).await? else { return Ok(Next::Gone) };
        let identity = Identity::of(&object);
        if identity.deleting && !identity.is_held() {
            return Ok(Next::Rest);
        }
        let status: K::Status = match read_status(&object.status) {
            Ok(status) => status,
            Err(error) => {
                // Without its status nobody knows what was started: nothing may be done, not even a status written.
                warn!(object = %key, %error, "the status cannot be read");
                return Ok(Next::Stalled);
            }
        };
        let now = now.trunc_subsecs(0);
        let read = serde_json::from_value::<K::Spec>(object.spec)
            .map_err(|error| format!("the spec cannot be read: {error}"))
            .and_then(|spec| K::place(&spec).map(|place| (spec, place)).map_err(|error| error.to_string()));
        let (spec, mut place) = match read {
            Ok(read) => read,
            Err(why) => return self.unreadable(identity, status, now, &why).await,
        };
        place.role = self
            .cluster
            .role(key.namespace())
            .await?
            .map(|role| Assume { role, external_id: key.namespace().to_owned() });

        let name = match K::given_name(&spec) {
            Some(name) => name.to_owned(),
            None => resource_name(&identity.uid, key.name(), K::NAME_LIMIT),
        };
        let case = Case {
            reconciler: self,
            by_v1: was_started_by_v1::<K>(&identity, &status, &name),
            claimed_by_v1: K::common(&status).conditions.is_empty() && is_known_to_v1::<K>(&identity, &status, &name),
            intent: if identity.deleting { Intent::Remove } else { Intent::Keep },
            identity,
            spec,
            place,
            name,
            before: status.clone(),
            status,
            now,
            begun: Instant::now(),
            attempt,
        };
        case.run().await
    }

    /// An object that does not say what it wants. If nothing was ever started for it, it can at least be deleted.
    async fn unreadable(
        &self,
        mut identity: Identity,
        status: K::Status,
        now: DateTime<Utc>,
        why: &str,
    ) -> Result<Next, ClusterError> {
        let started = K::common(&status).arn.is_some()
            || K::common(&status).create_request.is_some()
            || K::recorded_name(&status).is_some();
        if identity.deleting && !started {
            let_go(&*self.cluster, &identity).await?;
            return Ok(Next::Gone);
        }
        let mut after = status.clone();
        let message = format!("{why}\nhint: kubectl explain {}.spec", K::KIND.to_lowercase());
        let verdict = Verdict::new(Standing::Refused, "InvalidSpec", message);
        super::report::publish::<K, C>(&*self.cluster, &mut identity, &status, &mut after, Some(&verdict), true, now)
            .await?;
        Ok(Next::Stalled)
    }
}

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
    /// Whether the original operator started the resource.
    pub(super) by_v1: bool,
    /// Whether the original operator meant this resource, and ours has not written anything yet.
    pub(super) claimed_by_v1: bool,
    pub(super) now: DateTime<Utc>,
    /// When the pass began, on a clock that never jumps.
    pub(super) begun: Instant,
    pub(super) attempt: u32,
}

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    async fn run(mut self) -> Result<Next, ClusterError> {
        match self.take_charge().await {
            Ok(()) => {}
            Err(ClusterError::Refused(why)) => return self.unacceptable(&why).await,
            Err(error) => return Err(error),
        }
        if self.intent == Intent::Keep && K::status_word(&self.status).is_none() {
            self.report_without(K::FIRST_STATUS, None);
            self.publish(Verdict::new(Standing::Reconciling, "Synchronizing", "asking SageMaker"), false).await?;
        }
        let waits = match self.prepare().await? {
            Ok(waits) => waits,
            Err(refusal) => return self.trouble(&refusal).await,
        };
        let (seen, sighting) = match self.look().await {
            Ok(seen) => seen,
            Err(refusal) => return self.trouble(&refusal).await,
        };
        let past = past::<K>(&self.status, self.reconciler.rules.not_found_window, self.now, self.by_v1);
        let step = next_step(self.intent, past, &sighting, K::SORT, self.on_drift(seen.as_ref()));
        info!(kind = K::KIND, object = %self.identity.key, name = %self.name, ?step, "next step");
        let mut says = waits;
        if let (Some(seen), Sighting::Present { owner: Owner::Ours, .. }) = (&seen, &sighting) {
            self.report(seen);
            if self.intent == Intent::Keep && says.is_none() {
                match self.follow(seen).await? {
                    Ok(followed) => says = followed,
                    Err(refusal) => return self.trouble(&refusal).await,
                }
            }
        }
        self.take(step, seen.as_ref(), says).await
    }

    /// What is to be done about a difference: nothing where that was asked for, or where a replacement did not help.
    fn on_drift(&self, seen: Option<&K::Observed>) -> OnDrift {
        let on_drift = seen.map_or(K::ON_DRIFT, K::on_drift);
        let replaced = K::common(&self.status).replaced_generation;
        let in_vain = replaced.is_some() && replaced == self.identity.generation;
        match on_drift {
            OnDrift::Replace if self.identity.observe || in_vain => OnDrift::Ignore,
            OnDrift::Update if self.identity.observe && K::SORT == Sort::Lasting => OnDrift::Ignore,
            OnDrift::Ignore | OnDrift::Update | OnDrift::Replace => on_drift,
        }
    }

    /// Takes the step, unless the children have something else to say.
    async fn take(self, step: Step, seen: Option<&K::Observed>, says: Option<Verdict>) -> Result<Next, ClusterError> {
        match step {
            Step::Create | Step::Update | Step::Replace | Step::Watch | Step::Rest if says.is_some() => {
                self.say(says, seen).await
            }
            Step::Create => self.create().await,
            Step::Stop | Step::Replace => self.stop_unless_held(step).await,
            Step::Update => self.update(seen).await,
            Step::Watch => self.watch(seen).await,
            Step::Await => self.wait_for_sight().await,
            Step::Rest => self.rest(seen).await,
            Step::Lost => self.lost().await,
            Step::Refuse(obstacle) => self.refuse(obstacle).await,
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
        // The original's word for it would be overwritten by our first status, so the claim is kept where it stays.
        if self.claimed_by_v1 && !self.by_v1 && !self.identity.adopt {
            metadata.insert("annotations".to_owned(), json!({ crate::lifecycle::ANNOTATION_ADOPT: "true" }));
            self.identity.adopt = true;
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
        let gateway = &self.reconciler.gateway;
        let recorded = recorded_arn::<K>(&self.status);
        match gateway.describe(&self.place, &self.name).await {
            Ok(seen) => {
                let owner = self.owner(&seen, recorded.as_ref()).await?;
                let sighting = Sighting::Present {
                    owner,
                    phase: seen.phase(),
                    drifted: owner == Owner::Ours && K::drift(&self.spec, &seen).update.is_some(),
                    loose_ends: seen.has_loose_ends(),
                };
                Ok((Some(seen), sighting))
            }
            Err(refusal) if refusal.cause == Cause::NotFound => {
                let request = K::common(&self.status).create_request.as_ref();
                let asked = request.and_then(|request| request.account.as_deref());
                let elsewhere = match (&recorded, asked) {
                    (Some(arn), _) => !speaks_of(arn, &self.place, gateway.account(&self.place).await?.as_str()),
                    (None, Some(asked)) => gateway.account(&self.place).await?.as_str() != asked,
                    // The original recorded no account: a job that is still to run cannot be said to be gone.
                    (None, None) => self.by_v1 && !(K::SORT == Sort::Job && K::is_ended(&self.status)),
                };
                Ok((None, if elsewhere { Sighting::AbsentElsewhere } else { Sighting::Absent }))
            }
            Err(refusal) => Err(refusal),
        }
    }

    async fn owner(&self, seen: &K::Observed, recorded: Option<&Arn>) -> Result<Owner, Refusal> {
        let arn = seen.arn().map_err(|error| Refusal {
            operation: "Describe",
            cause: Cause::Transient,
            code: String::new(),
            message: error.to_string(),
            request_id: None,
        })?;
        let evidence = Evidence {
            uid: &self.identity.uid,
            name: &self.name,
            seen: &arn,
            recorded,
            may_adopt: self.reconciler.rules.adopt_by_name || self.identity.adopt || self.by_v1 || self.claimed_by_v1,
        };
        match owner_at_sight(evidence) {
            Some(owner) => Ok(owner),
            None => Ok(owner_by_tags(&self.identity.uid, &self.reconciler.gateway.tags(&self.place, &arn).await?)),
        }
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

fn read_status<S: serde::de::DeserializeOwned + Default>(status: &Value) -> Result<S, serde_json::Error> {
    if status.is_null() { Ok(S::default()) } else { serde_json::from_value(status.clone()) }
}

/// Takes our finalizer off, and no other.
pub(super) async fn let_go<C: Cluster>(cluster: &C, identity: &Identity) -> Result<(), ClusterError> {
    let others: Vec<&String> = identity.finalizers.iter().filter(|finalizer| *finalizer != FINALIZER).collect();
    let patch = json!({ "metadata": { "resourceVersion": identity.version, "finalizers": others } });
    info!(object = %identity.key, "let go");
    match cluster.patch(&identity.key, Part::Object, &patch).await {
        Ok(Whole { .. }) | Err(ClusterError::Gone) => Ok(()),
        Err(error) => Err(error),
    }
}
