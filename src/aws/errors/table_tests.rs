//! Every row of the table, by an answer as AWS gives it.

use super::*;

/// The status that SageMaker's JSON protocol uses for nearly every error.
const BAD_REQUEST: u16 = 400;

fn denied(action: &str, resource: &str) -> Cause {
    Cause::Denied { action: Some(action.to_owned()), resource: Some(resource.to_owned()) }
}

#[test]
fn an_absent_resource_is_not_found() {
    let endpoint = "Could not find endpoint \"arn:aws:sagemaker:us-west-2:123456789012:endpoint/a\".";
    let config =
        "Could not find endpoint configuration \"arn:aws:sagemaker:us-west-2:123456789012:endpoint-config/a\".";
    let model = "Could not find model \"arn:aws:sagemaker:us-west-2:123456789012:model/a\".";
    let tuning = "Amazon SageMaker can't find a tuning job called a. Type another name.";
    for (operation, code, message) in [
        ("DescribeTrainingJob", INVALID, "Requested resource not found."),
        ("StopTrainingJob", INVALID, "Requested resource not found."),
        ("UpdateTrainingJob", INVALID, "Requested resource not found."),
        ("DescribeTrainingJob", "ResourceNotFound", "Resource being access is not found."),
        ("DescribeProcessingJob", INVALID, "Could not find requested job with name: a"),
        ("StopProcessingJob", INVALID, "Could not find requested job with name: a"),
        ("StopProcessingJob", INVALID, "Requested resource not found."),
        ("DescribeTransformJob", INVALID, "Could not find requested job with name: a"),
        ("StopTransformJob", INVALID, "Could not find job to update with name: a"),
        ("DescribeHyperParameterTuningJob", "ResourceNotFound", tuning),
        ("StopHyperParameterTuningJob", "ResourceNotFound", tuning),
        ("ListTrainingJobsForHyperParameterTuningJob", "ResourceNotFound", tuning),
        ("DescribeModel", INVALID, model),
        ("DeleteModel", INVALID, model),
        ("DescribeEndpointConfig", INVALID, config),
        ("DeleteEndpointConfig", INVALID, config),
        ("DescribeEndpoint", INVALID, endpoint),
        ("DeleteEndpoint", INVALID, endpoint),
        ("UpdateEndpoint", INVALID, endpoint),
        ("DeleteScalingPolicy", "ObjectNotFoundException", "No scaling policy found"),
        ("DeregisterScalableTarget", "ObjectNotFoundException", "No scalable target found"),
    ] {
        assert_eq!(classify(operation, code, message, BAD_REQUEST), Cause::NotFound, "{operation}: {code}: {message}");
    }
}

#[test]
fn nothing_but_aws_own_words_about_this_resource_is_not_found() {
    for (operation, code, message, status) in [
        ("DescribeTrainingJob", INVALID, "1 validation error detected: Value '' at 'trainingJobName'", 400),
        ("DescribeTransformJob", INVALID, "1 validation error detected", 400),
        ("DescribeTrainingJob", "ResourceNotFoundException", "", 404),
        ("DescribeTrainingJob", "", "Requested resource not found.", 404),
        ("DescribeTrainingJob", "UnknownOperationException", "", 404),
        ("DescribeTrainingJob", "AccessDeniedException", "Requested resource not found.", 400),
        ("DescribeTrainingJob", "ThrottlingException", "Requested resource not found.", 400),
        ("CreateTrainingJob", "ResourceNotFound", "Experiment a not found", 400),
        ("CreateTrainingJob", INVALID, "Requested resource not found.", 400),
        ("UpdateEndpoint", INVALID, "Could not find endpoint configuration \"arn\".", 400),
        ("DescribeEndpoint", INVALID, "Could not find endpoint configuration \"arn\".", 400),
        ("CreateEndpointConfig", INVALID, "Could not find model \"arn\".", 400),
        ("PutScalingPolicy", "ObjectNotFoundException", "No scalable target", 400),
        ("DescribeScalingPolicies", INVALID, "anything", 400),
    ] {
        let cause = classify(operation, code, message, status);
        assert_ne!(cause, Cause::NotFound, "{operation}: {code}: {message}");
    }
}

#[test]
fn a_taken_name_is_told_from_other_refusals() {
    let training = "Training job names must be unique within an AWS account and region, and a training job with this \
                    name already exists (arn:aws:sagemaker:us-west-2:123456789012:training-job/a)";
    for (operation, code, message) in [
        ("CreateTrainingJob", "ResourceInUse", training),
        ("CreateProcessingJob", "ResourceInUse", "Job name must be unique within an AWS account and region, and …"),
        ("CreateTransformJob", "ResourceInUse", "Job name must be unique within an AWS account and region, and …"),
        (
            "CreateHyperParameterTuningJob",
            "ResourceInUse",
            "A hyperparameter tuning job with the name, a, already exists. Choose a different name.",
        ),
        ("CreateModel", INVALID, "Cannot create already existing model \"arn\"."),
        ("CreateEndpointConfig", INVALID, "Cannot create already existing endpoint configuration \"arn\"."),
        ("CreateEndpoint", INVALID, "Cannot create already existing endpoint \"arn\"."),
    ] {
        assert_eq!(classify(operation, code, message, BAD_REQUEST), Cause::AlreadyExists, "{operation}");
    }
}

#[test]
fn a_job_is_ended_only_in_a_status_that_is_an_end() {
    for (operation, message, cause) in [
        (
            "StopTrainingJob",
            "The request was rejected because the training job is in status Completed.",
            Cause::AlreadyEnded,
        ),
        (
            "StopTransformJob",
            "The request was rejected because the transform job is in status Failed.",
            Cause::AlreadyEnded,
        ),
        (
            "StopProcessingJob",
            "The request was rejected because the processing job is in status Stopped",
            Cause::AlreadyEnded,
        ),
        ("StopTrainingJob", "The request was rejected because the training job is in status Stopping.", Cause::Busy),
    ] {
        assert_eq!(classify(operation, INVALID, message, BAD_REQUEST), cause, "{operation}: {message}");
    }
}

#[test]
fn the_rest_of_the_table() {
    let role = "arn:aws:iam::123456789012:role/train";
    let denial = format!(
        "User: arn:aws:iam::123456789012:user/op is not authorized to perform: iam:PassRole on resource: {role} because …"
    );
    let quota = "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current \
                 utilization of 0 Instances and a request delta of 1 Instances.";
    for (operation, code, message, status, cause) in [
        ("UpdateEndpoint", INVALID, "Cannot update in-progress endpoint \"arn\".", 400, Cause::Busy),
        ("UpdateEndpoint", INVALID, "Cannot update endpoint \"arn\" in status Failed.", 400, Cause::AlreadyEnded),
        ("UpdateEndpoint", INVALID, "Cannot update endpoint \"arn\" in status OutOfService.", 400, Cause::AlreadyEnded),
        ("UpdateEndpoint", INVALID, "Cannot update endpoint \"arn\" in status InService.", 400, Cause::Invalid),
        ("DeleteEndpoint", INVALID, "Cannot update in-progress endpoint \"arn\".", 400, Cause::Busy),
        ("DeleteTrainingJob", "ResourceInUse", "", 400, Cause::Busy),
        ("PutScalingPolicy", "ObjectNotFoundException", "", 400, Cause::Busy),
        ("PutScalingPolicy", "ConcurrentUpdateException", "", 400, Cause::Busy),
        (
            "RegisterScalableTarget",
            INVALID,
            "Unsupported endpoint state. The status should be in 'InService' to register it as a scalable target",
            400,
            Cause::Busy,
        ),
        ("CreateTrainingJob", "ThrottlingException", "Rate exceeded", 400, Cause::Throttled),
        ("CreateTrainingJob", "TooManyRequestsException", "", 429, Cause::Throttled),
        ("CreateTrainingJob", "SomethingNew", "", 429, Cause::Throttled),
        ("DescribeTrainingJob", "InternalFailure", "", 500, Cause::Transient),
        ("DescribeTrainingJob", "ServiceUnavailable", "", 503, Cause::Transient),
        ("DescribeTrainingJob", "SomethingNew", "", 502, Cause::Transient),
        ("DescribeTrainingJob", "", "", 403, Cause::Transient),
        ("DescribeTrainingJob", "ExpiredTokenException", "", 400, Cause::Credentials),
        ("GetCallerIdentity", "ExpiredToken", "", 403, Cause::Credentials),
        ("DescribeTrainingJob", "UnrecognizedClientException", "", 400, Cause::Credentials),
        ("DescribeTrainingJob", "InvalidSignatureException", "", 400, Cause::Credentials),
        ("CreateTrainingJob", "AccessDeniedException", &denial, 400, denied("iam:PassRole", role)),
        ("CreateTrainingJob", INVALID, &denial, 400, denied("iam:PassRole", role)),
        ("CreateTrainingJob", "ResourceLimitExceeded", quota, 400, Cause::QuotaZero),
        ("RegisterScalableTarget", "LimitExceededException", "", 400, Cause::QuotaInUse),
        ("CreateTrainingJob", INVALID, "1 validation error detected", 400, Cause::Invalid),
        ("CreateTrainingJob", "ResourceNotFound", "Experiment a not found", 400, Cause::Invalid),
        ("CreateTrainingJob", "SomethingNew", "", 400, Cause::Invalid),
    ] {
        assert_eq!(classify(operation, code, message, status), cause, "{operation}: {code}: {message}");
    }
}

#[test]
fn no_row_is_hidden_behind_another() {
    for (at, row) in TABLE.iter().enumerate() {
        let operation = row.operations.first().copied().unwrap_or("DescribeTrainingJob");
        let message = match row.says {
            Says::Anything => "some text",
            Says::Starts(text) | Says::StartsNot(text, _) | Says::Holds(text) => text,
        };
        let fits = |other: &Row| {
            other.code == row.code
                && (other.operations.is_empty() || other.operations.contains(&operation))
                && other.says.fits(message)
        };
        assert_eq!(TABLE.iter().position(fits), Some(at), "row {at}: {operation}: {}: {message}", row.code);
    }
}
