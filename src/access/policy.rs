//! Permission policies, made from the table of which part needs which action.
//!
//! Resources and conditions are those that the services know for each action.
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_sagemaker.html>

use super::document::{Condition, Document, Partition, Statement, Strings};
use super::iam::{Access, Need, Part, Reason, needs};

/// The largest managed policy that IAM takes, in characters without white space.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const LARGEST: usize = 6_144;

/// The tag that says which object a resource in AWS belongs to: `namespace/name`.
const OBJECT: &str = "sagemaker.aws.amazon.com/k8s-object";
/// Who makes the alarms of a policy, and calls them so.
const ALARMS: &str = "TargetTracking-*";
const SCALING_ROLE: &str = "sagemaker.application-autoscaling.amazonaws.com";

/// What a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Where the account is.
    pub partition: Partition,
    /// The account's twelve digits, or what stands for them.
    pub account: String,
    /// The ARNs of the roles that may be handed to SageMaker; any of the account if none is named.
    pub passed: Vec<String>,
    /// The only namespace whose objects may have something made, changed or ended.
    pub namespace: Option<String>,
}

/// SageMaker's types of resources: as the actions name them, as ARNs have them, and their statement. What has the name
/// of another in its own comes before it.
const TYPES: [(&str, &str, &str); 7] = [
    ("HyperParameterTuningJob", "hyper-parameter-tuning-job", "TuningJobs"),
    ("TrainingJob", "training-job", "TrainingJobs"),
    ("ProcessingJob", "processing-job", "ProcessingJobs"),
    ("TransformJob", "transform-job", "TransformJobs"),
    ("EndpointConfig", "endpoint-config", "EndpointConfigs"),
    ("Endpoint", "endpoint", "Endpoints"),
    ("Model", "model", "Models"),
];

/// The policy that lets somebody use these parts.
#[must_use]
pub fn policy(parts: &[Part], terms: &Terms) -> Document {
    let mut all: Vec<Need> = Vec::new();
    for need in parts.iter().copied().flat_map(needs) {
        match all.iter_mut().find(|known| known.action == need.action) {
            // What is called is more than what another action asks for.
            Some(known) => known.reason = known.reason.min(need.reason),
            None => all.push(need),
        }
    }
    let writer = Writer { terms, needs: &all };
    let mut statements: Vec<Statement> = Vec::new();
    for need in &all {
        for Grant { sid, resources, condition } in writer.grants(*need) {
            let at = statements.iter().position(|it| it.sid == Some(sid)).unwrap_or_else(|| {
                statements.push(Statement {
                    sid: Some(sid),
                    effect: "Allow",
                    principal: None,
                    action: Strings::default(),
                    resource: Strings::default(),
                    condition,
                });
                statements.len() - 1
            });
            statements[at].action.add(need.action);
            for resource in resources {
                statements[at].resource.add(resource);
            }
        }
    }
    Document::new(statements)
}

/// What the policy of these parts cannot narrow down, in sentences for people.
#[must_use]
pub fn limits(parts: &[Part], terms: &Terms) -> Vec<String> {
    let has = |action: &str| parts.iter().copied().flat_map(needs).any(|need| need.action == action);
    let mut limits = Vec::new();
    if has("iam:PassRole") && terms.passed.is_empty() {
        limits.push("it passes any role of the account to SageMaker: name those that objects use with --pass-role ARN");
    }
    if has("sts:AssumeRole") {
        limits.push("it takes on any role that trusts the operator's: narrow RolesOfNamespaces down to those you use");
    }
    if terms.namespace.is_some() {
        limits.push(
            "reading is not limited to the namespace: a look at what is not there yet would be denied instead of \
             answered with \"not found\", and lists and log groups carry no tags of objects",
        );
        if has("iam:PassRole") {
            limits.push("which roles are passed cannot be limited by a resource's tags, only by --pass-role");
        }
        if has("cloudwatch:PutMetricAlarm") {
            limits.push("alarms of auto scaling and its service-linked role carry no tags of objects");
        }
        if parts.iter().copied().flat_map(needs).any(|need| need.access == Access::Write) {
            limits.push(
                "what does not carry the tag sagemaker.aws.amazon.com/k8s-object can neither be changed nor ended: what \
                 version 1 or somebody else made, or what has 50 tags of its own, until somebody tags it",
            );
        }
    }
    limits.into_iter().map(str::to_owned).collect()
}

/// A line of a statement: all with one name have the same condition.
struct Grant {
    sid: &'static str,
    resources: Vec<String>,
    condition: Condition,
}

impl Grant {
    fn new(sid: &'static str, resources: Vec<String>) -> Self {
        Self { sid, resources, condition: Condition::new() }
    }

    fn when(mut self, operator: &'static str, key: &str, value: impl Into<Strings>) -> Self {
        self.condition.entry(operator).or_default().insert(key.to_owned(), value.into());
        self
    }

    /// In a request that tags what it makes as the namespace's.
    fn tagging(self, namespace: &str) -> Self {
        self.when("StringLike", &format!("aws:RequestTag/{OBJECT}"), format!("{namespace}/*"))
    }

    /// Of what is tagged as the namespace's.
    fn tagged(self, namespace: &str) -> Self {
        self.when("StringLike", &format!("aws:ResourceTag/{OBJECT}"), format!("{namespace}/*"))
    }

    /// Of what is nobody's yet.
    fn unclaimed(self) -> Self {
        self.when("Null", &format!("aws:ResourceTag/{OBJECT}"), "true")
    }

    fn of_sagemaker(self) -> Self {
        self.when("StringEquals", "application-autoscaling:service-namespace", "sagemaker")
    }
}

struct Writer<'a> {
    terms: &'a Terms,
    needs: &'a [Need],
}

impl Writer<'_> {
    fn grants(&self, need: Need) -> Vec<Grant> {
        let Some((service, name)) = need.action.split_once(':') else { return Vec::new() };
        match service {
            "sagemaker" => self.of_sagemaker(need, name),
            "application-autoscaling" => self.of_scaling(need, name),
            "cloudwatch" if need.access == Access::Read => vec![lists()],
            "servicequotas" => vec![lists()],
            "cloudwatch" => {
                vec![Grant::new("ScalingAlarms", vec![self.arn("cloudwatch", &format!("alarm:{ALARMS}"))])]
            }
            "logs" if name == "DescribeLogGroups" => {
                vec![Grant::new("LogGroups", vec![self.arn("logs", "log-group:*")])]
            }
            "logs" => vec![Grant::new("Logs", vec![self.arn("logs", "log-group:/aws/sagemaker/*")])],
            "iam" if name == "PassRole" => {
                let any = || vec![self.role(&self.terms.account, "*")];
                let roles = if self.terms.passed.is_empty() { any() } else { self.terms.passed.clone() };
                let pass = Grant::new("PassRoles", roles);
                vec![pass.when("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com")]
            }
            "iam" => {
                let path = format!(
                    "aws-service-role/{SCALING_ROLE}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
                );
                let role = Grant::new("ServiceLinkedRole", vec![self.role(&self.terms.account, &path)]);
                vec![role.when("StringEquals", "iam:AWSServiceName", SCALING_ROLE)]
            }
            "sts" => vec![Grant::new("RolesOfNamespaces", vec![self.role("*", "*")])],
            // A service without a rule gets no resource, which a test does not let pass.
            _ => Vec::new(),
        }
    }

    fn of_sagemaker(&self, need: Need, name: &'static str) -> Vec<Grant> {
        let namespace = self.terms.namespace.as_deref();
        match (name, namespace) {
            ("AddTags" | "DeleteTags" | "ListTags", None) => return vec![Grant::new("Tags", self.tagged_types())],
            ("ListTags", Some(_)) => return vec![Grant::new("Look", self.tagged_types())],
            ("AddTags", Some(namespace)) => {
                let at_creation = Grant::new("TagWhatIsCreated", self.tagged_types()).tagging(namespace).when(
                    "StringEquals",
                    "sagemaker:TaggingAction",
                    self.creations(),
                );
                return vec![at_creation, Grant::new("ChangeInNamespace", self.tagged_types()).tagged(namespace)];
            }
            ("DeleteTags", Some(namespace)) => {
                return vec![Grant::new("ChangeInNamespace", self.tagged_types()).tagged(namespace)];
            }
            _ => {}
        }
        let Some((_, path, sid)) = TYPES.into_iter().find(|(noun, ..)| name.contains(noun)) else { return Vec::new() };
        if name.starts_with("List") && !name.contains("For") {
            return vec![lists()];
        }
        let mut resources = vec![self.resource(path)];
        let rolls_out = matches!(name, "CreateEndpoint" | "UpdateEndpoint");
        if rolls_out {
            // These look at the configuration as well.
            resources.push(self.resource("endpoint-config"));
        }
        match (namespace, need.access) {
            (Some(namespace), Access::Write) if name.starts_with("Create") => {
                vec![Grant::new("CreateInNamespace", resources).tagging(namespace)]
            }
            (Some(namespace), Access::Write) => {
                vec![Grant::new("ChangeInNamespace", resources).tagged(namespace)]
            }
            // One statement for all of them is small enough for IAM, and allows nothing more.
            (Some(_), Access::Read) => vec![Grant::new("Look", resources)],
            (None, Access::Read | Access::Write) => {
                vec![Grant::new(if rolls_out { "Rollouts" } else { sid }, resources)]
            }
        }
    }

    fn of_scaling(&self, need: Need, name: &str) -> Vec<Grant> {
        let targets = vec![self.arn("application-autoscaling", "scalable-target/*")];
        let Some(namespace) = self.terms.namespace.as_deref().filter(|_| need.access == Access::Write) else {
            return vec![match name {
                "DescribeScalableTargets" | "DescribeScalingPolicies" => lists(),
                "ListTagsForResource" | "TagResource" | "UntagResource" => Grant::new("TagsOfTargets", targets),
                _ => Grant::new("ScalableTargets", targets).of_sagemaker(),
            }];
        };
        let scale = Grant::new("ScaleInNamespace", targets.clone()).tagged(namespace).of_sagemaker();
        let change = Grant::new("ChangeInNamespace", targets.clone()).tagged(namespace);
        match name {
            "RegisterScalableTarget" => {
                let register = Grant::new("RegisterInNamespace", targets).tagging(namespace).unclaimed();
                vec![register.of_sagemaker(), scale]
            }
            "TagResource" => {
                vec![Grant::new("TagWhatIsRegistered", targets).tagging(namespace).unclaimed(), change]
            }
            "UntagResource" => vec![change],
            _ => vec![scale],
        }
    }

    /// What is looked at one by one carries tags.
    fn tagged_types(&self) -> Vec<String> {
        let is_looked_at = |noun: &str| {
            let action = format!("sagemaker:Describe{noun}");
            self.needs.iter().any(|need| need.reason == Reason::Called && need.action == action)
        };
        TYPES.into_iter().filter(|(noun, ..)| is_looked_at(noun)).map(|(_, path, _)| self.resource(path)).collect()
    }

    /// The operations that tag what they create.
    fn creations(&self) -> Strings {
        let names = self.needs.iter().filter_map(|need| need.action.strip_prefix("sagemaker:"));
        Strings(names.filter(|name| name.starts_with("Create")).map(str::to_owned).collect())
    }

    fn resource(&self, path: &str) -> String {
        self.arn("sagemaker", &format!("{path}/*"))
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Terms { partition, account, .. } = self.terms;
        format!("arn:{partition}:{service}:*:{account}:{resource}")
    }

    fn role(&self, account: &str, path: &str) -> String {
        format!("arn:{}:iam::{account}:role/{path}", self.terms.partition)
    }
}

/// What these look at has no ARN.
fn lists() -> Grant {
    Grant::new("Lists", vec!["*".to_owned()])
}

/// The number of characters that IAM counts.
#[must_use]
pub fn size(document: &Document) -> usize {
    document.to_string().chars().filter(|char| !char.is_whitespace()).count()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
