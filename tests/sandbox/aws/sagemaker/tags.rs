//! Tags of any resource, kept by ARN.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::refusal::Refusal;

const MOST: usize = 50;

/// The tags of all resources of one account and region.
#[derive(Debug, Default)]
pub(super) struct Tags {
    by_arn: BTreeMap<String, Vec<(String, String)>>,
}

impl Tags {
    /// Starts the record of a new resource. Tags of a Create are checked by [`check`] first.
    pub(super) fn create(&mut self, arn: &str, tags: &Value) {
        self.by_arn.insert(arn.to_owned(), pairs(tags));
    }

    /// Forgets a resource.
    pub(super) fn forget(&mut self, arn: &str) {
        self.by_arn.remove(arn);
    }

    /// `AddTags`: the answer holds the tags of the request.
    pub(super) fn add(&mut self, request: &Value) -> Result<Value, Refusal> {
        check(&request["Tags"])?;
        let held = self.of(request)?;
        let mut changed = held.clone();
        for (key, value) in pairs(&request["Tags"]) {
            match changed.iter_mut().find(|(it, _)| *it == key) {
                Some((_, held)) => *held = value,
                None => changed.push((key, value)),
            }
        }
        if changed.len() > MOST {
            return Err(Refusal::validation(format!(
                "The number of tags exceeds the limit of {MOST} tags a resource."
            )));
        }
        *held = changed;
        Ok(json!({ "Tags": request["Tags"] }))
    }

    /// `DeleteTags`.
    pub(super) fn delete(&mut self, request: &Value) -> Result<Value, Refusal> {
        let held = self.of(request)?;
        let doomed = request["TagKeys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        held.retain(|(key, _)| !doomed.contains(&key.as_str()));
        Ok(json!({}))
    }

    /// `ListTags`: at least 50 fit a page, so there is only one; the token is never given out.
    pub(super) fn list(&mut self, request: &Value) -> Result<Value, Refusal> {
        let tags: Vec<_> = self.of(request)?.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(json!({ "Tags": tags }))
    }

    fn of(&mut self, request: &Value) -> Result<&mut Vec<(String, String)>, Refusal> {
        let arn = request["ResourceArn"].as_str().unwrap_or_default();
        self.by_arn.get_mut(arn).ok_or_else(|| Refusal::validation("Requested resource not found."))
    }
}

/// What shapes cannot say about tags.
pub(super) fn check(tags: &Value) -> Result<(), Refusal> {
    let mut keys: Vec<String> = Vec::new();
    for (key, _) in pairs(tags) {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::validation("aws: prefixed tag key names are not allowed for external use."));
        }
        if keys.contains(&key) {
            return Err(Refusal::validation("Duplicate tag keys are not allowed."));
        }
        keys.push(key);
    }
    Ok(())
}

fn pairs(tags: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tags.as_array().into_iter().flatten().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}
