//! HostingDeployment as the generic core sees it: its endpoint.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::observed::{
    DeployedImageSeen, EndpointObserved, FAILED, IN_SERVICE, OUT_OF_SERVICE, UPDATE_ROLLBACK_FAILED, VariantSeen,
};
use super::spec::{HostingDeployment, HostingDeploymentSpec, Resolved};
use super::status::{DeployedImage, HostingDeploymentStatus, VariantStatus};
use crate::api::console;
use crate::api::shared::{place, whole_second};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, Observation as _, OnDrift, Phase, Place, Region, Sort, Tag};

/// How many hexadecimal digits of a digest tell requests apart.
const DIGITS: usize = 16;

impl Kind for HostingDeployment {
    type Spec = HostingDeploymentSpec;
    type Status = HostingDeploymentStatus;
    type Observed = EndpointObserved;

    const KIND: &'static str = "HostingDeployment";
    const NAME_FIELD: Option<&'static str> = None;
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Lasting;
    const ON_DRIFT: OnDrift = OnDrift::Update;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    const ERROR_STATUS: &'static str = "ReconcilingEndpoint";

    fn place(spec: &HostingDeploymentSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(spec: &HostingDeploymentSpec) -> Option<&str> {
        spec.endpoint_name.as_deref().filter(|name| !name.is_empty())
    }

    fn set_name(spec: &mut HostingDeploymentSpec, name: &str) {
        spec.endpoint_name = Some(name.to_owned());
    }

    fn recorded_name(status: &HostingDeploymentStatus) -> Option<&str> {
        status.endpoint_name.as_deref().filter(|name| !name.is_empty())
    }

    fn recorded_arn(status: &HostingDeploymentStatus) -> Option<&str> {
        status.common.arn.as_deref().or(status.endpoint_arn.as_deref()).filter(|arn| !arn.is_empty())
    }

    fn status_word(status: &HostingDeploymentStatus) -> Option<&str> {
        status.endpoint_status.as_deref().filter(|word| !word.is_empty())
    }

    fn is_ended(_status: &HostingDeploymentStatus) -> bool {
        false
    }

    fn report(status: &mut HostingDeploymentStatus, place: &Place, name: &str, seen: &EndpointObserved) {
        let last_modified_time = seen.last_modified_time.map(whole_second);
        if last_modified_time != status.last_modified_time {
            status.rollout_time = None;
        }
        status.endpoint_status = Some(seen.endpoint_status.clone());
        status.endpoint_name = Some(name.to_owned());
        status.endpoint_arn = Some(seen.endpoint_arn.clone());
        status.endpoint_url = Some(url(&place.region, name));
        status.endpoint_config_name.clone_from(&seen.endpoint_config_name);
        status.failure_reason = seen.failure_reason().map(str::to_owned);
        status.additional = None;
        status.creation_time = seen.creation_time.map(whole_second);
        status.last_modified_time = last_modified_time;
        status.production_variants = seen.production_variants.iter().map(VariantStatus::from).collect();
        status.shadow_production_variants = seen.shadow_production_variants.iter().map(VariantStatus::from).collect();
        if let Some(config) = seen.goes_for() {
            if status.rollout_config_name.as_deref() != Some(config) {
                // Somebody else's, or one of ours whose answer was lost.
                status.rollout_digest = None;
            }
            status.rollout_config_name = Some(config.to_owned());
            status.rollout_time = None;
        } else if seen.phase() == Phase::Active && seen.endpoint_config_name == status.rollout_config_name {
            status.rollout_digest = None;
        }
    }

    fn report_deleted(status: &mut HostingDeploymentStatus) {
        status.rollout_config_name = None;
        status.rollout_digest = None;
        status.rollout_time = None;
    }

    fn report_without(
        status: &mut HostingDeploymentStatus,
        _place: &Place,
        name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.endpoint_status = Some(word.to_owned());
        status.endpoint_name = Some(name.to_owned());
        status.additional = additional.map(str::to_owned);
    }

    fn checked(status: &mut HostingDeploymentStatus, now: DateTime<Utc>) {
        status.last_check_time = Some(whole_second(now));
    }

    fn common(status: &HostingDeploymentStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut HostingDeploymentStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &HostingDeploymentSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(spec: &HostingDeploymentSpec, seen: &EndpointObserved) -> Drift {
        let Some(wanted) = spec.resolved.config.as_deref() else { return Drift::default() };
        let update = update(spec, wanted);
        let serves = seen.endpoint_config_name.as_deref() == Some(wanted);
        let in_vain = spec.resolved.tried == Some(digest(&update));
        let differs = match seen.endpoint_status.as_str() {
            _ if spec.resolved.is_unseen(seen) => false,
            FAILED => !serves,
            // What SageMaker has taken back, it would take back again.
            IN_SERVICE | OUT_OF_SERVICE => !serves && !in_vain,
            // Machines of the old configuration and of the new one serve side by side, so that even the old one is news.
            UPDATE_ROLLBACK_FAILED => !in_vain,
            _ => false,
        };
        if !differs {
            return Drift::default();
        }
        Drift { update: Some(update), fields: vec![format!("the configuration {wanted}")] }
    }

    fn on_drift(seen: &EndpointObserved) -> OnDrift {
        match seen.phase() {
            // A failed endpoint takes nothing but a deletion.
            Phase::Failed { reason: FAILED } => OnDrift::Replace,
            Phase::Failed { .. } | Phase::Changing | Phase::Active | Phase::Stopping | Phase::Completed => {
                OnDrift::Update
            }
        }
    }

    fn replaced_if_refused(seen: &EndpointObserved) -> bool {
        seen.phase() == Phase::Failed { reason: OUT_OF_SERVICE }
    }

    fn updated(status: &mut HostingDeploymentStatus, update: &Value, now: DateTime<Utc>) {
        status.rollout_config_name = update["EndpointConfigName"].as_str().map(str::to_owned);
        status.rollout_digest = Some(digest(update));
        status.rollout_time = Some(whole_second(now));
    }
}

impl Resolved {
    /// Whether the endpoint does not show yet what became of the roll-out that SageMaker accepted.
    pub fn is_unseen(&self, seen: &EndpointObserved) -> bool {
        self.unseen_since.is_some() && self.unseen_since == seen.last_modified_time.map(whole_second)
    }
}

/// What tells a request for an update from any other one.
fn digest(update: &Value) -> String {
    let digest = format!("{:x}", Sha256::digest(update.to_string()));
    digest[..DIGITS].to_owned()
}

/// The request that rolls a configuration out.
fn update(spec: &HostingDeploymentSpec, config: &str) -> Value {
    let excluded = &spec.exclude_retained_variant_properties;
    let mut update = json!({
        "EndpointConfigName": config,
        "ExcludeRetainedVariantProperties": in_wire_form(json!(excluded)),
    });
    if let Some(retain) = spec.retain_all_variant_properties {
        update["RetainAllVariantProperties"] = json!(retain);
    }
    if let Some(retain) = spec.retain_deployment_config {
        update["RetainDeploymentConfig"] = json!(retain);
    }
    if let Some(deployment) = spec.deployment_config.as_ref().filter(|_| spec.retain_deployment_config != Some(true)) {
        update["DeploymentConfig"] = in_wire_form(json!(deployment));
    }
    update
}

/// The value with the names that SageMaker has for its members: ours with a capital.
fn in_wire_form(value: Value) -> Value {
    let capital = |name: &str| name[..1].to_ascii_uppercase() + &name[1..];
    match value {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, field)| (capital(&name), in_wire_form(field))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(in_wire_form).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn url(region: &Region, endpoint: &str) -> String {
    format!("https://runtime.sagemaker.{region}.{}/endpoints/{endpoint}/invocations", console::dns_suffix(region))
}

impl From<&VariantSeen> for VariantStatus {
    fn from(seen: &VariantSeen) -> Self {
        let VariantSeen {
            variant_name,
            deployed_images,
            current_weight,
            desired_weight,
            current_instance_count,
            desired_instance_count,
        } = seen;
        Self {
            current_instance_count: *current_instance_count,
            current_weight: *current_weight,
            deployed_images: deployed_images.iter().map(DeployedImage::from).collect(),
            desired_instance_count: *desired_instance_count,
            desired_weight: *desired_weight,
            variant_name: variant_name.clone(),
        }
    }
}

impl From<&DeployedImageSeen> for DeployedImage {
    fn from(seen: &DeployedImageSeen) -> Self {
        let DeployedImageSeen { specified_image, resolved_image, resolution_time } = seen;
        Self {
            resolution_time: resolution_time.map(whole_second),
            resolved_image: resolved_image.clone(),
            specified_image: specified_image.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::hosting_deployment::PendingDeployment;

    fn seen(status: &str, config: &str, failure: Option<&str>) -> EndpointObserved {
        let answer = json!({ "EndpointStatus": status, "EndpointConfigName": config, "FailureReason": failure });
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn a_configuration_is_rolled_out_where_it_can_be_and_not_twice_in_vain() {
        let failed = Some("the ping failed");
        for (status, serves, failure, tried, rolled_out) in [
            ("InService", "old", None, None, true),
            ("InService", "new", None, Some("new"), false),
            // Taken back by SageMaker, which tells of a reason or not.
            ("InService", "old", failed, Some("new"), false),
            ("InService", "old", None, Some("new"), false),
            ("InService", "old", failed, Some("another"), true),
            ("Updating", "old", None, None, false),
            ("RollingBack", "old", failed, Some("new"), false),
            ("Creating", "old", None, None, false),
            ("SomethingNew", "old", None, None, false),
            ("Failed", "new", failed, None, false),
            ("Failed", "old", failed, None, true),
            ("OutOfService", "new", None, None, false),
            ("OutOfService", "old", None, None, true),
            ("OutOfService", "old", None, Some("new"), false),
            ("UpdateRollbackFailed", "old", failed, Some("new"), false),
            ("UpdateRollbackFailed", "new", failed, Some("new"), false),
            ("UpdateRollbackFailed", "old", failed, Some("another"), true),
            ("UpdateRollbackFailed", "new", failed, Some("another"), true),
            ("UpdateRollbackFailed", "new", failed, None, true),
        ] {
            let mut spec = HostingDeploymentSpec::default();
            spec.resolved.config = Some("new".to_owned());
            spec.resolved.tried = tried.map(|config| digest(&update(&spec, config)));
            let drift = HostingDeployment::drift(&spec, &seen(status, serves, failure));
            assert_eq!(drift.update.is_some(), rolled_out, "{status} {serves} {failure:?} {tried:?}");
        }
    }

    #[test]
    fn what_was_taken_back_is_rolled_out_again_if_it_is_to_be_rolled_out_otherwise() {
        let mut spec = HostingDeploymentSpec::default();
        spec.resolved.config = Some("new".to_owned());
        spec.resolved.tried = Some(digest(&update(&spec, "new")));
        let endpoint = seen("InService", "old", None);
        assert_eq!(HostingDeployment::drift(&spec, &endpoint), Drift::default());
        spec.tags = vec![crate::api::shared::Tag::default()];
        assert_eq!(HostingDeployment::drift(&spec, &endpoint), Drift::default(), "a tag is not part of it");
        spec.deployment_config = Some(crate::api::hosting_deployment::DeploymentConfig::default());
        assert!(HostingDeployment::drift(&spec, &endpoint).update.is_some());
    }

    #[test]
    fn a_roll_out_is_remembered_until_it_has_succeeded_or_another_one_is_under_way() {
        let (place, now) = (place("us-west-2", None).unwrap(), DateTime::UNIX_EPOCH);
        let mut status = HostingDeploymentStatus::default();
        let under_way = |config: &str| {
            let mut endpoint = seen("Updating", "old", None);
            endpoint.pending_deployment_summary =
                Some(PendingDeployment { endpoint_config_name: Some(config.to_owned()) });
            endpoint
        };
        for (after, remembered) in [
            (under_way("new"), true),
            (seen("InService", "old", None), true),
            (seen("UpdateRollbackFailed", "new", None), true),
            (seen("InService", "new", None), false),
            (under_way("by hand"), false),
        ] {
            HostingDeployment::updated(&mut status, &json!({ "EndpointConfigName": "new" }), now);
            HostingDeployment::report(&mut status, &place, "e", &after);
            assert_eq!(status.rollout_digest.is_some(), remembered, "{after:?}");
        }
    }

    #[test]
    fn nothing_that_serves_is_ever_replaced() {
        for (status, on_drift, replaced_if_refused) in [
            ("Failed", OnDrift::Replace, false),
            ("OutOfService", OnDrift::Update, true),
            ("UpdateRollbackFailed", OnDrift::Update, false),
            ("InService", OnDrift::Update, false),
            ("Updating", OnDrift::Update, false),
            ("SomethingNew", OnDrift::Update, false),
        ] {
            let seen = seen(status, "old", None);
            assert_eq!(HostingDeployment::on_drift(&seen), on_drift, "{status}");
            assert_eq!(HostingDeployment::replaced_if_refused(&seen), replaced_if_refused, "{status}");
        }
    }

    #[test]
    fn what_sagemaker_has_accepted_and_does_not_show_yet_is_waited_for() {
        let before: DateTime<Utc> = "2026-11-23T12:00:00.25Z".parse().unwrap();
        let mut endpoint = seen("InService", "old", None);
        endpoint.last_modified_time = Some(before);
        let (place, mut status) = (place("us-west-2", None).unwrap(), HostingDeploymentStatus::default());
        HostingDeployment::report(&mut status, &place, "e", &endpoint);
        HostingDeployment::updated(&mut status, &json!({ "EndpointConfigName": "new" }), before);
        let mut spec = HostingDeploymentSpec::default();
        // Whether the new one is still wanted or the old one again.
        for wanted in ["new", "another"] {
            spec.resolved = Resolved {
                config: Some(wanted.to_owned()),
                tried: status.rollout_digest.clone(),
                unseen_since: status.last_modified_time,
                ..Resolved::default()
            };
            assert!(spec.resolved.is_unseen(&endpoint));
            assert_eq!(HostingDeployment::drift(&spec, &endpoint), Drift::default(), "{wanted}");
        }
        HostingDeployment::report(&mut status, &place, "e", &endpoint);
        assert!(status.rollout_time.is_some(), "nothing has moved");

        endpoint.last_modified_time = Some(before + chrono::TimeDelta::seconds(2));
        assert!(!spec.resolved.is_unseen(&endpoint));
        assert!(HostingDeployment::drift(&spec, &endpoint).update.is_some());
        HostingDeployment::report(&mut status, &place, "e", &endpoint);
        assert_eq!(status.rollout_time, None);
    }

    #[test]
    fn an_update_carries_what_the_spec_says_about_updates() {
        let spec: HostingDeploymentSpec = serde_json::from_value(json!({
            "region": "us-west-2", "models": [], "productionVariants": [],
            "retainAllVariantProperties": true,
            "excludeRetainedVariantProperties": [{ "variantPropertyType": "DesiredWeight" }],
            "deploymentConfig": { "autoRollbackConfiguration": { "alarms": [{ "alarmName": "errors" }] } },
        }))
        .unwrap();
        assert_eq!(
            update(&spec, "c"),
            json!({
                "EndpointConfigName": "c",
                "RetainAllVariantProperties": true,
                "ExcludeRetainedVariantProperties": [{ "VariantPropertyType": "DesiredWeight" }],
                "DeploymentConfig": { "AutoRollbackConfiguration": { "Alarms": [{ "AlarmName": "errors" }] } },
            })
        );
    }
}
