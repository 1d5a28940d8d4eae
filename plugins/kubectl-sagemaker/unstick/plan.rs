//! Exactly what is done, in its order: what is shown beforehand is what is carried out.

use sagemaker_operator::cli::Type;

use super::decide::{Aws, Verdict};
use super::family::{Family, Member};

/// One thing that is done; the number is that of the member it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Stop or delete what it has in AWS, and wait until that is over.
    Stop(usize),
    /// Leave what it has in AWS as it is.
    Leave(usize),
    /// Delete the object, which nobody has deleted yet.
    Delete(usize),
    /// Take our finalizers off.
    LetGo(usize),
}

/// All of it: an endpoint is stopped before what it is made of, and children go before their parent.
pub(super) fn of(family: &Family) -> Vec<Action> {
    let with = |verdict: Verdict| {
        family.members.iter().enumerate().filter(move |(_, member)| member.verdict == verdict).map(|(at, _)| at)
    };
    let children = || (1..family.members.len()).filter(|at| family.members[*at].verdict != Verdict::Free);
    let undeleted = children().filter(|at| !family.members[*at].held.object.deleting);
    let mut plan: Vec<Action> = with(Verdict::Abandon).map(Action::Leave).collect();
    plan.extend(with(Verdict::Stop).map(Action::Stop));
    plan.extend(undeleted.map(Action::Delete));
    plan.extend(children().chain([0]).map(Action::LetGo));
    plan
}

impl Action {
    /// What it is called, before it is done.
    pub(super) fn told(self, family: &Family) -> String {
        let (Self::Stop(at) | Self::Leave(at) | Self::Delete(at) | Self::LetGo(at)) = self;
        let member = &family.members[at];
        let title = member.held.object.title();
        let named = member.named();
        match self {
            Self::Stop(_) => match member.aws {
                Aws::Stopping(_) => format!("wait for the end of {named}"),
                _ if member.held.object.type_.is_job() => format!("stop {named}, and wait for its end"),
                _ => format!("delete {named} in AWS, and wait until it is gone"),
            },
            Self::Leave(_) => format!("leave {named} in AWS as it is{}", member.cost()),
            Self::Delete(_) => format!("delete {title}"),
            Self::LetGo(_) => format!("let {title} go: take off {}", member.held.ours().join(" and ")),
        }
    }
}

impl Member {
    /// What its resource is called: `the job NAME`.
    pub(super) fn named(&self) -> String {
        let what = what(self.held.object.type_);
        match &self.resource {
            Some(resource) => format!("the {what} {}", resource.name()),
            None => format!("the {what} of {}", self.held.object.title()),
        }
    }

    /// What it costs as long as it is there.
    pub(super) fn cost(&self) -> String {
        let object = &self.held.object;
        match object.type_ {
            Type::Model | Type::EndpointConfig => ", which costs nothing by itself".to_owned(),
            Type::HostingAutoscalingPolicy => ", which goes on scaling its endpoint".to_owned(),
            Type::HyperparameterTuningJob => {
                object.instances().map_or_else(String::new, |each| format!(", billing {each} for each trial"))
            }
            Type::TrainingJob | Type::ProcessingJob | Type::BatchTransformJob | Type::HostingDeployment => {
                object.instances().map_or_else(|| ", which bills".to_owned(), |all| format!(", billing {all}"))
            }
        }
    }
}

/// What the resource of a type is, in a sentence.
pub(super) fn what(type_: Type) -> &'static str {
    match type_ {
        Type::TrainingJob | Type::ProcessingJob | Type::BatchTransformJob => "job",
        Type::HyperparameterTuningJob => "tuning job",
        Type::HostingDeployment => "endpoint",
        Type::Model => "model",
        Type::EndpointConfig => "endpoint configuration",
        Type::HostingAutoscalingPolicy => "scaling policy",
    }
}
