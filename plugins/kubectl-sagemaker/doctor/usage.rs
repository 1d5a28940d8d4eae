//! The instances that an account uses, counted as its quotas count them: by type and by use.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use sagemaker_operator::api::{BatchTransformJob, HostingDeployment, ProcessingJob, TrainingJob};
use sagemaker_operator::aws::{Api, Item, Stock, Subject, describe};
use sagemaker_operator::lifecycle::{Cause, Page, Place, Refusal};
use serde_json::Value;

/// How many resources are looked at at a time.
const AT_ONCE: usize = 8;

/// Instances in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// By the name of the quota that they count against, such as `ml.m5.large for training job usage`.
    pub(super) counts: BTreeMap<String, u64>,
    /// Whether more runs than was looked at: then these counts are the least that there is.
    pub(super) is_partial: bool,
}

impl Usage {
    fn add(&mut self, instances: Vec<(String, u64)>) {
        for (quota, count) in instances {
            *self.counts.entry(quota).or_default() += count;
        }
    }
}

/// Counts what is in progress and in service, up to a page of each kind, whoever started it.
///
/// # Errors
/// What AWS did not answer.
pub(super) async fn usage(aws: &Api, place: &Place) -> Result<Usage, Refusal> {
    let (training, processing, transform, endpoints) = tokio::try_join!(
        Stock::<TrainingJob>::stock(aws, place, None),
        Stock::<ProcessingJob>::stock(aws, place, None),
        Stock::<BatchTransformJob>::stock(aws, place, None),
        Stock::<HostingDeployment>::stock(aws, place, None),
    )?;
    let mut usage = Usage::default();
    let mut looks = Vec::new();
    for (subject, Page { items, next }) in [
        (Subject::TrainingJob, training),
        (Subject::ProcessingJob, processing),
        (Subject::TransformJob, transform),
        (Subject::Endpoint, endpoints),
    ] {
        usage.is_partial |= next.is_some();
        looks.extend(items.into_iter().filter(has_instances).map(|item| (subject, item.name)));
    }
    let looks = looks.into_iter().map(|(subject, name)| look(aws, place, subject, name));
    let mut looked = stream::iter(looks).buffer_unordered(AT_ONCE);
    while let Some(instances) = looked.next().await {
        usage.add(instances?);
    }
    Ok(usage)
}

/// An endpoint that has failed or goes away gives its instances back; a job in the list is in progress.
fn has_instances(item: &Item) -> bool {
    !matches!(item.status.as_deref(), Some("Failed" | "Deleting"))
}

async fn look(aws: &Api, place: &Place, subject: Subject, name: String) -> Result<Vec<(String, u64)>, Refusal> {
    let Some(found) = ask(aws, place, subject, &name).await? else { return Ok(Vec::new()) };
    let config = match found["endpointConfigName"].as_str() {
        Some(config) => ask(aws, place, Subject::EndpointConfig, config).await?.unwrap_or_default(),
        None => Value::Null,
    };
    Ok(instances(subject, &found, &config))
}

/// `None` for what has gone in the meantime.
async fn ask(aws: &Api, place: &Place, subject: Subject, name: &str) -> Result<Option<Value>, Refusal> {
    match describe(aws.clients(), place, subject, name).await {
        Ok(answer) => Ok(Some(answer)),
        Err(refusal) if refusal.cause == Cause::NotFound => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The quotas that a resource counts against, and with how much. `config` is the configuration of an endpoint, which
/// alone knows the types of its instances.
fn instances(subject: Subject, found: &Value, config: &Value) -> Vec<(String, u64)> {
    match subject {
        Subject::TrainingJob => {
            let is_spot = found["enableManagedSpotTraining"].as_bool().unwrap_or(false);
            let purpose = if is_spot { "spot training job" } else { "training job" };
            let resources = &found["resourceConfig"];
            // A heterogeneous cluster has groups instead of a type.
            let groups = resources["instanceGroups"].as_array().into_iter().flatten();
            groups.chain([resources]).filter_map(|group| counted(group, purpose)).collect()
        }
        Subject::ProcessingJob => {
            counted(&found["processingResources"]["clusterConfig"], "processing job").into_iter().collect()
        }
        Subject::TransformJob => counted(&found["transformResources"], "transform job").into_iter().collect(),
        Subject::Endpoint => variants(config)
            .filter_map(|planned| {
                let type_ = planned["instanceType"].as_str()?;
                let running = variants(found).find(|variant| variant["variantName"] == planned["variantName"]);
                // What is on its way counts already; an endpoint that is being created has no variants yet.
                let counts = running.into_iter().flat_map(|variant| {
                    ["currentInstanceCount", "desiredInstanceCount"].map(|count| variant[count].as_u64())
                });
                let count = counts.flatten().max().or(planned["initialInstanceCount"].as_u64())?;
                Some((quota(type_, "endpoint"), count))
            })
            .collect(),
        // Its trials are training jobs, and a configuration is a plan.
        Subject::TuningJob | Subject::EndpointConfig => Vec::new(),
    }
}

fn counted(resources: &Value, purpose: &str) -> Option<(String, u64)> {
    let type_ = resources["instanceType"].as_str()?;
    Some((quota(type_, purpose), resources["instanceCount"].as_u64().unwrap_or(1)))
}

fn variants(of: &Value) -> impl Iterator<Item = &Value> {
    of["productionVariants"].as_array().into_iter().flatten()
}

/// As SageMaker's refusals and Service Quotas both call it.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/sagemaker.html>
fn quota(type_: &str, purpose: &str) -> String {
    format!("{type_} for {purpose} usage")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_use_of_a_type_has_a_quota_of_its_own() {
        let many = |type_: &str, count: u64| json!({ "instanceType": type_, "instanceCount": count });
        let groups = json!([many("ml.c5.large", 2), many("ml.p3.2xlarge", 1)]);
        let endpoint = json!({ "productionVariants": [
            { "variantName": "a", "currentInstanceCount": 1, "desiredInstanceCount": 3 },
            { "variantName": "serverless" },
            { "variantName": "b", "currentInstanceCount": 2 },
        ] });
        let config = json!({ "productionVariants": [
            { "variantName": "b", "instanceType": "ml.m5.large", "initialInstanceCount": 1 },
            { "variantName": "serverless", "serverlessConfig": {} },
            { "variantName": "a", "instanceType": "ml.g5.xlarge", "initialInstanceCount": 1 },
        ] });
        let none = Value::Null;
        for (subject, found, config, expected) in [
            (
                Subject::TrainingJob,
                json!({ "resourceConfig": many("ml.m5.large", 4) }),
                &none,
                vec![("ml.m5.large for training job usage", 4)],
            ),
            (
                Subject::TrainingJob,
                json!({ "resourceConfig": many("ml.m5.large", 1), "enableManagedSpotTraining": true }),
                &none,
                vec![("ml.m5.large for spot training job usage", 1)],
            ),
            (
                Subject::TrainingJob,
                json!({ "resourceConfig": { "instanceGroups": groups } }),
                &none,
                vec![("ml.c5.large for training job usage", 2), ("ml.p3.2xlarge for training job usage", 1)],
            ),
            (
                Subject::ProcessingJob,
                json!({ "processingResources": { "clusterConfig": many("ml.m5.xlarge", 2) } }),
                &none,
                vec![("ml.m5.xlarge for processing job usage", 2)],
            ),
            (
                Subject::TransformJob,
                json!({ "transformResources": many("ml.m4.xlarge", 1) }),
                &none,
                vec![("ml.m4.xlarge for transform job usage", 1)],
            ),
            (
                Subject::Endpoint,
                endpoint.clone(),
                &config,
                vec![("ml.m5.large for endpoint usage", 2), ("ml.g5.xlarge for endpoint usage", 3)],
            ),
            (
                Subject::Endpoint,
                json!({ "endpointStatus": "Creating" }),
                &config,
                vec![("ml.m5.large for endpoint usage", 1), ("ml.g5.xlarge for endpoint usage", 1)],
            ),
            (Subject::Endpoint, endpoint, &none, vec![]),
            (Subject::TuningJob, json!({ "resourceConfig": many("ml.m5.large", 4) }), &none, vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(quota, count)| (quota.to_owned(), count)).collect();
            assert_eq!(instances(subject, &found, config), expected, "{subject:?} {found}");
        }
    }

    #[test]
    fn what_counts_against_one_quota_is_added_up() {
        let mut usage = Usage::default();
        usage.add(vec![("a".to_owned(), 2), ("b".to_owned(), 1)]);
        usage.add(vec![("a".to_owned(), 3)]);
        assert_eq!(usage.counts, BTreeMap::from([("a".to_owned(), 5), ("b".to_owned(), 1)]));
    }
}
