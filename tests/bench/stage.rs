//! A namespace with an object and a simulator with its job, and commands that find both.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::support::simulator::{Keys, in_region, training_jobs};
use crate::support::{Namespace, Simulator, built, eventually};

/// The region whose quota is 25 calls a second of either sort.
pub(crate) const REGION: &str = "us-east-1";
const PATIENCE: Duration = Duration::from_mins(3);

pub(crate) struct Stage {
    pub(crate) home: Namespace,
    pub(crate) aws: Simulator,
}

impl Stage {
    pub(crate) fn new(about: &str, speed: f64) -> Self {
        Self { home: Namespace::new(about), aws: Simulator::at_speed(speed) }
    }

    /// A training of that name.
    pub(crate) fn object(name: &str, hosts: u32) -> Value {
        json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "TrainingJob",
            "metadata": { "name": name },
            "spec": {
                "region": REGION,
                "roleArn": "arn:aws:iam::123456789012:role/train",
                "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
                "outputDataConfig": { "s3OutputPath": "s3://bucket/output" },
                "resourceConfig": { "instanceCount": hosts, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
                "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
            },
        })
    }

    /// An object and its job, running.
    pub(crate) fn begin(&self, name: &str, hosts: u32, knobs: &Value) {
        self.home.apply(Self::object(name, hosts).to_string());
        self.aws.start_job_in(REGION, name, hosts, knobs);
        self.tell(name);
    }

    /// An object and its job, which has ended and logged.
    pub(crate) fn ended(&self, name: &str, hosts: u32, knobs: &Value) {
        self.begin(name, hosts, knobs);
        eventually("the end of the job", PATIENCE, || if self.tell(name) { Ok(()) } else { Err("it runs".to_owned()) });
        // The service shows a line a moment after it has taken it in.
        let written = self.aws.truth_in(REGION, name).events;
        eventually("all lines", PATIENCE, || {
            let read = self.smlogs(name, &[]).stderr(Stdio::null()).output().expect("smlogs can be started");
            let shown = read.stdout.split(|byte| *byte == b'\n').count() as u64 - 1;
            if shown == written { Ok(()) } else { Err(format!("{shown} of {written} lines")) }
        });
    }

    /// All lines of a job as the simulator tells of them, each headed by when calls began to show it, in milliseconds
    /// since 1970.
    pub(crate) fn visible_lines(&self, name: &str) -> Vec<String> {
        self.aws.log_text(&format!("{}&prefix={name}/&{}&visible=1", training_jobs(), in_region(REGION)))
    }

    /// Writes what SageMaker says of the job into the object, as an operator would. True once it has ended.
    pub(crate) fn tell(&self, name: &str) -> bool {
        let job = self.aws.job_in(REGION, name);
        let ended = job["status"] == "Completed";
        let complete = json!({
            "type": "Complete", "status": "True", "reason": "Completed", "message": "",
            "lastTransitionTime": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let status = json!({
            "sageMakerTrainingJobName": name,
            "trainingJobStatus": job["status"],
            "secondaryStatus": job["secondaryStatus"],
            "conditions": if ended { vec![complete] } else { Vec::new() },
        });
        self.home.report("trainingjobs", name, &status);
        ended
    }

    /// `kubectl smlogs trainingjob NAME …`
    pub(crate) fn smlogs(&self, name: &str, args: &[&str]) -> Command {
        let mut command = self.program(&built::binaries().join("kubectl-smlogs"));
        command.args(["trainingjob", name, "-n", self.home.name(), "-o", "v1"]).args(args);
        command
    }

    /// The plain reader.
    pub(crate) fn plain(&self, mode: &str, name: &str) -> Command {
        let mut command = self.program(&built::binaries().join("examples/plain-reader"));
        command.args([mode, name, REGION]);
        command
    }

    /// `kubectl get`, which asks the API server for the same object.
    pub(crate) fn kubectl_get(&self, name: &str) -> Command {
        let mut command = self.program(self.home.cluster().kubectl_path());
        command.args(["get", "trainingjob", name, "-n", self.home.name(), "-o", "name"]);
        command
    }

    /// `kubectl get` of all trainings.
    pub(crate) fn kubectl_get_all(&self) -> Command {
        let mut command = self.program(self.home.cluster().kubectl_path());
        command.args(["get", "trainingjobs", "-n", self.home.name()]);
        command
    }

    /// `kubectl sagemaker …`
    pub(crate) fn sagemaker(&self, args: &[&str]) -> Command {
        let mut command = self.program(&built::binaries().join("kubectl-sagemaker"));
        command.args(args).args(["-n", self.home.name()]);
        command
    }

    fn program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.aws.env(Keys::default())).env("AWS_REGION", REGION);
        let folder = self.home.cluster().kubeconfig().parent().expect("a file lies in a folder");
        command.env("KUBECONFIG", self.home.cluster().kubeconfig()).env("KUBECACHEDIR", folder.join("kubectl-cache"));
        command.current_dir(built::root());
        command
    }

    /// How many calls for events there have been since the journal had that many entries.
    pub(crate) fn calls(&self) -> Vec<(String, String)> {
        let events = |operation: &str| ["FilterLogEvents", "GetLogEvents", "DescribeLogStreams"].contains(&operation);
        let calls = self.aws.journal().into_iter().filter(|call| events(&call.operation));
        calls.map(|call| (call.operation, call.outcome)).collect()
    }
}
