//! A job that runs in the simulator, its object in the cluster, and a stand-in for the operator between them.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::support::process::Program;
use crate::support::{Namespace, Simulator, eventually, meanwhile};

/// The kind under test, as the API's paths have it.
pub(crate) const PLURAL: &str = "trainingjobs";

/// For `--quiet-for`, a little more than the longest way of a line: five seconds until the host's agent sends it, five
/// more if that fails at first, and up to 1.4 s until the service shows it.
pub(crate) const QUIET: &str = "12s";
/// How long a job of these tests may take.
const LONG: Duration = Duration::from_mins(3);
/// How often the stand-in looks at the job.
const LOOK: Duration = Duration::from_millis(200);

/// A namespace and a simulator.
pub(crate) struct Story {
    pub(crate) home: Namespace,
    pub(crate) aws: Simulator,
}

impl Story {
    pub(crate) fn at_speed(about: &str, speed: f64) -> Self {
        Self { home: Namespace::new(about), aws: Simulator::at_speed(speed) }
    }

    /// An object that no operator has seen yet.
    pub(crate) fn object(&self, name: &str, hosts: u32) {
        let manifest = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "TrainingJob",
            "metadata": { "name": name },
            "spec": {
                "region": "us-west-2",
                "roleArn": "arn:aws:iam::123456789012:role/train",
                "algorithmSpecification": {
                    "trainingImage": "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1",
                    "trainingInputMode": "File",
                },
                "outputDataConfig": { "s3OutputPath": "s3://bucket/output" },
                "resourceConfig": { "instanceCount": hosts, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
                "stoppingCondition": { "maxRuntimeInSeconds": 86400 },
            },
        });
        self.home.apply(manifest.to_string());
    }

    /// An object and its running job. The job's name is the object's.
    pub(crate) fn job(&self, name: &str, hosts: u32, knobs: &Value) {
        self.object(name, hosts);
        self.aws.start_job(name, hosts, knobs);
        self.tell(name);
    }

    /// An object and its job, once that has ended and the service shows all of its lines: the agents hand every line in
    /// at once.
    pub(crate) fn ended_job(&self, name: &str, hosts: u32, knobs: &Value) {
        let mut knobs = knobs.clone();
        knobs["sandbox_flush_seconds"] = "0".into();
        self.job(name, hosts, &knobs);
        eventually("the end of the job", LONG, || if self.tell(name) { Ok(()) } else { Err("it runs".to_owned()) });
        self.until_shown(name, self.written(name).len());
    }

    /// Waits until the service shows that many lines of the job: it does so a moment after it has taken them in.
    pub(crate) fn until_shown(&self, name: &str, count: usize) {
        let job = format!("trainingjob/{name}");
        eventually(&format!("{count} lines of {name} that can be read"), LONG, || {
            let read = self.smlogs([job.as_str()]).run();
            let shown = read.stdout.lines().count();
            if shown >= count { Ok(()) } else { Err(format!("{shown} lines\n{}", read.stderr)) }
        });
    }

    /// Writes what SageMaker says of the job into the object's status, as an operator would. True once it has ended.
    pub(crate) fn tell(&self, name: &str) -> bool {
        let job = self.aws.job(name);
        let word = job["status"].as_str().expect("a job has a status");
        let condition = |type_: &str, reason: &str| {
            let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
            json!({ "type": type_, "status": "True", "reason": reason, "message": "", "lastTransitionTime": now })
        };
        let conditions = match word {
            "Completed" => vec![condition("Complete", word)],
            "Failed" | "Stopped" => vec![condition("Failed", word), condition("Stalled", word)],
            _ => Vec::new(),
        };
        let has_ended = !conditions.is_empty();
        let status = json!({
            "arn": job["arn"],
            "sageMakerTrainingJobName": name,
            "trainingJobStatus": word,
            "secondaryStatus": job["secondaryStatus"],
            "additional": job["failureReason"],
            "conditions": conditions,
        });
        self.home.report(PLURAL, name, &status);
        has_ended
    }

    /// Runs `body` while the job is told of as it goes on.
    pub(crate) fn while_told<T>(&self, name: &str, body: impl FnOnce() -> T) -> T {
        let tell = |is_over: &dyn Fn() -> bool| {
            while !is_over() && !self.tell(name) {
                thread::sleep(LOOK);
            }
        };
        meanwhile(tell, body)
    }

    pub(crate) fn smlogs<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Program {
        self.home.plugin("kubectl-smlogs", &self.aws, args)
    }

    /// All lines of the job as v1 writes them, in strict order.
    pub(crate) fn written(&self, name: &str) -> Vec<String> {
        self.aws.truth_lines(name).iter().map(|line| as_v1(line)).collect()
    }
}

/// `TIMESTAMP_MS<TAB>STREAM<TAB>MESSAGE` as v1 has it.
pub(super) fn as_v1(line: &str) -> String {
    let (timestamp, rest) = line.split_once('\t').expect("the truth has three columns");
    let (stream, message) = rest.split_once('\t').expect("the truth has three columns");
    let millis = timestamp.parse().expect("the first column is a number");
    let time = DateTime::from_timestamp_millis(millis).expect("and a time").format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    let time = if millis % 1000 == 0 { time.trim_end_matches(".000") } else { time.trim_end_matches('0') };
    format!("{stream} {time} +0000 UTC {message}")
}

/// Lines of a program's output.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Every line that was written has been printed, once.
#[track_caller]
pub(crate) fn assert_same(printed: &[String], written: &[String]) {
    assert!(!written.is_empty(), "the job has written something");
    assert_eq!(missing(written, printed), Vec::<String>::new(), "lost");
    assert_eq!(missing(printed, written), Vec::<String>::new(), "printed too often");
}

/// Every line from the first one of a tail on has been printed, once. Of what is older only a send may have come that
/// the service took in after the tail was read: a host's agent repeats one now and then.
#[track_caller]
pub(crate) fn assert_follows_tail(printed: &[String], written: &[String], tail: usize) {
    let copies = printed.iter().take_while(|line| **line == printed[0]).count();
    let last_copy = written.iter().rposition(|line| *line == printed[0]).expect("what is printed has been written");
    let first = last_copy + 1 - copies;
    let (left_out, wanted) = written.split_at(first);
    assert!(left_out.len() > tail, "{} lines were left out", left_out.len());
    assert_eq!(missing(wanted, printed), Vec::<String>::new(), "lost");
    let older = missing(printed, wanted);
    assert_eq!(missing(&older, left_out), Vec::<String>::new(), "printed too often");
    let is_one_send = older.is_empty() || left_out.windows(older.len()).any(|send| send == older);
    assert!(is_one_send && older.len() < left_out.len(), "what is older than the tail: {older:#?}");
}

/// Lines that are in one list and not, or not as often, in the other.
pub(crate) fn missing(wanted: &[String], found: &[String]) -> Vec<String> {
    let mut left = BTreeMap::<&str, i64>::new();
    for line in found {
        *left.entry(line).or_default() += 1;
    }
    let mut lost = Vec::new();
    for line in wanted {
        let count = left.entry(line).or_default();
        *count -= 1;
        if *count < 0 {
            lost.push(line.clone());
        }
    }
    lost
}
