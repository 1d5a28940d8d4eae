//! What kstatus and Argo CD say of real objects of all kinds, from their creation to their deletion.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::operator::eight::{MODEL, NAME, Part, parts, until_as_wanted};
use crate::support::eventually::PATIENCE;
use crate::support::judges::{self, Judged};
use crate::support::namespace::condition_of;
use crate::support::operator::hasty;
use crate::support::{Namespace, Simulator, eventually};

/// What may not be done while all kinds are to be refused.
const CREATIONS: [&str; 8] = [
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTransformJob",
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateModel",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateEndpoint",
    "application-autoscaling:RegisterScalableTarget",
];

/// The objects of a test.
struct Stage {
    home: Namespace,
    aws: Simulator,
    parts: Vec<Part>,
}

impl Stage {
    fn new(about: &str, parts: Vec<Part>) -> Self {
        let stage =
            Self { home: Namespace::new(about), aws: Simulator::with(["--speed", "200", "--no-quotas"]), parts };
        stage.aws.make_model(MODEL, "image");
        for part in &stage.parts {
            stage.home.apply(part.manifest(false).to_string());
        }
        stage
    }

    fn objects(&self) -> Vec<Value> {
        self.parts.iter().map(|part| self.home.get(part.plural, NAME).expect("it is there")).collect()
    }

    /// Waits until all kinds get these words from kstatus and Argo CD, depending on whether they are jobs: what is tried
    /// again may be under way at any moment.
    #[track_caller]
    fn are(&self, about: &str, job: (&str, &str), lasting: (&str, &str)) -> Vec<Judged> {
        eventually(about, PATIENCE, || {
            let objects = self.objects();
            let judged = judges::judge(&objects);
            for ((part, object), judged) in self.parts.iter().zip(&objects).zip(&judged) {
                let wanted = if is_job(part) { job } else { lasting };
                if judged.words() != wanted {
                    return Err(format!("{}: {judged:?}\n{:#}", part.kind, object["status"]));
                }
            }
            Ok(judged)
        })
    }

    #[track_caller]
    fn until_as_wanted(&self) {
        until_as_wanted(&self.home, &self.parts);
    }

    /// Waits until that condition of all of those is true.
    #[track_caller]
    fn until(&self, condition: &str, of: fn(&Part) -> bool) {
        for part in self.parts.iter().filter(|part| of(part)) {
            self.home.until_condition(part.plural, NAME, condition);
        }
    }
}

fn is_job(part: &Part) -> bool {
    part.plural.ends_with("jobs")
}

#[test]
fn refused_running_stopped_and_deleted_objects_are_seen_as_what_they_are() {
    let stage = Stage::new("gitops-troubles", parts().into_iter().map(Part::running).collect());
    let (waits, failed, going) =
        (("InProgress", "Progressing"), ("Failed", "Degraded"), ("Terminating", "Progressing"));
    stage.are("nobody has seen them", waits, waits);

    for action in CREATIONS {
        stage.aws.deny(action);
    }
    let operator = hasty(&stage.home, &stage.aws).start();
    stage.until("Stalled", |_| true);
    for (judged, part) in stage.are("refused", failed, failed).iter().zip(&stage.parts) {
        assert!(judged.message.contains("hint: "), "{}: {}", part.kind, judged.message);
    }

    stage.aws.allow_all();
    stage.until_as_wanted();
    stage.are("a job runs", ("Current", "Progressing"), ("Current", "Healthy"));

    for (plural, operation, field) in [
        ("trainingjobs", "StopTrainingJob", "TrainingJobName"),
        ("processingjobs", "StopProcessingJob", "ProcessingJobName"),
        ("batchtransformjobs", "StopTransformJob", "TransformJobName"),
        ("hyperparametertuningjobs", "StopHyperParameterTuningJob", "HyperParameterTuningJobName"),
    ] {
        let object = stage.home.get(plural, NAME).expect("it is there");
        let arn = object["status"]["arn"].as_str().expect("it has been made");
        let name = arn.rsplit('/').next().expect("an ARN ends with the name");
        stage.aws.ask(operation, &json!({ field: name }));
    }
    stage.until("Failed", is_job);
    stage.are("stopped by somebody", failed, ("Current", "Healthy"));

    operator.kill();
    for part in &stage.parts {
        stage.home.delete(part.plural, NAME);
    }
    stage.are("in deletion", going, going);
}

#[test]
fn ended_edited_and_suspended_objects_are_seen_as_what_they_are() {
    let stage = Stage::new("gitops-ends", parts().into_iter().map(Part::ending).collect());
    let mut operator = hasty(&stage.home, &stage.aws).start();
    stage.until_as_wanted();
    stage.are("ended", ("Current", "Healthy"), ("Current", "Healthy"));

    // It gives its Lease back, so that the next one need not wait.
    operator.process().signal(Signal::TERM);
    eventually("the operator's end", PATIENCE, || operator.process().ended().ok_or_else(String::new));
    for part in &stage.parts {
        stage.home.apply(part.manifest(true).to_string());
    }
    let waits = ("InProgress", "Progressing");
    stage.are("the status is that of the spec before", waits, waits);

    let _operator = hasty(&stage.home, &stage.aws).start();
    let suspended = json!({ "spec": { "suspendedState": { "dynamicScalingInSuspended": true } } });
    stage.home.patch("hostingautoscalingpolicies", NAME, &suspended).expect("it can be edited");
    stage.until_as_wanted();
    let objects = stage.objects();
    for (object, judged) in objects.iter().zip(judges::judge(&objects)) {
        let is_policy = object["kind"] == "HostingAutoscalingPolicy";
        let wanted = ("Current", if is_policy { "Suspended" } else { "Healthy" });
        assert_eq!(judged.words(), wanted, "{judged:?}\n{:#}", object["status"]);
        let leading = if condition_of(object, "Complete").is_some() { "Complete" } else { "Ready" };
        let said = condition_of(object, leading).expect("it has ended or is ready")["message"].as_str();
        assert!(is_policy || said == Some(judged.message.as_str()), "{judged:?}");
    }
}
