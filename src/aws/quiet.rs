//! What of the SDK's own log may be seen.

use tracing::{Level, Metadata};

/// Whether a log may hold this record. At the trace level the SDK writes whole requests, with the hyperparameters and
/// environments of jobs, which may be secrets; so nobody gets to see that level, whatever they ask for.
///
/// To be used as `tracing_subscriber::filter::filter_fn(may_log)`.
pub fn may_log(metadata: &Metadata<'_>) -> bool {
    let of_the_sdk = metadata.target().starts_with("aws_");
    !(of_the_sdk && *metadata.level() == Level::TRACE)
}
