//! The children of a hosting deployment as they are: which of them are what the spec says, what is missing, what is left
//! over.

use serde_json::{Map, Value, json};

use crate::api::hosting_deployment::{EndpointObserved, HostingDeploymentSpec, Names, Resolved};
use crate::api::{Content, EndpointConfig, EndpointConfigSpec, HostingDeployment, Model};
use crate::lifecycle::{Kind, Standing, Verdict, embeds_uid, generated};

use super::child::{Child, wanted_name};
use super::children::{LABEL_V1_NAME, LABEL_V1_NAMESPACE, Subject, Trouble, installed};
use super::cluster::{Cluster, ClusterError};
use super::object::{GROUP, Key, Whole};

/// The parent's uid, on the children of a parent whose name is too long for version 1's label.
const LABEL_PARENT: &str = "sagemaker.aws.amazon.com/hosting-deployment";
/// The longest value of a label.
const LABEL_LIMIT: usize = 63;

type Subjected<'a> = Subject<'a, HostingDeployment>;

/// The children that there are.
pub(super) struct There {
    pub(super) models: Vec<Child<Model>>,
    pub(super) configs: Vec<Child<EndpointConfig>>,
}

/// The children that make up what the spec says, or are to.
#[derive(Default)]
pub(super) struct Used {
    /// Of the models that have one.
    pub(super) names: Names,
    /// The configuration's name in SageMaker, if it has one.
    pub(super) config: Option<String>,
    /// The configuration's name in Kubernetes, if it is there.
    pub(super) config_object: String,
    /// The models' names in Kubernetes. A model and a configuration may have the same one.
    pub(super) models: Vec<String>,
}

impl There {
    pub(super) async fn look<C: Cluster>(cluster: &C, key: &Key, uid: &str) -> Result<Self, ClusterError> {
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
    pub(super) fn whole(&self, spec: &HostingDeploymentSpec, uid: &str, serving: Option<&str>) -> Option<Used> {
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
    pub(super) async fn complete<C: Cluster>(
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
    pub(super) fn served_names(&self, subject: &Subjected<'_>, seen: &EndpointObserved) -> Option<Names> {
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
    pub(super) async fn clean_up<C: Cluster>(
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
    pub(super) async fn bring_along<C: Cluster>(
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
