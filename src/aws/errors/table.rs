//! The one table of what AWS's errors mean, for the operations of all eight kinds.
//!
//! SageMaker says "not found" mostly as a `ValidationException`, so code and text decide together, and the first row
//! that fits wins. Texts are matched by how they begin, because what follows names the resource. Whatever no row knows
//! is never taken for "not found": a 5xx may pass, a 4xx is the request's fault.

use super::{denial, quota};
use crate::lifecycle::Cause;

/// What a row asks of the message.
#[derive(Debug, Clone, Copy)]
enum Says {
    Anything,
    Starts(&'static str),
    /// Starts with the first, but not with the second, which is longer and means another resource.
    StartsNot(&'static str, &'static str),
    Holds(&'static str),
}

impl Says {
    fn fits(self, message: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Starts(start) => message.starts_with(start),
            Self::StartsNot(start, other) => message.starts_with(start) && !message.starts_with(other),
            Self::Holds(part) => message.contains(part),
        }
    }
}

/// What a row makes of it.
#[derive(Debug, Clone, Copy)]
enum Class {
    NotFound,
    AlreadyExists,
    Ended,
    /// The message tells the status: an end, or still on the way to one.
    InStatus,
    Busy,
    Throttled,
    Transient,
    Credentials,
    Denied,
    Quota,
    QuotaInUse,
}

/// One row: an error code and a text of some operations (of all, if none is named).
struct Row {
    operations: &'static [&'static str],
    code: &'static str,
    says: Says,
    class: Class,
}

const fn row(operations: &'static [&'static str], code: &'static str, says: Says, class: Class) -> Row {
    Row { operations, code, says, class }
}

const ANY: &[&str] = &[];
const INVALID: &str = "ValidationException";
const ASK_TRAINING: &[&str] = &["DescribeTrainingJob", "StopTrainingJob", "UpdateTrainingJob", "DeleteTrainingJob"];
const ASK_PROCESSING: &[&str] = &["DescribeProcessingJob", "StopProcessingJob", "DeleteProcessingJob"];
const ASK_TRANSFORM: &[&str] = &["DescribeTransformJob", "StopTransformJob"];
const ASK_TUNING: &[&str] = &[
    "DescribeHyperParameterTuningJob",
    "StopHyperParameterTuningJob",
    "DeleteHyperParameterTuningJob",
    "ListTrainingJobsForHyperParameterTuningJob",
];
const ASK_MODEL: &[&str] = &["DescribeModel", "DeleteModel"];
const ASK_CONFIG: &[&str] = &["DescribeEndpointConfig", "DeleteEndpointConfig"];
const ASK_ENDPOINT: &[&str] =
    &["DescribeEndpoint", "DeleteEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities"];
/// The operations that take nothing but a job's name: their `ResourceNotFound` can mean no other resource.
const BY_NAME_ALONE: &[&str] = &[
    "DescribeTrainingJob",
    "StopTrainingJob",
    "DeleteTrainingJob",
    "DescribeProcessingJob",
    "StopProcessingJob",
    "DeleteProcessingJob",
    "DescribeTransformJob",
    "StopTransformJob",
    "DescribeHyperParameterTuningJob",
    "StopHyperParameterTuningJob",
    "DeleteHyperParameterTuningJob",
];
const CREATE_JOB: &[&str] =
    &["CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob", "CreateHyperParameterTuningJob"];
const CREATE_LASTING: &[&str] = &["CreateModel", "CreateEndpointConfig", "CreateEndpoint"];
const END_JOB: &[&str] =
    &["StopTrainingJob", "StopProcessingJob", "StopTransformJob", "StopHyperParameterTuningJob", "UpdateTrainingJob"];
const DELETE: &[&str] = &["DeleteTrainingJob", "DeleteProcessingJob", "DeleteModel", "DeleteEndpointConfig"];
const SCALING_TAGS: &[&str] = &["ListTagsForResource", "TagResource", "UntagResource"];
const END_SCALING: &[&str] = &["DeleteScalingPolicy", "DeregisterScalableTarget"];

const TABLE: &[Row] = &[
    // Gone, or never there.
    row(ASK_TRAINING, INVALID, Says::Starts("Requested resource not found"), Class::NotFound),
    row(ASK_PROCESSING, INVALID, Says::Starts("Could not find requested job"), Class::NotFound),
    row(ASK_PROCESSING, INVALID, Says::Starts("Requested resource not found"), Class::NotFound),
    row(ASK_TRANSFORM, INVALID, Says::Starts("Could not find requested job with name"), Class::NotFound),
    row(ASK_TRANSFORM, INVALID, Says::Starts("Could not find job to update with name"), Class::NotFound),
    row(ASK_TUNING, "ResourceNotFound", Says::Starts("Amazon SageMaker can't find a tuning job"), Class::NotFound),
    row(ASK_MODEL, INVALID, Says::Starts("Could not find model"), Class::NotFound),
    row(ASK_CONFIG, INVALID, Says::Starts("Could not find endpoint configuration"), Class::NotFound),
    row(
        ASK_ENDPOINT,
        INVALID,
        Says::StartsNot("Could not find endpoint", "Could not find endpoint configuration"),
        Class::NotFound,
    ),
    row(BY_NAME_ALONE, "ResourceNotFound", Says::Anything, Class::NotFound),
    row(END_SCALING, "ObjectNotFoundException", Says::Anything, Class::NotFound),
    // The name is taken.
    row(CREATE_JOB, "ResourceInUse", Says::Anything, Class::AlreadyExists),
    row(CREATE_LASTING, INVALID, Says::Starts("Cannot create already existing"), Class::AlreadyExists),
    // Too late, or too early.
    row(END_JOB, INVALID, Says::Starts("The request was rejected because the"), Class::InStatus),
    row(ASK_ENDPOINT, INVALID, Says::Starts("Cannot update in-progress endpoint"), Class::Busy),
    // Nobody has reported SageMaker's words for an endpoint that only a deletion can help; these are those for jobs.
    row(&["UpdateEndpoint"], INVALID, Says::Holds("in status OutOfService"), Class::Ended),
    row(&["UpdateEndpoint"], INVALID, Says::Holds("in status Failed"), Class::Ended),
    row(DELETE, "ResourceInUse", Says::Anything, Class::Busy),
    row(
        &["RegisterScalableTarget"],
        INVALID,
        Says::Holds("The status should be in 'InService' to register it as a scalable target"),
        Class::Busy,
    ),
    // A deployment's endpoint and its policy are often applied together.
    row(&["RegisterScalableTarget"], INVALID, Says::Holds("ndpoint not found"), Class::Busy),
    row(&["RegisterScalableTarget"], INVALID, Says::Holds("Could not find endpoint"), Class::Busy),
    // The target has been registered a moment ago and is not seen everywhere yet.
    row(&["PutScalingPolicy"], "ObjectNotFoundException", Says::Anything, Class::Busy),
    // The target was there a moment ago.
    row(SCALING_TAGS, "ResourceNotFoundException", Says::Anything, Class::Busy),
    row(ANY, "ConcurrentUpdateException", Says::Anything, Class::Busy),
    row(ANY, "ConflictException", Says::Anything, Class::Busy),
    // Quotas.
    row(ANY, "ResourceLimitExceeded", Says::Anything, Class::Quota),
    row(ANY, "ServiceQuotaExceededException", Says::Anything, Class::Quota),
    row(ANY, "LimitExceededException", Says::Anything, Class::QuotaInUse),
    // Rates. SageMaker throttles with HTTP 400.
    row(ANY, "ThrottlingException", Says::Anything, Class::Throttled),
    row(ANY, "Throttling", Says::Anything, Class::Throttled),
    row(ANY, "ThrottledException", Says::Anything, Class::Throttled),
    row(ANY, "RequestThrottled", Says::Anything, Class::Throttled),
    row(ANY, "RequestThrottledException", Says::Anything, Class::Throttled),
    row(ANY, "RequestLimitExceeded", Says::Anything, Class::Throttled),
    row(ANY, "TooManyRequestsException", Says::Anything, Class::Throttled),
    row(ANY, "SlowDown", Says::Anything, Class::Throttled),
    row(ANY, INVALID, Says::Starts("Rate exceeded"), Class::Throttled),
    // Who is asking?
    row(ANY, "ExpiredToken", Says::Anything, Class::Credentials),
    row(ANY, "ExpiredTokenException", Says::Anything, Class::Credentials),
    row(ANY, "ExpiredIdentityToken", Says::Anything, Class::Credentials),
    row(ANY, "InvalidIdentityToken", Says::Anything, Class::Credentials),
    row(ANY, "UnrecognizedClientException", Says::Anything, Class::Credentials),
    row(ANY, "InvalidClientTokenId", Says::Anything, Class::Credentials),
    row(ANY, "InvalidSignatureException", Says::Anything, Class::Credentials),
    row(ANY, "SignatureDoesNotMatch", Says::Anything, Class::Credentials),
    row(ANY, "IncompleteSignature", Says::Anything, Class::Credentials),
    row(ANY, "IncompleteSignatureException", Says::Anything, Class::Credentials),
    row(ANY, "MissingAuthenticationToken", Says::Anything, Class::Credentials),
    row(ANY, "MissingAuthenticationTokenException", Says::Anything, Class::Credentials),
    row(ANY, "RequestExpired", Says::Anything, Class::Credentials),
    row(ANY, "RequestTimeTooSkewed", Says::Anything, Class::Credentials),
    // May they?
    row(ANY, "AccessDeniedException", Says::Anything, Class::Denied),
    row(ANY, "AccessDenied", Says::Anything, Class::Denied),
    row(ANY, "NotAuthorized", Says::Anything, Class::Denied),
    row(ANY, "UnauthorizedOperation", Says::Anything, Class::Denied),
    row(ANY, "OptInRequired", Says::Anything, Class::Denied),
    row(ANY, "FailedResourceAccessException", Says::Anything, Class::Denied),
    row(ANY, INVALID, Says::Holds(denial::PHRASE), Class::Denied),
    // The service's own trouble.
    row(ANY, "RequestTimeout", Says::Anything, Class::Transient),
    row(ANY, "RequestTimeoutException", Says::Anything, Class::Transient),
    row(ANY, "InternalFailure", Says::Anything, Class::Transient),
    row(ANY, "InternalError", Says::Anything, Class::Transient),
    row(ANY, "InternalServerError", Says::Anything, Class::Transient),
    row(ANY, "InternalServerException", Says::Anything, Class::Transient),
    row(ANY, "InternalServiceException", Says::Anything, Class::Transient),
    row(ANY, "ServiceUnavailable", Says::Anything, Class::Transient),
    row(ANY, "ServiceUnavailableException", Says::Anything, Class::Transient),
];

/// The class of an error that AWS answered with.
pub(super) fn classify(operation: &str, code: &str, message: &str, status: u16) -> Cause {
    let fits = |row: &&Row| {
        row.code == code && (row.operations.is_empty() || row.operations.contains(&operation)) && row.says.fits(message)
    };
    let Some(row) = TABLE.iter().find(fits) else {
        return by_status(code, status);
    };
    match row.class {
        Class::NotFound => Cause::NotFound,
        Class::AlreadyExists => Cause::AlreadyExists,
        Class::Ended => Cause::AlreadyEnded,
        Class::InStatus if has_ended(message) => Cause::AlreadyEnded,
        Class::InStatus | Class::Busy => Cause::Busy,
        Class::Throttled => Cause::Throttled,
        Class::Transient => Cause::Transient,
        Class::Credentials => Cause::Credentials,
        Class::Denied => denial::parse(message),
        Class::Quota => quota::judge(message),
        Class::QuotaInUse => Cause::QuotaInUse,
    }
}

/// For codes that no row knows. An answer without any code is not AWS's own: a proxy or a gateway on the way.
fn by_status(code: &str, status: u16) -> Cause {
    match status {
        429 => Cause::Throttled,
        408 | 500.. => Cause::Transient,
        _ if code.is_empty() => Cause::Transient,
        _ => Cause::Invalid,
    }
}

/// Whether "… is in status X" names an end. `Stopping` is none: somebody has stopped the job, and it is on its way.
fn has_ended(message: &str) -> bool {
    const ENDS: [&str; 3] = ["Completed", "Failed", "Stopped"];
    let status = message.rsplit_once(" status ").map_or("", |(_, status)| status);
    ENDS.contains(&status.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
