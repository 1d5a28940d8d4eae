//! What there is to take away: the operator, and the objects that it looks after.

use k8s_openapi::api::apps::v1::Deployment;
use sagemaker_operator::cli::{
    Cluster, Complaint, Deployed, Type, Unread, deployed, missing_types, operator_sign_for_sure,
};
use sagemaker_operator::lifecycle::{OPERATOR_NAMESPACE, PRODUCT_LABEL};
use serde_json::Value;

use super::scope::Scope;
use crate::builtin::builtin;
use crate::deployment::{is_of_version_1, scope};
use crate::find;
use crate::held::Held;

/// What brought the operator, and takes it away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remover {
    /// An installer of this version: its parts are known by their label.
    Here,
    /// Helm, which keeps books of its own.
    Helm { release: String, namespace: String },
    /// An installer of version 1, or somebody's own.
    Somebody,
}

/// The operator's Deployment.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) namespace: String,
    pub(super) name: String,
    version: Option<String>,
    /// The only namespace that it looks after.
    pub(super) only: Option<String>,
    is_first: bool,
    pub(super) remover: Remover,
}

/// The operator, and the kinds that the cluster knows.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) operator: Option<Operator>,
    pub(super) types: Vec<Type>,
}

impl Installation {
    /// Looks for it.
    ///
    /// # Errors
    /// If that cannot be said.
    pub(super) async fn look(cluster: &Cluster) -> Result<Self, Complaint> {
        let unsaid = |why: String| Complaint::new(format!("what is installed cannot be said: {why}"));
        let missing = missing_types(cluster).await.map_err(unsaid)?;
        let types = Type::ALL.into_iter().filter(|type_| !missing.contains(type_)).collect();
        let Some(deployed) = deployed(cluster).await.map_err(unsaid)? else {
            return Ok(Self { operator: None, types });
        };
        let stored = cluster.stored(&builtin::<Deployment>(), Some(&deployed.namespace), &deployed.name).await;
        let stored = stored.map_err(|why: Unread| unsaid(why.to_string()))?;
        Ok(Self { operator: stored.map(|stored| Operator::new(deployed, &stored)), types })
    }

    /// The namespace that it is all about; `None`: all.
    pub(super) fn only(&self) -> Option<&str> {
        self.operator.as_ref().and_then(|operator| operator.only.as_deref())
    }

    /// The objects that the operator looks after, those of one kind after those of another.
    ///
    /// # Errors
    /// If one of the kinds cannot be listed.
    pub(super) async fn objects(&self, cluster: &Cluster) -> Result<Vec<Held>, Complaint> {
        find::all(cluster, &self.types, self.only()).await
    }

    /// Whether it can be done: without an operator, what it holds would hang.
    ///
    /// # Errors
    /// What stands in the way, and what to do about it.
    pub(super) async fn is_able(&self, cluster: &Cluster, objects: &[Held], scope: Scope) -> Result<(), Complaint> {
        let Some(operator) = &self.operator else {
            if objects.is_empty() && !scope.crds {
                let here = cluster.namespace();
                return Err(Complaint::new(format!("no operator in namespace {here} nor in {OPERATOR_NAMESPACE}"))
                    .hint("say where it is: kubectl sagemaker uninstall -n NAMESPACE"));
            }
            return if is_held(objects) { Err(nobody_lets_go("there is no operator")) } else { Ok(()) };
        };
        if scope.keep_aws && operator.is_first && !objects.is_empty() {
            return Err(Complaint::refused("version 1 ends in AWS whatever is deleted: it cannot keep anything")
                .hint("replace it by version 2 first, which takes its objects over, or go without --keep-aws"));
        }
        if is_held(objects) {
            let sign = operator_sign_for_sure(cluster, &operator.namespace).await;
            if !sign.may_be_alive() {
                return Err(nobody_lets_go(&format!("the operator is {}", sign.told())));
            }
        }
        Ok(())
    }
}

/// Whether any of them is kept until the operator lets it go.
fn is_held(objects: &[Held]) -> bool {
    objects.iter().any(|held| !held.ours().is_empty())
}

fn nobody_lets_go(why: &str) -> Complaint {
    Complaint::refused(format!("{why}, and nobody else ends what the objects have in AWS: nothing was changed"))
        .hint("have it run again: kubectl sagemaker doctor says what keeps it from that")
        .hint("or delete the objects, and let each go by hand: kubectl sagemaker unstick --all-stuck -A --stop-aws")
}

impl Operator {
    fn new(deployed: Deployed, stored: &Value) -> Self {
        let Deployed { namespace, name, image, version, .. } = deployed;
        let metadata = &stored["metadata"];
        let helm = |key: &str| metadata["annotations"][format!("meta.helm.sh/release-{key}")].as_str();
        let remover = match (helm("name"), metadata["labels"][PRODUCT_LABEL.0].as_str()) {
            (Some(release), _) => Remover::Helm {
                release: release.to_owned(),
                namespace: helm("namespace").unwrap_or(&namespace).to_owned(),
            },
            (None, Some(name)) if name == PRODUCT_LABEL.1 => Remover::Here,
            (None, _) => Remover::Somebody,
        };
        Self { is_first: is_of_version_1(&image), only: scope(stored), namespace, name, version, remover }
    }

    /// `The operator v2.0.0 in namespace ml looks after …`.
    pub(super) fn told(&self) -> String {
        let version = self.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let namespace = &self.namespace;
        match &self.only {
            Some(only) if only == namespace => {
                format!("The operator{version} in namespace {namespace} looks after that one")
            }
            Some(only) => format!("The operator{version} in namespace {namespace} looks after namespace {only}"),
            None => format!("The operator{version} in namespace {namespace} looks after all namespaces"),
        }
    }
}

impl Remover {
    /// What a person types to take the operator away.
    pub(super) fn command(&self) -> String {
        match self {
            Self::Helm { release, namespace } => format!("helm uninstall {release} -n {namespace}"),
            Self::Here | Self::Somebody => "kubectl delete -f the installer that brought it".to_owned(),
        }
    }
}
