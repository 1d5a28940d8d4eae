//! The world's AWS: one kind of job, under any account.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::kind::{Job, JobSeen, JobSpec};
use super::world::{Resource, State, World};
use crate::lifecycle::{AccountId, Arn, Cause, Created, Gateway, Handle, Page, Place, Refusal, Summary, Tag};

fn no(operation: &'static str, cause: Cause) -> Refusal {
    Refusal { operation, cause, code: "Code".to_owned(), message: "told so".to_owned(), request_id: None }
}

fn unheard(operation: &'static str) -> impl FnOnce(Option<Cause>) -> Refusal {
    move |cause| no(operation, cause.unwrap_or(Cause::Transient))
}

impl World {
    /// Deletes a resource that lasts.
    pub(super) async fn delete_resource(&self, name: &str) -> Result<(), Refusal> {
        let effect = |state: &mut State| {
            let id = (state.account.to_owned(), name.to_owned());
            state.resources.remove(&id).map(drop).ok_or_else(|| no("Delete", Cause::NotFound))
        };
        self.call("delete", effect, unheard("Delete")).await
    }
}

impl Gateway<Job> for World {
    async fn describe(&self, _place: &Place, handle: &Handle<'_, Job>) -> Result<JobSeen, Refusal> {
        let effect = |state: &mut State| state.seen(handle.name).ok_or_else(|| no("Describe", Cause::NotFound));
        self.call("describe", effect, unheard("Describe")).await
    }

    async fn create(&self, _place: &Place, name: &str, spec: &JobSpec, tags: &[Tag]) -> Result<Created, Refusal> {
        let keep_alive = spec.keep_alive;
        let effect = |state: &mut State| {
            let id = (state.account.to_owned(), name.to_owned());
            if state.resources.contains_key(&id) {
                return Err(no("Create", Cause::AlreadyExists));
            }
            let visible_at = state.now + state.appears_after;
            state.resources.insert(id, Resource { status: "InProgress", tags: tags.to_vec(), keep_alive, visible_at });
            state.creates += 1;
            Ok(Created { arn: state.arn(name).parse().expect("an ARN") })
        };
        self.call("create", effect, unheard("Create")).await
    }

    async fn stop(&self, _place: &Place, handle: &Handle<'_, Job>) -> Result<(), Refusal> {
        let effect = |state: &mut State| {
            let id = (state.account.to_owned(), handle.name.to_owned());
            match state.resources.get_mut(&id) {
                None => Err(no("Stop", Cause::NotFound)),
                Some(job) if job.status == "InProgress" => {
                    job.status = "Stopping";
                    Ok(())
                }
                Some(_) => Err(no("Stop", Cause::AlreadyEnded)),
            }
        };
        self.call("stop", effect, unheard("Stop")).await
    }

    async fn update(
        &self,
        _place: &Place,
        handle: &Handle<'_, Job>,
        update: &Value,
        _tags: &[Tag],
    ) -> Result<(), Refusal> {
        let keep_alive = update["KeepAlive"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
        let effect = |state: &mut State| {
            let id = (state.account.to_owned(), handle.name.to_owned());
            state.resources.get_mut(&id).ok_or_else(|| no("Update", Cause::NotFound))?.keep_alive = keep_alive;
            Ok(())
        };
        self.call("update", effect, unheard("Update")).await
    }

    async fn changed_since(
        &self,
        _place: &Place,
        _since: DateTime<Utc>,
        _next: Option<&str>,
    ) -> Result<Page<Summary>, Refusal> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn tags(&self, _place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        self.call("tags", |state| Ok(state.tags_of(arn).clone()), unheard("ListTags")).await
    }

    async fn add_tags(&self, _place: &Place, arn: &Arn, tags: &[Tag]) -> Result<(), Refusal> {
        let effect = |state: &mut State| {
            let there = state.tags_of(arn);
            let kept = there.iter().filter(|tag| tags.iter().all(|new| new.key != tag.key));
            let all: Vec<Tag> = kept.chain(tags).cloned().collect();
            if all.len() > 50 {
                return Err(no("AddTags", Cause::Invalid));
            }
            *there = all;
            Ok(())
        };
        self.call("add tags", effect, unheard("AddTags")).await
    }

    async fn delete_tags(&self, _place: &Place, arn: &Arn, keys: &[String]) -> Result<(), Refusal> {
        let effect = |state: &mut State| {
            state.tags_of(arn).retain(|tag| !keys.contains(&tag.key));
            Ok(())
        };
        self.call("delete tags", effect, unheard("DeleteTags")).await
    }

    async fn account(&self, _place: &Place) -> Result<AccountId, Refusal> {
        let effect = |state: &mut State| Ok(state.account.parse().expect("an account"));
        self.call("account", effect, unheard("GetCallerIdentity")).await
    }
}
