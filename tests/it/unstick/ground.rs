//! Objects that hang, as an operator leaves them that ends.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::Method;
use serde_json::{Value, json};

use crate::smlogs::story::PLURAL;
use crate::support::eventually::PATIENCE;
use crate::support::manifests::training;
use crate::support::process::Finished;
use crate::support::{Namespace, Simulator, eventually};

pub(super) const FINALIZER: &str = "sagemaker-operator-finalizer";

/// The Lease that an operator holds in its namespace.
const LEASE: &str = "sagemaker-k8s-operator";

/// A moment as a Lease has it.
pub(super) fn as_of(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Whether an operator is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Alive,
    Dead,
}

/// A namespace, a simulator, and objects without an operator.
pub(super) struct Ground {
    pub(super) home: Namespace,
    pub(super) aws: Simulator,
}

impl Ground {
    pub(super) fn new(about: &str, operator: Operator) -> Self {
        Self::at_speed(about, operator, 200.0)
    }

    /// One whose jobs run that many times as fast as real ones.
    pub(super) fn at_speed(about: &str, operator: Operator, speed: f64) -> Self {
        Self::of(Namespace::new(about), operator, speed)
    }

    /// One on a control plane of its own, without an operator.
    pub(super) fn alone(about: &str) -> Self {
        Self::of(Namespace::alone(about), Operator::Dead, 200.0)
    }

    fn of(home: Namespace, operator: Operator, speed: f64) -> Self {
        let ground = Self { home, aws: Simulator::at_speed(speed) };
        let renewed = match operator {
            Operator::Alive => Utc::now(),
            Operator::Dead => Utc::now() - TimeDelta::hours(1),
        };
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": { "name": LEASE },
            "spec": {
                "holderIdentity": "sagemaker-operator-7d4f", "leaseDurationSeconds": 1800, "renewTime": as_of(renewed),
            },
        });
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", ground.home.name());
        ground.home.cluster().request(Method::POST, &path, Some(&lease)).expect("a Lease can be written");
        ground
    }

    /// Changes the Lease.
    pub(super) fn renew(&self, spec: &Value) {
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{LEASE}", self.home.name());
        self.home
            .cluster()
            .request(Method::PATCH, &path, Some(&json!({ "spec": spec })))
            .expect("a Lease can be written");
    }

    /// An object whose job an operator has started, and which it holds.
    pub(super) fn held(&self, name: &str) {
        self.object(name, &json!({ "finalizers": [FINALIZER] }));
        self.aws.start_job(name, 1, &json!({ "sandbox_training_seconds": "360000" }));
        self.report(name, "InProgress");
    }

    /// The same, once its job trains.
    pub(super) fn trains(&self, name: &str) {
        self.held(name);
        eventually(&format!("the training of {name}"), PATIENCE, || {
            let job = self.aws.job(name);
            if job["secondaryStatus"] == "Training" { Ok(()) } else { Err(job["secondaryStatus"].to_string()) }
        });
    }

    /// The object alone.
    pub(super) fn object(&self, name: &str, metadata: &Value) {
        let mut manifest = training(name, &json!({ "sandbox_training_seconds": "360000" }));
        json_patch::merge(&mut manifest["metadata"], metadata);
        self.home.apply(manifest.to_string());
    }

    pub(super) fn report(&self, name: &str, word: &str) {
        let status = json!({
            "arn": format!("arn:aws:sagemaker:us-west-2:123456789012:training-job/{name}"),
            "sageMakerTrainingJobName": name,
            "trainingJobStatus": word,
        });
        self.home.report(PLURAL, name, &status);
    }

    /// Ends the job by somebody else's hand.
    pub(super) fn end(&self, name: &str) {
        self.aws.ask("StopTrainingJob", &json!({ "TrainingJobName": name }));
        eventually(&format!("the end of {name}"), PATIENCE, || match self.word(name).as_str() {
            "Stopped" => Ok(()),
            word => Err(word.to_owned()),
        });
    }

    /// What SageMaker says of a job.
    pub(super) fn word(&self, name: &str) -> String {
        self.aws.job(name)["status"].as_str().expect("a job has a status").to_owned()
    }

    /// How often a person has had a job stopped.
    pub(super) fn stops(&self, name: &str) -> usize {
        let stops = self.aws.applied("StopTrainingJob");
        stops.iter().filter(|call| call.name.as_deref() == Some(name)).count()
    }

    pub(super) fn unstick<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Finished {
        self.home.plugin("kubectl-sagemaker", &self.aws, ["unstick"].into_iter().chain(args)).run()
    }
}
