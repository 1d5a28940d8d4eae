//! What the operator counts, in the format of `OpenMetrics`.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::lifecycle::{Cause, Region};

/// A request to AWS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AwsCall {
    operation: &'static str,
    region: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pass {
    kind: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Standing {
    kind: &'static str,
    standing: &'static str,
}

/// All metrics of the process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    aws_calls: Family<AwsCall, Counter>,
    aws_waits: Family<Operation, Histogram, fn() -> Histogram>,
    aws_durations: Family<Operation, Histogram, fn() -> Histogram>,
    passes: Family<Pass, Counter>,
    queued: Family<OfKind, Gauge>,
    watched: Family<OfKind, Gauge>,
    listings: Family<OfKind, Histogram, fn() -> Histogram>,
    status_lag: Family<OfKind, Histogram, fn() -> Histogram>,
    objects: Family<Standing, Gauge>,
    leading: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            aws_calls: Family::default(),
            aws_waits: Family::new_with_constructor(seconds),
            aws_durations: Family::new_with_constructor(seconds),
            passes: Family::default(),
            queued: Family::default(),
            watched: Family::default(),
            listings: Family::new_with_constructor(seconds),
            status_lag: Family::new_with_constructor(longer_seconds),
            objects: Family::default(),
            leading: Gauge::default(),
        }
    }
}

/// From 5 ms to half a minute.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 3.0, 9))
}

/// From a tenth of a second to half an hour.
fn longer_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.1, 3.0, 10))
}

impl Metrics {
    /// Counts a request to AWS: how it went, how long it waited for its turn in the quota, and how long it took.
    pub fn aws_call(
        &self,
        operation: &'static str,
        region: &Region,
        refused: Option<&Cause>,
        waited: Duration,
        took: Duration,
    ) {
        let outcome = refused.map_or("ok", outcome_of);
        self.aws_calls.get_or_create(&AwsCall { operation, region: region.to_string(), outcome }).inc();
        self.aws_waits.get_or_create(&Operation { operation }).observe(waited.as_secs_f64());
        self.aws_durations.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    pub(super) fn pass(&self, kind: &'static str, result: &'static str) {
        self.passes.get_or_create(&Pass { kind, result }).inc();
    }

    pub(super) fn queued(&self, kind: &'static str, count: usize) {
        self.queued.get_or_create(&OfKind { kind }).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// How many resources listings are read for.
    pub(super) fn watched(&self, kind: &'static str, count: usize) {
        self.watched.get_or_create(&OfKind { kind }).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A listing with all its pages took so long.
    pub(super) fn listing(&self, kind: &'static str, took: Duration) {
        self.listings.get_or_create(&OfKind { kind }).observe(took.as_secs_f64());
    }

    /// A change in AWS was written into a status after so long.
    pub(super) fn status_lag(&self, kind: &'static str, lag: Duration) {
        self.status_lag.get_or_create(&OfKind { kind }).observe(lag.as_secs_f64());
    }

    pub(super) fn objects(&self, kind: &'static str, standing: &'static str, count: usize) {
        self.objects.get_or_create(&Standing { kind, standing }).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(super) fn leading(&self, leads: bool) {
        self.leading.set(leads.into());
    }

    /// All of it under its names.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("sagemaker_operator");
        registry.register("aws_calls", "Requests to AWS by operation and outcome", self.aws_calls.clone());
        registry.register_with_unit(
            "aws_call_wait",
            "How long requests waited for their turn in the account's quota",
            Unit::Seconds,
            self.aws_waits.clone(),
        );
        registry.register_with_unit(
            "aws_call_duration",
            "How long AWS took to answer",
            Unit::Seconds,
            self.aws_durations.clone(),
        );
        registry.register("passes", "Reconcile passes by kind and result", self.passes.clone());
        registry.register("queued", "Objects that wait to be looked at, also later", self.queued.clone());
        registry.register("watched", "Resources whose changes listings tell", self.watched.clone());
        registry.register_with_unit(
            "listing_duration",
            "How long a listing with all its pages took",
            Unit::Seconds,
            self.listings.clone(),
        );
        registry.register_with_unit(
            "status_lag",
            "How long after a change in AWS it was written into a status, by AWS's time of the change",
            Unit::Seconds,
            self.status_lag.clone(),
        );
        registry.register("objects", "Objects by kind and standing", self.objects.clone());
        registry.register("leading", "1 while this process leads", self.leading.clone());
        registry
    }
}

/// The label of an outcome.
fn outcome_of(cause: &Cause) -> &'static str {
    match cause {
        Cause::NotFound => "not-found",
        Cause::AlreadyExists => "already-exists",
        Cause::AlreadyEnded => "already-ended",
        Cause::Busy => "busy",
        Cause::Throttled => "throttled",
        Cause::Transient => "no-answer",
        Cause::Credentials => "credentials",
        Cause::Denied { .. } => "denied",
        Cause::Invalid => "invalid",
        Cause::QuotaInUse | Cause::QuotaZero => "quota",
        Cause::NotLeader => "not-leader",
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn calls_are_counted_by_operation_region_and_outcome() {
        let metrics = Metrics::default();
        let region: Region = "us-west-2".parse().unwrap();
        for refused in [None, Some(&Cause::Throttled), Some(&Cause::Throttled)] {
            metrics.aws_call("CreateTrainingJob", &region, refused, Duration::ZERO, Duration::from_millis(20));
        }
        metrics.objects("TrainingJob", "running", 3);
        let mut text = String::new();
        encode(&mut text, &metrics.registry()).unwrap();
        for line in [
            r#"sagemaker_operator_aws_calls_total{operation="CreateTrainingJob",region="us-west-2",outcome="throttled"} 2"#,
            r#"sagemaker_operator_aws_call_duration_seconds_count{operation="CreateTrainingJob"} 3"#,
            r#"sagemaker_operator_objects{kind="TrainingJob",standing="running"} 3"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
