//! Each kind's life with the actions of its policy and no other, and then without each of them.
//!
//! What an operation asks for is the simulator's own table, from the service's documentation.

use http::Method;
use sagemaker_operator::access::document::Partition;
use sagemaker_operator::access::iam::{Part as Of, Reason, needs};
use sagemaker_operator::access::policy::{Terms, policy};
use sagemaker_operator::access::uses;
use serde_json::{Value, json};

use crate::operator::eight::{MODEL, NAME, Part, live, parts};
use crate::support::eventually::PATIENCE;
use crate::support::operator::{Operator, hasty};
use crate::support::{Namespace, Simulator, eventually};

/// The actions of the policy of these parts.
fn of_parts(parts: &[Of]) -> Vec<String> {
    let account = "123456789012".to_owned();
    let terms = Terms { partition: Partition::Aws, account, passed: Vec::new(), namespace: None };
    policy(parts, &terms).actions().into_iter().map(str::to_owned).collect()
}

/// The actions of the policy of one kind.
fn actions(kind: &'static str) -> Vec<String> {
    of_parts(&[Of::Kind(kind)])
}

/// The actions of the policy for a use.
pub(super) fn of_use(name: &str) -> Vec<String> {
    of_parts(uses::parts(name))
}

/// The calls that the simulator refused for want of a right.
pub(super) fn denied(aws: &Simulator) -> Vec<String> {
    let calls = aws.journal().into_iter().filter(|call| call.outcome.contains("Denied"));
    calls.map(|call| call.operation).collect()
}

/// How a life went.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Went {
    /// To its end.
    Well,
    /// It was said what was missing.
    Said,
}

struct Stage {
    part: Part,
    aws: Simulator,
    home: Namespace,
}

impl Stage {
    fn new(kind: &'static str) -> Self {
        let part = parts().into_iter().find(|part| part.kind == kind).expect("it is one of eight").running();
        let aws = Simulator::with(["--speed", "200", "--no-quotas"]);
        aws.make_model(MODEL, "image");
        // A policy is for an endpoint, and a configuration is looked for in endpoints before it goes.
        if ["HostingAutoscalingPolicy", "EndpointConfig"].contains(&kind) {
            let variant = json!({
                "VariantName": "v", "ModelName": MODEL, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
            });
            aws.ask("CreateEndpointConfig", &json!({ "EndpointConfigName": NAME, "ProductionVariants": [variant] }));
            aws.ask("CreateEndpoint", &json!({ "EndpointName": NAME, "EndpointConfigName": NAME }));
        }
        Self { part, aws, home: Namespace::new(&format!("iam-{}", kind.to_ascii_lowercase())) }
    }

    fn operator(&self) -> Operator {
        hasty(&self.home, &self.aws).args(["--sweep-interval=1s"]).start()
    }

    fn manifest(&self, edited: bool) -> Value {
        let mut manifest = self.part.manifest(edited);
        if self.part.kind == "EndpointConfig" {
            // It passes a role only if it names one.
            manifest["spec"]["executionRoleArn"] = json!("arn:aws:iam::123456789012:role/serve");
        }
        manifest
    }

    fn path(&self) -> String {
        format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{}", self.home.name(), self.part.plural)
    }

    fn object(&self) -> Option<Value> {
        self.home.get(self.part.plural, NAME)
    }

    /// The parts of a deployment, which it names while it waits for them.
    fn children(&self) -> Vec<Value> {
        let of_kind = |plural: &&str| {
            let path = format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{}/{plural}", self.home.name());
            self.home.cluster().get(&path).map(|list| list["items"].as_array().cloned().unwrap_or_default())
        };
        let plurals: &[&str] = if self.part.kind == "HostingDeployment" { &["models", "endpointconfigs"] } else { &[] };
        plurals.iter().filter_map(of_kind).flatten().collect()
    }

    /// Whether the object, one that it is made of, or an Event about it names the action.
    fn says(&self, object: &Value, action: &str) -> bool {
        let children = self.children();
        let all = [object].into_iter().chain(&children);
        let mut conditions = all.flat_map(|object| object["status"]["conditions"].as_array().into_iter().flatten());
        let uid = &object["metadata"]["uid"];
        conditions.any(|it| it["message"].as_str().is_some_and(|text| text.contains(action)))
            || self.home.events(NAME).iter().any(|event| {
                event["regarding"]["uid"] == *uid && event["note"].as_str().is_some_and(|note| note.contains(action))
            })
    }

    /// Waits until it is as wanted, or says what is missing.
    #[track_caller]
    fn until(&self, what: &str, missing: Option<&str>, arrived: impl Fn(Option<&Value>) -> Result<(), String>) -> Went {
        eventually(&format!("{} {what} without {missing:?}", self.part.kind), PATIENCE, || {
            let object = self.object();
            if let (Some(object), Some(action)) = (&object, missing)
                && self.says(object, action)
            {
                return Ok(Went::Said);
            }
            arrived(object.as_ref()).map(|()| Went::Well)
        })
    }

    /// The changes of its spec by which a life without that action comes to the point.
    fn edits(&self, missing: Option<&str>) -> Vec<Value> {
        let (change, tags) = (self.manifest(true)["spec"].clone(), json!([{ "key": "team", "value": "blue" }]));
        let tags = [json!({ "tags": tags }), json!({ "tags": null })];
        let debug = json!({ "remoteDebugConfig": { "enableRemoteDebug": true } });
        let ends = |action: &str| [":Delete", ":Stop", ":List", ":Deregister"].iter().any(|verb| action.contains(verb));
        match missing {
            Some(action) if is_of_tags(action) => tags.to_vec(),
            Some(action) if ends(action) => Vec::new(),
            _ if self.part.kind == "TrainingJob" => [[change].as_slice(), &tags, &[debug]].concat(),
            _ => [[change].as_slice(), &tags].concat(),
        }
    }

    /// Makes the object, changes it, gives it tags and takes them away, and deletes it once what is to happen `before` that
    /// has happened.
    #[track_caller]
    fn live(&self, missing: Option<&str>, before: impl FnOnce()) -> Went {
        let cluster = self.home.cluster();
        cluster.request(Method::POST, &self.path(), Some(&self.manifest(false))).expect("it can be made");
        let as_wanted = |_: Option<&Value>| self.part.missing(&self.home).map_or(Ok(()), Err);
        if self.until("made", missing, as_wanted) == Went::Said {
            return Went::Said;
        }
        for edit in self.edits(missing) {
            if edit.get("remoteDebugConfig").is_some() {
                // SageMaker takes this of a job that trains.
                self.home.until(self.part.plural, NAME, "training", |it| it["status"]["secondaryStatus"] == "Training");
            }
            self.home.patch(self.part.plural, NAME, &json!({ "spec": edit })).expect("it can be changed");
            if self.until("changed", missing, as_wanted) == Went::Said {
                return Went::Said;
            }
        }
        before();
        self.home.delete(self.part.plural, NAME);
        self.until("deleted", missing, |object| object.map_or(Ok(()), |object| Err(format!("{:#}", object["status"]))))
    }

    /// Takes the object away, with all that is allowed.
    #[track_caller]
    fn clear(&self) {
        // It may be on its way already.
        let path = format!("{}/{NAME}", self.path());
        match self.home.cluster().request(Method::DELETE, &path, None) {
            Ok(_) => self.home.until_gone(self.part.plural, NAME),
            Err(refused) => assert_eq!(refused.code, 404, "{refused:?}"),
        }
    }
}

/// What went wrong with this kind's policy; nothing, if it is enough and no more. `elsewhere` are the actions whose lack
/// does not keep the object from anything, so that the operator's log has it instead.
#[track_caller]
fn prove(kind: &'static str, elsewhere: &[&str]) {
    prove_of(kind, elsewhere, |_| true);
}

/// The same, but of these actions only each is missing once.
#[track_caller]
fn prove_of(kind: &'static str, elsewhere: &[&str], is_one: impl Fn(&str) -> bool) {
    let stage = Stage::new(kind);
    let actions = actions(kind);
    let all: Vec<&str> = actions.iter().map(String::as_str).collect();
    stage.aws.allow_only(&all);
    let mut operator = stage.operator();
    assert_eq!(stage.live(None, || {}), Went::Well);
    assert_eq!(denied(&stage.aws), Vec::<String>::new(), "{kind} needs more than its policy");
    let called: Vec<String> = stage.aws.journal().into_iter().map(|call| call.operation).collect();
    let idle: Vec<_> = needs(Of::Kind(kind))
        .into_iter()
        .filter(|need| need.reason == Reason::Called)
        .filter(|need| !called.iter().any(|operation| need.action.ends_with(&format!(":{operation}"))))
        .map(|need| need.action)
        .collect();

    let mut silent = Vec::new();
    for missing in all.iter().filter(|action| is_one(action)) {
        let rest: Vec<_> = all.iter().copied().filter(|action| action != missing).collect();
        stage.aws.allow_only(&rest);
        let is_elsewhere = elsewhere.contains(missing);
        let mut told = || drop(operator.process().until_stderr_has(&format!("{missing} on ")));
        // What runs is listed while it is there. Who uses a configuration is asked when it goes.
        let went = stage.live(Some(missing), || {
            if is_elsewhere && kind != "EndpointConfig" {
                told();
            }
        });
        if went == Went::Well && is_elsewhere {
            told();
        } else if went == Went::Well {
            silent.push(*missing);
        }
        stage.aws.allow_only(&all);
        stage.clear();
    }
    assert!(silent.is_empty(), "nobody says that {silent:?} are missing for {kind}; idle: {idle:?}");
    assert!(idle.is_empty(), "a whole life of {kind} does not use {idle:?}");
}

#[test]
fn training_jobs_say_what_their_policy_lacks() {
    prove("TrainingJob", &["sagemaker:ListTrainingJobs"]);
}

#[test]
fn processing_jobs_say_what_their_policy_lacks() {
    prove("ProcessingJob", &["sagemaker:ListProcessingJobs"]);
}

#[test]
fn batch_transform_jobs_say_what_their_policy_lacks() {
    prove("BatchTransformJob", &["sagemaker:ListTransformJobs"]);
}

#[test]
fn tuning_jobs_say_what_their_policy_lacks() {
    prove("HyperparameterTuningJob", &["sagemaker:ListHyperParameterTuningJobs", "sagemaker:ListTrainingJobs"]);
}

/// Its life is the longest: three tests share the actions.
fn is_creation(action: &str) -> bool {
    action.contains(":Create") || action == "iam:PassRole"
}

fn is_of_tags(action: &str) -> bool {
    ["AddTags", "DeleteTags", "ListTags", "ListTagsForResource"].iter().any(|name| action.ends_with(name))
}

#[test]
fn hosting_deployments_say_what_their_policy_lacks() {
    prove_of("HostingDeployment", &["sagemaker:ListEndpoints"], |it| !is_creation(it) && !is_of_tags(it));
}

#[test]
fn hosting_deployments_say_that_they_may_not_be_made() {
    prove_of("HostingDeployment", &[], is_creation);
}

#[test]
fn hosting_deployments_say_that_they_may_not_be_tagged() {
    prove_of("HostingDeployment", &[], is_of_tags);
}

#[test]
fn models_say_what_their_policy_lacks() {
    prove("Model", &[]);
}

#[test]
fn endpoint_configs_say_what_their_policy_lacks() {
    prove("EndpointConfig", &["sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint"]);
}

#[test]
fn autoscaling_policies_say_what_their_policy_lacks() {
    prove("HostingAutoscalingPolicy", &[]);
}

#[test]
fn all_kinds_live_together_by_the_policy_for_all() {
    let aws = Simulator::with(["--speed", "200", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let allowed = of_use("all");
    aws.allow_only(&allowed.iter().map(String::as_str).collect::<Vec<_>>());
    let home = Namespace::new("iam-all");
    let _operator = hasty(&home, &aws).start();
    live(&home);
    assert_eq!(denied(&aws), Vec::<String>::new());
}

#[test]
fn a_role_of_a_namespace_has_to_be_allowed_to_be_taken_on() {
    let stage = Stage::new("TrainingJob");
    let role = "sagemaker.aws.amazon.com/role-arn=arn:aws:iam::123456789012:role/team";
    stage.home.kubectl(["annotate", "namespace", stage.home.name(), role]).run().ok();
    let _operator = stage.operator();
    let missing = of_use("namespace-roles").remove(0);
    let mut actions = actions("TrainingJob");
    stage.aws.allow_only(&actions.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(stage.live(Some(&missing), || {}), Went::Said);
    actions.push(missing);
    stage.aws.allow_only(&actions.iter().map(String::as_str).collect::<Vec<_>>());
    stage.clear();
    assert_eq!(stage.live(None, || {}), Went::Well);
}
