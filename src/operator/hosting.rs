//! The children of a hosting deployment: a Model for each of its models, and the `EndpointConfig` that deploys them.
//!
//! They are compared by content. What is there and is as wanted is used, whoever made it and for whichever generation;
//! what is not there is made under a new name, so that nothing changes under an endpoint that runs. What is no longer
//! used goes when the endpoint has settled on something else.

use chrono::TimeDelta;
use futures::FutureExt as _;
use serde_json::{Map, Value, json};

use crate::api::hosting_deployment::{
    EndpointObserved, HostingDeploymentSpec, HostingDeploymentStatus, IN_SERVICE, Names, OUT_OF_SERVICE, Resolved,
    UPDATE_ROLLBACK_FAILED,
};
use crate::api::shared::KeyValuePair;
use crate::api::{Content, EndpointConfig, EndpointConfigSpec, HostingDeployment, Model};
use crate::lifecycle::{Kind, Observation as _, Phase, Standing, Verdict, embeds_uid, generated};

use super::child::{Child, wanted_name};
use super::children::{Answer, Children, LABEL_V1_NAME, LABEL_V1_NAMESPACE, Subject, Trouble, installed};
use super::cluster::{Cluster, ClusterError};
use super::object::{GROUP, Key, Whole};

/// The parent's uid, on the children of a parent whose name is too long for version 1's label.
const LABEL_PARENT: &str = "sagemaker.aws.amazon.com/hosting-deployment";
/// How long after SageMaker has accepted a roll-out the endpoint may look as if nothing had happened.
const UNSEEN: TimeDelta = TimeDelta::minutes(1);
/// The longest value of a label.
const LABEL_LIMIT: usize = 63;

/// Keeps the children of hosting deployments.
#[derive(Debug)]
pub(super) struct Parts;

/// The children that there are.
struct There {
    models: Vec<Child<Model>>,
    configs: Vec<Child<EndpointConfig>>,
}

type Subjected<'a> = Subject<'a, HostingDeployment>;

impl<C: Cluster> Children<HostingDeployment, C> for Parts {
    fn prepare<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            if let Err(why) = subject.spec.check() {
                return Ok(Some(Verdict::new(Standing::Refused, "InvalidSpec", why)));
            }
            let (status, now) = (&mut *subject.status, subject.now);
            status.rollout_time = status.rollout_time.filter(|accepted| now - *accepted < UNSEEN);
            subject.spec.resolved = Resolved {
                tried: status.rollout_digest.clone(),
                unseen_since: status.rollout_time.and(status.last_modified_time),
                ..Resolved::default()
            };
            let there = There::look(cluster, subject.key, subject.uid).await?;
            let (used, waits) = match there.whole(subject.spec, subject.uid, arriving(subject.status)) {
                Some(used) => (used, None),
                None => there.complete(cluster, &subject).await?,
            };
            if waits.is_none() {
                used.bring_along(cluster, &there, &subject).await?;
                if subject.status.endpoint_config_name.is_none() {
                    subject.status.model_names = pairs(&used.names);
                }
            }
            let resolved = &mut subject.spec.resolved;
            (resolved.config, resolved.names) = (used.config.filter(|_| waits.is_none()), used.names);
            (resolved.config_object, resolved.models) = (used.config_object, used.models);
            resolved.knows_children = true;
            if has_begun_nothing(subject.status) {
                // Nothing serves, so that no look at an endpoint will ever tell what is left over.
                there.clean_up(cluster, resolved, &EndpointObserved::default()).await?;
            }
            Ok(waits)
        }
        .boxed()
    }

    fn follow<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>, seen: &'a EndpointObserved) -> Answer<'a> {
        async move {
            if subject.spec.resolved.is_unseen(seen) {
                return Ok(Some(accepted(&subject)));
            }
            if seen.has_settled() {
                let there = There::look(cluster, subject.key, subject.uid).await?;
                if let Some(names) = there.served_names(&subject, seen) {
                    subject.status.model_names = pairs(&names);
                }
                there.clean_up(cluster, &subject.spec.resolved, seen).await?;
            }
            Ok(setback(&subject, seen))
        }
        .boxed()
    }

    fn leave<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            let there = There::look(cluster, subject.key, subject.uid).await?;
            for config in &there.configs {
                config.retain(cluster).await?;
            }
            for model in &there.models {
                model.retain(cluster).await?;
            }
            Ok(None)
        }
        .boxed()
    }

    fn part<'a>(&'a self, cluster: &'a C, subject: Subjected<'a>) -> Answer<'a> {
        async move {
            let there = There::look(cluster, subject.key, subject.uid).await?;
            // A model is needed for as long as a configuration names it.
            for config in &there.configs {
                config.delete(cluster).await?;
            }
            if there.configs.is_empty() {
                for model in &there.models {
                    model.delete(cluster).await?;
                }
            }
            let mut left = there.configs.iter().map(Child::described).chain(there.models.iter().map(Child::described));
            let text = |left: String| format!("the endpoint {} is gone; waiting for the end of {left}", subject.name);
            Ok(left.next().map(|left| Verdict::new(Standing::Reconciling, "DeletingChildren", text(left))))
        }
        .boxed()
    }
}

fn pairs(names: &Names) -> Vec<KeyValuePair> {
    names.iter().map(|(name, aws)| KeyValuePair::new(name, aws)).collect()
}

/// The configuration that serves, or is about to: of two that are alike it is the one to keep.
fn arriving(status: &HostingDeploymentStatus) -> Option<&str> {
    let is_settled = status.endpoint_status.as_deref() == Some(IN_SERVICE) && status.rollout_time.is_none();
    let rolled_out = status.rollout_config_name.as_deref().filter(|_| !is_settled);
    rolled_out.or(status.endpoint_config_name.as_deref())
}

/// Whether no endpoint was ever asked for.
fn has_begun_nothing(status: &HostingDeploymentStatus) -> bool {
    let asked = HostingDeployment::common(status).create_request.is_some();
    !asked && HostingDeployment::recorded_arn(status).is_none() && status.endpoint_config_name.is_none()
}

/// What is to be said while SageMaker shows nothing yet of the update that it has accepted.
fn accepted(subject: &Subjected<'_>) -> Verdict {
    let config = subject.status.rollout_config_name.as_deref().unwrap_or_default();
    let text = format!("SageMaker has accepted the update of {} to {config}, and is about to begin", subject.name);
    Verdict::new(Standing::Reconciling, "Updating", text)
}

/// What is to be said of an endpoint that is not what it is to be, where nothing more is done about it before an edit.
fn setback(subject: &Subjected<'_>, seen: &EndpointObserved) -> Option<Verdict> {
    let resolved = &subject.spec.resolved;
    let (wanted, name) = (resolved.config.as_deref()?, subject.name);
    if HostingDeployment::drift(subject.spec, seen).update.is_some() {
        return None;
    }
    let serving = seen.endpoint_config_name.as_deref().unwrap_or_default();
    let again = format!("to try the same once more: kubectl delete endpointconfig {}", resolved.config_object);
    let (reason, text, hint) = match seen.phase() {
        Phase::Active if serving != wanted => (
            "RolloutFailed",
            format!("SageMaker has taken the update to {wanted} back, and {name} serves on as before with {serving}"),
            format!("correct the spec, an edit of it or of its deploymentConfig is rolled out at once; {again}"),
        ),
        Phase::Failed { reason: UPDATE_ROLLBACK_FAILED } => (
            UPDATE_ROLLBACK_FAILED,
            format!(
                "SageMaker could neither finish the update to {wanted} nor take it back, so that machines of the former \
                 configuration and of this one serve side by side"
            ),
            format!("correct the spec, or put the former one back: an edit is rolled out at once; {again}"),
        ),
        Phase::Failed { reason: OUT_OF_SERVICE } => (
            OUT_OF_SERVICE,
            format!("{name} answers nobody"),
            format!(
                "correct the spec, an edit is rolled out at once; to have the endpoint made again as it is: \
                 aws sagemaker delete-endpoint --endpoint-name {name}"
            ),
        ),
        Phase::Failed { reason } => (
            reason,
            format!("{name} has come to nothing"),
            "correct the spec: the endpoint is deleted then, and made again".to_owned(),
        ),
        Phase::Active | Phase::Changing | Phase::Stopping | Phase::Completed => return None,
    };
    let why = seen.failure_reason().map(|why| format!(": {why}")).unwrap_or_default();
    Some(Verdict::new(Standing::Failed, reason, format!("{text}{why}\nhint: {hint}")))
}

/// The children that make up what the spec says, or are to.
#[derive(Default)]
struct Used {
    /// Of the models that have one.
    names: Names,
    /// The configuration's name in SageMaker, if it has one.
    config: Option<String>,
    /// The configuration's name in Kubernetes, if it is there.
    config_object: String,
    /// The models' names in Kubernetes. A model and a configuration may have the same one.
    models: Vec<String>,
}

impl There {
    async fn look<C: Cluster>(cluster: &C, key: &Key, uid: &str) -> Result<Self, ClusterError> {
        let labels: Vec<_> = labels(key, uid).into_iter().map(|(label, value)| format!("{label}={value}")).collect();
        let (labels, namespace) = (labels.join(","), key.namespace());
        let models = installed(cluster.others(Model::KIND, namespace, &labels).await)?;
        let configs = installed(cluster.others(EndpointConfig::KIND, namespace, &labels).await)?;
        // Labels can be written by anybody: a child also has its parent's uid, in its name or as its owner.
        Ok(Self {
            models: models.iter().filter(|child| is_child(child, uid)).map(Child::of).collect(),
            configs: configs.iter().filter(|child| is_child(child, uid)).map(Child::of).collect(),
        })
    }

    /// The children that are all there and ready, if they are. What the endpoint already has comes first, then the newest.
    fn whole(&self, spec: &HostingDeploymentSpec, uid: &str, serving: Option<&str>) -> Option<Used> {
        let mut configs: Vec<_> = self.configs.iter().filter(|config| config.is_usable()).collect();
        configs.sort_by_key(|config| (config.aws_name.as_deref() != serving, std::cmp::Reverse(config.created)));
        configs.into_iter().find_map(|config| self.deployed_by(config, spec, uid))
    }

    /// The children if this configuration deploys what the spec says.
    fn deployed_by(&self, config: &Child<EndpointConfig>, spec: &HostingDeploymentSpec, uid: &str) -> Option<Used> {
        let deployed: Vec<&str> = config.spec.as_ref()?.models().collect();
        let mut names = Names::new();
        let mut models = Vec::new();
        for model in &spec.models {
            let wanted = spec.model(model).content();
            let alike = self.models.iter().filter(|child| child.is_usable() && child.content.as_ref() == Some(&wanted));
            let is_deployed =
                |child: &Child<Model>| child.aws_name.as_deref().is_some_and(|name| deployed.contains(&name));
            let child = alike.max_by_key(|child| (is_deployed(child), is_made_for(child, &model.name, uid)))?;
            names.insert(model.name.clone(), child.aws_name.clone()?);
            models.push(child.key.name().to_owned());
        }
        let wanted = spec.config(&names).content();
        let config_object = config.key.name().to_owned();
        (config.content.as_ref() == Some(&wanted)).then(|| Used {
            names,
            config: config.aws_name.clone(),
            config_object,
            models,
        })
    }

    /// Makes what is missing, step by step; a verdict says what is waited for.
    async fn complete<C: Cluster>(
        &self,
        cluster: &C,
        subject: &Subjected<'_>,
    ) -> Result<(Used, Option<Verdict>), Trouble> {
        let spec = &*subject.spec;
        let (mut used, mut waits) = (Used::default(), None);
        for model in &spec.models {
            let wanted = spec.model(model);
            let child = match found(&self.models, subject, &model.name, &wanted.content()) {
                Some(child) => child,
                None => made(&self.models, cluster, subject, &model.name, json!(wanted)).await?,
            };
            used.models.push(child.object);
            used.names.extend(child.aws_name.map(|name| (model.name.clone(), name)));
            waits = waits.or(child.waits);
        }
        let about = subject.key.name();
        let wanted = spec.config(&used.names);
        let config = match found(&self.configs, subject, about, &wanted.content()) {
            None if waits.is_none() => Some(made(&self.configs, cluster, subject, about, json!(wanted)).await?),
            // One is there already where there is but a moment's trouble with a model.
            found => found,
        };
        if let Some(config) = config {
            (used.config_object, used.config) = (config.object, config.aws_name);
            waits = waits.or(config.waits);
        }
        Ok((used, waits))
    }

    /// The models that the endpoint serves by, if that is told: those of the spec, or of one that was before.
    fn served_names(&self, subject: &Subjected<'_>, seen: &EndpointObserved) -> Option<Names> {
        let (resolved, serving) = (&subject.spec.resolved, seen.endpoint_config_name.as_deref()?);
        if resolved.config.as_deref() == Some(serving) {
            return Some(resolved.names.clone());
        }
        let serving = self.configs.iter().find(|config| config.aws_name.as_deref() == Some(serving))?;
        let deployed: Vec<&str> = serving.spec.as_ref()?.models().collect();
        let is_deployed =
            |child: &&Child<Model>| child.aws_name.as_deref().is_some_and(|name| deployed.contains(&name));
        let named = self.models.iter().filter(is_deployed).filter_map(|child| {
            let model = subject.spec.models.iter().find(|model| is_made_for(child, &model.name, subject.uid))?;
            Some((model.name.clone(), child.aws_name.clone()?))
        });
        Some(named.collect())
    }

    /// Takes away what neither the spec nor the endpoint uses: configurations first, then the models that none names.
    async fn clean_up<C: Cluster>(
        &self,
        cluster: &C,
        resolved: &Resolved,
        seen: &EndpointObserved,
    ) -> Result<(), Trouble> {
        if !resolved.knows_children {
            return Ok(());
        }
        let is_wanted = |config: &Child<EndpointConfig>| config.key.name() == resolved.config_object;
        let serves = |config: &Child<EndpointConfig>| config.aws_name.as_deref().is_some_and(|name| seen.uses(name));
        for config in self.configs.iter().filter(|config| !is_wanted(config) && !serves(config)) {
            config.delete(cluster).await?;
        }
        let named: Vec<&str> = self
            .configs
            .iter()
            .filter_map(|config| config.spec.as_ref())
            .flat_map(EndpointConfigSpec::models)
            .collect();
        let is_named = |model: &Child<Model>| model.aws_name.as_deref().is_some_and(|name| named.contains(&name));
        let is_used = |model: &Child<Model>| resolved.models.iter().any(|used| used == model.key.name());
        for model in self.models.iter().filter(|model| !is_used(model) && !is_named(model)) {
            model.delete(cluster).await?;
        }
        Ok(())
    }
}

impl Used {
    /// Tags and address can be changed in an existing child, and roll nothing out.
    async fn bring_along<C: Cluster>(
        &self,
        cluster: &C,
        there: &There,
        subject: &Subjected<'_>,
    ) -> Result<(), Trouble> {
        let wanted = json!({ "tags": subject.spec.tags, "sageMakerEndpoint": subject.spec.sage_maker_endpoint });
        for child in there.models.iter().filter(|child| self.models.iter().any(|used| used == child.key.name())) {
            child.bring_along(cluster, &wanted).await?;
        }
        for child in there.configs.iter().filter(|child| child.key.name() == self.config_object) {
            child.bring_along(cluster, &wanted).await?;
        }
        Ok(())
    }
}

/// A child that the spec needs.
struct Needed {
    /// Its name in Kubernetes.
    object: String,
    aws_name: Option<String>,
    /// What is to be said while it cannot be used.
    waits: Option<Verdict>,
}

/// The newest child with that content. Of two models that are alike each has its own: which of them is used does not
/// change with which is ready first.
fn found<K: Kind<Spec: Content>>(
    children: &[Child<K>],
    subject: &Subjected<'_>,
    about: &str,
    wanted: &Value,
) -> Option<Needed> {
    let alike = children.iter().filter(|child| child.stays() && child.content.as_ref() == Some(wanted));
    let own = |child: &Child<K>| is_made_for(child, about, subject.uid);
    let child = alike.max_by_key(|child| (own(child), child.is_ready(), child.created))?;
    let waits = (!child.is_ready()).then(|| child.waited_for());
    Some(Needed { object: child.key.name().to_owned(), aws_name: child.aws_name.clone(), waits })
}

/// A new child.
async fn made<K: Kind<Spec: Content>, C: Cluster>(
    children: &[Child<K>],
    cluster: &C,
    subject: &Subjected<'_>,
    about: &str,
    spec: Value,
) -> Result<Needed, Trouble> {
    let object = free_name(children, subject, about);
    let waits = Some(create::<K, C>(cluster, subject, &object, spec).await?);
    Ok(Needed { object, aws_name: None, waits })
}

/// A name that no child has: with the generation and the uid of the parent, as version 1 gave it.
fn free_name<K: Kind<Spec: Content>>(children: &[Child<K>], subject: &Subjected<'_>, about: &str) -> String {
    let bare = subject.uid.replace('-', "");
    let about = wanted_name(about);
    let mut tries = (1..).map(|n| match n {
        1 => generated(&format!("{}-{bare}", subject.generation), &about, 253),
        n => generated(&format!("{}-{n}-{bare}", subject.generation), &about, 253),
    });
    let is_free = |name: &String| children.iter().all(|child| child.key.name() != name);
    tries.find(is_free).unwrap_or_default()
}

/// Whether the child has a name that was made for this one, see [`free_name`].
fn is_made_for<K: Kind<Spec: Content>>(child: &Child<K>, about: &str, uid: &str) -> bool {
    let generation = || {
        let name = child.key.name().strip_suffix(&uid.replace('-', ""))?;
        name.strip_prefix(&wanted_name(about))?.strip_prefix('-')?.strip_suffix('-')
    };
    generation().is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

fn labels(key: &Key, uid: &str) -> Vec<(&'static str, String)> {
    if key.name().len() <= LABEL_LIMIT {
        vec![(LABEL_V1_NAMESPACE, key.namespace().to_owned()), (LABEL_V1_NAME, key.name().to_owned())]
    } else {
        vec![(LABEL_PARENT, uid.to_owned())]
    }
}

fn is_child(object: &Whole, uid: &str) -> bool {
    let owned = object.metadata.owner_references.iter().flatten().any(|owner| owner.uid == uid);
    owned || embeds_uid(object.metadata.name.as_deref().unwrap_or_default(), uid)
}

/// Makes a child; the verdict says so.
async fn create<K: Kind<Spec: Content>, C: Cluster>(
    cluster: &C,
    subject: &Subjected<'_>,
    name: &str,
    spec: Value,
) -> Result<Verdict, Trouble> {
    let labels: Map<_, _> =
        labels(subject.key, subject.uid).into_iter().map(|(label, value)| (label.to_owned(), json!(value))).collect();
    let owner = json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": HostingDeployment::KIND,
        "name": subject.key.name(),
        "uid": subject.uid,
        "controller": true,
        "blockOwnerDeletion": true,
    });
    let metadata = json!({ "name": name, "labels": labels, "ownerReferences": [owner] });
    let object = json!({ "metadata": metadata, "spec": spec });
    let made = match cluster.create_other(K::KIND, subject.key.namespace(), &object).await {
        Ok(_) => "just made",
        Err(ClusterError::Exists) => "which is there but does not carry the labels of this object's children",
        Err(error) => return Err(error.into()),
    };
    Ok(Verdict::new(Standing::Reconciling, "WaitingForChildren", format!("waiting for {} {name}, {made}", K::KIND)))
}
