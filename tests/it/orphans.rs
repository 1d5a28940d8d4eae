//! `kubectl sagemaker orphans`: after objects were let go by force, and after resources went behind their objects.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::hosting::{self, deployment};
use crate::smlogs::story::PLURAL;
use crate::support::manifests::training;
use crate::support::namespace::condition_of;
use crate::support::operator::hasty;
use crate::support::process::Finished;
use crate::support::simulator::Keys;
use crate::support::{Namespace, Simulator, built};

/// What an operator left behind whose objects somebody took by force.
struct Wreck {
    home: Namespace,
    aws: Simulator,
}

impl Wreck {
    /// A training and an endpoint whose objects are gone, and a training whose object is there.
    fn new(about: &str) -> Self {
        let wreck = Self { home: Namespace::new(about), aws: Simulator::at_speed(100.0) };
        let operator = hasty(&wreck.home, &wreck.aws).start();
        for name in ["lost", "kept"] {
            wreck.home.apply(training(name, &json!({ "sandbox_training_seconds": "360000" })).to_string());
        }
        wreck.home.apply(deployment("image:1", &json!({})).to_string());
        hosting::until_ready(&wreck.home);
        for name in ["lost", "kept"] {
            wreck.home.until(PLURAL, name, "trains", |object| object["status"]["secondaryStatus"] == "Training");
        }
        drop(operator);
        wreck.take(PLURAL, "lost");
        for (plural, names) in ["hostingdeployments", "endpointconfigs", "models"].map(|it| (it, wreck.names(it))) {
            for name in names {
                wreck.take(plural, &name);
            }
        }
        wreck
    }

    fn names(&self, plural: &str) -> Vec<String> {
        let names = self.home.kubectl(["get", plural, "-o", "name"]).run().ok();
        names.lines().filter_map(|line| Some(line.split_once('/')?.1.to_owned())).collect()
    }

    /// Has the object go, whatever its finalizers are for.
    fn take(&self, plural: &str, name: &str) {
        self.home.patch(plural, name, &json!({ "metadata": { "finalizers": null } })).expect("they can be taken");
        // With its owner gone, the garbage collector may be there first.
        self.home.kubectl(["delete", plural, name, "--wait=false", "--ignore-not-found"]).run().ok();
        self.home.until_gone(plural, name);
    }

    fn orphans(&self, args: &[&str]) -> Finished {
        self.home.plugin("kubectl-sagemaker", &self.aws, ["orphans"].iter().chain(args).copied()).run()
    }

    /// What it said, without what differs from run to run.
    fn said(&self, args: &[&str]) -> String {
        let finished = self.orphans(args);
        let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
        let mut text = text.replace(self.home.name(), "NAMESPACE");
        for (pattern, plain) in [
            ("[0-9a-f]{21}-[0-9a-f]{32}", "HASH"),
            ("[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", "UID"),
            (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "WHEN"),
            (r"made \d+s ago", "made AGE ago"),
        ] {
            text = Regex::new(pattern).expect("it is a pattern").replace_all(&text, plain).into_owned();
        }
        text
    }
}

#[test]
fn what_was_let_go_by_force_is_found_with_the_command_that_ends_it() {
    let wreck = Wreck::new("orphans");
    assert_snapshot!(wreck.said(&[]), @r"
    endpoint/digits-UID: InService, bills
      made AGE ago in us-west-2 for NAMESPACE/digits
      aws sagemaker delete-endpoint --endpoint-name digits-UID --region us-west-2
    training-job/lost: InProgress, bills
      made AGE ago in us-west-2 for NAMESPACE/lost
      aws sagemaker stop-training-job --training-job-name lost --region us-west-2
    endpoint-config/digits-1-HASH: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/digits-1-UID
      aws sagemaker delete-endpoint-config --endpoint-config-name digits-1-HASH --region us-west-2
    model/digits-1-HASH: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/digits-1-UID
      aws sagemaker delete-model --model-name digits-1-HASH --region us-west-2
    ---
    4 resources (2 with machines that bill) in AWS without an object (account 123456789012, region us-west-2).
    exit 0
    ");
    assert_snapshot!(wreck.said(&["-o", "name"]), @r"
    arn:aws:sagemaker:us-west-2:123456789012:endpoint/digits-UID
    arn:aws:sagemaker:us-west-2:123456789012:training-job/lost
    arn:aws:sagemaker:us-west-2:123456789012:endpoint-config/digits-1-HASH
    arn:aws:sagemaker:us-west-2:123456789012:model/digits-1-HASH
    ---
    exit 0
    ");
    // Nothing is missing where nothing was: the region is another.
    assert_snapshot!(wreck.said(&["--region", "eu-west-1"]), @r"
    ---
    Nothing lost (account 123456789012, region eu-west-1).
    exit 0
    ");
    wreck.aws.ask("StopTrainingJob", &json!({ "TrainingJobName": "lost" }));
    let names = wreck.orphans(&["-o", "name"]).ok();
    assert!(!names.contains("training-job"), "{names}");
}

#[test]
fn what_belongs_to_another_cluster_or_to_nobody_is_none_of_ours() {
    let wreck = Wreck { home: Namespace::new("orphans-apart"), aws: Simulator::at_speed(100.0) };
    let uid = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";
    let bare = uid.replace('-', "");
    let object = format!("{}/mnist", wreck.home.name());
    let make = |name: &str, cluster: Option<&str>| {
        wreck.aws.make_model(name, "image:1");
        let mark = |key: &str, value: &str| json!({ "Key": format!("sagemaker.aws.amazon.com/{key}"), "Value": value });
        let mut tags = vec![mark("k8s-object", &object), mark("k8s-uid", uid)];
        tags.extend(cluster.map(|cluster| mark("k8s-cluster", cluster)));
        let arn = format!("arn:aws:sagemaker:us-west-2:123456789012:model/{name}");
        wreck.aws.ask("AddTags", &json!({ "ResourceArn": arn, "Tags": tags }));
    };
    let kube_system = wreck.home.cluster().get("/api/v1/namespaces/kube-system").expect("each cluster has one");
    make(&format!("ours-{bare}"), kube_system["metadata"]["uid"].as_str());
    make(&format!("anybodys-{bare}"), None);
    make(&format!("theirs-{bare}"), Some("00000000-aaaa-bbbb-cccc-dddddddddddd"));
    wreck.aws.make_model("a-strangers", "image:1");
    // As version 1 made them: it may have been of this namespace, and nothing says so.
    wreck.aws.make_model(&format!("v1-{bare}"), "image:1");
    assert_snapshot!(wreck.said(&["--region", "us-west-2"]), @r"
    model/ours-UID: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/mnist
      aws sagemaker delete-model --model-name ours-UID --region us-west-2
    model/anybodys-UID: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/mnist, perhaps of another cluster
      aws sagemaker delete-model --model-name anybodys-UID --region us-west-2
    ---
    2 resources in AWS without an object (account 123456789012, region us-west-2). 1 of other clusters left out.
    exit 0
    ");

    // All namespaces: also those of whoever else is on this cluster.
    let whole = wreck.home.cluster().program(&built::binaries().join("kubectl-sagemaker"));
    let whole = whole.args(["orphans", "--region", "us-west-2", "-o", "json"]).envs(wreck.aws.env(Keys::default()));
    let whole: Value = serde_json::from_str(&whole.run().stdout).expect("it is JSON");
    let of = |name: &str| {
        let mut all = whole["resources"].as_array().into_iter().flatten();
        all.find(|it| it["name"] == json!(format!("{name}-{bare}"))).map(|it| it["ofThisCluster"].clone())
    };
    assert_eq!(of("v1"), Some(json!(false)));
    assert_eq!(of("ours"), Some(json!(true)));
    assert_eq!((of("theirs"), &whole["ofOtherClusters"]), (None, &json!(1)));
}

#[test]
fn an_object_with_nothing_in_aws_is_told_and_what_cannot_be_seen_too() {
    let wreck = Wreck::new("orphans-bereft");
    wreck.aws.forget_job("kept");
    // So soon after its start, SageMaker might just not show it yet.
    let started = json!({ "createRequest": { "at": "2026-11-26T12:00:00Z" } });
    wreck.home.report(PLURAL, "kept", &started);
    wreck.aws.deny("sagemaker:ListEndpoints");
    assert_snapshot!(wreck.said(&[]), @r"
    training-job/lost: InProgress, bills
      made AGE ago in us-west-2 for NAMESPACE/lost
      aws sagemaker stop-training-job --training-job-name lost --region us-west-2
    endpoint-config/digits-1-HASH: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/digits-1-UID
      aws sagemaker delete-endpoint-config --endpoint-config-name digits-1-HASH --region us-west-2
    model/digits-1-HASH: costs nothing
      made AGE ago in us-west-2 for NAMESPACE/digits-1-UID
      aws sagemaker delete-model --model-name digits-1-HASH --region us-west-2
    trainingjob/kept in namespace NAMESPACE: has nothing in AWS any more
      had kept in us-west-2
      kubectl sagemaker describe trainingjob/kept -n NAMESPACE
    ---
    3 resources (1 with machines that bill) in AWS without an object, 1 object with nothing in AWS any more (account 123456789012, region us-west-2).
    error: hostingdeployments in us-west-2 cannot be listed: ListEndpoints: AccessDeniedException: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sagemaker:ListEndpoints on resource: arn:aws:sagemaker:us-west-2:123456789012:endpoint/* because no identity-based policy allows the sagemaker:ListEndpoints action
    exit 1
    ");
    wreck.aws.allow_all();
    wreck.aws.deny("sagemaker:ListTags");
    assert_snapshot!(wreck.said(&["-o", "json"]), @r#"
    {
      "account": "123456789012",
      "objects": [
        {
          "kind": "TrainingJob",
          "name": "kept",
          "namespace": "NAMESPACE",
          "region": "us-west-2",
          "sageMakerName": "kept"
        }
      ],
      "ofOtherClusters": 0,
      "regions": [
        "us-west-2"
      ],
      "resources": []
    }
    ---
    error: some tags cannot be read, so that only names tell whose a resource is: ListTags: AccessDeniedException: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sagemaker:ListTags on resource: arn:aws:sagemaker:us-west-2:123456789012:training-job/lost because no identity-based policy allows the sagemaker:ListTags action
    exit 1
    "#);
}

#[test]
fn what_goes_on_scaling_for_a_policy_that_is_gone_is_found() {
    const POLICIES: &str = "hostingautoscalingpolicies";
    let wreck = Wreck { home: Namespace::new("orphans-scaled"), aws: Simulator::at_speed(100.0) };
    let variant = |name: &str| json!({ "VariantName": name, "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1 });
    wreck.aws.make_model("m", "image:1");
    let variants = json!({ "EndpointConfigName": "shop", "ProductionVariants": [variant("lost"), variant("kept")] });
    wreck.aws.ask("CreateEndpointConfig", &variants);
    wreck.aws.ask("CreateEndpoint", &json!({ "EndpointName": "shop", "EndpointConfigName": "shop" }));
    let operator = hasty(&wreck.home, &wreck.aws).start();
    for name in ["lost", "kept"] {
        let policy = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "HostingAutoscalingPolicy",
            "metadata": { "name": name },
            "spec": {
                "region": "us-west-2",
                "resourceId": [{ "endpointName": "shop", "variantName": name }],
                "minCapacity": 1,
                "maxCapacity": 3,
                "targetTrackingScalingPolicyConfiguration": {
                    "targetValue": 60,
                    "predefinedMetricSpecification": { "predefinedMetricType": "SageMakerVariantInvocationsPerInstance" },
                },
            },
        });
        wreck.home.apply(policy.to_string());
    }
    for name in ["lost", "kept"] {
        wreck
            .home
            .until(POLICIES, name, "ready", |it| condition_of(it, "Ready").is_some_and(|it| it["status"] == "True"));
    }
    drop(operator);
    wreck.take(POLICIES, "lost");
    assert_snapshot!(wreck.said(&[]), @r"
    scalable-target/endpoint/shop/variant/lost: scales on
      made AGE ago in us-west-2 for NAMESPACE/lost
      aws application-autoscaling deregister-scalable-target --service-namespace sagemaker --scalable-dimension sagemaker:variant:DesiredInstanceCount --resource-id endpoint/shop/variant/lost --region us-west-2
    ---
    1 resource in AWS without an object (account 123456789012, region us-west-2).
    exit 0
    ");
}
