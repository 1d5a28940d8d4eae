//! SageMaker as a client sees it, with the clock in the test's hand.

mod hosting;
mod training;
mod tuning;

use serde_json::{Value, json};

use super::super::autoscaling::AutoScaling;
use super::super::clock::Millis;
use super::super::identity::{Caller, Keys};
use super::super::logs::{LogService, Scope};
use super::super::model::Service;
use super::super::place::{Context, Pace};
use super::super::refusal::Refusal;
use super::super::shapes;
use super::SageMaker;

const ROLE: &str = "arn:aws:iam::123456789012:role/execution";
const IMAGE: &str = "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1";

/// One account in one region, at speed 1, with its clock at 1,000 seconds.
struct World {
    caller: Caller,
    logs: LogService,
    sagemaker: SageMaker,
    scaling: AutoScaling,
    now: Millis,
    blind: Millis,
}

impl World {
    fn new() -> Self {
        let keys = Keys::of_the_sandbox();
        let caller = keys.find("AKIASANDBOX000000001", None, 0).expect("a key of the sandbox").caller.clone();
        let (logs, sagemaker, scaling) = (LogService::new(), SageMaker::default(), AutoScaling::default());
        Self { caller, logs, sagemaker, scaling, now: 1_000_000, blind: 0 }
    }

    /// One call. Request and answer are held against their shapes.
    #[expect(clippy::needless_pass_by_value, reason = "a request reads best where it is made")]
    fn call(&mut self, operation: &str, request: Value) -> Result<Value, Refusal> {
        let auto_scaling = Service::by_target("AnyScaleFrontendService").expect("a service of the model");
        let sagemaker = Service::by_target("SageMaker").expect("a service of the model");
        let service = if auto_scaling.operations.contains_key(operation) { auto_scaling } else { sagemaker };
        let model = &service.operations[operation];
        shapes::check_request(service, model.input.as_deref().expect("every operation has a request"), &request)?;
        let answer = self.handle(operation, &request)?;
        if let Some(shape) = &model.output {
            shapes::check_answer(service, shape, &answer).expect("the answer fits its shape");
        }
        Ok(answer)
    }

    /// One call, unchecked.
    fn handle(&mut self, operation: &str, request: &Value) -> Result<Value, Refusal> {
        let Self { caller, logs, sagemaker, scaling, now, blind } = self;
        let (account, region) = ("123456789012", "us-west-2");
        let context = Context { caller, account, region, now: *now, blind: *blind, pace: Pace(1.0), logs };
        let auto_scaling = Service::by_target("AnyScaleFrontendService").expect("a service of the model");
        if !auto_scaling.operations.contains_key(operation) {
            return sagemaker.handle(&context, operation, request);
        }
        sagemaker.settle(&context);
        let status = |endpoint: &str, variant: &str| sagemaker.variant_status(endpoint, variant, *now);
        scaling.handle(&context, &status, operation, request)
    }

    /// A call that succeeds.
    fn ok(&mut self, operation: &str, request: Value) -> Value {
        self.call(operation, request).expect("the call succeeds")
    }

    /// The text of a call's refusal.
    fn refused(&mut self, operation: &str, request: Value) -> String {
        let Refusal { code, message, status: _ } = self.call(operation, request).expect_err("the call is refused");
        format!("{code}: {message}")
    }

    fn after(&mut self, seconds: i64) -> &mut Self {
        self.now += seconds * 1000;
        self
    }

    /// A member of what an endpoint, or another resource, says of itself each so many seconds, with repetitions left out.
    fn course(&mut self, operation: &str, request: &Value, member: &str, seconds: i64) -> Vec<String> {
        let mut course: Vec<String> = Vec::new();
        for _ in 0..seconds {
            let word = match self.call(operation, request.clone()) {
                Ok(answer) => answer[member].as_str().unwrap_or_default().to_owned(),
                Err(_) => "gone".to_owned(),
            };
            if course.last() != Some(&word) {
                course.push(word);
            }
            self.after(1);
        }
        course
    }

    /// The streams of a group, as far as anything has been written.
    fn streams(&self, group: &str, prefix: &str) -> Vec<String> {
        let told = self.truth(group, prefix);
        told.iter().filter_map(|stream| stream["name"].as_str().map(str::to_owned)).collect()
    }

    /// When the last line was written.
    fn last_line(&self, group: &str, prefix: &str) -> Millis {
        self.truth(group, prefix).iter().filter_map(|stream| stream["last"].as_i64()).max().expect("a line was written")
    }

    fn truth(&self, group: &str, prefix: &str) -> Vec<Value> {
        let now_ms = u64::try_from(self.now).expect("after 1970");
        let scope = Scope { account: "123456789012".to_owned(), region: "us-west-2".to_owned(), now_ms };
        let truth = self.logs.truth(&scope, group, prefix);
        truth["streams"].as_array().expect("a list").clone()
    }
}

#[test]
fn every_operation_of_the_model_is_served() {
    for prefix in ["SageMaker", "AnyScaleFrontendService"] {
        let service = Service::by_target(prefix).expect("a service of the model");
        for operation in service.operations.keys() {
            let request = json!({ "ServiceNamespace": "sagemaker" });
            let outcome = World::new().handle(operation, &request);
            assert!(!outcome.is_err_and(|refusal| refusal.code == "UnknownOperationException"), "{operation}");
        }
    }
}

fn training_job(name: &str) -> Value {
    json!({
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": { "TrainingImage": IMAGE, "TrainingInputMode": "File" },
        "OutputDataConfig": { "S3OutputPath": "s3://bucket/output/" },
        "ResourceConfig": { "InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5 },
        "StoppingCondition": { "MaxRuntimeInSeconds": 3600 },
        "Tags": [{ "Key": "team", "Value": "forecast" }],
    })
}
