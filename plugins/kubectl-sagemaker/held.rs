//! An object with what holds it: its finalizers, and whose child it is.

use chrono::{DateTime, Utc};
use kube::api::DynamicObject;
use sagemaker_operator::cli::{Object, Target, Type};
use sagemaker_operator::lifecycle::{
    ANNOTATION_DELETION, DeletionPolicy, FINALIZER, LABEL_TUNING_JOB, TRIAL_FINALIZER, embeds_uid, is_trial_of,
};

/// An object as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// What it says.
    pub(crate) object: Object,
    /// All of it.
    pub(crate) stored: DynamicObject,
}

impl Held {
    pub(crate) fn new(type_: Type, stored: DynamicObject) -> Self {
        Self { object: Object::new(type_, stored.clone()), stored }
    }

    pub(crate) fn target(&self) -> Target {
        self.object.target()
    }

    /// Since when it is being deleted, if it is.
    pub(crate) fn deleting_since(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.stored.metadata.deletion_timestamp.as_ref()?.0.as_second(), 0)
    }

    fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.stored.metadata.finalizers.iter().flatten().map(String::as_str)
    }

    /// The finalizers of the operator, this one's and the original's.
    pub(crate) fn ours(&self) -> Vec<&str> {
        self.finalizers().filter(|finalizer| [FINALIZER, TRIAL_FINALIZER].contains(finalizer)).collect()
    }

    /// Everybody else's.
    pub(crate) fn others(&self) -> Vec<&str> {
        self.finalizers().filter(|finalizer| ![FINALIZER, TRIAL_FINALIZER].contains(finalizer)).collect()
    }

    /// Whether SageMaker started it for a tuning job.
    pub(crate) fn is_trial(&self) -> bool {
        self.finalizers().any(|finalizer| finalizer == TRIAL_FINALIZER)
    }

    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.stored.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether it says itself that what it has in AWS is to be left.
    pub(crate) fn retains(&self) -> bool {
        self.annotation(ANNOTATION_DELETION).map(str::parse) == Some(Ok(DeletionPolicy::Retain))
    }

    /// Whether it was made for that object, as the operator knows it: by its owner, by its label, or by its name.
    pub(crate) fn is_child_of(&self, parent: &Self) -> bool {
        let (meta, uid) = (&self.stored.metadata, &parent.object.uid);
        if meta.owner_references.iter().flatten().any(|owner| owner.uid == *uid) {
            return true;
        }
        match parent.object.type_ {
            Type::HyperparameterTuningJob => {
                // The original operator left them without a word of whose they are.
                let names = self.object.sagemaker_name().zip(parent.object.sagemaker_name());
                let is_left = || self.is_trial() && names.is_some_and(|(trial, of)| is_trial_of(trial, of));
                meta.labels
                    .as_ref()
                    .and_then(|labels| labels.get(LABEL_TUNING_JOB))
                    .map_or_else(is_left, |of| of == uid)
            }
            Type::HostingDeployment => embeds_uid(&self.object.name, uid),
            Type::TrainingJob
            | Type::ProcessingJob
            | Type::BatchTransformJob
            | Type::Model
            | Type::EndpointConfig
            | Type::HostingAutoscalingPolicy => false,
        }
    }
}

/// The types whose objects an object of that type may have for children, the ones that go first first.
pub(crate) fn types_of_children(type_: Type) -> &'static [Type] {
    match type_ {
        Type::HyperparameterTuningJob => &[Type::TrainingJob],
        // A configuration names models.
        Type::HostingDeployment => &[Type::EndpointConfig, Type::Model],
        Type::TrainingJob
        | Type::ProcessingJob
        | Type::BatchTransformJob
        | Type::Model
        | Type::EndpointConfig
        | Type::HostingAutoscalingPolicy => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const UID: &str = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";

    fn held(type_: Type, metadata: &Value, spec: &Value) -> Held {
        let stored = json!({ "apiVersion": "v1", "kind": type_.kind(), "metadata": metadata, "spec": spec });
        Held::new(type_, serde_json::from_value(stored).unwrap())
    }

    #[test]
    fn a_child_is_known_by_its_owner_by_its_label_and_by_its_name() {
        let meta = json!({ "name": "search", "namespace": "ns", "uid": "u-1" });
        let tuning = held(Type::HyperparameterTuningJob, &meta, &json!({ "hyperParameterTuningJobName": "search-x" }));
        let owner = json!([{ "apiVersion": "v1", "kind": "X", "name": "search", "uid": "u-1" }]);
        let trial = |name: &str, metadata: Value| {
            held(Type::TrainingJob, &metadata, &json!({ "trainingJobName": name })).is_child_of(&tuning)
        };
        let held_by_v1 = json!({ "finalizers": [TRIAL_FINALIZER] });
        assert!(trial("any", json!({ "ownerReferences": owner })));
        assert!(trial("any", json!({ "labels": { LABEL_TUNING_JOB: "u-1" } })));
        assert!(trial("search-x-001-1a2b3c4d", held_by_v1.clone()));
        assert!(!trial("search-y-001-1a2b3c4d", held_by_v1.clone()));
        assert!(!trial("search-x-001-1a2b3c4d-more", held_by_v1));
        assert!(!trial("search-x-001-1a2b3c4d", json!({ "labels": { LABEL_TUNING_JOB: "u-2" } })));
        assert!(!trial("search-x-001-1a2b3c4d", json!({ "finalizers": [FINALIZER] })));
        // A namesake of the deployment that was there before had children with the same labels.
        let deployment = held(Type::HostingDeployment, &json!({ "name": "search", "uid": UID }), &json!({}));
        let model = |metadata: Value| held(Type::Model, &metadata, &json!({})).is_child_of(&deployment);
        let bare = UID.replace('-', "");
        assert!(model(json!({ "name": format!("digits-1-{bare}") })));
        assert!(model(
            json!({ "name": "digits", "ownerReferences": [{ "apiVersion": "v1", "kind": "X", "name": "search", "uid": UID }] })
        ));
        let labels = json!({ "owner_HostingDeployment_namespace": "ns", "owner_HostingDeployment_name": "search" });
        assert!(!model(json!({ "name": "digits-1-0a350733ba0610a511eaaa45cf1e16fb", "labels": labels })));
        assert!(!model(json!({ "name": "digits" })));
    }
}
