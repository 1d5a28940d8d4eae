//! The stage as the gateway to its SageMaker: each call is counted, may be lost or refused, and takes its effect.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::super::super::world::MINE;
use super::super::stage::{Stage, State};
use super::{Shelf, Thing, arn};
use crate::lifecycle::{AccountId, Arn, Cause, Created, Gateway, Handle, Page, Place, Refusal, Summary, Tag};

impl Stage {
    async fn aws<T>(
        &self,
        operation: &'static str,
        about: &str,
        effect: impl FnOnce(&mut State) -> Result<T, Cause>,
    ) -> Result<T, Refusal> {
        let no = |cause| {
            let (code, message) = ("Code".to_owned(), "told so".to_owned());
            Refusal { operation, cause, code, message, request_id: None }
        };
        let effect = |state: &mut State| effect(state).map_err(no);
        self.call(operation, about, effect, |cause| no(cause.unwrap_or(Cause::Transient))).await
    }
}

impl<K: Shelf> Gateway<K> for Stage {
    async fn describe(&self, _: &Place, handle: &Handle<'_, K>) -> Result<K::Observed, Refusal> {
        let name = handle.name;
        let effect = |state: &mut State| {
            let there = K::look(&state.aws).get(name).filter(|thing| thing.visible_at <= state.now);
            there.map(|thing| K::describe(state, name, &thing.is)).ok_or(Cause::NotFound)
        };
        self.aws(K::CALLS.describe, name, effect).await
    }

    async fn create(&self, _: &Place, name: &str, spec: &K::Spec, _: &[Tag]) -> Result<Created, Refusal> {
        let effect = |state: &mut State| {
            if K::shelf(&mut state.aws).contains_key(name) {
                return Err(Cause::AlreadyExists);
            }
            let is = K::make(state, spec)?;
            let visible_at = state.now + state.aws.appears_after;
            K::shelf(&mut state.aws).insert(name.to_owned(), Thing { is, visible_at });
            Ok(Created { arn: arn(K::CALLS.resource, name).parse().expect("an ARN") })
        };
        self.aws(K::CALLS.create, name, effect).await
    }

    async fn stop(&self, _: &Place, handle: &Handle<'_, K>) -> Result<(), Refusal> {
        self.aws(K::CALLS.delete, handle.name, |state| K::delete(state, handle.name)).await
    }

    async fn update(&self, _: &Place, handle: &Handle<'_, K>, update: &Value, _: &[Tag]) -> Result<(), Refusal> {
        self.aws(K::CALLS.update, handle.name, |state| K::update(state, handle.name, update)).await
    }

    async fn changed_since(&self, _: &Place, _: DateTime<Utc>, _: Option<&str>) -> Result<Page<Summary>, Refusal> {
        let effect = |state: &mut State| {
            let summary = |name: &String| Summary {
                name: name.clone(),
                status: String::new(),
                secondary_status: None,
                last_modified: None,
            };
            Ok(Page { items: K::shelf(&mut state.aws).keys().map(summary).collect(), next: None })
        };
        self.aws("List", K::CALLS.resource, effect).await
    }

    /// Nobody's tags need to be looked at: every name embeds its object's uid.
    async fn tags(&self, _: &Place, _: &Arn) -> Result<Vec<Tag>, Refusal> {
        Ok(Vec::new())
    }

    async fn add_tags(&self, _: &Place, arn: &Arn, _: &[Tag]) -> Result<(), Refusal> {
        self.aws("AddTags", arn.as_str(), |_| Ok(())).await
    }

    async fn delete_tags(&self, _: &Place, arn: &Arn, _: &[String]) -> Result<(), Refusal> {
        self.aws("DeleteTags", arn.as_str(), |_| Ok(())).await
    }

    async fn account(&self, _: &Place) -> Result<AccountId, Refusal> {
        self.aws("GetCallerIdentity", "", |_| Ok(MINE.parse().expect("an account"))).await
    }
}
