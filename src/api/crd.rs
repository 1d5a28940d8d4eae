//! The finished CustomResourceDefinitions: what the derive gives, and what it cannot say.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool, ValidationRule,
};
use kube::CustomResourceExt;
use serde_json::json;

use super::{
    BatchTransformJob, EndpointConfig, HostingAutoscalingPolicy, HostingDeployment, HyperparameterTuningJob, Model,
    ProcessingJob, TrainingJob, endpoint_config, hosting_autoscaling_policy, hosting_deployment, model, processing_job,
    training_job, transform_job, tuning_job,
};
use crate::lifecycle::Kind;

/// The kinds of which the first release did not take an object without a spec. One that it stored must be free to lose
/// its finalizer, which the API server would refuse if the spec were required now.
const SPEC_REQUIRED: [&str; 2] = ["TrainingJob", "HostingAutoscalingPolicy"];

/// The definitions of all kinds, ready to be applied.
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![
        finish::<TrainingJob>(&training_job::MUTABLE, &training_job::rules()),
        finish::<ProcessingJob>(&processing_job::MUTABLE, &processing_job::rules()),
        finish::<BatchTransformJob>(&transform_job::MUTABLE, &transform_job::rules()),
        finish::<HyperparameterTuningJob>(&tuning_job::MUTABLE, &tuning_job::rules()),
        finish_lasting::<Model>(&[], &model::rules()),
        finish_lasting::<EndpointConfig>(&[], &endpoint_config::rules()),
        finish_lasting::<HostingDeployment>(&hosting_deployment::held(), &hosting_deployment::rules()),
        finish_lasting::<HostingAutoscalingPolicy>(
            &hosting_autoscaling_policy::held(),
            &hosting_autoscaling_policy::rules(),
        ),
    ]
}

/// The file below `dist/crds` that a definition is kept in.
pub fn file_name(crd: &CustomResourceDefinition) -> String {
    format!("{}_{}.yaml", crd.spec.group, crd.spec.names.plural)
}

/// The definition as that file has it.
///
/// # Errors
/// If it cannot be written as YAML, which would be a defect of ours.
pub fn to_yaml(crd: &CustomResourceDefinition) -> Result<String, serde_yaml::Error> {
    Ok(format!("# Generated from src/api by `UPDATE=1 cargo test`.\n{}", serde_yaml::to_string(crd)?))
}

/// A rule with its message for people.
pub(super) fn rule(rule: &str, message: &str) -> ValidationRule {
    ValidationRule { rule: rule.to_owned(), message: Some(message.to_owned()), ..ValidationRule::default() }
}

/// The rule of which letters a job's name is made.
pub(super) fn name_form(field: &str) -> ValidationRule {
    rule(
        &format!("!has(self.{field}) || self.{field}.matches('^([a-zA-Z0-9](-*[a-zA-Z0-9])*)?$')"),
        &format!(
            "{field} takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to get a \
             name made from the object's"
        ),
    )
}

/// Completes the derived definition of a kind. `mutable` names the paths of the spec that may change in an existing
/// object; the name in SageMaker has a rule of its own, since the operator writes it back.
fn finish<K: Kind + CustomResourceExt>(mutable: &[&str], rules: &[ValidationRule]) -> CustomResourceDefinition {
    let held = |spec: &JSONSchemaProps| {
        let name = K::NAME_FIELD.map(name_stays::<K>);
        name.into_iter().chain([immutable::<K>(spec, mutable)]).collect()
    };
    complete(K::crd(), held, rules)
}

/// Completes the derived definition of a kind whose resource follows its spec, but cannot move.
fn finish_lasting<K: Kind + CustomResourceExt>(
    held: &[ValidationRule],
    rules: &[ValidationRule],
) -> CustomResourceDefinition {
    let stays = rule(
        "oldSelf.spec.region == '' || self.spec.region == oldSelf.spec.region",
        &format!("region cannot be changed in an existing {0}. Make a new {0} for another region", K::KIND),
    );
    complete(K::crd(), |_| [&[stays], held].concat(), rules)
}

/// `held` are the rules that hold once the object may have started something, and see the whole of it; `rules` those of
/// the spec at any time.
fn complete(
    mut crd: CustomResourceDefinition,
    held: impl FnOnce(&JSONSchemaProps) -> Vec<ValidationRule>,
    rules: &[ValidationRule],
) -> CustomResourceDefinition {
    let mut held = Some(held);
    let required = SPEC_REQUIRED.contains(&&*crd.spec.names.kind);
    // A definition born as v1beta1 keeps `true` until somebody says otherwise.
    crd.spec.preserve_unknown_fields = Some(false);
    for version in &mut crd.spec.versions {
        let schema = version.schema.as_mut().and_then(|validation| validation.open_api_v3_schema.as_mut());
        let Some(schema) = schema else { continue };
        if !required {
            schema.required = None;
        }
        let Some(properties) = schema.properties.as_mut() else { continue };
        for property in properties.values_mut() {
            forbid_null(property);
        }
        if let Some(spec) = properties.get_mut("spec") {
            schema.x_kubernetes_validations =
                held.take().map(|held| held(spec)).map(|held| held.into_iter().map(unless_unstarted).collect());
            spec.x_kubernetes_validations = (!rules.is_empty()).then(|| rules.to_vec());
        }
        if let Some(status) = properties.get_mut("status") {
            finish_status(status);
        }
    }
    crd
}

/// A field left out and a field of `null` are the same to us: the API server drops a `null` that the schema forbids, so
/// that no rule and no type ever meets one.
fn forbid_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    for property in schema.properties.iter_mut().flat_map(|properties| properties.values_mut()) {
        forbid_null(property);
    }
    match &mut schema.items {
        Some(JSONSchemaPropsOrArray::Schema(items)) => forbid_null(items),
        Some(JSONSchemaPropsOrArray::Schemas(items)) => items.iter_mut().for_each(forbid_null),
        None => {}
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        forbid_null(values);
    }
}

/// A new object must not look finished to kstatus before the operator has seen it: generation -1 is one that it never
/// has. Only the whole status has the default, so that a status of the first release stays as it is.
fn finish_status(status: &mut JSONSchemaProps) {
    status.default = Some(JSON(json!({ "observedGeneration": -1 })));
    if let Some(conditions) = status.properties.as_mut().and_then(|properties| properties.get_mut("conditions")) {
        conditions.x_kubernetes_list_type = Some("map".to_owned());
        conditions.x_kubernetes_list_map_keys = Some(vec!["type".to_owned()]);
    }
}

/// What an object that has started nothing looks like: the operator has put its mark on it, or nobody has, and neither a
/// resource nor a request for one is recorded. Version 1 left objects without the mark, and what it may have started is
/// not known. The operator writes the request down, for the version of the object that it read, before it sends it: an
/// edit comes before that and is heard, or after it and is refused.
const UNSTARTED: &str = "!has(oldSelf.status) || (has(oldSelf.status.observedGeneration) \
                         && !has(oldSelf.status.arn) && !has(oldSelf.status.createRequest))";

/// Has the rule hold only once something may have been started: what was refused before can be corrected by an edit.
fn unless_unstarted(mut rule: ValidationRule) -> ValidationRule {
    rule.rule = format!("{UNSTARTED}\n|| !has(oldSelf.spec)\n|| (has(self.spec) && ({}))", rule.rule);
    rule.field_path = Some(".spec".to_owned());
    rule
}

/// The name in SageMaker may be written once, by the user or by the operator.
fn name_stays<K: Kind>(field: &str) -> ValidationRule {
    let (old, new) = (format!("oldSelf.spec.{field}"), format!("self.spec.{field}"));
    rule(
        &format!("!has({old}) || {old} == '' || (has({new}) && {new} == {old})"),
        &format!(
            "{field} cannot be changed any more: it names the job in SageMaker. Make a new {} for another name",
            K::KIND
        ),
    )
}

/// One rule that holds everything in place but the `mutable` paths, and names what somebody tried to change.
///
/// CEL cannot say "all but these", so the rule is written from the schema: a new field is immutable by itself.
fn immutable<K: Kind>(spec: &JSONSchemaProps, mutable: &[&str]) -> ValidationRule {
    let exempt: Vec<_> = mutable.iter().copied().chain(K::NAME_FIELD).collect();
    let fields = unchanged(spec, &exempt, "");
    let all: Vec<_> = fields.iter().map(|(_, clause)| format!("({clause})")).collect();
    // A list with filter and join would read better, but the API server reckons with the worst of all lists and refuses.
    let changed: Vec<_> = fields.iter().map(|(path, clause)| format!("({clause} ? '' : ' {path}')")).collect();
    let start = format!("cannot be changed in an existing {}", K::KIND);
    let rest = format!("Put the old value back, or make a new {}. Only these can: {}", K::KIND, mutable.join(", "));
    ValidationRule {
        rule: all.join("\n&& "),
        message: Some(format!("{start}. {rest}")),
        message_expression: Some(format!("'{start}:'\n+ {}\n+ '. {rest}'", changed.join("\n+ "))),
        ..ValidationRule::default()
    }
}

/// For each immutable path below `prefix` the expression that it is as it was.
fn unchanged(schema: &JSONSchemaProps, mutable: &[&str], prefix: &str) -> Vec<(String, String)> {
    let mut clauses = Vec::new();
    for (name, property) in schema.properties.iter().flatten() {
        let path = format!("{prefix}{name}");
        if mutable.contains(&path.as_str()) {
            continue;
        }
        let inner = format!("{path}.");
        let same = if mutable.iter().any(|exception| exception.starts_with(&inner)) {
            let parts: Vec<_> = unchanged(property, mutable, &inner).into_iter().map(|(_, clause)| clause).collect();
            parts.join(" && ")
        } else {
            format!("self.spec.{path} == oldSelf.spec.{path}")
        };
        clauses.push((
            path.clone(),
            format!("has(self.spec.{path}) == has(oldSelf.spec.{path}) && (!has(self.spec.{path}) || ({same}))"),
        ));
    }
    clauses
}
