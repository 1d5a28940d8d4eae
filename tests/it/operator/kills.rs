//! The operator is killed after every call that writes, to AWS as to Kubernetes, before it hears of it: from the manifests
//! of all eight kinds over their edits to their end.

use std::collections::BTreeMap;

use http::Method;
use serde_json::json;

use super::eight::{MODEL, NAME, parts};
use super::hasty;
use crate::support::ambush::Ambush;
use crate::support::eventually::PATIENCE;
use crate::support::operator::Setup;
use crate::support::{Namespace, Simulator, eventually};

/// The verbs of AWS that change something.
const WRITES: [&str; 8] = ["Create", "Update", "Delete", "Stop", "AddTags", "Register", "Put", "Deregister"];
/// One operator after another, each of which is killed after its first write that none before it has sent.
struct Line<'a> {
    setup: Setup<'a>,
    home: &'a Namespace,
    aws: &'a Simulator,
    ambush: &'a Ambush,
    killed: usize,
}

impl Line<'_> {
    /// How many writes have taken effect so far.
    fn writes(&self) -> (usize, usize) {
        let to_aws = self.aws.journal().iter().filter(|call| call.applied).count();
        (to_aws, self.ambush.struck())
    }

    /// Kills operators until nothing is missing.
    fn until(&mut self, what: &str, missing: impl Fn() -> Option<String>) {
        loop {
            let before = self.writes();
            let operator = self.setup.launch();
            let is_over = eventually(what, PATIENCE, || match missing() {
                None => Ok(true),
                Some(_) if self.writes() != before => Ok(false),
                Some(missing) => Err(missing),
            });
            operator.kill();
            // Who takes over would wait for the end of its Lease.
            let lease =
                format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/sagemaker-k8s-operator", self.home.name());
            let _ = self.home.cluster().request(Method::DELETE, &lease, None);
            if is_over {
                return;
            }
            self.killed += 1;
        }
    }
}

#[test]
fn killed_after_each_write_it_makes_nothing_twice_and_leaves_nothing_behind() {
    let aws = Simulator::with(["--speed", "60", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    for verb in WRITES {
        aws.fault(&json!({ "operation": format!("{verb}*"), "action": { "hangAfterMs": 60_000 } }));
    }
    let (home, ambush, parts) = (Namespace::new("kills"), Ambush::lay(), parts());
    let kubeconfig = ambush.kubeconfig().to_str().expect("a path of letters").to_owned();
    let setup = hasty(&home, &aws).env("KUBECONFIG", &kubeconfig);
    let mut line = Line { setup, home: &home, aws: &aws, ambush: &ambush, killed: 0 };

    for edited in [false, true] {
        for part in &parts {
            home.apply(part.manifest(edited).to_string());
        }
        line.until("all as wanted", || parts.iter().find_map(|part| part.missing(&home)));
    }
    for part in &parts {
        home.delete(part.plural, NAME);
    }
    line.until("the end of all", || {
        let left = |part: &super::eight::Part| home.kubectl(["get", part.plural, "-o", "name"]).run().ok();
        parts.iter().map(left).find(|left| !left.is_empty())
    });

    let killed = line.killed;
    assert!(killed > 60, "it was killed only {killed} times");
    let mut times = BTreeMap::<_, usize>::new();
    for call in aws.journal().into_iter().filter(|call| call.applied) {
        *times.entry(call.operation).or_default() += 1;
    }
    let times = times.into_iter().map(|(operation, times)| format!("{operation} {times}"));
    insta::assert_snapshot!(times.collect::<Vec<_>>().join("\n"), @"
    AddTags 4
    CreateEndpoint 1
    CreateEndpointConfig 4
    CreateHyperParameterTuningJob 1
    CreateModel 4
    CreateProcessingJob 1
    CreateTrainingJob 1
    CreateTransformJob 1
    DeleteEndpoint 1
    DeleteEndpointConfig 4
    DeleteModel 4
    DeleteScalingPolicy 1
    DeregisterScalableTarget 1
    PutScalingPolicy 2
    RegisterScalableTarget 1
    StopProcessingJob 1
    StopTransformJob 1
    UpdateEndpoint 1
    ");
}
