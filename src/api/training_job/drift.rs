//! How a running training differs from its object in what `UpdateTrainingJob` can change.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateTrainingJob.html>
//!
//! A field that the spec leaves out is nobody's wish, and differs from nothing. A wish that SageMaker would refuse in
//! the job's present state waits for a better one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::observed::TrainingJobObserved;
use super::spec::TrainingJobSpec;
use crate::api::debugger::{ProfilerConfig, RuleConfiguration};
use crate::api::shared::KeyValuePair;
use crate::lifecycle::Drift;

/// [`ProfilerConfig`] as SageMaker writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ProfilerConfigWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_profiler: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profiling_interval_in_milliseconds: Option<i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    profiling_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_output_path: Option<String>,
}

/// [`RuleConfiguration`] as SageMaker writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RuleConfigurationWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_path: Option<String>,
    rule_configuration_name: String,
    rule_evaluator_image: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rule_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3_output_path: Option<String>,
    #[serde(rename = "VolumeSizeInGB", skip_serializing_if = "Option::is_none")]
    volume_size_in_gb: Option<i64>,
}

/// The remote debugging as SageMaker writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RemoteDebugConfigWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_remote_debug: Option<bool>,
}

/// What differs, and the request that would change it.
pub(super) fn drift(spec: &TrainingJobSpec, seen: &TrainingJobObserved) -> Drift {
    let mut update = Map::new();
    let mut fields = Vec::new();
    let mut wish = |member: &str, field: &str, value: Value| {
        update.insert(member.to_owned(), value);
        fields.push(field.to_owned());
    };

    if is_running(seen) {
        if let Some(wanted) = spec.profiler_config.as_ref().map(ProfilerConfigWire::from)
            && !wanted.is_met_by(seen.profiler_config.as_ref())
        {
            wish("ProfilerConfig", "profilerConfig", json!(wanted));
        }
        let wanted: Vec<_> = spec.profiler_rule_configurations.iter().map(RuleConfigurationWire::from).collect();
        if !rules_are_met(&wanted, &seen.profiler_rule_configurations) {
            wish("ProfilerRuleConfigurations", "profilerRuleConfigurations", json!(wanted));
        }
    }
    if takes_remote_debugging(seen) {
        let wanted = spec.remote_debug_config.as_ref().and_then(|config| config.enable_remote_debug);
        let actual = seen.remote_debug_config.as_ref().and_then(|config| config.enable_remote_debug);
        if wanted.is_some_and(|wanted| wanted != actual.unwrap_or(false)) {
            wish(
                "RemoteDebugConfig",
                "remoteDebugConfig",
                json!(RemoteDebugConfigWire { enable_remote_debug: wanted }),
            );
        }
    }
    if has_warm_pool(seen) {
        let wanted = spec.resource_config.as_ref().and_then(|config| config.keep_alive_period_in_seconds);
        let actual = seen.resource_config.as_ref().and_then(|config| config.keep_alive_period_in_seconds);
        if let Some(wanted) = wanted
            && Some(wanted.0) != actual
        {
            wish(
                "ResourceConfig",
                "resourceConfig.keepAlivePeriodInSeconds",
                json!({ "KeepAlivePeriodInSeconds": wanted }),
            );
        }
    }

    Drift { update: (!update.is_empty()).then_some(Value::Object(update)), fields }
}

fn is_running(seen: &TrainingJobObserved) -> bool {
    seen.training_job_status == "InProgress"
}

/// SageMaker switches remote debugging only in these two steps of a job's life.
fn takes_remote_debugging(seen: &TrainingJobObserved) -> bool {
    is_running(seen) && matches!(seen.secondary_status.as_str(), "Downloading" | "Training")
}

fn has_warm_pool(seen: &TrainingJobObserved) -> bool {
    seen.warm_pool_status.as_ref().is_some_and(|pool| matches!(pool.status.as_str(), "Available" | "InUse"))
}

impl ProfilerConfigWire {
    /// Whether all that is wanted is so. What the service adds by itself is no difference.
    fn is_met_by(&self, seen: Option<&Self>) -> bool {
        let Self { disable_profiler, profiling_interval_in_milliseconds, profiling_parameters, s3_output_path } = self;
        let nothing = Self::default();
        let seen = seen.unwrap_or(&nothing);
        // A profiler that is not said to be off is on.
        disable_profiler.is_none_or(|wanted| wanted == seen.disable_profiler.unwrap_or(false))
            && is_met(profiling_interval_in_milliseconds.as_ref(), seen.profiling_interval_in_milliseconds.as_ref())
            && (profiling_parameters.is_empty() || *profiling_parameters == seen.profiling_parameters)
            && is_met(s3_output_path.as_ref(), seen.s3_output_path.as_ref())
    }
}

impl RuleConfigurationWire {
    fn is_met_by(&self, seen: &Self) -> bool {
        let Self {
            instance_type,
            local_path,
            rule_configuration_name,
            rule_evaluator_image,
            rule_parameters,
            s3_output_path,
            volume_size_in_gb,
        } = self;
        *rule_configuration_name == seen.rule_configuration_name
            && *rule_evaluator_image == seen.rule_evaluator_image
            && *rule_parameters == seen.rule_parameters
            && is_met(instance_type.as_ref(), seen.instance_type.as_ref())
            && is_met(local_path.as_ref(), seen.local_path.as_ref())
            && is_met(s3_output_path.as_ref(), seen.s3_output_path.as_ref())
            && is_met(volume_size_in_gb.as_ref(), seen.volume_size_in_gb.as_ref())
    }
}

/// Whether each wanted rule is there, in whatever order. A rule more is no difference: an update can add and change
/// rules, but not take one away.
fn rules_are_met(wanted: &[RuleConfigurationWire], seen: &[RuleConfigurationWire]) -> bool {
    wanted.iter().all(|rule| seen.iter().any(|other| rule.is_met_by(other)))
}

fn is_met<T: PartialEq>(wanted: Option<&T>, seen: Option<&T>) -> bool {
    wanted.is_none() || wanted == seen
}

fn map(pairs: &[KeyValuePair]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|KeyValuePair { name, value }| (name.clone().unwrap_or_default(), value.clone().unwrap_or_default()))
        .collect()
}

impl From<&ProfilerConfig> for ProfilerConfigWire {
    fn from(config: &ProfilerConfig) -> Self {
        let ProfilerConfig {
            disable_profiler,
            profiling_interval_in_milliseconds,
            profiling_parameters,
            s3_output_path,
        } = config;
        Self {
            disable_profiler: *disable_profiler,
            profiling_interval_in_milliseconds: profiling_interval_in_milliseconds.map(|interval| interval.0),
            profiling_parameters: map(profiling_parameters),
            s3_output_path: s3_output_path.clone(),
        }
    }
}

impl From<&RuleConfiguration> for RuleConfigurationWire {
    fn from(rule: &RuleConfiguration) -> Self {
        let RuleConfiguration {
            instance_type,
            local_path,
            rule_configuration_name,
            rule_evaluator_image,
            rule_parameters,
            s3_output_path,
            volume_size_in_gb,
        } = rule;
        Self {
            instance_type: instance_type.clone(),
            local_path: local_path.clone(),
            rule_configuration_name: rule_configuration_name.clone(),
            rule_evaluator_image: rule_evaluator_image.clone(),
            rule_parameters: map(rule_parameters),
            s3_output_path: s3_output_path.clone(),
            volume_size_in_gb: volume_size_in_gb.map(|size| size.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(wanted: &Value) -> TrainingJobSpec {
        let mut spec = json!({
            "region": "us-west-2",
            "roleArn": "arn:aws:iam::123456789012:role/train",
            "outputDataConfig": { "s3OutputPath": "s3://bucket/" },
        });
        json_patch::merge(&mut spec, wanted);
        serde_json::from_value(spec).unwrap()
    }

    fn seen(value: Value) -> TrainingJobObserved {
        serde_json::from_value(value).unwrap()
    }

    /// A running job, training, with more members.
    fn running(more: &Value) -> Value {
        let mut seen = json!({ "TrainingJobStatus": "InProgress", "SecondaryStatus": "Training" });
        json_patch::merge(&mut seen, more);
        seen
    }

    /// What is wanted, what is, and the update that must come of it.
    type Row = (&'static str, Value, Value, Option<Value>);

    #[track_caller]
    fn check(table: impl IntoIterator<Item = Row>) {
        for (case, wanted, actual, update) in table {
            let drift = drift(&spec(&wanted), &seen(actual));
            assert_eq!(drift.update, update, "{case}");
            assert_eq!(drift.fields.is_empty(), update.is_none(), "{case}");
        }
    }

    #[test]
    fn the_profiler_is_changed_where_a_wish_is_not_met() {
        let interval = json!({ "profilerConfig": { "profilingIntervalInMilliseconds": 500 } });
        let parameters = json!({ "profilerConfig": { "profilingParameters": [{ "name": "a", "value": "1" }] } });
        check([
            ("nothing wanted", json!({}), running(&json!({ "ProfilerConfig": { "DisableProfiler": true } })), None),
            (
                "another interval",
                interval.clone(),
                running(&json!({ "ProfilerConfig": { "ProfilingIntervalInMilliseconds": 1000 } })),
                Some(json!({ "ProfilerConfig": { "ProfilingIntervalInMilliseconds": 500 } })),
            ),
            (
                "as wanted, beside what the service adds",
                interval.clone(),
                running(&json!({
                    "ProfilerConfig": { "ProfilingIntervalInMilliseconds": 500, "S3OutputPath": "s3://x/" },
                })),
                None,
            ),
            (
                "on, as it is by itself",
                json!({ "profilerConfig": { "disableProfiler": false } }),
                running(&json!({})),
                None,
            ),
            (
                "other parameters",
                parameters,
                running(&json!({ "ProfilerConfig": { "ProfilingParameters": { "a": "2" } } })),
                Some(json!({ "ProfilerConfig": { "ProfilingParameters": { "a": "1" } } })),
            ),
            ("too late", interval, json!({ "TrainingJobStatus": "Completed" }), None),
        ]);
    }

    #[test]
    fn rules_are_added_and_changed_but_not_taken_away() {
        let rules = |value: &str| {
            let parameters = [json!({ "name": "a", "value": value })];
            let rule = json!({ "ruleConfigurationName": "r", "ruleEvaluatorImage": "i", "ruleParameters": parameters });
            json!({ "profilerRuleConfigurations": [rule] })
        };
        let update = |value: &str| {
            let rule = json!({
                "RuleConfigurationName": "r", "RuleEvaluatorImage": "i", "RuleParameters": { "a": value },
            });
            json!({ "ProfilerRuleConfigurations": [rule] })
        };
        check([
            ("one more", rules("1"), running(&json!({})), Some(update("1"))),
            ("another parameter", rules("1"), running(&update("2")), Some(update("1"))),
            ("as wanted", rules("1"), running(&update("1")), None),
            ("one less, which no update can bring about", json!({}), running(&update("1")), None),
            ("too late", rules("1"), json!({ "TrainingJobStatus": "Completed" }), None),
        ]);
    }

    #[test]
    fn remote_debugging_waits_for_a_step_that_takes_it() {
        let wanted = json!({ "remoteDebugConfig": { "enableRemoteDebug": true } });
        let update = json!({ "RemoteDebugConfig": { "EnableRemoteDebug": true } });
        let starting = json!({ "TrainingJobStatus": "InProgress", "SecondaryStatus": "Starting" });
        check([
            ("not yet on", wanted.clone(), running(&json!({})), Some(update.clone())),
            ("on", wanted.clone(), running(&update), None),
            ("too early", wanted, starting, None),
        ]);
    }

    #[test]
    fn warm_machines_are_kept_as_long_as_wanted() {
        let wanted = json!({ "resourceConfig": { "keepAlivePeriodInSeconds": 600 } });
        let update = json!({ "ResourceConfig": { "KeepAlivePeriodInSeconds": 600 } });
        let kept = |pool: &str, seconds: u32| {
            json!({
                "TrainingJobStatus": "Completed",
                "WarmPoolStatus": { "Status": pool },
                "ResourceConfig": { "KeepAlivePeriodInSeconds": seconds },
            })
        };
        check([
            ("longer", wanted.clone(), kept("Available", 60), Some(update.clone())),
            ("longer, while still at work", wanted.clone(), kept("InUse", 60), Some(update)),
            ("as wanted", wanted.clone(), kept("Available", 600), None),
            ("taken over by another job", wanted.clone(), kept("Reused", 60), None),
            ("gone", wanted, kept("Terminated", 60), None),
        ]);
    }
}
