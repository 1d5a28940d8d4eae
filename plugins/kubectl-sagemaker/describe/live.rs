//! What AWS says now, and in what the object is behind.

use sagemaker_operator::cli::Object;
use sagemaker_operator::lifecycle::{Arn, Owner, Past, Refusal, Sighting};
use serde_json::{Map, Value, json};

use super::section::{Section, columns};
use crate::resource::{Resource, Seen};

/// What an object may well be behind in, or what is its own.
const OWN: [&str; 6] =
    ["lastCheckTime", "observedGeneration", "tagsGeneration", "cloudWatchLogUrl", "rolloutDigest", "rolloutConfigName"];

/// The section.
pub(super) fn section(
    object: &Object,
    resource: &dyn Resource,
    answer: &Result<Seen, Refusal>,
    stored: &Value,
) -> Section {
    let arn = |status: &Value| status["arn"].as_str().and_then(|arn| arn.parse::<Arn>().ok());
    let home = answer.as_ref().ok().and_then(|seen| arn(seen.status.as_ref()?)).or_else(|| arn(stored));
    let region = &resource.place().region;
    let title = match &home {
        Some(arn) => format!("In SageMaker ({region}, account {})", arn.account()),
        None => format!("In SageMaker ({region})"),
    };
    match answer {
        Err(refusal) => Section::unread("sagemaker", title, &refusal.to_string()),
        Ok(seen) => seen_as(object, resource.name(), title, seen, stored),
    }
}

fn seen_as(object: &Object, name: &str, title: String, seen: &Seen, stored: &Value) -> Section {
    let said = match &seen.sighting {
        Sighting::Absent => Some(match seen.past {
            Past::Nothing => "nothing was created".to_owned(),
            Past::Unanswered { .. } | Past::Accepted { settled: false } => {
                format!("{name} was asked for, and is not there yet")
            }
            Past::Accepted { settled: true } | Past::Ended => format!("{name} is gone"),
        }),
        Sighting::AbsentElsewhere => Some(format!(
            "{name} is not where your credentials look: it was started in another account, or nobody knows in which"
        )),
        Sighting::Present { owner: Owner::Foreign, .. } => {
            Some(format!("{name} is there, and is not this object's: nothing of it is touched"))
        }
        Sighting::Present { owner: Owner::Elsewhere, .. } => Some(format!(
            "a {name} is there, but this object's lies in another account: {}",
            object.arn().unwrap_or("nobody knows which")
        )),
        Sighting::Present { owner: Owner::Ours, .. } => None,
    };
    if let Some(said) = said {
        return Section::new("sagemaker", title, &json!({ "name": name, "says": said })).prose(0, said);
    }
    let now = seen.status.clone().unwrap_or_default();
    let behind = behind(&now, stored);
    let data = json!({ "name": name, "status": now, "differs": behind });
    let mut rows = vec![["name".to_owned(), name.to_owned()]];
    let words = [seen.word.as_deref().or(Some("there")), seen.finer.as_deref()];
    rows.push(["status".to_owned(), words.into_iter().flatten().collect::<Vec<_>>().join(" ")]);
    if let Some(arn) = now["arn"].as_str().or(object.arn()) {
        rows.push(["arn".to_owned(), arn.to_owned()]);
    }
    let section = Section::new("sagemaker", title, &data).wholes(columns(&rows, 2));
    behind.iter().fold(section, |section, (field, values)| {
        section
            .prose(2, format!("! {field} is {}, the object says {}", short(&values["now"]), short(&values["object"])))
    })
}

/// The fields in which the object's status is behind.
fn behind(now: &Value, stored: &Value) -> Map<String, Value> {
    let fields = now.as_object().into_iter().flatten();
    let differs = |(field, value): &(&String, &Value)| {
        let is_plain = value.is_string() || value.is_number() || value.is_boolean();
        is_plain && !OWN.contains(&field.as_str()) && stored[field.as_str()] != **value
    };
    let pair =
        |(field, value): (&String, &Value)| (field.clone(), json!({ "now": value, "object": stored[field.as_str()] }));
    fields.filter(differs).map(pair).collect()
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
