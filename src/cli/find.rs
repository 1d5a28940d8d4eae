//! Finding an object, and saying as exactly as possible why it was not found.

use kube::api::{DynamicObject, ListParams};
use kube::core::Status;

use super::connect::Unanswered;
use super::target::nearest;
use super::{Cluster, Complaint, Object, Target, Type};

/// Which objects of a kind are meant, where no name is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The label selector; `None` for all.
    pub labels: Option<String>,
    /// In all namespaces, not just in the one of flags and context.
    pub all_namespaces: bool,
}

/// What became of looking at an object once more.
#[derive(Debug)]
pub enum Look {
    /// It is there.
    There(Box<Object>),
    /// It is not there any more.
    Gone,
    /// The API server did not answer, or not now; why.
    Unknown(String),
}

impl Cluster {
    /// Finds an object.
    ///
    /// # Errors
    /// Why not, with near names and other namespaces where they may be listed.
    pub async fn find(&self, target: &Target) -> Result<Object, Complaint> {
        match self.get(target).await {
            Ok(object) => Ok(Object::new(target.type_, object)),
            Err(Unanswered::Status(status)) if is_missing_object(&status) => Err(self.not_found(target).await),
            Err(unanswered) => Err(self.complain("get", target.type_, unanswered)),
        }
    }

    /// An object as it is stored; `None` if there is none of that name, or its kind is not installed.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn fetch(&self, target: &Target) -> Result<Option<DynamicObject>, Complaint> {
        match self.get(target).await {
            Ok(object) => Ok(Some(object)),
            Err(Unanswered::Status(status)) if status.code == 404 => Ok(None),
            Err(unanswered) => Err(self.complain("get", target.type_, unanswered)),
        }
    }

    /// Looks at an object again.
    pub async fn look(&self, target: &Target) -> Look {
        match self.get(target).await {
            Ok(object) => Look::There(Box::new(Object::new(target.type_, object))),
            Err(Unanswered::Status(status)) if is_missing_object(&status) => Look::Gone,
            Err(unanswered) => Look::Unknown(unanswered.to_string()),
        }
    }

    /// Finds all objects of a kind that are meant, the oldest first.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub async fn choose(&self, type_: Type, chosen: &Chosen) -> Result<Vec<Object>, Complaint> {
        let found = list(self, type_, chosen).await?;
        let mut objects: Vec<Object> = found.into_iter().map(|object| Object::new(type_, object)).collect();
        objects.sort_by(|a, b| (a.created, &a.namespace, &a.name).cmp(&(b.created, &b.namespace, &b.name)));
        Ok(objects)
    }

    async fn not_found(&self, target: &Target) -> Complaint {
        let Target { type_, namespace: _, name } = target;
        let complaint =
            Complaint::new(format!("{} {name:?} not found in namespace {:?}", type_.singular(), self.namespace()));
        // Both questions need a right that reading one job does not: no answer is no more than no hint.
        let same_name = ListParams::default().fields(&format!("metadata.name={name}"));
        let all = ListParams::default();
        let (elsewhere, here) =
            tokio::join!(self.list(*type_, None, &same_name), self.list(*type_, Some(self.namespace()), &all),);
        let namespaces: Vec<String> =
            elsewhere.unwrap_or_default().into_iter().filter_map(|object| object.metadata.namespace).collect();
        if let [namespace, ..] = &namespaces[..] {
            return complaint.hint(format_args!("it is in namespace {}: use -n {namespace}", namespaces.join(" and ")));
        }
        let names: Vec<String> =
            here.unwrap_or_default().into_iter().filter_map(|object| object.metadata.name).collect();
        let near = nearest(name, &names);
        if near.is_empty() {
            complaint.hint(format_args!("kubectl get {} -A", type_.singular()))
        } else {
            complaint.did_you_mean(&near)
        }
    }

    /// What a person is told about a request that was not answered as hoped.
    pub(super) fn complain(&self, verb: &str, type_: Type, unanswered: Unanswered) -> Complaint {
        let server = self.server();
        match unanswered {
            Unanswered::Status(status) if is_missing_kind(&status) => Complaint::new(format!(
                "the cluster at {server} does not know the type {}: its CRD is not installed",
                type_.kind()
            ))
            .hint(format_args!("kubectl get crd {}.sagemaker.aws.amazon.com", type_.plural())),
            Unanswered::Status(status) if status.is_forbidden() => {
                Complaint::new(format!("the cluster denies it: {}", status.message)).hint(format_args!(
                    "kubectl auth can-i {verb} {}.sagemaker.aws.amazon.com -n {}",
                    type_.plural(),
                    self.namespace()
                ))
            }
            Unanswered::Status(status) if status.code == 401 => {
                Complaint::new(format!("the API server at {server} does not accept the credentials of the kubeconfig"))
                    .hint("kubectl auth whoami")
            }
            Unanswered::Status(status) => {
                Complaint::new(format!("the API server at {server} answered {}: {}", status.code, status.message))
            }
            silence @ (Unanswered::TimedOut(_) | Unanswered::Unreachable(_)) => self.silence(&silence),
        }
    }

    /// What a person is told if there was no answer at all.
    pub(super) fn silence(&self, unanswered: &Unanswered) -> Complaint {
        let server = self.server();
        match unanswered {
            Unanswered::TimedOut(after) => {
                Complaint::new(format!("no answer from the API server at {server} within {}s", after.as_secs()))
                    .hint("check --context and --server, or give it longer: --request-timeout")
            }
            Unanswered::Status(_) | Unanswered::Unreachable(_) => {
                Complaint::new(format!("cannot reach the API server at {server}: {unanswered}"))
                    .hint("check --context and --server, or: kubectl cluster-info")
            }
        }
    }
}

/// All objects of a kind that are meant.
///
/// # Errors
/// Why they cannot be listed.
pub async fn list(cluster: &Cluster, type_: Type, chosen: &Chosen) -> Result<Vec<DynamicObject>, Complaint> {
    let Chosen { labels, all_namespaces } = chosen;
    let params = ListParams { label_selector: labels.clone(), ..ListParams::default() };
    let namespace = (!all_namespaces).then(|| cluster.namespace());
    let found = cluster.list(type_, namespace, &params).await;
    found.map_err(|unanswered| cluster.complain("list", type_, unanswered))
}

/// The server knows the path but no object of that name.
pub(super) fn is_missing_object(status: &Status) -> bool {
    status.code == 404 && !is_missing_kind(status)
}

/// The whole path is unknown to the server, not just the name: the API server then answers without details.
pub(super) fn is_missing_kind(status: &Status) -> bool {
    status.code == 404 && status.details.as_ref().is_none_or(|details| details.name.is_empty())
}
