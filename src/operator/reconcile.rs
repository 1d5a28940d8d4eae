//! One pass over one object: describe, compare, decide, at most one call, and the status if it changed.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound as _, Utc};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use crate::lifecycle::{
    ANNOTATION_ADOPT, ANNOTATION_DELETION, AccountId, Assume, CreateRequest, DeletionPolicy, FINALIZER, Gateway,
    Intent, InvalidIdent, Kind, Legacy, Place, Standing, Verdict, legacy,
};

use super::case::Case;
use super::children::{Keeper, NoChildren, Subject, Trouble};
use super::cluster::{Cluster, ClusterError, Credentials, Note, Part};
use super::metrics::Metrics;
use super::object::{Identity, Key, Whole};

/// How long what a namespace says of credentials holds, but for what creates.
const CREDENTIALS_KEPT: Duration = Duration::from_secs(30);

/// What an administrator decides about all objects.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Take over an existing resource of the wanted name without asking whose it is, as version 1 did.
    pub adopt_by_name: bool,
    /// The account in which version 1 worked, which it did not record.
    pub v1_account: Option<AccountId>,
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
    /// When there is room for another Create. This was no attempt.
    Turn,
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
    pub(super) metrics: Metrics,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind, G: Gateway<K>, C: Cluster> Reconciler<K, G, C> {
    /// A reconciler of that kind, whose objects stand alone.
    pub fn new(gateway: Arc<G>, cluster: Arc<C>, rules: Rules) -> Self {
        let creating = Semaphore::new(rules.creates_at_once);
        let (children, metrics) = (Arc::new(NoChildren), Metrics::default());
        Self { gateway, cluster, rules, creating, children, metrics, kind: PhantomData }
    }

    /// The same, counting here.
    #[must_use]
    pub fn counting(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// The same, of objects with children.
    #[must_use]
    pub fn keeping(mut self, children: Keeper<K, C>) -> Self {
        self.children = children;
        self
    }

    /// How many more Creates may be under way.
    pub(super) fn turns_left(&self) -> usize {
        self.creating.available_permits()
    }

    /// Makes one pass. `attempt` counts the passes in a row that ended in [`Next::Retry`].
    pub async fn pass(&self, key: &Key, attempt: u32, now: DateTime<Utc>) -> Result<Next, ClusterError> {
        let Some(object) = self.cluster.get(key).await? else { return Ok(Next::Gone) };
        let identity = Identity::of(&object);
        if identity.deleting && !identity.is_held() {
            return Ok(Next::Rest);
        }
        if identity.deleting && identity.on_deletion == Ok(DeletionPolicy::Retain) {
            return self.retain(&identity, &object, now).await;
        }
        let before: K::Status = match read_status(&object.status) {
            Ok(status) => status,
            Err(error) => {
                // Without its status nobody knows what was started: nothing may be done, not even a status written.
                warn!(object = %key, %error, "the status cannot be read");
                return Ok(Next::Stalled);
            }
        };
        let clock = now;
        let now = now.trunc_subsecs(0);
        let mut status = before.clone();
        if K::common(&before).arn.is_none() {
            // Version 1 had a place of its own for some.
            K::common_mut(&mut status).arn = K::recorded_arn(&before).map(str::to_owned);
        }
        let was_touched = K::common(&before).create_request.is_some();
        let by_v1 = legacy::<K>(identity.is_held(), &before);
        if matches!(by_v1, Some(Legacy::Started | Legacy::Uncertain)) {
            // Our first word covers up the original's, so that what may have been started is written down with it.
            let request = || CreateRequest { at: now, account: None, untagged: true, by_version_1: true };
            K::common_mut(&mut status).create_request.get_or_insert_with(request);
        }
        let read = serde_json::from_value::<K::Spec>(object.spec)
            .map_err(|error| format!("the spec cannot be read: {error}"))
            .and_then(|spec| K::place(&spec).map(|place| (spec, place)).map_err(|error| error.to_string()));
        let (spec, mut place) = match read {
            Ok(read) => read,
            Err(why) => {
                let hint = format!("kubectl explain {}.spec", K::KIND.to_lowercase());
                return self
                    .decline(identity, &before, status, now, "InvalidSpec", &format!("{why}\nhint: {hint}"))
                    .await;
            }
        };
        if let Err(error) = &identity.on_deletion
            && (identity.deleting || !was_started::<K>(&status))
        {
            let why = invalid_policy(error);
            return self.decline(identity, &before, status, now, "InvalidAnnotation", &why).await;
        }
        if by_v1.is_some() && !was_touched {
            K::inherit(&mut status, &spec);
        }
        place.role = match self.cluster.credentials(key.namespace(), CREDENTIALS_KEPT).await? {
            Credentials::Own => None,
            Credentials::Of(role) => Some(Assume { role, external_id: key.namespace().to_owned() }),
            Credentials::Unknown { reason, message } => {
                let next = self.decline(identity, &before, status, now, reason, &message).await?;
                // What mends it is no change of the object, and asking costs AWS nothing.
                return Ok(if next == Next::Stalled { Next::Retry } else { next });
            }
        };

        let name = K::name_in_use(&spec, &identity.uid, key.name());
        // Under another name than it reported, the original would have started another resource, whatever became of the first.
        let named = K::recorded_name(&before).is_none_or(|recorded| recorded == name);
        let case = Case {
            reconciler: self,
            legacy: legacy::<K>(identity.is_held(), &before).filter(|_| named),
            intent: if identity.deleting { Intent::Remove } else { Intent::Keep },
            identity,
            spec,
            place,
            name,
            before,
            status,
            now,
            clock,
            begun: Instant::now(),
            news: None,
            attempt,
        };
        case.run().await
    }

    /// Lets a deleted object go and leaves what it has in SageMaker as it is.
    async fn retain(&self, identity: &Identity, object: &Whole, now: DateTime<Utc>) -> Result<Next, ClusterError> {
        let status = read_status::<K::Status>(&object.status).ok();
        if !self.leave_children(identity, object, status.clone().unwrap_or_default(), now).await? {
            return Ok(Next::Retry);
        }
        if status.as_ref().is_none_or(was_started::<K>) {
            let arn = status.as_ref().and_then(|status| K::common(status).arn.clone());
            let name = status.as_ref().and_then(|status| K::recorded_name(status).map(str::to_owned));
            let what = arn.or(name).unwrap_or_else(|| "what was started".to_owned());
            let text = format!(
                "{what} is left in SageMaker as it is, neither stopped nor deleted, as {ANNOTATION_DELETION} wants it\n\
                 hint: to take it up again, apply an object with its name and the annotation {ANNOTATION_ADOPT}=true"
            );
            // Told before it is done: afterwards nobody would know.
            let note = Note { warning: false, reason: "Retained".to_owned(), action: "Delete", text };
            self.cluster.tell(&identity.key, &identity.uid, &note).await;
        }
        let_go(&*self.cluster, identity).await?;
        Ok(Next::Gone)
    }

    /// Has the children left alone as well. False if AWS has to be asked again for it.
    async fn leave_children(
        &self,
        identity: &Identity,
        object: &Whole,
        mut status: K::Status,
        now: DateTime<Utc>,
    ) -> Result<bool, ClusterError> {
        let read = serde_json::from_value::<K::Spec>(object.spec.clone()).ok();
        let Some((mut spec, place)) = read.and_then(|spec| K::place(&spec).ok().map(|place| (spec, place))) else {
            // Nothing can have been started for what cannot be read.
            return Ok(true);
        };
        let name = K::name_in_use(&spec, &identity.uid, identity.key.name());
        let subject = Subject {
            key: &identity.key,
            uid: &identity.uid,
            generation: identity.generation.unwrap_or_default(),
            place: &place,
            name: &name,
            deleting: true,
            now,
            spec: &mut spec,
            status: &mut status,
        };
        match self.children.leave(&self.cluster, subject).await {
            Ok(_) => Ok(true),
            Err(Trouble::Aws(refusal)) => {
                warn!(object = %identity.key, %refusal, "the children cannot be left yet");
                Ok(false)
            }
            Err(Trouble::Cluster(error)) => Err(error),
        }
    }

    /// An object that cannot be followed as it is: it says why, and nothing is done for it. If nothing was ever started
    /// for it, it can at least be deleted.
    async fn decline(
        &self,
        mut identity: Identity,
        before: &K::Status,
        mut status: K::Status,
        now: DateTime<Utc>,
        reason: &str,
        why: &str,
    ) -> Result<Next, ClusterError> {
        if identity.deleting && !was_started::<K>(&status) {
            let_go(&*self.cluster, &identity).await?;
            return Ok(Next::Gone);
        }
        let verdict = Verdict::new(Standing::Refused, reason, why);
        super::report::publish::<K, C>(&*self.cluster, &mut identity, before, &mut status, Some(&verdict), true, now)
            .await?;
        Ok(Next::Stalled)
    }
}

/// Whether something was started for the object, or may have been.
fn was_started<K: Kind>(status: &K::Status) -> bool {
    let common = K::common(status);
    // Version 1 wrote the name, and not which generation it had seen.
    let by_v1 = K::recorded_name(status).is_some() && common.observed_generation.is_none();
    common.arn.is_some() || common.create_request.is_some() || by_v1
}

pub(super) fn invalid_policy(error: &InvalidIdent) -> String {
    format!(
        "the annotation {ANNOTATION_DELETION} cannot be followed: {error}\n\
         hint: kubectl annotate … --overwrite {ANNOTATION_DELETION}=stop (or retain)"
    )
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
