//! Following an edit of the spec's tags, the one part of every resource that can always be changed.

use crate::lifecycle::{Gateway, Intent, Kind, Refusal, TagChanges, tag_changes};

use super::cluster::Cluster;
use super::reconcile::Case;
use super::status::recorded_arn;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    /// Sets and removes tags if the spec was edited since the operator last looked. A pass that is broken off in between
    /// has not written down that it looked, so that the next one does it again.
    pub(super) async fn follow_tags(&mut self) -> Result<(), Refusal> {
        let looked_at = K::common(&self.before).observed_generation.filter(|generation| *generation > 0);
        let edited = looked_at.is_some() && looked_at != self.identity.generation;
        let (Intent::Keep, true, Some(arn)) = (self.intent, edited, recorded_arn::<K>(&self.status)) else {
            return Ok(());
        };
        let gateway = &self.reconciler.gateway;
        let wanted = K::tags(&self.spec);
        let there = gateway.tags(&self.place, &arn).await?;
        let set_before = &K::common(&self.status).tag_keys;
        let TagChanges { set, remove } = tag_changes(&wanted, &there, set_before);
        if !set.is_empty() {
            gateway.add_tags(&self.place, &arn, &set).await?;
        }
        if !remove.is_empty() {
            gateway.delete_tags(&self.place, &arn, &remove).await?;
        }
        if !set.is_empty() || !remove.is_empty() {
            let text = format!("{} tags set and {} removed on {}", set.len(), remove.len(), self.name);
            self.tell(false, "Tagged", "Update", text).await;
        }
        K::common_mut(&mut self.status).tag_keys = wanted.into_iter().map(|tag| tag.key).collect();
        Ok(())
    }
}
