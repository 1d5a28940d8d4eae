//! HostingAutoscalingPolicy: how the variants of endpoints scale by themselves, through Application Auto Scaling.

mod drift;
mod kind;
mod metrics;
mod observed;
mod plan;
mod rules;
mod scaling;
mod service;
mod spec;
mod status;

pub use metrics::{
    CustomizedMetricSpecification, Dimension, Metric, MetricDataQuery, MetricStat, PredefinedMetricSpecification,
};
pub use observed::{HostingAutoscalingPolicyObserved, OwnerTag, PolicySeen, Record, TargetSeen, VariantSeen};
pub use plan::{Change, Plan, VariantPlan};
pub use rules::{held, rules};
pub use scaling::{
    CustomizedLoadOrCapacity, PredictiveMetricSpecification, PredictiveScalingPolicyConfiguration, StepAdjustment,
    StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};
pub use service::{AutoScaling, change, look, make, unmake};
pub use spec::{HostingAutoscalingPolicy, HostingAutoscalingPolicySpec, SuspendedState, VariantId};
pub use status::{Attempt, HostingAutoscalingPolicyStatus};
