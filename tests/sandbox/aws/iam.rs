//! What a call must be allowed to do, the list of all that is allowed, and the deny list that takes rights away.
//!
//! The dependent actions (passing a role, tagging at creation) are those of the service authorization reference.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::glob;
use super::identity::Caller;
use super::refusal::Refusal;

/// An action on a resource, as IAM sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    /// Such as `sagemaker:CreateTrainingJob`.
    pub(super) action: String,
    /// An ARN, or `*`.
    pub(super) resource: String,
}

/// A right taken away, from one key, one role, or everybody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Denial {
    key: Option<String>,
    role: Option<String>,
    /// May hold `*`, as in a policy.
    action: String,
}

impl Denial {
    fn covers(&self, caller: &Caller, action: &str) -> bool {
        let Self { key, role, action: pattern } = self;
        key.as_ref().is_none_or(|key| *key == caller.access_key)
            && role.as_ref().is_none_or(|role| caller.role.as_ref() == Some(role))
            && glob::matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
    }
}

/// All that anybody is allowed. A policy that is tried out on this has to name each action.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Actions")]
pub(super) struct Allowance(BTreeSet<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    actions: Vec<String>,
}

impl TryFrom<Actions> for Allowance {
    type Error = String;

    fn try_from(Actions { actions }: Actions) -> Result<Self, String> {
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
        let is_action =
            |action: &&String| action.split_once(':').is_some_and(|(service, it)| is_name(service) && is_name(it));
        match actions.iter().find(|action| !is_action(action)) {
            Some(action) => Err(format!("{action} is not the whole name of an action")),
            None => Ok(Self(actions.into_iter().collect())),
        }
    }
}

/// Refuses if any of the rights is not among what is allowed, or is denied to the caller; AWS names the first that is
/// missing.
pub(super) fn authorize(
    allowance: Option<&Allowance>,
    denials: &[(u64, Denial)],
    caller: &Caller,
    rights: &[Right],
) -> Result<(), Refusal> {
    // Whoever shows a web identity has no policy yet.
    let allowance = allowance.filter(|_| !caller.access_key.is_empty());
    let denied = rights.iter().find(|Right { action, resource: _ }| {
        allowance.is_some_and(|Allowance(actions)| !actions.contains(action))
            || denials.iter().any(|(_, denial)| denial.covers(caller, action))
    });
    let Some(Right { action, resource }) = denied else { return Ok(()) };
    Err(Refusal::new(
        "AccessDeniedException",
        format!(
            "User: {} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
             allows the {action} action",
            caller.arn
        ),
    ))
}

/// What the caller of an operation needs. `service` is the signing name; `resource` the ARN or `*`.
pub(super) fn rights(service: &str, operation: &str, resource: &str, body: &Value) -> Vec<Right> {
    let right = |action: &str, resource: &str| Right { action: action.to_owned(), resource: resource.to_owned() };
    let mut rights = vec![right(&format!("{service}:{operation}"), resource)];
    if service == "sagemaker" && operation.starts_with("Create") {
        rights.extend(passed_roles(body).into_iter().map(|role| right("iam:PassRole", role)));
        if body["Tags"].as_array().is_some_and(|tags| !tags.is_empty()) {
            rights.push(right("sagemaker:AddTags", resource));
        }
    }
    if operation == "RegisterScalableTarget" && body["Tags"].as_object().is_some_and(|tags| !tags.is_empty()) {
        rights.push(right("application-autoscaling:TagResource", resource));
    }
    let dependent: &[&str] = match (service, operation) {
        ("application-autoscaling", "RegisterScalableTarget") => &[
            "sagemaker:DescribeEndpoint",
            "sagemaker:DescribeEndpointConfig",
            "sagemaker:UpdateEndpointWeightsAndCapacities",
            "cloudwatch:DescribeAlarms",
            "iam:CreateServiceLinkedRole",
        ],
        ("application-autoscaling", "PutScalingPolicy") => &["cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"],
        ("application-autoscaling", "DeleteScalingPolicy") => &["cloudwatch:DeleteAlarms"],
        ("application-autoscaling", "DescribeScalingPolicies") => &["cloudwatch:DescribeAlarms"],
        _ => &[],
    };
    rights.extend(dependent.iter().map(|action| right(action, "*")));
    rights
}

/// The roles that a Create hands to SageMaker: its own, and those of a tuning job's definitions.
fn passed_roles(body: &Value) -> Vec<&str> {
    let one = [&body["RoleArn"], &body["ExecutionRoleArn"], &body["TrainingJobDefinition"]["RoleArn"]];
    let many = body["TrainingJobDefinitions"].as_array().into_iter().flatten().map(|definition| &definition["RoleArn"]);
    one.into_iter().chain(many).filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::identity::Keys;
    use super::*;

    fn denial(rule: Value) -> Denial {
        serde_json::from_value(rule).expect("a denial")
    }

    #[test]
    fn a_tagged_create_needs_three_rights_and_the_missing_one_is_named() {
        let arn = "arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist";
        let role = "arn:aws:iam::123456789012:role/execution";
        let body = json!({ "RoleArn": role, "Tags": [{ "Key": "k", "Value": "v" }] });
        let rights = rights("sagemaker", "CreateTrainingJob", arn, &body);
        let actions: Vec<_> = rights.iter().map(|right| right.action.as_str()).collect();
        assert_eq!(actions, ["sagemaker:CreateTrainingJob", "iam:PassRole", "sagemaker:AddTags"]);

        let keys = Keys::of_the_sandbox();
        let caller = &keys.find("AKIASANDBOX000000001", None, 0).expect("a key of the sandbox").caller;
        let refused = |rule| authorize(None, &[(1, denial(rule))], caller, &rights).map_err(|refusal| refusal.message);
        insta::assert_snapshot!(refused(json!({ "action": "iam:*" })).expect_err("denied"), @"User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/execution because no identity-based policy allows the iam:PassRole action");
        assert_eq!(refused(json!({ "action": "sagemaker:CreateModel" })), Ok(()));
        assert_eq!(refused(json!({ "action": "*", "key": "AKIASANDBOX000000002" })), Ok(()));
        assert_eq!(refused(json!({ "action": "*", "role": role })), Ok(()));

        let allowance = |actions: &[&str]| serde_json::from_value::<Allowance>(json!({ "actions": actions }));
        let tried = |actions: &[&str]| {
            let allowance = allowance(actions).expect("whole names");
            authorize(Some(&allowance), &[], caller, &rights).map_err(|refusal| refusal.message)
        };
        assert_eq!(tried(&actions), Ok(()));
        for missing in &actions {
            let rest: Vec<_> = actions.iter().copied().filter(|action| action != missing).collect();
            let said = tried(&rest).expect_err("one is missing");
            assert!(said.contains(&format!("not authorized to perform: {missing} on")), "{said}");
        }
        assert!(tried(&[]).is_err(), "nothing is allowed by an empty list");
        for pattern in ["*", "sagemaker:*", "sagemaker:Create*", "sagemaker:CreateMode?", "sagemaker:", "CreateModel"] {
            assert!(allowance(&[pattern]).is_err(), "{pattern}");
        }
    }
}
