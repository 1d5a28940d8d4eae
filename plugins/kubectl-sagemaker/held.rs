//! An object with what holds it: its finalizers, and whose child it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kube::api::DynamicObject;
use sagemaker_operator::cli::{Object, Target, Type};
use sagemaker_operator::lifecycle::{FINALIZER, TRIAL_FINALIZER};

/// The parent's uid, on a trial.
const LABEL_TUNING_JOB: &str = "sagemaker.aws.amazon.com/tuning-job";
/// The parent's uid, on the children of a hosting deployment of a long name.
const LABEL_DEPLOYMENT: &str = "sagemaker.aws.amazon.com/hosting-deployment";
/// The parent's namespace and name, on the children of a hosting deployment.
const LABELS_V1: [&str; 2] = ["owner_HostingDeployment_namespace", "owner_HostingDeployment_name"];

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

    /// Whether it was made for that object: by its owner, by a label, or as the original operator made it.
    pub(crate) fn is_child_of(&self, parent: &Self) -> bool {
        let (meta, uid) = (&self.stored.metadata, &parent.object.uid);
        if meta.owner_references.iter().flatten().any(|owner| owner.uid == *uid) {
            return true;
        }
        let labels: &BTreeMap<String, String> = &meta.labels.clone().unwrap_or_default();
        let label = |key: &str| labels.get(key);
        match parent.object.type_ {
            Type::HyperparameterTuningJob => match label(LABEL_TUNING_JOB) {
                Some(of) => of == uid,
                None => self.is_trial() && self.is_named_after(parent),
            },
            Type::HostingDeployment => {
                let v1 = LABELS_V1.map(|key| label(key).map(String::as_str));
                label(LABEL_DEPLOYMENT) == Some(uid)
                    || v1 == [Some(&*parent.object.namespace), Some(&*parent.object.name)]
            }
            Type::TrainingJob
            | Type::ProcessingJob
            | Type::BatchTransformJob
            | Type::Model
            | Type::EndpointConfig
            | Type::HostingAutoscalingPolicy => false,
        }
    }

    /// SageMaker names trials after their tuning job, with a number and eight letters or digits. The original operator
    /// left them without a word of whose they are.
    fn is_named_after(&self, parent: &Self) -> bool {
        let names = self.object.sagemaker_name().zip(parent.object.sagemaker_name());
        let rest = names.and_then(|(trial, job)| trial.strip_prefix(job));
        let parts: Vec<&str> = rest.unwrap_or_default().split('-').collect();
        matches!(parts[..], ["", number, suffix]
            if number.len() >= 3 && number.bytes().all(|digit| digit.is_ascii_digit())
            && suffix.len() == 8 && suffix.bytes().all(|letter| letter.is_ascii_alphanumeric()))
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

    fn held(type_: Type, metadata: &Value, spec: &Value) -> Held {
        let stored = json!({ "apiVersion": "v1", "kind": type_.kind(), "metadata": metadata, "spec": spec });
        Held::new(type_, serde_json::from_value(stored).unwrap())
    }

    #[test]
    fn a_child_is_known_by_its_owner_by_label_and_as_version_1_made_it() {
        let meta = json!({ "name": "search", "namespace": "ns", "uid": "u-1" });
        let tuning = held(Type::HyperparameterTuningJob, &meta, &json!({ "hyperParameterTuningJobName": "search-x" }));
        let deployment = held(Type::HostingDeployment, &meta, &json!({}));
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
        let model = |metadata: Value| held(Type::Model, &metadata, &json!({})).is_child_of(&deployment);
        assert!(model(json!({ "labels": { LABELS_V1[0]: "ns", LABELS_V1[1]: "search" } })));
        assert!(!model(json!({ "labels": { LABELS_V1[0]: "other", LABELS_V1[1]: "search" } })));
        assert!(!model(json!({})));
    }
}
