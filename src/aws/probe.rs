//! Finding out who asks, and what they may do, without changing anything.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Clients;
use super::describe::NoWrites;
use super::errors::refusal;
use super::intercept::Wire;
use super::operation::Operation;
use crate::lifecycle::{AccountId, Cause, Place, Refusal};

/// What nothing is called.
const NOBODY: &str = "kubectl-sagemaker-doctor";
/// A log group that policies know; the streams that are asked for in it do not exist.
const GROUP: &str = "/aws/sagemaker/TrainingJobs";
const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";

/// Whose credentials are in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The user or the session of a role.
    pub arn: String,
}

/// What came of asking who one is.
#[derive(Debug)]
pub struct Introduced {
    /// Who it is, or why that is not told.
    pub identity: Result<Identity, Refusal>,
    /// The service's time of the answer, from its Date header, whatever the answer was.
    pub served: Option<DateTime<Utc>>,
}

/// Asks who one is. Everybody may.
pub async fn introduce(clients: &Clients, place: &Place) -> Introduced {
    let dated = Dated::default();
    let sts = clients.sts(place).await;
    let answer = sts.get_caller_identity().customize().interceptor(dated.clone()).send().await;
    let served = *dated.0.lock().unwrap_or_else(PoisonError::into_inner);
    let identity = answer.map_err(|error| refusal(GET_CALLER_IDENTITY, &error)).and_then(|answer| {
        let account = answer.account().unwrap_or_default().parse();
        let account = account.map_err(|error| super::api::unreadable(GET_CALLER_IDENTITY, &error))?;
        Ok(Identity { account, arn: answer.arn().unwrap_or_default().to_owned() })
    });
    clients.heed(place, identity.as_ref().err());
    Introduced { identity, served }
}

/// Tries whether an action such as `sagemaker:DescribeModel` is allowed, by asking for what does not exist, or for
/// one line of a list. `None` for one that cannot be tried without changing something, or that this does not know.
pub async fn try_out(
    clients: &Clients,
    place: &Place,
    account: &AccountId,
    action: &'static str,
) -> Option<Result<(), Refusal>> {
    let (service, name) = action.split_once(':')?;
    let operation = Operation(name);
    let body = question(place, account, service, name)?;
    let body = Bytes::from(body.to_string());
    let (wire, _) = Wire::new(operation, body, Arc::new(NoWrites));
    // One operation of each service carries the questions of all: see `describe`.
    let answer = match service {
        "sagemaker" => {
            let carrier = clients.sagemaker(place).await.get_sagemaker_servicecatalog_portfolio_status();
            let sent = carrier.customize().interceptor(wire).send().await;
            sent.map(drop).map_err(|error| refusal(operation.0, &error))
        }
        "application-autoscaling" => {
            let carrier = clients.application_autoscaling(place).await.describe_scalable_targets();
            let sent = carrier.customize().interceptor(wire).send().await;
            sent.map(drop).map_err(|error| refusal(operation.0, &error))
        }
        "logs" => {
            let client = aws_sdk_cloudwatchlogs::Client::new(&clients.sdk_config(place).await);
            let sent = client.describe_log_groups().customize().interceptor(wire).send().await;
            sent.map(drop).map_err(|error| refusal(operation.0, &error))
        }
        "servicequotas" => {
            let client = aws_sdk_servicequotas::Client::new(&clients.sdk_config(place).await);
            let sent = client.list_service_quotas().customize().interceptor(wire).send().await;
            sent.map(drop).map_err(|error| refusal(operation.0, &error))
        }
        _ => return None,
    };
    clients.heed(place, answer.as_ref().err());
    Some(answer.or_else(|refusal| if was_allowed(&refusal.cause) { Ok(()) } else { Err(refusal) }))
}

/// Whether AWS looked at what was asked for: rights come first.
fn was_allowed(cause: &Cause) -> bool {
    match cause {
        Cause::NotFound | Cause::AlreadyExists | Cause::AlreadyEnded | Cause::Busy | Cause::Invalid => true,
        Cause::Throttled
        | Cause::Transient
        | Cause::Credentials
        | Cause::Denied { .. }
        | Cause::QuotaInUse
        | Cause::QuotaZero
        | Cause::NotLeader => false,
    }
}

/// The smallest well-formed request of a reading operation.
fn question(place: &Place, account: &AccountId, service: &str, operation: &str) -> Option<Value> {
    let (partition, region) = (place.region.partition(), &place.region);
    let arn = |resource: &str| format!("arn:{partition}:{service}:{region}:{account}:{resource}");
    Some(match (service, operation) {
        ("sagemaker", "DescribeTrainingJob") => json!({ "TrainingJobName": NOBODY }),
        ("sagemaker", "DescribeProcessingJob") => json!({ "ProcessingJobName": NOBODY }),
        ("sagemaker", "DescribeTransformJob") => json!({ "TransformJobName": NOBODY }),
        // Its names are at most 32 characters long.
        ("sagemaker", "DescribeHyperParameterTuningJob") => json!({ "HyperParameterTuningJobName": NOBODY }),
        ("sagemaker", "DescribeEndpoint") => json!({ "EndpointName": NOBODY }),
        ("sagemaker", "DescribeEndpointConfig") => json!({ "EndpointConfigName": NOBODY }),
        ("sagemaker", "DescribeModel") => json!({ "ModelName": NOBODY }),
        (
            "sagemaker",
            "ListTrainingJobs"
            | "ListProcessingJobs"
            | "ListTransformJobs"
            | "ListHyperParameterTuningJobs"
            | "ListEndpoints"
            | "ListEndpointConfigs"
            | "ListModels",
        ) => json!({ "MaxResults": 1 }),
        ("sagemaker", "ListTags") => json!({ "ResourceArn": arn(&format!("training-job/{NOBODY}")) }),
        ("application-autoscaling", "DescribeScalableTargets" | "DescribeScalingPolicies") => {
            json!({ "ServiceNamespace": "sagemaker", "MaxResults": 1 })
        }
        ("application-autoscaling", "ListTagsForResource") => {
            json!({ "ResourceARN": arn("scalable-target/0000000000000000000000000000000000000") })
        }
        ("logs", "DescribeLogGroups") => json!({ "logGroupNamePrefix": GROUP, "limit": 1 }),
        ("logs", "DescribeLogStreams" | "FilterLogEvents") => {
            json!({ "logGroupName": GROUP, "logStreamNamePrefix": format!("{NOBODY}/"), "limit": 1 })
        }
        ("logs", "GetLogEvents") => {
            json!({ "logGroupName": GROUP, "logStreamName": format!("{NOBODY}/none"), "limit": 1 })
        }
        ("servicequotas", "ListServiceQuotas") => json!({ "ServiceCode": "sagemaker", "MaxResults": 1 }),
        _ => return None,
    })
}

/// Notes the time of an answer.
#[derive(Debug, Clone, Default)]
struct Dated(Arc<Mutex<Option<DateTime<Utc>>>>);

impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "Dated"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| date.to_utc());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::iam::{Access, Part, Reason, needs};

    #[test]
    fn every_reading_action_of_the_plugins_can_be_tried_and_no_writing_one() {
        let place = Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None };
        let account = "123456789012".parse().unwrap();
        for need in [Part::LogReader, Part::Companion].into_iter().flat_map(needs) {
            let (service, operation) = need.action.split_once(':').unwrap();
            let can = question(&place, &account, service, operation).is_some();
            assert_eq!(can, need.access == Access::Read && need.reason == Reason::Called, "{}", need.action);
        }
    }

    #[test]
    fn a_refusal_of_what_was_asked_for_is_no_denial() {
        for (cause, allowed) in [
            (Cause::NotFound, true),
            (Cause::Invalid, true),
            (Cause::Denied { action: None, resource: None }, false),
            (Cause::Credentials, false),
            (Cause::Throttled, false),
            (Cause::Transient, false),
        ] {
            assert_eq!(was_allowed(&cause), allowed, "{cause:?}");
        }
    }
}
