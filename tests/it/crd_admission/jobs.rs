//! The words for jobs of the other kinds.

use serde_json::{Value, json};

use super::{object, refusals, try_to_create};
use crate::leaves::Subject;

#[test]
fn a_refused_processing_job_is_told_what_to_write() {
    let with = |patch: Value| {
        let mut spec = json!({
            "appSpecification": { "imageUri": "image" },
            "processingInputs": [{
                "inputName": "in",
                "s3Input": { "s3Uri": "s3://bucket/in", "localPath": "/opt/ml/processing/in", "s3DataType": "S3Prefix" },
            }],
            "processingResources": {
                "clusterConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
            },
            "region": "us-west-2",
            "roleArn": "arn:aws:iam::123456789012:role/process",
        });
        json_patch::merge(&mut spec, &patch);
        object(Subject::of("ProcessingJob"), "refused", &spec)
    };
    assert!(try_to_create("default", &with(json!({}))).is_ok());
    insta::assert_snapshot!(refusals([
        ("no image", with(json!({ "appSpecification": { "imageUri": null } }))),
        ("no machines", with(json!({ "processingResources": { "clusterConfig": { "instanceCount": null } } }))),
        ("an input from nowhere", with(json!({ "processingInputs": [{ "inputName": "in" }] }))),
        ("an output to nowhere", with(json!({ "processingOutputConfig": { "outputs": [{ "outputName": "out" }] } }))),
        ("a name with an underscore", with(json!({ "processingJobName": "my_job" }))),
    ]), @"
    no image:
      spec: Invalid value: appSpecification needs imageUri: the image in ECR to run
    no machines:
      spec: Invalid value: write processingResources.clusterConfig.instanceType and instanceCount (the machines), or instancePreferences
    an input from nowhere:
      spec: Invalid value: each of processingInputs needs a source: s3Input (objects in S3) or datasetDefinition (a query)
    an output to nowhere:
      spec: Invalid value: each of processingOutputConfig.outputs needs a destination: s3Output or featureStoreOutput
    a name with an underscore:
      spec: Invalid value: processingJobName takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to get a name made from the object's
    ");
}

#[test]
fn a_refused_transform_job_is_told_what_to_write() {
    let with = |patch: Value| {
        let mut spec = json!({
            "modelName": "model",
            "region": "us-west-2",
            "transformInput": { "dataSource": { "s3DataSource": { "s3DataType": "S3Prefix", "s3Uri": "s3://b/in" } } },
            "transformOutput": { "s3OutputPath": "s3://b/out" },
            "transformResources": { "instanceCount": 1, "instanceType": "ml.m5.xlarge" },
        });
        json_patch::merge(&mut spec, &patch);
        object(Subject::of("BatchTransformJob"), "refused", &spec)
    };
    for admitted in [
        json!({ "maxPayloadInMB": 0, "maxConcurrentTransforms": 500 }),
        json!({ "maxPayloadInMB": 25, "maxConcurrentTransforms": 4 }),
        json!({ "maxPayloadInMB": 25.0, "maxConcurrentTransforms": 4.0 }),
        json!({ "maxPayloadInMB": 33, "maxConcurrentTransforms": 3 }),
        json!({ "environment": [{ "name": "A", "value": "x".repeat(10_000) }] }),
        json!({ "dataProcessing": { "inputFilter": "$", "JoinSource": "Input", "OutputFilter": "$" } }),
    ] {
        assert!(try_to_create("default", &with(admitted.clone())).is_ok(), "{admitted}");
    }
    insta::assert_snapshot!(refusals([
        ("too large a request", with(json!({ "maxPayloadInMB": 101 }))),
        ("too much at a time", with(json!({ "maxPayloadInMB": 25.0, "maxConcurrentTransforms": 5 }))),
        ("a name with an underscore", with(json!({ "transformJobName": "my_job" }))),
        ("a small letter that v1 wrote large", with(json!({ "dataProcessing": { "joinSource": "Input" } }))),
    ]), @r#"
    too large a request:
      spec: Invalid value: maxPayloadInMB is 100 at most: SageMaker sends no larger request. Split the data with transformInput.splitType
    too much at a time:
      spec: Invalid value: maxConcurrentTransforms times maxPayloadInMB is 100 at most: lower one of them
    a name with an underscore:
      spec: Invalid value: transformJobName takes letters, digits and hyphens, and neither starts nor ends with a hyphen. Leave it out to get a name made from the object's
    a small letter that v1 wrote large:
      BatchTransformJob in version "v1" cannot be handled as a BatchTransformJob: strict decoding error: unknown field "spec.dataProcessing.joinSource"
    "#);
}

#[test]
fn a_refused_tuning_job_is_told_what_to_write() {
    let definition = json!({
        "algorithmSpecification": { "trainingImage": "image", "trainingInputMode": "File" },
        "outputDataConfig": { "s3OutputPath": "s3://bucket/out" },
        "resourceConfig": { "instanceCount": 1, "instanceType": "ml.m5.xlarge", "volumeSizeInGB": 5 },
        "roleArn": "arn:aws:iam::123456789012:role/train",
        "stoppingCondition": { "maxRuntimeInSeconds": 3600 },
    });
    let with = |patch: Value| {
        let mut spec = json!({
            "hyperParameterTuningJobConfig": {
                "strategy": "Bayesian",
                "resourceLimits": { "maxNumberOfTrainingJobs": 3, "maxParallelTrainingJobs": 2 },
                "hyperParameterTuningJobObjective": { "type": "Minimize", "metricName": "error" },
            },
            "region": "us-west-2",
            "trainingJobDefinition": definition,
        });
        json_patch::merge(&mut spec, &patch);
        object(Subject::of("HyperparameterTuningJob"), "refused", &spec)
    };
    assert!(try_to_create("default", &with(json!({}))).is_ok());
    let limits = json!({ "maxNumberOfTrainingJobs": 3.0, "maxParallelTrainingJobs": 2.0 });
    let floats = with(json!({ "hyperParameterTuningJobConfig": { "resourceLimits": limits } }));
    assert!(try_to_create("default", &floats).is_ok());
    // The first release did not send what is empty.
    let algorithm = json!({ "algorithmName": "my-algorithm", "trainingImage": "" });
    let empty = with(json!({ "trainingJobDefinition": { "algorithmSpecification": algorithm } }));
    assert_eq!(try_to_create("default", &empty).err().map(|refused| refused.message), None);
    let several = |patch: Value| {
        let mut one = definition.clone();
        json_patch::merge(&mut one, &patch);
        with(json!({
            "hyperParameterTuningJobConfig": { "hyperParameterTuningJobObjective": null },
            "trainingJobDefinition": null,
            "trainingJobDefinitions": [one],
        }))
    };
    let objective = json!({ "tuningObjective": { "type": "Minimize", "metricName": "error" } });
    assert!(try_to_create("default", &several(objective.clone())).is_ok());
    let mut spot = objective;
    spot["enableManagedSpotTraining"] = json!(true);
    insta::assert_snapshot!(refusals([
        ("nothing to train", with(json!({ "trainingJobDefinition": null }))),
        ("one and several", with(json!({ "trainingJobDefinitions": [definition] }))),
        (
            "more at a time than in all",
            with(json!({ "hyperParameterTuningJobConfig": { "resourceLimits": { "maxParallelTrainingJobs": 4 } } })),
        ),
        ("no machines", with(json!({ "trainingJobDefinition": { "resourceConfig": null } }))),
        ("no metric", several(json!({}))),
        ("spot without a limit of waiting", several(spot)),
        ("no algorithm", with(json!({ "trainingJobDefinition": { "algorithmSpecification": { "trainingImage": null } } }))),
        ("an empty one", with(json!({ "trainingJobDefinition": { "algorithmSpecification": { "trainingImage": "" } } }))),
        ("a name that is too long", with(json!({ "hyperParameterTuningJobName": "a".repeat(33) }))),
    ]), @"
    nothing to train:
      spec: Invalid value: write trainingJobDefinition (what each trial trains), or trainingJobDefinitions for several algorithms, and not both
    one and several:
      spec: Invalid value: write trainingJobDefinition (what each trial trains), or trainingJobDefinitions for several algorithms, and not both
    more at a time than in all:
      spec: Invalid value: hyperParameterTuningJobConfig.resourceLimits.maxParallelTrainingJobs (trials at a time) is maxNumberOfTrainingJobs (trials in all) at most
    no machines:
      spec: Invalid value: trainingJobDefinition needs machines: resourceConfig or hyperParameterTuningResourceConfig
    no metric:
      spec: Invalid value: trainingJobDefinition needs a metric to make best: hyperParameterTuningJobConfig.hyperParameterTuningJobObjective, or tuningObjective in each of several definitions
    spot without a limit of waiting:
      spec: Invalid value: trainingJobDefinition with enableManagedSpotTraining needs stoppingCondition.maxWaitTimeInSeconds: how long waiting for capacity and running may take together, at least maxRuntimeInSeconds
    no algorithm:
      spec: Invalid value: trainingJobDefinition needs in algorithmSpecification either trainingImage (an image in ECR) or algorithmName (an algorithm resource), and not both
    an empty one:
      spec: Invalid value: trainingJobDefinition needs in algorithmSpecification either trainingImage (an image in ECR) or algorithmName (an algorithm resource), and not both
    a name that is too long:
      [spec.hyperParameterTuningJobName: Too long: may not be more than 32 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]
    ");
}
