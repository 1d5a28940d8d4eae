//! The operations that are called, and what each does to AWS: their names tell.

use super::limiter::Family;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Read,
    /// A new resource comes to be.
    Create,
    /// An existing one changes or goes.
    Change,
}

impl Effect {
    /// Whether the leader alone may do it.
    pub(super) fn writes(self) -> bool {
        match self {
            Self::Read => false,
            Self::Create | Self::Change => true,
        }
    }
}

/// One operation of SageMaker, Application Auto Scaling or CloudWatch Logs, by its name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation(pub(super) &'static str);

impl Operation {
    /// What it does. An operation with an unusual name is taken for one that changes something.
    pub(super) fn effect(self) -> Effect {
        match self.verb() {
            "Describe" | "List" | "Get" | "Filter" => Effect::Read,
            "Create" => Effect::Create,
            _ => Effect::Change,
        }
    }

    /// The quota it counts against.
    pub(super) fn family(self) -> Family {
        match (self.0, self.verb()) {
            ("CreateTrainingJob", _) => Family::CreateTrainingJob,
            ("ListTrainingJobs", _) => Family::ListTrainingJobs,
            ("ListTags" | "AddTags" | "DeleteTags", _) => Family::Tags,
            (
                "RegisterScalableTarget"
                | "DeregisterScalableTarget"
                | "DescribeScalableTargets"
                | "PutScalingPolicy"
                | "DeleteScalingPolicy"
                | "DescribeScalingPolicies"
                | "ListTagsForResource"
                | "TagResource"
                | "UntagResource",
                _,
            ) => Family::Scaling,
            (_, "Create") => Family::Create,
            (_, "List") => Family::List,
            (_, "Describe" | "Get") => Family::Describe,
            _ => Family::Change,
        }
    }

    /// The first word of the name.
    fn verb(self) -> &'static str {
        let end =
            self.0.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_effect_and_quota() {
        for (name, effect, family) in [
            ("DescribeTrainingJob", Effect::Read, Family::Describe),
            ("ListTrainingJobs", Effect::Read, Family::ListTrainingJobs),
            ("ListTrainingJobsForHyperParameterTuningJob", Effect::Read, Family::List),
            ("ListTags", Effect::Read, Family::Tags),
            ("FilterLogEvents", Effect::Read, Family::Change),
            ("CreateTrainingJob", Effect::Create, Family::CreateTrainingJob),
            ("CreateEndpointConfig", Effect::Create, Family::Create),
            ("StopTrainingJob", Effect::Change, Family::Change),
            ("DeleteModel", Effect::Change, Family::Change),
            ("UpdateEndpointWeightsAndCapacities", Effect::Change, Family::Change),
            ("AddTags", Effect::Change, Family::Tags),
            ("PutScalingPolicy", Effect::Change, Family::Scaling),
            ("TagResource", Effect::Change, Family::Scaling),
            ("ListTagsForResource", Effect::Read, Family::Scaling),
        ] {
            let operation = Operation(name);
            assert_eq!((operation.effect(), operation.family()), (effect, family), "{name}");
        }
    }
}
