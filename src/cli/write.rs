//! What a plugin does to an object: lets it go, deletes it, and tells of it.

use json_patch::{Patch as Operations, PatchOperation, RemoveOperation, TestOperation};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::core::ApiResource;
use serde_json::{Value, json};

use super::connect::Unanswered;
use super::{Cluster, Complaint, Target, Unread};

/// Who Events and field managers say it was.
const MANAGER: &str = "kubectl-sagemaker";
/// Events hold at most this much text; the API server refuses longer ones.
const NOTE_LIMIT: usize = 1024;

/// Something to tell of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// Whether it is a warning.
    pub warning: bool,
    /// A word for programs.
    pub reason: &'a str,
    /// What was done.
    pub action: &'a str,
    /// The text for people.
    pub text: &'a str,
}

/// Why an object was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwritten {
    /// It has changed since it was read.
    Changed,
    /// It is gone.
    Gone,
    /// The API server did not do it; why.
    Refused(Complaint),
}

impl Cluster {
    /// Takes these finalizers off an object that is as it was read: the same one, unchanged.
    ///
    /// # Errors
    /// What became of it instead.
    pub async fn let_go(&self, target: &Target, object: &DynamicObject, ours: &[&str]) -> Result<(), Unwritten> {
        let patch = Patch::<()>::Json(without(object, ours));
        let api = self.api(target);
        let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        match self.ask(|| api.patch(&target.name, &params, &patch)).await {
            Ok(_) => Ok(()),
            // A test that does not hold makes the patch as a whole invalid.
            Err(Unanswered::Status(status)) if matches!(status.code, 409 | 422) && !is_of_a_field(&status) => {
                Err(Unwritten::Changed)
            }
            Err(Unanswered::Status(status)) if status.code == 404 => Err(Unwritten::Gone),
            Err(unanswered) => Err(Unwritten::Refused(self.complain("patch", target.type_, unanswered))),
        }
    }

    /// Asks for the deletion of that very object.
    ///
    /// # Errors
    /// Why it was not taken. An object that is gone is no error.
    pub async fn delete(&self, target: &Target, uid: &str) -> Result<(), Complaint> {
        let api = self.api(target);
        let this_one = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
        let params = DeleteParams::background().preconditions(this_one);
        match self.ask(|| api.delete(&target.name, &params)).await {
            Ok(_) => Ok(()),
            Err(Unanswered::Status(status)) if matches!(status.code, 404 | 409) => Ok(()),
            Err(unanswered) => Err(self.complain("delete", target.type_, unanswered)),
        }
    }

    /// Writes an annotation onto that very object.
    ///
    /// # Errors
    /// Why it was not taken. An object that is gone is no error.
    pub async fn annotate(&self, target: &Target, uid: &str, key: &str, value: &str) -> Result<(), Complaint> {
        let api = self.api(target);
        let mut patch = json!({ "metadata": { "uid": uid, "annotations": {} } });
        patch["metadata"]["annotations"][key] = json!(value);
        let patch = Patch::Merge(patch);
        let params = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        match self.ask(|| api.patch(&target.name, &params, &patch)).await {
            Ok(_) => Ok(()),
            Err(Unanswered::Status(status)) if matches!(status.code, 404 | 409) => Ok(()),
            Err(unanswered) => Err(self.complain("patch", target.type_, unanswered)),
        }
    }

    /// Asks for the deletion of any object of the cluster; `false` if there is none of that name.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn delete_any(
        &self,
        resource: &ApiResource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<bool, Unread> {
        let (api, params) = (self.any(resource, namespace), DeleteParams::background());
        match self.ask(|| api.delete(name, &params)).await {
            Ok(_) => Ok(true),
            Err(Unanswered::Status(status)) if status.code == 404 => Ok(false),
            Err(unanswered) => Err(unanswered.into()),
        }
    }

    /// Tells of an object by an Event. A namespace that is being deleted takes none, and not everybody may write them.
    ///
    /// # Errors
    /// Why nothing was told.
    pub async fn tell(&self, target: &Target, uid: &str, note: &Note<'_>) -> Result<(), String> {
        let namespace = target.namespace.as_deref().unwrap_or(self.namespace());
        let now = Timestamp::now();
        let metadata = json!({ "name": format!("{}.{:x}", target.name, now.as_nanosecond()), "namespace": namespace });
        let event = Event {
            metadata: serde_json::from_value(metadata).map_err(|error| error.to_string())?,
            action: Some(note.action.to_owned()),
            event_time: Some(MicroTime(now)),
            note: Some(note.text[..note.text.floor_char_boundary(NOTE_LIMIT)].to_owned()),
            reason: Some(note.reason.to_owned()),
            regarding: Some(ObjectReference {
                api_version: Some(target.type_.resource().api_version),
                kind: Some(target.type_.kind().to_owned()),
                namespace: Some(namespace.to_owned()),
                name: Some(target.name.clone()),
                uid: Some(uid.to_owned()),
                ..ObjectReference::default()
            }),
            reporting_controller: Some(MANAGER.to_owned()),
            reporting_instance: Some(MANAGER.to_owned()),
            type_: Some(if note.warning { "Warning" } else { "Normal" }.to_owned()),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client(), namespace);
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        self.ask(|| api.create(&params, &event)).await.map(drop).map_err(|unanswered| unanswered.to_string())
    }

    fn api(&self, target: &Target) -> Api<DynamicObject> {
        let namespace = target.namespace.as_deref().unwrap_or(self.namespace());
        Api::namespaced_with(self.client(), namespace, &target.type_.resource())
    }
}

/// Whether a rule of the schema was broken, and not the patch's own test.
fn is_of_a_field(status: &kube::core::Status) -> bool {
    status.details.as_ref().is_some_and(|details| details.causes.iter().any(|cause| !cause.field.is_empty()))
}

/// The JSON Patch that takes these finalizers off and nothing else, from the last one to the first, so that each index
/// stays true; and only if all is as it was read.
fn without(object: &DynamicObject, ours: &[&str]) -> Operations {
    let path = |path: &str| path.parse().unwrap_or_default();
    let test = |at: &str, value: Value| PatchOperation::Test(TestOperation { path: path(at), value });
    let meta = &object.metadata;
    let mut operations =
        vec![test("/metadata/uid", json!(meta.uid)), test("/metadata/resourceVersion", json!(meta.resource_version))];
    let finalizers = meta.finalizers.iter().flatten().enumerate();
    let leaving: Vec<_> = finalizers.filter(|(_, finalizer)| ours.contains(&finalizer.as_str())).collect();
    for (index, finalizer) in leaving.into_iter().rev() {
        let at = format!("/metadata/finalizers/{index}");
        operations.push(test(&at, json!(finalizer)));
        operations.push(PatchOperation::Remove(RemoveOperation { path: path(&at) }));
    }
    Operations(operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_finalizers_leave_and_only_from_where_they_were_seen() {
        let object: DynamicObject = serde_json::from_value(json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "TrainingJob",
            "metadata": { "name": "a", "uid": "u-1", "resourceVersion": "7", "finalizers": ["x", "ours", "y", "trial"] },
        }))
        .unwrap();
        let mut stored = serde_json::to_value(&object).unwrap();
        let patch = without(&object, &["ours", "trial"]);
        let mut changed = stored.clone();
        changed["metadata"]["finalizers"] = json!(["ours", "x", "y", "trial"]);
        assert!(json_patch::patch(&mut changed, &patch).is_err(), "they have moved");
        let mut other = stored.clone();
        other["metadata"]["uid"] = json!("u-2");
        assert!(json_patch::patch(&mut other, &patch).is_err(), "it is another object");
        json_patch::patch(&mut stored, &patch).unwrap();
        assert_eq!(stored["metadata"]["finalizers"], json!(["x", "y"]));
    }
}
