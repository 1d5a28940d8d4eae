//! Where a field is more than its name with a capital.

/// What becomes of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is; only the name is unusual.
    Same,
    /// A list in both; sent empty if the spec has none.
    ListAlways,
    /// A list of `name`/`value` in the spec, a map on the wire; nothing is sent for an empty one.
    Map,
    /// As `Map`, but sent as `{}` where the object around it is sent. v1 does this, and it makes no difference to
    /// SageMaker, but a request is easier to compare if it looks the same.
    MapAlways,
}

/// A field of a kind that does not follow the rule. Lists on the way to it do not show in its path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quirk {
    pub(super) kind: &'static str,
    /// The path of the object around it in the spec; empty for the spec itself.
    pub(super) parent: &'static str,
    pub(super) spec: &'static str,
    pub(super) wire: &'static str,
    pub(super) form: Form,
}

const fn quirk(kind: &'static str, parent: &'static str, spec: &'static str, wire: &'static str, form: Form) -> Quirk {
    Quirk { kind, parent, spec, wire, form }
}

const TRAINING: &str = "TrainingJob";
const PROCESSING: &str = "ProcessingJob";
const TUNING: &str = "HyperparameterTuningJob";
const TRANSFORM: &str = "BatchTransformJob";
const MODEL: &str = "Model";
const HOSTING: &str = "HostingDeployment";

pub(super) const QUIRKS: &[Quirk] = &[
    quirk(TRAINING, "", "hyperParameters", "HyperParameters", Form::MapAlways),
    quirk(TRAINING, "", "environment", "Environment", Form::Map),
    // Wrong since v1, and manifests rely on it.
    quirk(TRAINING, "debugHookConfig", "ruleParameters", "HookParameters", Form::MapAlways),
    quirk(
        TRAINING,
        "debugHookConfig.collectionConfigurations",
        "collectionParameters",
        "CollectionParameters",
        Form::MapAlways,
    ),
    quirk(TRAINING, "debugRuleConfigurations", "ruleParameters", "RuleParameters", Form::MapAlways),
    quirk(TRAINING, "profilerConfig", "profilingParameters", "ProfilingParameters", Form::Map),
    quirk(TRAINING, "profilerRuleConfigurations", "ruleParameters", "RuleParameters", Form::Map),
    quirk(PROCESSING, "", "environment", "Environment", Form::MapAlways),
    quirk(TUNING, "trainingJobDefinition", "staticHyperParameters", "StaticHyperParameters", Form::Map),
    quirk(TUNING, "trainingJobDefinition", "environment", "Environment", Form::Map),
    quirk(TUNING, "trainingJobDefinitions", "staticHyperParameters", "StaticHyperParameters", Form::Map),
    quirk(TUNING, "trainingJobDefinitions", "environment", "Environment", Form::Map),
    quirk(TUNING, "bestTrainingJob", "tunedHyperParameters", "TunedHyperParameters", Form::Map),
    quirk(TUNING, "overallBestTrainingJob", "tunedHyperParameters", "TunedHyperParameters", Form::Map),
    quirk(TRANSFORM, "", "environment", "Environment", Form::Map),
    // Beside `inputFilter`, these two are written with capitals since v1.
    quirk(TRANSFORM, "dataProcessing", "JoinSource", "JoinSource", Form::Same),
    quirk(TRANSFORM, "dataProcessing", "OutputFilter", "OutputFilter", Form::Same),
    quirk(MODEL, "primaryContainer", "environment", "Environment", Form::MapAlways),
    quirk(MODEL, "containers", "environment", "Environment", Form::MapAlways),
    quirk(HOSTING, "", "tags", "Tags", Form::ListAlways),
    quirk(HOSTING, "", "excludeRetainedVariantProperties", "ExcludeRetainedVariantProperties", Form::ListAlways),
];

/// Fields of a spec that say where to send the request, not what it is.
pub(super) const NOT_SENT: [&str; 2] = ["region", "sageMakerEndpoint"];

/// The quirks of one object of a kind.
pub(super) fn quirks_of(kind: &str, parent: &str) -> impl Iterator<Item = &'static Quirk> {
    QUIRKS.iter().filter(move |quirk| quirk.kind == kind && quirk.parent == parent)
}

/// The path of a member of the object at `parent`.
pub(super) fn below(parent: &str, member: &str) -> String {
    if parent.is_empty() { member.to_owned() } else { format!("{parent}.{member}") }
}

/// The rule: the API's names are the spec's with a capital.
pub(super) fn capital(name: &str) -> String {
    with_first(name, |first| first.to_ascii_uppercase())
}

/// The rule backwards.
pub(super) fn small(name: &str) -> String {
    with_first(name, |first| first.to_ascii_lowercase())
}

fn with_first(name: &str, change: impl Fn(char) -> char) -> String {
    let mut chars = name.chars();
    chars.next().map(change).into_iter().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    const API: &str = include_str!("../../../tests/fixtures/api-model.json");

    /// The paths of all maps below a shape, as `Member.Member`.
    fn maps(shapes: &Value, shape: &str, path: &str, above: &mut Vec<String>, found: &mut BTreeSet<String>) {
        if above.iter().any(|name| name == shape) {
            return;
        }
        above.push(shape.to_owned());
        let definition = &shapes[shape];
        match definition["type"].as_str() {
            Some("map") => {
                found.insert(path.to_owned());
            }
            Some("list") => maps(shapes, target(&definition["member"]), path, above, found),
            Some("structure") => {
                for (name, member) in definition["members"].as_object().into_iter().flatten() {
                    maps(shapes, target(member), &below(path, name), above, found);
                }
            }
            Some(_) | None => {}
        }
        above.pop();
    }

    fn target(member: &Value) -> &str {
        member.as_str().or_else(|| member["shape"].as_str()).expect("a member has a shape")
    }

    /// A new map in the API that nobody has told the table of would reach SageMaker as a list, and be refused.
    #[test]
    fn the_maps_of_all_requests_are_in_the_table_and_no_others() {
        let model: Value = serde_json::from_str(API).unwrap();
        let sagemaker = &model["services"]["sagemaker"];
        for (kind, operation) in [
            (TRAINING, "CreateTrainingJob"),
            (PROCESSING, "CreateProcessingJob"),
            (TUNING, "CreateHyperParameterTuningJob"),
            (TRANSFORM, "CreateTransformJob"),
            (super::MODEL, "CreateModel"),
            ("EndpointConfig", "CreateEndpointConfig"),
            (HOSTING, "CreateEndpoint"),
        ] {
            let input = target(&sagemaker["operations"][operation]["input"]);
            let mut expected = BTreeSet::new();
            maps(&sagemaker["shapes"], input, "", &mut Vec::new(), &mut expected);
            let told: BTreeSet<String> = QUIRKS
                .iter()
                .filter(|quirk| quirk.kind == kind && matches!(quirk.form, Form::Map | Form::MapAlways))
                // What a tuning job found is in answers only.
                .filter(|quirk| quirk.wire != "TunedHyperParameters")
                .map(|quirk| below(&quirk.parent.split('.').map(capital).collect::<Vec<_>>().join("."), quirk.wire))
                .collect();
            assert_eq!(told, expected, "{kind}");
        }
    }
}
