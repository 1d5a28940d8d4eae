//! Requests and answers against the shapes of the API model, with the service's own words for what is wrong.

use serde_json::{Map, Value};

use super::model::{Service, Shape, ShapeKind};
use super::pattern;
use super::refusal::Refusal;

/// Which way a document goes. A service counts all violations of a request and names each.
struct Inspection<'a> {
    service: &'a Service,
    violations: Vec<String>,
}

/// Checks a request.
pub(super) fn check_request(service: &'static Service, shape: &str, body: &Value) -> Result<(), Refusal> {
    let violations = inspect(service, shape, body)?;
    match violations.len() {
        0 => Ok(()),
        count => {
            let plural = if count == 1 { "error" } else { "errors" };
            let code = if service.signing_name == "logs" { "InvalidParameterException" } else { "ValidationException" };
            let text = format!("{count} validation {plural} detected: {}", violations.join("; "));
            let status = if service.xml_namespace.is_some() { "ValidationError" } else { code };
            Err(Refusal::new(status, text))
        }
    }
}

/// Checks an answer of our own. What is wrong is an error of the simulator.
pub(super) fn check_answer(service: &'static Service, shape: &str, body: &Value) -> Result<(), String> {
    let violations = inspect(service, shape, body).map_err(|refusal| refusal.message)?;
    if violations.is_empty() { Ok(()) } else { Err(violations.join("; ")) }
}

fn inspect(service: &'static Service, shape: &str, body: &Value) -> Result<Vec<String>, Refusal> {
    let mut inspection = Inspection { service, violations: Vec::new() };
    inspection.value(service.shape(shape), body, "")?;
    Ok(inspection.violations)
}

impl Inspection<'static> {
    fn value(&mut self, shape: &'static Shape, value: &Value, path: &str) -> Result<(), Refusal> {
        match shape.kind {
            ShapeKind::Structure => self.structure(shape, value, path),
            ShapeKind::List => self.list(shape, value, path),
            ShapeKind::Map => self.map(shape, value, path),
            ShapeKind::String => {
                let Value::String(text) = value else { return Err(unconvertible(value, "a String")) };
                let broken = text_constraints(shape, text);
                self.violations
                    .extend(broken.into_iter().map(|constraint| violation(&quoted(text), path, &constraint)));
                Ok(())
            }
            ShapeKind::Integer | ShapeKind::Long => {
                let whole = value.as_i64().ok_or_else(|| unconvertible(value, "an Integer"))?;
                if shape.kind == ShapeKind::Integer && i32::try_from(whole).is_err() {
                    return Err(serialization(format!("{whole} can not be converted to an Integer")));
                }
                self.range(shape, value, path);
                Ok(())
            }
            ShapeKind::Float | ShapeKind::Double => {
                if !value.is_number() {
                    return Err(unconvertible(value, "a Float"));
                }
                self.range(shape, value, path);
                Ok(())
            }
            ShapeKind::Boolean if value.is_boolean() => Ok(()),
            ShapeKind::Boolean => Err(unconvertible(value, "a Boolean")),
            ShapeKind::Timestamp if value.is_number() => Ok(()),
            ShapeKind::Timestamp => Err(unconvertible(value, "a Date")),
        }
    }

    fn structure(&mut self, shape: &'static Shape, value: &Value, path: &str) -> Result<(), Refusal> {
        let Value::Object(members) = value else { return Err(unconvertible(value, "a structure")) };
        for (name, member) in present(members) {
            let at = join(path, &lower_first(name));
            let Some(shape) = shape.members.get(name) else {
                return Err(serialization(format!("Unknown member '{name}' at '{at}'")));
            };
            self.value(self.service.shape(shape), member, &at)?;
        }
        for name in &shape.required {
            if members.get(name).is_none_or(Value::is_null) {
                let at = join(path, &lower_first(name));
                self.violations.push(violation("null", &at, "Member must not be null"));
            }
        }
        Ok(())
    }

    fn list(&mut self, shape: &'static Shape, value: &Value, path: &str) -> Result<(), Refusal> {
        let Value::Array(items) = value else { return Err(unconvertible(value, "a list")) };
        self.length(shape, items.len(), value, path);
        let member = self.service.shape(shape.member.as_deref().expect("a list has a member"));
        for (index, item) in items.iter().enumerate() {
            self.value(member, item, &format!("{path}.{}.member", index + 1))?;
        }
        Ok(())
    }

    fn map(&mut self, shape: &'static Shape, value: &Value, path: &str) -> Result<(), Refusal> {
        let Value::Object(entries) = value else { return Err(unconvertible(value, "a map")) };
        self.length(shape, entries.len(), value, path);
        let key_shape = self.service.shape(shape.key.as_deref().expect("a map has keys"));
        let value_shape = self.service.shape(shape.value.as_deref().expect("a map has values"));
        for (key, entry) in present(entries) {
            if !text_constraints(key_shape, key).is_empty() {
                let constraint = format!("Map keys must satisfy constraint: [{}]", all_constraints(key_shape));
                self.violations.push(violation(&quoted(&render(value)), path, &constraint));
            }
            if value_shape.kind == ShapeKind::String {
                let Value::String(text) = entry else { return Err(unconvertible(entry, "a String")) };
                if !text_constraints(value_shape, text).is_empty() {
                    let constraint = format!("Map value must satisfy constraint: [{}]", all_constraints(value_shape));
                    self.violations.push(violation(&quoted(&render(value)), path, &constraint));
                }
            } else {
                self.value(value_shape, entry, &format!("{path}.{key}.member"))?;
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "no list is as long as 2^52")]
    fn length(&mut self, shape: &Shape, length: usize, value: &Value, path: &str) {
        for constraint in length_constraints(shape, length as f64) {
            self.violations.push(violation(&quoted(&render(value)), path, &constraint));
        }
    }

    fn range(&mut self, shape: &Shape, value: &Value, path: &str) {
        let number = value.as_f64().unwrap_or_default();
        if let Some(min) = shape.min.filter(|min| number < *min) {
            let constraint = format!("Member must have value greater than or equal to {min}");
            self.violations.push(violation(&quoted(&render(value)), path, &constraint));
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            let constraint = format!("Member must have value less than or equal to {max}");
            self.violations.push(violation(&quoted(&render(value)), path, &constraint));
        }
    }
}

/// Members that are there: null is the same as absent.
fn present(members: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    members.iter().filter(|(_, value)| !value.is_null())
}

/// The constraints of a string shape that the text breaks. Lengths count UTF-16 units, as the service's language does.
#[expect(clippy::cast_precision_loss, reason = "no text is as long as 2^52")]
fn text_constraints(shape: &'static Shape, text: &str) -> Vec<String> {
    let mut broken = length_constraints(shape, text.encode_utf16().count() as f64);
    if let Some(words) = shape.words.as_ref().filter(|words| !words.iter().any(|word| word == text)) {
        broken.push(format!("Member must satisfy enum value set: [{}]", words.join(", ")));
    }
    if let Some(pattern) = shape.pattern.as_deref().filter(|pattern| !pattern::matches(pattern, text)) {
        broken.push(format!("Member must satisfy regular expression pattern: {pattern}"));
    }
    broken
}

fn length_constraints(shape: &Shape, length: f64) -> Vec<String> {
    let short = shape.min.filter(|min| length < *min);
    let long = shape.max.filter(|max| length > *max);
    let short = short.map(|min| format!("Member must have length greater than or equal to {min}"));
    let long = long.map(|max| format!("Member must have length less than or equal to {max}"));
    short.into_iter().chain(long).collect()
}

/// Every constraint of a map's key or value: the service names them all, whichever is broken.
fn all_constraints(shape: &Shape) -> String {
    let longest = shape.max.map(|max| format!("Member must have length less than or equal to {max}"));
    let shortest = shape.min.map(|min| format!("Member must have length greater than or equal to {min}"));
    let pattern = shape.pattern.as_ref().map(|it| format!("Member must satisfy regular expression pattern: {it}"));
    [longest, shortest, pattern].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn violation(value: &str, path: &str, constraint: &str) -> String {
    format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}")
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

/// A value as Java's `toString` shows it.
fn render(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(render).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}={}", render(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

fn serialization(message: impl Into<String>) -> Refusal {
    Refusal::new("SerializationException", message)
}

/// The text of a value of the wrong type, by the JSON token that was found.
fn unconvertible(value: &Value, wanted: &str) -> Refusal {
    let token = match value {
        Value::Object(_) => return serialization("Start of structure or map found where not expected."),
        Value::Array(_) => return serialization("Start of list found where not expected"),
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
    };
    serialization(format!("{token} can not be converted to {wanted}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(shape: &str, body: &Value) -> String {
        let service = Service::by_target("SageMaker").expect("SageMaker is in the model");
        let refusal = check_request(service, shape, body).expect_err("the request is wrong");
        format!("{}: {}", refusal.code, refusal.message)
    }

    #[test]
    fn each_violation_is_named_in_the_service_s_words() {
        let name = |name: &str| json!({ "TrainingJobName": name });
        let shape = "DescribeTrainingJobRequest";
        insta::assert_snapshot!(refusal(shape, &json!({})), @"ValidationException: 1 validation error detected: Value null at 'trainingJobName' failed to satisfy constraint: Member must not be null");
        insta::assert_snapshot!(refusal(shape, &name("a_b")), @"ValidationException: 1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
        insta::assert_snapshot!(refusal("ListTrainingJobsRequest", &json!({ "MaxResults": 101, "SortOrder": "Up" })), @"ValidationException: 2 validation errors detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100; Value 'Up' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [Ascending, Descending]");
        let tags = json!({ "ResourceArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/a", "Tags": [{ "Key": "" , "Value": "v" }] });
        insta::assert_snapshot!(refusal("AddTagsInput", &tags), @"ValidationException: 1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    #[test]
    fn wrong_types_and_unknown_members_do_not_deserialize() {
        let shape = "ListTrainingJobsRequest";
        insta::assert_snapshot!(refusal(shape, &json!({ "MaxResults": "5" })), @"SerializationException: STRING_VALUE can not be converted to an Integer");
        insta::assert_snapshot!(refusal(shape, &json!({ "MaxResults": 1.5 })), @"SerializationException: NUMBER_VALUE can not be converted to an Integer");
        insta::assert_snapshot!(refusal(shape, &json!({ "CreationTimeAfter": "2026-01-01" })), @"SerializationException: STRING_VALUE can not be converted to a Date");
        insta::assert_snapshot!(refusal(shape, &json!({ "Nmae": "x" })), @"SerializationException: Unknown member 'Nmae' at 'nmae'");
        insta::assert_snapshot!(refusal(shape, &json!({ "SortBy": [] })), @"SerializationException: Start of list found where not expected");
    }

    #[test]
    fn a_map_s_keys_and_values_are_restricted_too() {
        let job = json!({ "TrainingJobName": "a", "RoleArn": "arn:aws:iam::123456789012:role/execution",
            "OutputDataConfig": { "S3OutputPath": "s3://b/p" }, "HyperParameters": { "k": "one\ntwo" } });
        insta::assert_snapshot!(refusal("CreateTrainingJobRequest", &job), @r"
        ValidationException: 1 validation error detected: Value '{k=one
        two}' at 'hyperParameters' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 2500, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*]
        ");
    }
}
