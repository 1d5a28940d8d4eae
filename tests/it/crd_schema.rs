//! The definitions against AWS's model of the API, and against the first release.

use std::collections::BTreeSet;

use sagemaker_operator::api::crd;
use serde_json::Value;

use crate::leaves::{Leaf, Model, Sort, Subject, subjects};

/// What a spec has beside the request's members.
const OURS: [&str; 2] = ["region", "sageMakerEndpoint"];

/// The schema of a path such as `spec.tags[].key`; with `[]` at its end, that of the items.
fn find<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(schema, |schema, step| match step.strip_suffix("[]") {
        Some(name) => schema["properties"].get(name)?.get("items"),
        None => schema["properties"].get(step),
    })
}

/// The paths of all values of a schema: scalars, and lists of names and values.
fn paths_of_values(schema: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let is_map = schema["properties"].as_object().is_some_and(|fields| fields.keys().eq(["name", "value"]));
    if is_map {
        paths.insert(path.trim_end_matches("[]").to_owned());
    } else if let Some(items) = schema.get("items") {
        paths_of_values(items, &format!("{path}[]"), paths);
    } else if let Some(fields) = schema["properties"].as_object() {
        for (name, field) in fields {
            paths_of_values(field, format!("{path}.{name}").trim_start_matches('.'), paths);
        }
    } else {
        paths.insert(path.to_owned());
    }
}

#[test]
fn the_spec_has_the_fields_of_the_api_and_no_others() {
    for subject in subjects() {
        let mut ours = BTreeSet::new();
        paths_of_values(&subject.schema()["properties"]["spec"], "", &mut ours);
        let mut expected: BTreeSet<_> = subject.all().iter().map(Leaf::spec_path).collect();
        expected.extend(OURS.map(str::to_owned));
        let missing: Vec<_> = expected.difference(&ours).collect();
        let unknown: Vec<_> = ours.difference(&expected).collect();
        let kind = subject.kind;
        assert!(missing.is_empty() && unknown.is_empty(), "{kind}: missing: {missing:?}, unknown: {unknown:?}");
    }
}

#[test]
fn every_field_has_the_type_of_the_api_and_no_narrower_limits() {
    for subject in subjects() {
        check_types_and_limits(subject);
    }
}

#[track_caller]
fn check_types_and_limits(subject: &Subject) {
    let (model, schema) = (Model::sagemaker(), subject.schema());
    for leaf in subject.all() {
        let path = format!("spec.{}", leaf.spec_path());
        let field = find(&schema, &path).unwrap_or_else(|| panic!("{path} is missing"));
        let shape = model.shape(&leaf.shape);
        let (expected, limits) = match shape.sort {
            Sort::Boolean => ("boolean", None),
            Sort::Integer | Sort::Long => ("integer", Some(("minimum", "maximum"))),
            Sort::Float | Sort::Double => ("number", None),
            Sort::String => ("string", Some(("minLength", "maxLength"))),
            Sort::Map => ("array", Some(("minItems", "maxItems"))),
            other => panic!("{path}: a leaf cannot be a {other:?}"),
        };
        let is_compared = expected == "integer" && is_whole_number(field);
        assert!(is_compared || field["type"] == expected, "{path} is {}", field["type"]);
        assert!(field.get("enum").is_none(), "{path}: a word that SageMaker learns tomorrow would be refused");
        if let Some((least, most)) = limits {
            // Where a count of machines or a text may be zero in the model, the first release already wanted one.
            assert!(at_most(&field[least], shape.min.unwrap_or(i64::MIN).max(1)), "{path}: {least} is too high");
            assert!(at_least(&field[most], shape.max), "{path}: {most} is too low");
        }
        assert!(is_bounded(field, shape.sort), "{path}: the cost of rules cannot be estimated without a limit");
    }
}

/// A rule that compares the field must take `60.0` for it as the type does, which it does not of an `integer`.
fn is_whole_number(field: &Value) -> bool {
    field["type"] == "number" && whole(&field["multipleOf"]) == Some(1)
}

#[test]
fn no_rule_compares_what_may_be_written_in_a_way_that_rules_do_not_take() {
    /// As a rule names them: after what they are in, which for an item of a list is a variable.
    fn integers(schema: &Value, within: &str, found: &mut BTreeSet<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if field["type"] == "integer" {
                found.insert(format!("{within}.{name}"));
            }
            integers(field, name, found);
            integers(&field["items"], "", found);
        }
    }
    let asked_for = regex::Regex::new(r"has\([^)]*\)").expect("a valid expression");
    let mut compared = 0;
    for definition in crd::all() {
        let definition = serde_json::to_value(definition).expect("a definition can be written");
        let spec = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        let mut found = BTreeSet::new();
        integers(spec, "self", &mut found);
        for rule in spec["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let rule = asked_for.replace_all(rule["rule"].as_str().expect("a rule has a text"), "");
            compared += usize::from(rule.contains("<=") || rule.contains(">="));
            let mut words = rule.split(|c: char| !c.is_alphanumeric() && c != '.');
            let integer = words.find(|word| {
                let is_item = |name: &&String| name.starts_with('.') && word.matches('.').count() == 1;
                found.iter().any(|name| word.ends_with(&**name) && (!name.starts_with('.') || is_item(&name)))
            });
            assert!(integer.is_none(), "{}: {integer:?} is an integer in: {rule}", definition["metadata"]["name"]);
        }
    }
    assert!(compared >= 4, "only {compared} rules compare anything");
}

fn at_most(limit: &Value, most: i64) -> bool {
    whole(limit).is_none_or(|limit| limit <= most)
}

fn at_least(limit: &Value, least: Option<i64>) -> bool {
    whole(limit).is_none_or(|limit| least.is_none_or(|least| limit >= least))
}

/// A limit as a whole number, which the schema may write as `1.0`.
fn whole(limit: &Value) -> Option<i64> {
    limit.as_i64().or_else(|| limit.as_f64().map(|limit| format!("{limit}").parse().expect("limits are whole")))
}

fn is_bounded(field: &Value, sort: Sort) -> bool {
    match sort {
        Sort::String => field.get("maxLength").is_some(),
        Sort::Map => {
            let entry = &field["items"]["properties"];
            field.get("maxItems").is_some()
                && ["name", "value"].iter().all(|part| entry[part].get("maxLength").is_some())
        }
        _ => true,
    }
}

/// A row of `tests/fixtures/v1-fields.tsv`.
struct Field<'a> {
    path: &'a str,
    type_: &'a str,
    required: bool,
    words: Vec<&'a str>,
    limits: Vec<(&'a str, &'a str)>,
}

fn fields_of_the_first_release(kind: &str) -> Vec<Field<'static>> {
    let rows = include_str!("../fixtures/v1-fields.tsv").lines().skip(1);
    let fields = rows.filter_map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        let [of, path, type_, required, words, limits] = columns[..] else { panic!("{row:?} has not six columns") };
        (of == kind).then(|| Field {
            path,
            type_,
            required: required == "yes",
            words: words.split('|').filter(|word| !word.is_empty()).collect(),
            limits: limits.split(';').filter_map(|limit| limit.split_once('=')).collect(),
        })
    });
    fields.collect()
}

#[test]
fn what_the_first_release_took_is_taken() {
    for subject in subjects() {
        takes_what_the_first_release_took(subject);
    }
}

#[track_caller]
fn takes_what_the_first_release_took(subject: &Subject) {
    let schema = subject.schema();
    let fields = fields_of_the_first_release(subject.kind);
    assert!(fields.len() >= 20, "the fixture has only {} rows", fields.len());
    for Field { path, type_, required, words, limits } in &fields {
        let field = find(&schema, path).unwrap_or_else(|| panic!("{path} is gone"));
        let was_integer = *type_ == "integer/int64";
        let is_wider = was_integer && (is_whole_number(field) || path.ends_with("Weight") && field["type"] == "number");
        assert!(is_wider || described(field) == *type_, "{path}: {type_} is {} now", described(field));
        if let Some(allowed) = field["enum"].as_array() {
            assert!(!words.is_empty() && words.iter().all(|word| allowed.contains(&Value::from(*word))), "{path}");
        }
        assert!(*required || !is_required(&schema, path), "{path} was not required");
        for (limit, value) in limits {
            let ours = &field[*limit];
            let wide_enough = match *limit {
                "pattern" => ours.is_null() || ours == value || ours.as_str() == Some(&format!("^{value}$")),
                "minimum" | "minLength" | "minItems" => at_most(ours, value.parse().expect("a limit is a number")),
                "maxLength" | "maxItems" => at_least(ours, Some(value.parse().expect("a limit is a number"))),
                other => panic!("{path}: a limit of an unknown sort: {other}"),
            };
            assert!(wide_enough, "{path}: {limit} was {value} and is {ours}");
        }
        for new in ["minLength", "minItems", "minimum", "pattern"] {
            let known = limits.iter().any(|(limit, _)| *limit == new);
            assert!(known || field.get(new).is_none() || is_of_the_api(subject, path, new), "{path}: {new} is new");
        }
    }
}

/// Whether SageMaker has that lower limit itself, so that nothing it took is refused.
fn is_of_the_api(subject: &Subject, path: &str, limit: &str) -> bool {
    let model = Model::sagemaker();
    let leaves = subject.all();
    let leaf = leaves.iter().find(|leaf| format!("spec.{}", leaf.spec_path()) == path);
    limit != "pattern" && leaf.is_some_and(|leaf| model.shape(&leaf.shape).min.is_some_and(|min| min >= 1))
}

fn described(field: &Value) -> String {
    let type_ = field["type"].as_str().unwrap_or("nothing");
    match (type_, field["format"].as_str(), field["items"]["type"].as_str()) {
        ("array", _, Some(items)) => format!("array<{items}>"),
        (type_, Some(format), _) => format!("{type_}/{format}"),
        (type_, None, _) => type_.to_owned(),
    }
}

fn is_required(schema: &Value, path: &str) -> bool {
    let (parent, name) = match path.rsplit_once('.') {
        Some((parent, name)) => (find(schema, parent), name),
        None => (Some(schema), path),
    };
    let required = parent.and_then(|parent| parent["required"].as_array());
    required.is_some_and(|required| required.contains(&Value::from(name)))
}

#[test]
fn the_printer_columns_are_those_of_the_first_release() {
    let mut columns = Vec::new();
    for definition in crd::all() {
        columns.push(format!("{}:", definition.spec.names.kind));
        for column in definition.spec.versions[0].additional_printer_columns.iter().flatten() {
            let format = column.format.as_deref().unwrap_or("-");
            columns.push(format!("  {} {} {} {format}", column.name, column.json_path, column.type_));
        }
    }
    insta::assert_snapshot!(columns.join("\n"), @"
    TrainingJob:
      Status .status.trainingJobStatus string -
      Secondary-Status .status.secondaryStatus string -
      Creation-Time .metadata.creationTimestamp string date
      Sagemaker-Job-Name .status.sageMakerTrainingJobName string -
    ProcessingJob:
      Status .status.processingJobStatus string -
      Creation-Time .metadata.creationTimestamp string date
      Sagemaker-Job-Name .status.sageMakerProcessingJobName string -
    BatchTransformJob:
      Status .status.transformJobStatus string -
      Creation-Time .metadata.creationTimestamp string date
      Sagemaker-Job-Name .status.sageMakerTransformJobName string -
    HyperparameterTuningJob:
      Status .status.hyperParameterTuningJobStatus string -
      Creation-Time .metadata.creationTimestamp string date
      Completed .status.trainingJobStatusCounters.completed number int64
      InProgress .status.trainingJobStatusCounters.inProgress number int64
      Errors .status.trainingJobStatusCounters.totalError number int64
      Stopped .status.trainingJobStatusCounters.stopped number int64
      Best-Training-Job .status.bestTrainingJob.trainingJobName string -
      Sagemaker-Job-Name .status.sageMakerHyperParameterTuningJobName string -
    Model:
      Status .status.status string -
      Sage-Maker-Model-Name .status.sageMakerModelName string -
    EndpointConfig:
      Status .status.status string -
      Sage-Maker-EndpointConfig-Name .status.sageMakerEndpointConfigName string -
    HostingDeployment:
      Status .status.endpointStatus string -
      Sagemaker-endpoint-name .status.endpointName string -
    HostingAutoscalingPolicy:
      Status .status.hostingAutoscalingPolicyStatus string -
      Creation-Time .metadata.creationTimestamp string date
    ");
}

#[test]
fn nothing_in_a_definition_may_be_null_or_unknown() {
    let text = crd::all().iter().map(|definition| crd::to_yaml(definition).unwrap()).collect::<String>();
    assert!(!text.contains("nullable"), "a null would break rules and types");
    assert!(!text.contains("x-kubernetes-preserve-unknown-fields"));
    assert!(text.contains("preserveUnknownFields: false"));
}

#[test]
fn every_field_says_what_it_is() {
    fn check(schema: &Value, path: &str) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let has_words = field["description"].as_str().is_some_and(|words| words.len() > 8);
            assert!(has_words, "{path} has no description for kubectl explain");
            check(field, &path);
            check(&field["items"], &path);
        }
    }
    for subject in subjects() {
        check(&subject.schema(), subject.kind);
    }
}
