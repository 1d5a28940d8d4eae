//! What there is in an account, whoever made it.

use std::future::Future;

use aws_sdk_applicationautoscaling::Client;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::listing::time;
use super::scaling::DESCRIBE_TARGETS;
use super::{Service, Verb};
use crate::api::HostingAutoscalingPolicy;
use crate::aws::api::{Api, unreadable};
use crate::aws::operation::Operation;
use crate::lifecycle::{Arn, InvalidIdent, Kind, Page, Place, Refusal, Sort};

/// A resource, as a List tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: Arn,
    /// SageMaker's word for its state; `None` for what has none.
    pub status: Option<String>,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
}

/// What there is of one kind.
pub trait Stock<K: Kind> {
    /// The resources of that kind, page by page; of jobs only those that are `InProgress`. `next` is the token of the page
    /// before.
    fn stock(&self, place: &Place, next: Option<&str>) -> impl Future<Output = Result<Page<Item>, Refusal>> + Send;
}

impl<K: Service> Stock<K> for Api {
    async fn stock(&self, place: &Place, next: Option<&str>) -> Result<Page<Item>, Refusal> {
        let mut body = json!({ "MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending" });
        if K::SORT == Sort::Job {
            body["StatusEquals"] = json!("InProgress");
        }
        if let Some(next) = next {
            body["NextToken"] = json!(next);
        }
        let answer = K::send(self, Verb::List, place, &body).await?;
        let summaries = answer[K::LISTING.summaries].as_array().into_iter().flatten();
        let items = summaries.map(item::<K>).collect::<Result<_, _>>();
        let items = items.map_err(|error| unreadable(K::operation(Verb::List).0, &error))?;
        Ok(Page { items, next: answer["NextToken"].as_str().map(str::to_owned) })
    }
}

/// A policy's are the scalable targets that it has registered, named by their resource ids: `endpoint/NAME/variant/NAME`.
impl Stock<HostingAutoscalingPolicy> for Api {
    async fn stock(&self, place: &Place, next: Option<&str>) -> Result<Page<Item>, Refusal> {
        let mut body = json!({ "ServiceNamespace": "sagemaker" });
        if let Some(next) = next {
            body["NextToken"] = json!(next);
        }
        let send = |client: Client, wire| client.describe_scalable_targets().customize().interceptor(wire).send();
        let answer = self.call_scaling(Operation(DESCRIBE_TARGETS), place, &body, send).await?;
        let targets = answer["ScalableTargets"].as_array().into_iter().flatten();
        let items = targets.map(target).collect::<Result<_, _>>();
        let items = items.map_err(|error| unreadable(DESCRIBE_TARGETS, &error))?;
        Ok(Page { items, next: answer["NextToken"].as_str().map(str::to_owned) })
    }
}

fn target(target: &Value) -> Result<Item, InvalidIdent> {
    let text = |member: &str| target[member].as_str().unwrap_or_default();
    Ok(Item {
        name: text("ResourceId").to_owned(),
        arn: text("ScalableTargetARN").parse()?,
        status: None,
        created: target["CreationTime"].as_f64().and_then(time),
    })
}

fn item<K: Service>(summary: &Value) -> Result<Item, InvalidIdent> {
    let text = |member: &str| summary[member].as_str().unwrap_or_default().to_owned();
    let has_status = K::LISTING.status != K::LISTING.name;
    Ok(Item {
        name: text(K::LISTING.name),
        arn: text(K::ARN).parse()?,
        status: has_status.then(|| text(K::LISTING.status)),
        created: summary["CreationTime"].as_f64().and_then(time),
    })
}
