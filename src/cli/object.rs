//! An object as a plugin sees it: only what it needs, of any kind, written by this operator or by v1's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kube::api::DynamicObject;
use serde_json::Value;

use super::{Target, Type};
use crate::lifecycle::{Condition, Endpoint, Region};

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As wanted.
    Completed,
    /// It failed.
    Failed,
    /// Somebody or a limit stopped it.
    Stopped,
}

/// The machines of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machines<'a> {
    /// How many.
    pub count: u64,
    /// Of which type.
    pub type_: &'a str,
    /// Whether they are spare capacity, which costs less and may be taken away.
    pub spot: bool,
}

/// An object.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its kind.
    pub type_: Type,
    /// Its name in Kubernetes.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its identity: another object of the same name has another.
    pub uid: String,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// Whether its deletion has been asked for.
    pub deleting: bool,
    spec: Value,
    status: Value,
    conditions: Vec<Condition>,
}

impl Object {
    /// The part of an object that matters here. What is missing or of another shape counts as absent.
    pub fn new(type_: Type, object: DynamicObject) -> Self {
        let DynamicObject { types: _, metadata, mut data } = object;
        let status = data.get_mut("status").map(Value::take).unwrap_or_default();
        let conditions = status.get("conditions").and_then(Value::as_array);
        let conditions = conditions.into_iter().flatten().filter_map(|c| serde_json::from_value(c.clone()).ok());
        Self {
            type_,
            name: metadata.name.unwrap_or_default(),
            namespace: metadata.namespace.unwrap_or_default(),
            uid: metadata.uid.unwrap_or_default(),
            created: metadata.creation_timestamp.and_then(|created| {
                // kube speaks jiff, the rest of this package chrono.
                DateTime::from_timestamp(created.0.as_second(), 0)
            }),
            deleting: metadata.deletion_timestamp.is_some(),
            conditions: conditions.collect(),
            spec: data.get_mut("spec").map(Value::take).unwrap_or_default(),
            status,
        }
    }

    /// What SageMaker says of a job or an endpoint, in the words that specs and statuses have for it, as if an object
    /// said so. Times are seconds since 1970.
    pub fn described(type_: Type, name: &str, said: Value) -> Self {
        let mut status = said.clone();
        if let (Value::Object(status), Some(logged)) = (&mut status, type_.logged()) {
            let ended = ending_of(status.get(logged.status_word).and_then(Value::as_str));
            let last = status.get("lastModifiedTime").cloned().filter(|_| ended.is_some());
            let model = said.pointer("/modelArtifacts/s3ModelArtifacts").cloned();
            let arn = said.get(logged.spec_name.replace("Name", "Arn")).cloned();
            let reason = said.get("failureReason").cloned();
            let own = [(times_of(type_).1, last), ("modelPath", model), ("arn", arn), ("additional", reason)];
            for (field, value) in own {
                if let Some(value) = value {
                    status.entry(field).or_insert(value);
                }
            }
        }
        Self {
            type_,
            name: name.to_owned(),
            namespace: String::new(),
            uid: String::new(),
            created: time(&said, "creationTime"),
            deleting: false,
            spec: said,
            status,
            conditions: Vec::new(),
        }
    }

    /// Whether there is such an object in a cluster, and not only a job of that name in SageMaker.
    pub fn is_in_cluster(&self) -> bool {
        !self.uid.is_empty()
    }

    /// `trainingjob/NAME`.
    pub fn title(&self) -> String {
        self.target().title()
    }

    /// The same object, to be asked for again.
    pub fn target(&self) -> Target {
        Target { type_: self.type_, namespace: Some(self.namespace.clone()), name: self.name.clone() }
    }

    /// The region that the spec asks for.
    pub fn region(&self) -> Option<Region> {
        self.spec_text("region").and_then(|region| region.parse().ok())
    }

    /// The address that the spec gives for SageMaker.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.spec_text("sageMakerEndpoint").and_then(|address| address.parse().ok())
    }

    /// The name in SageMaker: as reported, else as asked for.
    pub fn sagemaker_name(&self) -> Option<&str> {
        let (reported, wanted) = match (self.type_, self.type_.logged()) {
            (_, Some(logged)) => (logged.status_name, logged.spec_name),
            (Type::Model, None) => ("sageMakerModelName", "modelName"),
            (Type::EndpointConfig, None) => ("sageMakerEndpointConfigName", "endpointConfigName"),
            (_, None) => ("policyName", "policyName"),
        };
        self.status_text(reported).or_else(|| self.spec_text(wanted))
    }

    /// SageMaker's word for the state, or the operator's own before there is one.
    pub fn status_word(&self) -> Option<&str> {
        self.status_text(match (self.type_, self.type_.logged()) {
            (_, Some(logged)) => logged.status_word,
            (Type::HostingAutoscalingPolicy, None) => "hostingAutoscalingPolicyStatus",
            (_, None) => "status",
        })
    }

    /// The finer word beside it.
    pub fn secondary_status(&self) -> Option<&str> {
        self.status_text("secondaryStatus")
    }

    /// Why it failed, or what stands in its way, in v1's field.
    pub fn additional(&self) -> Option<&str> {
        self.status_text("additional")
    }

    /// The training job that has done best so far, of a tuning job.
    pub fn best_trial(&self) -> Option<&str> {
        text(self.status.get("bestTrainingJob")?, "trainingJobName")
    }

    /// The objective's value of that training job.
    pub fn best_value(&self) -> Option<f64> {
        self.status.pointer("/bestTrainingJob/finalHyperParameterTuningJobObjectiveMetric/value")?.as_f64()
    }

    /// How many hosts serve an endpoint, and how many shall. `None` if there are none to count, as of a serverless one.
    pub fn hosts(&self) -> Option<(u64, u64)> {
        let variants = self.status.get("productionVariants")?.as_array()?;
        let count = |field| variants.iter().filter_map(|variant| variant.get(field)?.as_u64()).reduce(|sum, n| sum + n);
        Some((count("currentInstanceCount")?, count("desiredInstanceCount")?))
    }

    /// Where the trained model is.
    pub fn model_path(&self) -> Option<&str> {
        self.status_text("modelPath")
    }

    /// Its ARN in SageMaker.
    pub fn arn(&self) -> Option<&str> {
        self.status_text("arn")
    }

    /// Whether SageMaker is known to have accepted it.
    pub fn is_created(&self) -> bool {
        self.status_text("arn").is_some()
    }

    /// Whether SageMaker is known to have accepted it, also from v1's status, which has no ARN but SageMaker's words.
    pub fn is_accepted(&self) -> bool {
        const WORDS: [&str; 6] = ["InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting"];
        self.is_created() || (!self.never_started() && self.status_word().is_some_and(|word| WORDS.contains(&word)))
    }

    /// v1 wrote `Failed` also where it had not even tried.
    fn never_started(&self) -> bool {
        !self.is_created() && self.additional().is_some_and(|text| text.starts_with("Unable to initialize operator"))
    }

    /// The console's page of its log.
    pub fn log_url(&self) -> Option<&str> {
        self.status_text("cloudWatchLogUrl")
    }

    /// All its conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// A condition that is true.
    pub fn holds(&self, type_: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == type_ && condition.status == "True")
    }

    /// The instances: `2 × ml.m5.xlarge spot`; of an endpoint those that each variant begins with.
    pub fn instances(&self) -> Option<String> {
        if let Some(variants) = self.spec.get("productionVariants").and_then(Value::as_array) {
            let counted = |variant: &Value| {
                let count = variant.get("initialInstanceCount").and_then(Value::as_u64).unwrap_or(1);
                Some(format!("{count} × {}", text(variant, "instanceType")?))
            };
            let all: Vec<String> = variants.iter().filter_map(counted).collect();
            return (!all.is_empty()).then(|| all.join(", "));
        }
        let Machines { count, type_, spot } = self.machines()?;
        Some(format!("{count} × {type_}{}", if spot { " spot" } else { "" }))
    }

    /// The machines that a job asks for; of a tuning job those of each trial.
    pub fn machines(&self) -> Option<Machines<'_>> {
        let definition = match self.type_ {
            // Of the first definition, if there are several.
            Type::HyperparameterTuningJob => {
                let several = self.spec.get("trainingJobDefinitions").and_then(|several| several.get(0));
                self.spec.get("trainingJobDefinition").or(several)?
            }
            _ => &self.spec,
        };
        let places = ["/resourceConfig", "/processingResources/clusterConfig", "/transformResources"];
        let resources = places.into_iter().find_map(|place| definition.pointer(place))?;
        Some(Machines {
            count: resources.get("instanceCount").and_then(Value::as_u64).unwrap_or(1),
            type_: text(resources, "instanceType")?,
            spot: definition.get("enableManagedSpotTraining").and_then(Value::as_bool).unwrap_or(false),
        })
    }

    /// The longest that it may run.
    pub fn max_runtime(&self) -> Option<Duration> {
        let seconds = self.spec.get("stoppingCondition")?.get("maxRuntimeInSeconds")?.as_u64()?;
        Some(Duration::from_secs(seconds))
    }

    /// How many trials of a tuning job have ended, and how many there are to be at most.
    pub fn trials(&self) -> Option<(u64, u64)> {
        let counters = self.status.get("trainingJobStatusCounters")?;
        let count = |field| counters.get(field).and_then(Value::as_u64);
        let limits = self.spec.pointer("/hyperParameterTuningJobConfig/resourceLimits")?;
        let ended = count("completed")? + count("totalError").unwrap_or(0) + count("stopped").unwrap_or(0);
        Some((ended, limits.get("maxNumberOfTrainingJobs")?.as_u64()?))
    }

    /// When its instances were ready, and when they were given back.
    pub fn ran(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let (begun, ended) = times_of(self.type_);
        (time(&self.status, begun), time(&self.status, ended))
    }

    /// The seconds that it trained and that are billed, for each instance.
    pub fn billed(&self) -> Option<(u64, u64)> {
        let seconds = |field| self.status.get(field).and_then(Value::as_u64);
        Some((seconds("trainingTimeInSeconds")?, seconds("billableTimeInSeconds")?))
    }

    /// How it ended, and when if that is told.
    pub fn ending(&self) -> Option<(Ending, Option<DateTime<Utc>>)> {
        let by_word = ending_of(self.status_word().filter(|_| !self.never_started()));
        let complete = self.holds("Complete").map(|condition| (Ending::Completed, condition));
        let failed = self.holds("Failed").map(|condition| (by_word.unwrap_or(Ending::Failed), condition));
        match complete.or(failed) {
            Some((ending, condition)) => Some((ending, Some(condition.last_transition_time))),
            // v1 wrote no conditions.
            None => by_word.map(|ending| (ending, self.ran().1)),
        }
    }

    /// What its conditions say about why it is not further: the reason and the message.
    pub fn obstacle(&self) -> Option<String> {
        let said = |condition: &Condition| match condition.message.trim() {
            "" => condition.reason.clone(),
            message => format!("{}: {message}", condition.reason),
        };
        let conditions = ["Stalled", "Reconciling"].into_iter().find_map(|type_| self.holds(type_).map(said));
        conditions.or_else(|| self.additional().map(str::to_owned))
    }

    fn spec_text(&self, field: &str) -> Option<&str> {
        text(&self.spec, field)
    }

    fn status_text(&self, field: &str) -> Option<&str> {
        text(&self.status, field)
    }
}

/// The status' fields with the times of start and end.
fn times_of(type_: Type) -> (&'static str, &'static str) {
    match type_ {
        Type::ProcessingJob => ("processingStartTime", "processingEndTime"),
        Type::BatchTransformJob => ("transformStartTime", "transformEndTime"),
        // It has no machines of its own, and no start but its creation.
        Type::HyperparameterTuningJob => ("", "hyperParameterTuningEndTime"),
        Type::TrainingJob
        | Type::HostingDeployment
        | Type::Model
        | Type::EndpointConfig
        | Type::HostingAutoscalingPolicy => ("trainingStartTime", "trainingEndTime"),
    }
}

fn ending_of(word: Option<&str>) -> Option<Ending> {
    match word? {
        "Completed" => Some(Ending::Completed),
        "Failed" => Some(Ending::Failed),
        "Stopped" => Some(Ending::Stopped),
        _ => None,
    }
}

/// A time as objects write it, or as SageMaker does: in seconds since 1970.
fn time(value: &Value, field: &str) -> Option<DateTime<Utc>> {
    match value.get(field)? {
        Value::String(text) => text.parse().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "a time of our days in milliseconds")]
        Value::Number(seconds) => DateTime::from_timestamp_millis((seconds.as_f64()? * 1000.0) as i64),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(spec: impl Into<Value>, status: impl Into<Value>) -> Object {
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1",
            "kind": "TrainingJob",
            "metadata": { "name": "xgboost", "namespace": "default", "creationTimestamp": "2026-11-23T12:00:00Z" },
            "spec": spec.into(),
            "status": status.into(),
        });
        Object::new(Type::TrainingJob, serde_json::from_value(object).unwrap())
    }

    fn condition(type_: &str, reason: &str, message: &str) -> Value {
        json!({
            "type": type_, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": "2026-11-23T12:06:00Z",
        })
    }

    #[test]
    fn the_reported_name_goes_before_the_wanted_one() {
        let both = object(json!({ "trainingJobName": "a" }), json!({ "sageMakerTrainingJobName": "b" }));
        assert_eq!(both.sagemaker_name(), Some("b"));
        assert_eq!(object(json!({ "trainingJobName": "a" }), json!({})).sagemaker_name(), Some("a"));
        assert_eq!(object(json!({ "trainingJobName": "" }), Value::Null).sagemaker_name(), None);
    }

    #[test]
    fn instances_are_counted_and_named() {
        let spec = json!({
            "resourceConfig": { "instanceCount": 2, "instanceType": "ml.m5.xlarge" },
            "enableManagedSpotTraining": true,
        });
        assert_eq!(object(spec, json!({})).instances().as_deref(), Some("2 × ml.m5.xlarge spot"));
    }

    #[test]
    fn the_ending_is_read_from_conditions_and_from_v1_words() {
        let at = "2026-11-23T12:06:00Z".parse().ok();
        for (status, ending) in [
            (json!({ "conditions": [condition("Complete", "Completed", "")] }), Some((Ending::Completed, at))),
            (json!({ "conditions": [condition("Failed", "Failed", "")] }), Some((Ending::Failed, at))),
            (
                json!({ "trainingJobStatus": "Stopped", "conditions": [condition("Failed", "MaxRuntimeExceeded", "")] }),
                Some((Ending::Stopped, at)),
            ),
            (json!({ "trainingJobStatus": "Completed" }), Some((Ending::Completed, None))),
            (json!({ "trainingJobStatus": "InProgress" }), None),
            (json!({ "trainingJobStatus": "Failed", "additional": "Unable to initialize operator: no session" }), None),
            (json!({ "trainingJobStatus": "Stopping" }), None),
        ] {
            assert_eq!(object(json!({}), status.clone()).ending(), ending, "{status}");
        }
    }

    #[test]
    fn what_sagemaker_says_reads_like_an_object() {
        let said = json!({
            "trainingJobName": "xgboost", "trainingJobStatus": "Failed", "secondaryStatus": "Failed",
            "trainingJobArn": "arn:aws:sagemaker:us-west-2:123456789012:training-job/xgboost",
            "failureReason": "AlgorithmError: no rows", "creationTime": 1_795_435_200.5, "lastModifiedTime": 1_795_435_260,
            "trainingTimeInSeconds": 30, "billableTimeInSeconds": 20,
            "modelArtifacts": { "s3ModelArtifacts": "s3://bucket/model.tar.gz" },
            "resourceConfig": { "instanceCount": 2, "instanceType": "ml.m5.xlarge" },
        });
        let job = Object::described(Type::TrainingJob, "xgboost", said);
        let ended = "2026-11-23T12:01:00Z".parse().ok();
        assert!(job.is_created() && !job.is_in_cluster());
        assert_eq!(job.sagemaker_name(), Some("xgboost"));
        assert_eq!(job.created, "2026-11-23T12:00:00.500Z".parse().ok());
        assert_eq!(job.ending(), Some((Ending::Failed, ended)));
        assert_eq!(job.additional(), Some("AlgorithmError: no rows"));
        assert_eq!(job.billed(), Some((30, 20)));
        assert_eq!(job.model_path(), Some("s3://bucket/model.tar.gz"));
        assert_eq!(job.instances().as_deref(), Some("2 × ml.m5.xlarge"));

        let endpoint =
            json!({ "endpointName": "churn", "endpointStatus": "InService", "lastModifiedTime": 1_795_435_260 });
        let endpoint = Object::described(Type::HostingDeployment, "churn", endpoint);
        assert_eq!((endpoint.status_word(), endpoint.ending()), (Some("InService"), None));
    }

    #[test]
    fn an_obstacle_is_what_the_conditions_say() {
        let stalled = condition("Stalled", "AccessDenied", "not allowed to iam:PassRole");
        let status = json!({ "conditions": [condition("Reconciling", "Retrying", ""), stalled] });
        assert_eq!(object(json!({}), status).obstacle().as_deref(), Some("AccessDenied: not allowed to iam:PassRole"));
        assert_eq!(object(json!({}), json!({ "additional": "why" })).obstacle().as_deref(), Some("why"));
        assert_eq!(object(json!({}), json!({})).obstacle(), None);
    }
}
