//! The real Kubernetes behind the port: time-outs on everything, no write without the right to, no retries by itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Namespace, ObjectReference};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::{ApiResource, DynamicObject};
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Api, Client};
use serde_json::Value;
use tokio::sync::OnceCell;
use tracing::{debug, warn};

use crate::lifecycle::{ANNOTATION_ROLE, Arn, Permit};

use super::cluster::{Cluster, ClusterError, Credentials, Note, Part};
use super::lease::Tenure;
use super::object::{GROUP, Key, Whole, resource_named};

/// Who the Events and field managers say it was.
const MANAGER: &str = "sagemaker-operator";
/// The longest that one request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What stands in the way of all objects of a namespace is looked at again after this long.
const UNKNOWN_KEPT: Duration = Duration::from_secs(2);
/// When what a namespace said is forgotten, so that namespaces that have gone leave nothing behind.
const FORGOTTEN: Duration = Duration::from_mins(10);
/// Objects a page of a list holds.
const PAGE: u32 = 500;
/// Events hold at most this much text; the API server refuses longer ones.
const NOTE_LIMIT: usize = 1024;

/// Kubernetes, for one kind.
pub(super) struct KubeCluster {
    client: Client,
    resource: ApiResource,
    tenure: Arc<Tenure>,
    recorder: Recorder,
    /// Whether it looks after all namespaces.
    cluster_wide: bool,
    shared: Arc<Shared>,
}

/// What all kinds ask for alike.
#[derive(Debug, Default)]
pub(super) struct Shared {
    uid: OnceCell<String>,
    credentials: Mutex<HashMap<String, (Instant, Credentials)>>,
}

impl Shared {
    /// The uid of namespace `kube-system`, once it could be read.
    pub(super) async fn uid(&self, client: &Client) -> Option<String> {
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let read = || async {
            let namespace = in_time(namespaces.get("kube-system")).await.map_err(|failure| {
                debug!(%failure, "the cluster's uid cannot be read, what names the cluster in AWS is left out");
            })?;
            namespace.metadata.uid.ok_or(())
        };
        self.uid.get_or_try_init(read).await.ok().cloned()
    }
}

impl KubeCluster {
    pub(super) fn new(
        client: Client,
        resource: ApiResource,
        tenure: Arc<Tenure>,
        identity: &str,
        cluster_wide: bool,
        shared: Arc<Shared>,
    ) -> Self {
        let reporter = Reporter { controller: MANAGER.to_owned(), instance: Some(identity.to_owned()) };
        Self { recorder: Recorder::new(client.clone(), reporter), client, resource, tenure, cluster_wide, shared }
    }

    fn api(&self, namespace: &str) -> Api<Whole> {
        Api::namespaced_with(self.client.clone(), namespace, &self.resource)
    }

    fn api_of<T>(&self, kind: &str, namespace: &str) -> Api<T>
    where
        T: kube::Resource<DynamicType = ApiResource, Scope = kube::core::DynamicResourceScope>,
    {
        Api::namespaced_with(self.client.clone(), namespace, &resource_named(kind))
    }

    async fn read_credentials(&self, namespace: &str) -> Result<Credentials, ClusterError> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        match in_time(namespaces.get(namespace)).await {
            Ok(object) => Ok(credentials_of(namespace, &object.metadata.annotations.unwrap_or_default())),
            // The operator of one namespace may well not be allowed to look at it; then no role was meant for it.
            Err(Failure::Api(status)) if status.is_forbidden() && !self.cluster_wide => Ok(Credentials::Own),
            Err(Failure::Api(status)) if status.is_forbidden() => Ok(Credentials::Unknown {
                reason: "NamespaceUnreadable",
                message: format!(
                    "whether namespace {namespace} has a role of its own in AWS cannot be read, so that nothing is asked \
                     of AWS: {}\n\
                     hint: allow get on namespaces to the operator's service account, or run it with --namespace",
                    status.message
                ),
            }),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl Credentials {
    /// How long it may be taken for true.
    fn holds(&self) -> Duration {
        match self {
            Self::Own | Self::Of(_) => FORGOTTEN,
            Self::Unknown { .. } => UNKNOWN_KEPT,
        }
    }
}

/// What the namespace's annotation says.
fn credentials_of(namespace: &str, annotations: &BTreeMap<String, String>) -> Credentials {
    let Some(text) = annotations.get(ANNOTATION_ROLE).map(|text| text.trim()).filter(|text| !text.is_empty()) else {
        return Credentials::Own;
    };
    match text.parse::<Arn>() {
        Ok(arn) if arn.is_role() => Credentials::Of(arn),
        Ok(_) | Err(_) => Credentials::Unknown {
            reason: "InvalidRole",
            message: format!(
                "annotation {ANNOTATION_ROLE} of namespace {namespace} is {text:?}, which is not the ARN of an IAM role, \
                 so that nothing is asked of AWS\n\
                 hint: kubectl annotate --overwrite namespace {namespace} \
                 {ANNOTATION_ROLE}=arn:aws:iam::123456789012:role/NAME"
            ),
        },
    }
}

impl Cluster for KubeCluster {
    async fn get(&self, key: &Key) -> Result<Option<Whole>, ClusterError> {
        there_or_gone(in_time(self.api(key.namespace()).get(key.name())).await)
    }

    async fn patch(&self, key: &Key, part: Part, patch: &Value) -> Result<Whole, ClusterError> {
        if !self.tenure.may_write() {
            return Err(ClusterError::NotLeader);
        }
        let api = self.api(key.namespace());
        let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patch = Patch::Merge(patch);
        let written = match part {
            Part::Object => in_time(api.patch(key.name(), &params, &patch)).await,
            Part::Status => in_time(api.patch_status(key.name(), &params, &patch)).await,
        };
        Ok(written?)
    }

    async fn tell(&self, key: &Key, uid: &str, note: &Note) {
        if !self.tenure.may_write() {
            return;
        }
        let reference = ObjectReference {
            api_version: Some(self.resource.api_version.clone()),
            kind: Some(self.resource.kind.clone()),
            namespace: Some(key.namespace().to_owned()),
            name: Some(key.name().to_owned()),
            uid: Some(uid.to_owned()),
            ..ObjectReference::default()
        };
        let text = &note.text[..note.text.floor_char_boundary(NOTE_LIMIT)];
        let event = Event {
            type_: if note.warning { EventType::Warning } else { EventType::Normal },
            reason: note.reason.clone(),
            note: Some(text.to_owned()),
            action: note.action.to_owned(),
            secondary: None,
        };
        match tokio::time::timeout(PATIENCE, self.recorder.publish(&event, &reference)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(object = %key, %error, "an event was lost"),
            Err(_) => warn!(object = %key, "an event was lost: the API server did not answer"),
        }
    }

    async fn credentials(&self, namespace: &str, at_most: Duration) -> Result<Credentials, ClusterError> {
        let remembered = {
            let known = self.shared.credentials.lock().unwrap_or_else(PoisonError::into_inner);
            known
                .get(namespace)
                .filter(|(at, said)| at.elapsed() < at_most.min(said.holds()))
                .map(|(_, said)| said.clone())
        };
        if let Some(credentials) = remembered {
            return Ok(credentials);
        }
        let asked = Instant::now();
        let credentials = self.read_credentials(namespace).await?;
        let mut known = self.shared.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| at.elapsed() < FORGOTTEN);
        known.insert(namespace.to_owned(), (asked, credentials.clone()));
        Ok(credentials)
    }

    async fn others(&self, kind: &'static str, namespace: &str, labels: &str) -> Result<Vec<Whole>, ClusterError> {
        let api: Api<Whole> = self.api_of(kind, namespace);
        let mut params = ListParams::default().labels(labels).limit(PAGE);
        let mut all = Vec::new();
        loop {
            let page = in_time(api.list(&params)).await?;
            all.extend(page.items);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params.continue_token = Some(token),
                None => return Ok(all),
            }
        }
    }

    async fn other(&self, kind: &'static str, key: &Key) -> Result<Option<Whole>, ClusterError> {
        there_or_gone(in_time(self.api_of(kind, key.namespace()).get(key.name())).await)
    }

    async fn create_other(&self, kind: &'static str, namespace: &str, object: &Value) -> Result<Whole, ClusterError> {
        if !self.tenure.may_write() {
            return Err(ClusterError::NotLeader);
        }
        let api: Api<DynamicObject> = self.api_of(kind, namespace);
        let mut object = object.clone();
        object["apiVersion"] = Value::from(format!("{GROUP}/v1"));
        object["kind"] = Value::from(kind);
        let object = serde_json::from_value(object).map_err(|error| ClusterError::Refused(error.to_string()))?;
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        let DynamicObject { metadata, mut data, .. } = in_time(api.create(&params, &object)).await?;
        Ok(Whole { metadata, spec: data["spec"].take(), status: data["status"].take() })
    }

    async fn patch_other(&self, kind: &'static str, key: &Key, patch: &Value) -> Result<Whole, ClusterError> {
        if !self.tenure.may_write() {
            return Err(ClusterError::NotLeader);
        }
        let api: Api<Whole> = self.api_of(kind, key.namespace());
        let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        Ok(in_time(api.patch(key.name(), &params, &Patch::Merge(patch))).await?)
    }

    async fn delete_other(&self, kind: &'static str, key: &Key, uid: &str) -> Result<(), ClusterError> {
        if !self.tenure.may_write() {
            return Err(ClusterError::NotLeader);
        }
        let api: Api<Whole> = self.api_of(kind, key.namespace());
        let this_one = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
        let params = DeleteParams::background().preconditions(this_one);
        match in_time(api.delete(key.name(), &params)).await {
            Ok(_) => Ok(()),
            Err(failure) => match ClusterError::from(failure) {
                // Gone, or another one by now.
                ClusterError::Gone | ClusterError::NotInstalled | ClusterError::Conflict => Ok(()),
                error => Err(error),
            },
        }
    }

    async fn uid(&self) -> Option<String> {
        self.shared.uid(&self.client).await
    }
}

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}", .0.message)]
    Api(Box<kube::core::Status>),
    #[error("{0}")]
    Other(#[source] kube::Error),
    #[error("no answer within {PATIENCE:?}")]
    TimedOut,
}

async fn in_time<T>(request: impl Future<Output = Result<T, kube::Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(kube::Error::Api(status))) => Err(Failure::Api(status)),
        Ok(Err(error)) => Err(Failure::Other(error)),
        Err(_) => Err(Failure::TimedOut),
    }
}

/// Whether "not found" is said of something by its name. Of a kind that it does not know, the API server says only that
/// there is no such path.
fn names_something(status: &kube::core::Status) -> bool {
    status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

fn there_or_gone(answer: Result<Whole, Failure>) -> Result<Option<Whole>, ClusterError> {
    match answer.map_err(ClusterError::from) {
        Ok(there) => Ok(Some(there)),
        Err(ClusterError::Gone) => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<Failure> for ClusterError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Api(status) if status.is_already_exists() => Self::Exists,
            Failure::Api(status) if status.is_conflict() => Self::Conflict,
            Failure::Api(status) if status.code == 404 && names_something(&status) => Self::Gone,
            Failure::Api(status) if status.code == 404 => Self::NotInstalled,
            // Not allowed is also, in some releases by 405, to create what is of a kind whose definition is on its way out.
            Failure::Api(status) if status.is_invalid() || status.is_forbidden() || status.code == 405 => {
                Self::Refused(status.message)
            }
            Failure::Api(_) | Failure::Other(_) | Failure::TimedOut => Self::Passing(Box::new(failure)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_object_is_told_from_a_missing_kind() {
        let read = |status: serde_json::Value| serde_json::from_value(status).map(Failure::Api).unwrap();
        let gone = read(serde_json::json!({
            "status": "Failure", "message": "models.sagemaker.aws.amazon.com \"a\" not found", "reason": "NotFound",
            "details": { "name": "a", "group": "sagemaker.aws.amazon.com", "kind": "models" }, "code": 404,
        }));
        assert!(matches!(ClusterError::from(gone), ClusterError::Gone));
        let unknown = read(serde_json::json!({
            "status": "Failure", "message": "the server could not find the requested resource", "reason": "NotFound",
            "details": {}, "code": 404,
        }));
        assert!(matches!(there_or_gone(Err(unknown)), Err(ClusterError::NotInstalled)));
        let going =
            kube::core::Status::failure("create not allowed while terminating", "MethodNotAllowed").with_code(405);
        assert!(matches!(ClusterError::from(Failure::Api(going.boxed())), ClusterError::Refused(_)));
        // The API server's words for a path below which there is nothing are no Status.
        let path = kube::core::Status::failure("404 page not found", "Failed to parse error data").with_code(404);
        assert!(matches!(ClusterError::from(Failure::Api(path.boxed())), ClusterError::NotInstalled));
    }

    #[test]
    fn a_namespace_names_a_role_or_none_or_says_nothing_that_can_be_followed() {
        let role = "arn:aws:iam::123456789012:role/teams/data";
        let said = |text: &str| credentials_of("ml", &BTreeMap::from([(ANNOTATION_ROLE.to_owned(), text.to_owned())]));
        assert_eq!(credentials_of("ml", &BTreeMap::new()), Credentials::Own);
        assert_eq!(said(""), Credentials::Own);
        assert_eq!(said(role), Credentials::Of(role.parse().unwrap()));
        assert_eq!(said(&format!(" {role}\n")), Credentials::Of(role.parse().unwrap()));
        for wrong in [
            "team",
            "arn:aws:iam::123456789012:user/me",
            "arn:aws:iam::12345:role/x",
            "arn:aws:s3:::role/x",
            "arn:aws:iam::123456789012:role/",
        ] {
            let Credentials::Unknown { reason, message } = said(wrong) else { panic!("{wrong} was taken") };
            assert_eq!(reason, "InvalidRole");
            assert!(message.contains(wrong) && message.contains("hint: kubectl annotate"), "{message}");
        }
    }
}
