//! The port to AWS, for every kind whose API has the usual shape. A kind is one small file: its names and operations.

mod endpoint_config;
mod hosting_deployment;
mod listing;
mod model;
mod processing_job;
mod scaling;
mod stock;
mod training_job;
mod transform_job;
mod trials;
mod tuning_job;

pub use stock::{Item, Stock};

use std::future::Future;

use aws_sdk_sagemaker::Client;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::api::{Api, unreadable};
use super::operation::Operation;
use super::wire::{to_request, to_spec};
use crate::lifecycle::{AccountId, Arn, Cause, Created, Gateway, Handle, Kind, Page, Place, Refusal, Summary, Tag};
use listing::Listing;

/// What is asked of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Describe,
    Create,
    /// Stops a job, deletes what lasts.
    Stop,
    Update,
    List,
}

/// A kind's part of the API: what its members are called, and its operations.
trait Service: Kind {
    /// The member that names the resource, such as `TrainingJobName`.
    const NAME: &'static str;
    /// The member of the Create answer that holds the ARN.
    const ARN: &'static str;
    /// What its List operation calls things.
    const LISTING: Listing;

    /// Whether resources change by themselves. What does not is not listed.
    const MOVES: bool = true;
    /// Whether what is there is compared with the spec as a whole: then the answer of a Describe carries what it
    /// describes as `Spec`, in the words of a spec.
    const COMPARED: bool = false;

    /// The body of a Create, without name and tags.
    fn request(spec: &Self::Spec) -> Result<Value, serde_json::Error> {
        Ok(to_request(Self::KIND, &serde_json::to_value(spec)?))
    }

    /// The operation of that verb.
    fn operation(verb: Verb) -> Operation;

    /// Sends the operation of that verb. The body is complete.
    fn send(api: &Api, verb: Verb, place: &Place, body: &Value) -> impl Future<Output = Result<Value, Refusal>> + Send;
}

impl<K: Service> Gateway<K> for Api {
    async fn describe(&self, place: &Place, handle: &Handle<'_, K>) -> Result<K::Observed, Refusal> {
        let mut answer = K::send(self, Verb::Describe, place, &json!({ K::NAME: handle.name })).await?;
        if K::COMPARED {
            let mut spec = to_spec(K::KIND, &answer);
            spec["region"] = json!(place.region.as_str());
            answer["Spec"] = spec;
        }
        serde_json::from_value(answer).map_err(|error| unreadable(K::operation(Verb::Describe).0, &error))
    }

    async fn create(&self, place: &Place, name: &str, spec: &K::Spec, tags: &[Tag]) -> Result<Created, Refusal> {
        let mut body = K::request(spec).map_err(|error| invalid(K::operation(Verb::Create).0, &error))?;
        body[K::NAME] = json!(name);
        if !tags.is_empty() {
            body["Tags"] = wire_tags(tags);
        }
        let answer = K::send(self, Verb::Create, place, &body).await?;
        let arn = answer[K::ARN].as_str().unwrap_or_default().parse();
        Ok(Created { arn: arn.map_err(|error| unreadable(K::operation(Verb::Create).0, &error))? })
    }

    async fn stop(&self, place: &Place, handle: &Handle<'_, K>) -> Result<(), Refusal> {
        K::send(self, Verb::Stop, place, &json!({ K::NAME: handle.name })).await.map(drop)
    }

    async fn update(
        &self,
        place: &Place,
        handle: &Handle<'_, K>,
        update: &Value,
        _tags: &[Tag],
    ) -> Result<(), Refusal> {
        let mut body = update.clone();
        body[K::NAME] = json!(handle.name);
        K::send(self, Verb::Update, place, &body).await.map(drop)
    }

    async fn changed_since(
        &self,
        place: &Place,
        since: DateTime<Utc>,
        next: Option<&str>,
    ) -> Result<Page<Summary>, Refusal> {
        if !K::MOVES {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let answer = K::send(self, Verb::List, place, &listing::request(since, next)).await?;
        K::LISTING.page(&answer).map_err(|error| unreadable(K::operation(Verb::List).0, &error))
    }

    async fn tags(&self, place: &Place, arn: &Arn) -> Result<Vec<Tag>, Refusal> {
        let mut tags = Vec::new();
        let mut body = json!({ "ResourceArn": arn.as_str() });
        loop {
            let send = |client: Client, wire| client.list_tags().customize().interceptor(wire).send();
            let answer = self.call(Operation("ListTags"), place, &body, send).await?;
            tags.extend(answer["Tags"].as_array().into_iter().flatten().map(read_tag));
            match answer["NextToken"].as_str() {
                Some(next) => body["NextToken"] = json!(next),
                None => return Ok(tags),
            }
        }
    }

    async fn add_tags(&self, place: &Place, arn: &Arn, tags: &[Tag]) -> Result<(), Refusal> {
        let body = json!({ "ResourceArn": arn.as_str(), "Tags": wire_tags(tags) });
        let send = |client: Client, wire| client.add_tags().customize().interceptor(wire).send();
        self.call(Operation("AddTags"), place, &body, send).await.map(drop)
    }

    async fn delete_tags(&self, place: &Place, arn: &Arn, keys: &[String]) -> Result<(), Refusal> {
        let body = json!({ "ResourceArn": arn.as_str(), "TagKeys": keys });
        let send = |client: Client, wire| client.delete_tags().customize().interceptor(wire).send();
        self.call(Operation("DeleteTags"), place, &body, send).await.map(drop)
    }

    async fn account(&self, place: &Place) -> Result<AccountId, Refusal> {
        Api::account(self, place).await
    }
}

fn wire_tags(tags: &[Tag]) -> Value {
    tags.iter().map(|Tag { key, value }| json!({ "Key": key, "Value": value })).collect()
}

fn read_tag(tag: &Value) -> Tag {
    let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    Tag { key: text("Key"), value: text("Value") }
}

/// For a verb that the kind's API does not have, and that the core has no reason to use.
fn no_such(operation: Operation) -> Refusal {
    invalid(operation.0, &std::io::Error::from(std::io::ErrorKind::Unsupported))
}

/// A spec that is no JSON has not left this process.
fn invalid(operation: &'static str, error: &dyn std::error::Error) -> Refusal {
    Refusal {
        operation,
        cause: Cause::Invalid,
        code: String::new(),
        message: format!("the spec cannot be sent: {error}"),
        request_id: None,
    }
}
