//! The world's Application Auto Scaling: targets and policies, each of which knows who made it. What is done to somebody
//! else's it remembers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::world::{MINE, State, World};
use crate::api::HostingAutoscalingPolicy;
use crate::api::hosting_autoscaling_policy::{
    AutoScaling, HostingAutoscalingPolicyObserved, HostingAutoscalingPolicySpec, PolicySeen, TargetSeen, change, look,
    make, unmake,
};
use crate::lifecycle::{AccountId, Arn, Cause, Created, Gateway, Handle, Page, Parts, Place, Refusal, Summary, Tag};

type Policy = HostingAutoscalingPolicy;

#[derive(Debug, Default)]
pub(in crate::operator::tests) struct Service {
    pub(super) targets: BTreeMap<String, Target>,
    /// The resources whose endpoint is not in service.
    pub(super) down: BTreeSet<String>,
    /// Whether nobody may set or read tags.
    pub(super) tags_denied: bool,
    /// Which resource somebody else registers, with that uid in its tags, right before our own registration of it.
    pub(super) overtaken: Option<(String, String)>,
    /// What was done to somebody else's.
    pub(super) offences: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Target {
    pub(super) is_foreign: bool,
    pub(super) capacity: (i64, i64),
    pub(super) tags: Vec<Tag>,
    pub(super) policies: BTreeMap<String, PolicySeen>,
}

impl Target {
    /// One that somebody else made.
    pub(super) fn foreign(capacity: (i64, i64), tags: Vec<Tag>) -> Self {
        Self { is_foreign: true, capacity, tags, policies: BTreeMap::new() }
    }
}

impl Service {
    /// The target of that resource, about to be touched by us.
    fn touch(&mut self, id: &str, how: &str) -> Result<&mut Target, Cause> {
        let target = self.targets.get_mut(id).ok_or(Cause::NotFound)?;
        if target.is_foreign {
            self.offences.push(format!("{how} {id}"));
        }
        Ok(target)
    }

    fn register(&mut self, spec: &HostingAutoscalingPolicySpec, id: &str, tags: &[Tag]) -> Result<String, Cause> {
        if self.down.contains(id) {
            return Err(Cause::Busy);
        }
        if self.tags_denied && !tags.is_empty() {
            let action = Some("application-autoscaling:TagResource".to_owned());
            return Err(Cause::Denied { action, resource: None });
        }
        let overtaken = self.overtaken.take_if(|(resource, _)| resource == id);
        let is_overtaken = overtaken.is_some();
        if let Some((_, uid)) = overtaken {
            let tag = Tag { key: crate::lifecycle::TAG_UID.to_owned(), value: uid };
            self.targets.insert(id.to_owned(), Target::foreign((1, 3), vec![tag]));
        }
        let number = |whole: &Option<crate::api::shared::Whole>| whole.as_ref().map_or(0, |whole| whole.0);
        let capacity = (number(&spec.min_capacity), number(&spec.max_capacity));
        // The one who cannot know yet is not to blame.
        let known = if is_overtaken { self.targets.get_mut(id) } else { self.touch(id, "registered").ok() };
        if let Some(known) = known {
            known.capacity = capacity;
        } else {
            let (tags, policies) = (tags.to_vec(), BTreeMap::new());
            self.targets.insert(id.to_owned(), Target { is_foreign: false, capacity, tags, policies });
        }
        Ok(arn(id))
    }
}

fn arn(id: &str) -> String {
    format!("arn:aws:application-autoscaling:us-west-2:{MINE}:scalable-target/{id}")
}

impl World {
    async fn scale<T>(
        &self,
        operation: &'static str,
        effect: impl FnOnce(&mut Service) -> Result<T, Cause>,
    ) -> Result<T, Refusal> {
        let no = |cause| {
            let (code, message) = ("Code".to_owned(), "told so".to_owned());
            Refusal { operation, cause, code, message, request_id: None }
        };
        let effect = |state: &mut State| effect(&mut state.scaling).map_err(no);
        self.call(operation, effect, |cause| no(cause.unwrap_or(Cause::Transient))).await
    }
}

impl AutoScaling for World {
    async fn targets(
        &self,
        _: &Place,
        _: &HostingAutoscalingPolicySpec,
        ids: &[String],
    ) -> Result<BTreeMap<String, TargetSeen>, Refusal> {
        let seen = |(id, target): (&String, &Target)| {
            let (min, max) = target.capacity;
            let seen = json!({ "scalableTargetARN": arn(id), "minCapacity": min, "maxCapacity": max });
            (id.clone(), serde_json::from_value(seen).expect("a target"))
        };
        let effect =
            |service: &mut Service| Ok(service.targets.iter().filter(|(id, _)| ids.contains(id)).map(seen).collect());
        self.scale("targets", effect).await
    }

    async fn policies(
        &self,
        _: &Place,
        _: &HostingAutoscalingPolicySpec,
        id: &str,
        names: &[String],
    ) -> Result<Vec<PolicySeen>, Refusal> {
        let effect = |service: &mut Service| {
            let policies = service.targets.get(id).map(|target| target.policies.values()).into_iter().flatten();
            Ok(policies.filter(|policy| names.contains(&policy.policy_name)).cloned().collect())
        };
        self.scale("policies", effect).await
    }

    async fn target_tags(&self, place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        Gateway::<Policy>::tags(self, place, arn).await
    }

    async fn register(
        &self,
        _: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        tags: &[Tag],
    ) -> Result<Option<String>, Refusal> {
        self.scale("register", |service| service.register(spec, id, tags).map(Some)).await
    }

    async fn deregister(&self, _: &Place, _: &HostingAutoscalingPolicySpec, id: &str) -> Result<(), Refusal> {
        let effect = |service: &mut Service| {
            service.touch(id, "deregistered")?;
            service.targets.remove(id);
            Ok(())
        };
        self.scale("deregister", effect).await
    }

    async fn put(
        &self,
        _: &Place,
        spec: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> Result<Option<String>, Refusal> {
        let policy = PolicySeen {
            policy_name: name.to_owned(),
            policy_type: spec.type_in_use().to_owned(),
            target_tracking_scaling_policy_configuration: spec.target_tracking_scaling_policy_configuration.clone(),
            ..PolicySeen::default()
        };
        let effect = |service: &mut Service| {
            service.touch(id, "put a policy on")?.policies.insert(policy.policy_name.clone(), policy);
            Ok(None)
        };
        self.scale("put", effect).await
    }

    async fn delete_policy(
        &self,
        _: &Place,
        _: &HostingAutoscalingPolicySpec,
        id: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        let effect = |service: &mut Service| {
            let policies = &mut service.touch(id, "took a policy off")?.policies;
            policies.remove(name).map(drop).ok_or(Cause::NotFound)
        };
        self.scale("delete policy", effect).await
    }
}

impl Gateway<Policy> for World {
    async fn describe(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
    ) -> Result<HostingAutoscalingPolicyObserved, Refusal> {
        look(self, place, handle).await
    }

    async fn create(
        &self,
        place: &Place,
        name: &str,
        spec: &HostingAutoscalingPolicySpec,
        tags: &[Tag],
    ) -> Result<Created, Refusal> {
        make(self, place, name, spec, tags).await.0
    }

    async fn create_parts(
        &self,
        place: &Place,
        name: &str,
        spec: &HostingAutoscalingPolicySpec,
        tags: &[Tag],
    ) -> (Result<Created, Refusal>, Parts) {
        make(self, place, name, spec, tags).await
    }

    async fn stop(&self, place: &Place, handle: &Handle<'_, Policy>) -> Result<(), Refusal> {
        unmake(self, place, handle).await
    }

    async fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
        update: &Value,
        tags: &[Tag],
    ) -> Result<(), Refusal> {
        change(self, place, handle, update, tags).await.0
    }

    async fn update_parts(
        &self,
        place: &Place,
        handle: &Handle<'_, Policy>,
        update: &Value,
        tags: &[Tag],
    ) -> (Result<(), Refusal>, Parts) {
        change(self, place, handle, update, tags).await
    }

    async fn changed_since(&self, _: &Place, _: DateTime<Utc>, _: Option<&str>) -> Result<Page<Summary>, Refusal> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn tags(&self, _: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        let id = arn.resource().trim_start_matches("scalable-target/").to_owned();
        let effect = |service: &mut Service| {
            if service.tags_denied {
                return Err(Cause::Denied { action: None, resource: None });
            }
            service.targets.get(&id).map(|target| target.tags.clone()).ok_or(Cause::NotFound)
        };
        self.scale("tags", effect).await
    }

    async fn add_tags(&self, _: &Place, _: &Arn, _: &[Tag]) -> Result<(), Refusal> {
        Ok(())
    }

    async fn delete_tags(&self, _: &Place, _: &Arn, _: &[String]) -> Result<(), Refusal> {
        Ok(())
    }

    async fn account(&self, _: &Place) -> Result<AccountId, Refusal> {
        self.scale("account", |_| Ok(MINE.parse().expect("an account"))).await
    }
}
