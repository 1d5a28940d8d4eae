//! Which part needs which action of AWS.
//!
//! The actions are those of the operations that `aws` calls, and of what these depend on.
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

/// A part of the product that somebody may want to use without the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The operator, for objects of this kind.
    Kind(&'static str),
    /// The operator, for Namespaces that carry a role of their own.
    NamespaceRoles,
    /// `kubectl smlogs`.
    LogReader,
    /// `kubectl sagemaker`.
    Companion,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It only looks.
    Read,
    /// It makes, changes or ends something, or lets AWS do so.
    Write,
}

/// Why an action has to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It is called.
    Called,
    /// An operation that is called asks for it.
    Dependent,
}

/// An action that has to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Need {
    /// Such as `sagemaker:CreateTrainingJob`.
    pub action: &'static str,
    /// What it does.
    pub access: Access,
    /// Why.
    pub reason: Reason,
}

/// What is called and asks for no right: everybody may know who they are.
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub const FREE: [&str; 1] = ["sts:GetCallerIdentity"];

/// All parts: the kinds in the order of their documentation, and then the rest.
pub const PARTS: [Part; 11] = [
    Part::Kind("TrainingJob"),
    Part::Kind("ProcessingJob"),
    Part::Kind("BatchTransformJob"),
    Part::Kind("HyperparameterTuningJob"),
    Part::Kind("HostingDeployment"),
    Part::Kind("Model"),
    Part::Kind("EndpointConfig"),
    Part::Kind("HostingAutoscalingPolicy"),
    Part::NamespaceRoles,
    Part::LogReader,
    Part::Companion,
];

/// What a part needs; nothing for a kind that is not known.
#[must_use]
pub fn needs(part: Part) -> Vec<Need> {
    match part {
        Part::Kind(kind) => KINDS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, needs)| needs).to_vec(),
        Part::NamespaceRoles => vec![write("sts:AssumeRole")],
        Part::LogReader => LOG_READER.to_vec(),
        Part::Companion => COMPANION.to_vec(),
    }
}

/// What all kinds need together, each action once, in the order of their names.
#[must_use]
pub fn needs_of_all_kinds() -> Vec<Need> {
    let mut needs: Vec<Need> = KINDS.iter().flat_map(|(_, needs)| *needs).copied().collect();
    // What is called comes before what only something else asks for.
    needs.sort_by_key(|need| (need.action, need.reason == Reason::Dependent));
    needs.dedup_by_key(|need| need.action);
    needs
}

const fn read(action: &'static str) -> Need {
    Need { action, access: Access::Read, reason: Reason::Called }
}

const fn write(action: &'static str) -> Need {
    Need { action, access: Access::Write, reason: Reason::Called }
}

const fn dependent(action: &'static str, access: Access) -> Need {
    Need { action, access, reason: Reason::Dependent }
}

/// A Create that names a role hands it to SageMaker.
const PASS_ROLE: Need = dependent("iam:PassRole", Access::Write);
const LIST_TAGS: Need = read("sagemaker:ListTags");
const ADD_TAGS: Need = write("sagemaker:AddTags");
const DELETE_TAGS: Need = write("sagemaker:DeleteTags");

const KINDS: [(&str, &[Need]); 8] = [
    (
        "TrainingJob",
        &[
            read("sagemaker:DescribeTrainingJob"),
            read("sagemaker:ListTrainingJobs"),
            write("sagemaker:CreateTrainingJob"),
            write("sagemaker:UpdateTrainingJob"),
            write("sagemaker:StopTrainingJob"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "ProcessingJob",
        &[
            read("sagemaker:DescribeProcessingJob"),
            read("sagemaker:ListProcessingJobs"),
            write("sagemaker:CreateProcessingJob"),
            write("sagemaker:StopProcessingJob"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "BatchTransformJob",
        &[
            read("sagemaker:DescribeTransformJob"),
            read("sagemaker:ListTransformJobs"),
            write("sagemaker:CreateTransformJob"),
            write("sagemaker:StopTransformJob"),
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "HyperparameterTuningJob",
        &[
            read("sagemaker:DescribeHyperParameterTuningJob"),
            read("sagemaker:ListHyperParameterTuningJobs"),
            write("sagemaker:CreateHyperParameterTuningJob"),
            write("sagemaker:StopHyperParameterTuningJob"),
            // Its trials become TrainingJobs, which the operator follows as any other.
            read("sagemaker:ListTrainingJobsForHyperParameterTuningJob"),
            read("sagemaker:DescribeTrainingJob"),
            read("sagemaker:ListTrainingJobs"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "HostingDeployment",
        &[
            read("sagemaker:DescribeEndpoint"),
            read("sagemaker:ListEndpoints"),
            write("sagemaker:CreateEndpoint"),
            write("sagemaker:UpdateEndpoint"),
            write("sagemaker:DeleteEndpoint"),
            // It comes with Models and EndpointConfigs of its own.
            read("sagemaker:DescribeModel"),
            write("sagemaker:CreateModel"),
            write("sagemaker:DeleteModel"),
            read("sagemaker:DescribeEndpointConfig"),
            write("sagemaker:CreateEndpointConfig"),
            write("sagemaker:DeleteEndpointConfig"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "Model",
        &[
            read("sagemaker:DescribeModel"),
            write("sagemaker:CreateModel"),
            write("sagemaker:DeleteModel"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "EndpointConfig",
        &[
            read("sagemaker:DescribeEndpointConfig"),
            write("sagemaker:CreateEndpointConfig"),
            write("sagemaker:DeleteEndpointConfig"),
            // One that an endpoint uses is not deleted.
            read("sagemaker:ListEndpoints"),
            read("sagemaker:DescribeEndpoint"),
            PASS_ROLE,
            LIST_TAGS,
            ADD_TAGS,
            DELETE_TAGS,
        ],
    ),
    (
        "HostingAutoscalingPolicy",
        &[
            read("application-autoscaling:DescribeScalableTargets"),
            read("application-autoscaling:DescribeScalingPolicies"),
            read("application-autoscaling:ListTagsForResource"),
            write("application-autoscaling:RegisterScalableTarget"),
            write("application-autoscaling:DeregisterScalableTarget"),
            write("application-autoscaling:PutScalingPolicy"),
            write("application-autoscaling:DeleteScalingPolicy"),
            write("application-autoscaling:TagResource"),
            write("application-autoscaling:UntagResource"),
            // Auto scaling looks at the variant and keeps its alarms as whoever asked for it.
            // Source: <https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html>
            dependent("sagemaker:DescribeEndpoint", Access::Read),
            dependent("sagemaker:DescribeEndpointConfig", Access::Read),
            dependent("sagemaker:UpdateEndpointWeightsAndCapacities", Access::Write),
            dependent("cloudwatch:DescribeAlarms", Access::Read),
            dependent("cloudwatch:PutMetricAlarm", Access::Write),
            dependent("cloudwatch:DeleteAlarms", Access::Write),
            dependent("iam:CreateServiceLinkedRole", Access::Write),
        ],
    ),
];

const LOG_READER: [Need; 9] = [
    read("logs:FilterLogEvents"),
    read("logs:GetLogEvents"),
    read("logs:DescribeLogStreams"),
    read("logs:DescribeLogGroups"),
    read("sagemaker:DescribeTrainingJob"),
    read("sagemaker:DescribeProcessingJob"),
    read("sagemaker:DescribeTransformJob"),
    read("sagemaker:DescribeHyperParameterTuningJob"),
    read("sagemaker:DescribeEndpoint"),
];

const COMPANION: [Need; 32] = [
    read("sagemaker:DescribeTrainingJob"),
    read("sagemaker:DescribeProcessingJob"),
    read("sagemaker:DescribeTransformJob"),
    read("sagemaker:DescribeHyperParameterTuningJob"),
    read("sagemaker:DescribeEndpoint"),
    read("sagemaker:DescribeModel"),
    read("sagemaker:DescribeEndpointConfig"),
    read("sagemaker:ListTags"),
    read("application-autoscaling:DescribeScalableTargets"),
    read("application-autoscaling:DescribeScalingPolicies"),
    read("application-autoscaling:ListTagsForResource"),
    dependent("cloudwatch:DescribeAlarms", Access::Read),
    // `orphans`.
    read("sagemaker:ListTrainingJobs"),
    read("sagemaker:ListProcessingJobs"),
    read("sagemaker:ListTransformJobs"),
    read("sagemaker:ListHyperParameterTuningJobs"),
    read("sagemaker:ListEndpoints"),
    read("sagemaker:ListModels"),
    read("sagemaker:ListEndpointConfigs"),
    // The last lines of what failed.
    read("logs:FilterLogEvents"),
    // `doctor`.
    read("logs:DescribeLogGroups"),
    read("servicequotas:ListServiceQuotas"),
    // `stop` and `unstick --stop-aws`.
    write("sagemaker:StopTrainingJob"),
    write("sagemaker:StopProcessingJob"),
    write("sagemaker:StopTransformJob"),
    write("sagemaker:StopHyperParameterTuningJob"),
    write("sagemaker:DeleteEndpoint"),
    write("sagemaker:DeleteModel"),
    write("sagemaker:DeleteEndpointConfig"),
    write("application-autoscaling:DeregisterScalableTarget"),
    write("application-autoscaling:DeleteScalingPolicy"),
    dependent("cloudwatch:DeleteAlarms", Access::Write),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_needs_something_and_no_action_twice() {
        for part in PARTS {
            let mut actions: Vec<&str> = needs(part).into_iter().map(|need| need.action).collect();
            let count = actions.len();
            assert!(count > 0, "{part:?}");
            actions.sort_unstable();
            actions.dedup();
            assert_eq!(actions.len(), count, "{part:?} names an action twice");
        }
        assert_eq!(needs(Part::Kind("Notebook")), []);
    }

    #[test]
    fn what_is_called_looks_if_its_verb_says_so() {
        for need in PARTS.into_iter().flat_map(needs) {
            let verb = need.action.split_once(':').map(|(_, name)| name).unwrap();
            let looks = ["Describe", "List", "Get", "Filter"].iter().any(|word| verb.starts_with(word));
            assert_eq!(looks, need.access == Access::Read, "{}", need.action);
        }
    }

    #[test]
    fn all_kinds_together_name_an_action_once_and_as_called_if_any_calls_it() {
        let all = needs_of_all_kinds();
        let describe: Vec<_> = all.iter().filter(|need| need.action == "sagemaker:DescribeEndpoint").collect();
        assert_eq!(describe, [&read("sagemaker:DescribeEndpoint")]);
        assert!(all.contains(&dependent("cloudwatch:PutMetricAlarm", Access::Write)));
        assert!(all.windows(2).all(|pair| pair[0].action < pair[1].action));
    }
}
