//! Following an edit of the spec's tags, the one part of every resource that can always be changed.

use crate::lifecycle::{Gateway, Intent, Kind, Refusal, TagChanges, tag_changes};

use super::case::Case;
use super::cluster::Cluster;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    /// Sets and removes tags if the spec was edited since that was last done. What is met for the first time keeps the
    /// tags it has. A pass that is broken off in between has not written down what it did, so that the next does it again.
    pub(super) async fn follow_tags(&mut self) -> Result<(), Refusal> {
        let done = K::common(&self.status).tags_generation;
        if self.intent == Intent::Remove || done == self.identity.generation {
            return Ok(());
        }
        let tagged = K::tagged(&self.status);
        let wanted = K::tags(&self.spec);
        let never_any = wanted.is_empty() && K::common(&self.status).tag_keys.is_empty();
        if done.is_none() || tagged.is_empty() || never_any {
            self.note_tags();
            return Ok(());
        }
        let gateway = &self.reconciler.gateway;
        let set_before = &K::common(&self.status).tag_keys;
        let (mut text, mut left_out) = (None, None);
        for arn in &tagged {
            let there = gateway.tags(&self.place, arn).await?;
            let TagChanges { set, remove, give_way } = tag_changes(&wanted, &there, set_before);
            let leaving: Vec<_> = remove.iter().chain(&give_way).cloned().collect();
            if !leaving.is_empty() {
                gateway.delete_tags(&self.place, arn, &leaving).await?;
            }
            if !give_way.is_empty() {
                left_out = Some(give_way);
            }
            if !set.is_empty() {
                gateway.add_tags(&self.place, arn, &set).await?;
            }
            if !set.is_empty() || !remove.is_empty() {
                text = Some(format!("{} tags set and {} removed on {}", set.len(), remove.len(), self.name));
            }
        }
        if let Some(text) = text {
            self.tell(false, "Tagged", "Update", text).await;
        }
        if let Some(keys) = left_out {
            let text = format!(
                "{} no longer carries {} of the operator's, for the tags of its spec: there is room for 50",
                self.name,
                keys.join(", ")
            );
            self.tell(true, "TagsLeftOut", "Update", text).await;
        }
        self.note_tags();
        Ok(())
    }

    /// Notes that the resource carries the tags of the spec.
    pub(super) fn note_tags(&mut self) {
        let keys = K::tags(&self.spec).into_iter().map(|tag| tag.key).collect();
        let generation = self.identity.generation;
        let common = K::common_mut(&mut self.status);
        common.tag_keys = keys;
        common.tags_generation = generation;
    }
}
