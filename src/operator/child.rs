//! A child as its parent sees it: what it is, and whether it can be used.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::api::Content;
use crate::lifecycle::{ANNOTATION_DELETION, Condition, Kind, Standing, Verdict, is_true, leading};

use super::children::{IN_USE, Trouble};
use super::cluster::Cluster;
use super::object::{Key, Whole};

/// An object that is kept for another one.
pub(super) struct Child<K: Kind<Spec: Content>> {
    pub(super) key: Key,
    uid: String,
    version: Option<String>,
    pub(super) deleting: bool,
    pub(super) created: Option<DateTime<Utc>>,
    /// None if it cannot be read.
    pub(super) spec: Option<K::Spec>,
    pub(super) content: Option<Value>,
    tags: Value,
    endpoint: Value,
    /// Its resource's name in AWS, once that was seen.
    pub(super) aws_name: Option<String>,
    status: K::Status,
    ours: bool,
}

impl<K: Kind<Spec: Content>> Child<K> {
    pub(super) fn of(object: &Whole) -> Self {
        let spec: Option<K::Spec> = serde_json::from_value(object.spec.clone()).ok();
        let status: K::Status = serde_json::from_value(object.status.clone()).unwrap_or_default();
        Self {
            key: object.key(),
            uid: object.metadata.uid.clone().unwrap_or_default(),
            version: object.metadata.resource_version.clone(),
            deleting: object.metadata.deletion_timestamp.is_some(),
            created: object.created(),
            content: spec.as_ref().map(Content::content),
            spec,
            tags: object.spec["tags"].clone(),
            endpoint: object.spec["sageMakerEndpoint"].clone(),
            aws_name: K::recorded_name(&status).map(str::to_owned),
            ours: !K::common(&status).conditions.is_empty(),
            status,
        }
    }

    /// Whether SageMaker has its resource. One that only version 1 has looked after is taken at its word.
    pub(super) fn is_ready(&self) -> bool {
        let said = if self.ours {
            is_true(&K::common(&self.status).conditions, "Ready")
        } else {
            K::status_word(&self.status) == Some("Created")
        };
        said && self.aws_name.is_some()
    }

    /// Whether it can stand for what it says: it was seen in SageMaker, and stays as it is. A moment's trouble with it is
    /// none of an endpoint that already has it.
    pub(super) fn is_usable(&self) -> bool {
        self.stays() && self.aws_name.is_some()
    }

    /// Whether it is, or is going to be, what it says. One whose resource somebody has changed while an endpoint uses it can
    /// neither be taken for that nor be made anew: another one has to take its place.
    pub(super) fn stays(&self) -> bool {
        let is_held = |said: &Condition| said.type_ == "Stalled" && said.status == "True" && said.reason == IN_USE;
        !self.deleting && !K::common(&self.status).conditions.iter().any(is_held)
    }

    /// Its kind and name.
    pub(super) fn described(&self) -> String {
        format!("{} {}", K::KIND, self.key.name())
    }

    /// What its parent says while it is not ready.
    pub(super) fn waited_for(&self) -> Verdict {
        let conditions = &K::common(&self.status).conditions;
        let said = leading(conditions).map(|condition| condition.message.as_str()).unwrap_or_default();
        let (standing, reason) = if is_true(conditions, "Stalled") {
            (Standing::Refused, "ChildStalled")
        } else {
            (Standing::Reconciling, "WaitingForChildren")
        };
        let because = if said.is_empty() { String::new() } else { format!(": {said}") };
        Verdict::new(standing, reason, format!("waiting for {}{because}", self.described()))
    }

    /// Has it deleted, unless it is being deleted already.
    pub(super) async fn delete<C: Cluster>(&self, cluster: &C) -> Result<(), Trouble> {
        if !self.deleting {
            cluster.delete_other(K::KIND, &self.key, &self.uid).await?;
        }
        Ok(())
    }

    /// Brings its tags and its address to those of its parent.
    pub(super) async fn bring_along<C: Cluster>(&self, cluster: &C, wanted: &Value) -> Result<(), Trouble> {
        let said = |value: &Value| match value {
            Value::Array(items) if items.is_empty() => Value::Null,
            Value::String(text) if text.is_empty() => Value::Null,
            value => value.clone(),
        };
        let (tags, endpoint) = (said(&wanted["tags"]), said(&wanted["sageMakerEndpoint"]));
        if tags != said(&self.tags) || endpoint != said(&self.endpoint) {
            let patch = json!({ "spec": { "tags": tags, "sageMakerEndpoint": endpoint } });
            self.patch(cluster, patch).await?;
        }
        Ok(())
    }

    /// Has its resource left in SageMaker when the object goes.
    pub(super) async fn retain<C: Cluster>(&self, cluster: &C) -> Result<(), Trouble> {
        self.patch(cluster, json!({ "metadata": { "annotations": { ANNOTATION_DELETION: "retain" } } })).await
    }

    /// Applies a patch to the version that was seen.
    async fn patch<C: Cluster>(&self, cluster: &C, mut patch: Value) -> Result<(), Trouble> {
        patch["metadata"]["resourceVersion"] = json!(self.version);
        cluster.patch_other(K::KIND, &self.key, &patch).await?;
        Ok(())
    }
}

/// A name that Kubernetes takes for an object, as near to this one as can be. Version 1 took none but such.
pub(super) fn wanted_name(about: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    about.chars().map(allowed).collect::<String>().trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_kubernetes_takes_stays() {
        for (about, name) in [("xgboost-model", "xgboost-model"), ("My_Model.1", "my-model.1"), ("_x_", "x")] {
            assert_eq!(wanted_name(about), name);
        }
    }
}
