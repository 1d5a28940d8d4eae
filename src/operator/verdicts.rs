//! What an object says of what was seen of its resource, or of what its status remembers.

use chrono::SecondsFormat;

use crate::lifecycle::{ANNOTATION_DRIFT, Again, Gateway, Intent, Kind, Observation, Phase, Sort, Standing, Verdict};

use super::case::Case;
use super::cluster::Cluster;
use super::status::says_ended;

impl<K: Kind, G: Gateway<K>, C: Cluster> Case<'_, K, G, C> {
    /// What the status says of an ended job that SageMaker no longer knows, where no condition says it yet: version 1
    /// wrote none.
    pub(super) fn verdict_of_record(&self) -> Option<Verdict> {
        let common = K::common(&self.status);
        if self.intent == Intent::Remove || !K::is_ended(&self.status) || says_ended(&common.conditions) {
            return None;
        }
        let name = &self.name;
        Some(match K::status_word(&self.status) {
            Some("Completed") => Verdict::new(Standing::Completed, "Completed", format!("{name} has completed")),
            Some("Stopped") => Verdict::new(Standing::Failed, "Stopped", format!("{name} was stopped")),
            Some(_) | None => Verdict::new(Standing::Failed, "Failed", format!("{name} has failed")),
        })
    }

    /// What the phase says.
    pub(super) fn verdict_of_phase(&self, seen: Option<&K::Observed>) -> Verdict {
        let Some(seen) = seen else {
            return Verdict::new(Standing::Reconciling, "Synchronizing", "asking SageMaker");
        };
        let name = &self.name;
        let deleting = self.intent == Intent::Remove;
        match (K::SORT, seen.phase()) {
            (Sort::Job, Phase::Active) => {
                Verdict::new(Standing::Running, "InProgress", format!("SageMaker runs {name}"))
            }
            (_, Phase::Changing) => {
                Verdict::new(Standing::Reconciling, "InProgress", format!("SageMaker is working on {name}"))
            }
            (_, Phase::Stopping) if deleting => Verdict::new(
                Standing::Reconciling,
                "Stopping",
                format!("{name} is being stopped in SageMaker; the object goes when it has ended"),
            ),
            (Sort::Lasting, Phase::Stopping) => Verdict::new(
                Standing::Reconciling,
                "Deleting",
                format!("{name} is being deleted in SageMaker, and made again when it is gone"),
            ),
            (_, Phase::Stopping) => Verdict::new(
                Standing::Reconciling,
                "Stopping",
                format!("{name} is being stopped in SageMaker, not by this operator"),
            ),
            (_, Phase::Completed) => completed(name),
            (_, Phase::Failed { reason }) => failed(name, reason, seen.failure_reason()),
            (Sort::Lasting, Phase::Active) => {
                let fields = K::drift(&self.spec, seen).fields;
                if fields.is_empty() {
                    Verdict::new(Standing::AsWanted, "AsWanted", format!("{name} is as wanted"))
                } else {
                    self.verdict_of_drift(&fields.join(", "))
                }
            }
        }
    }

    /// Whether the resource was as this very spec wants it, or was said to differ from it by somebody else's doing.
    fn was_in_force(&self) -> bool {
        K::common(&self.before).conditions.iter().any(|condition| {
            condition.type_ == "Ready"
                && condition.status == "True"
                && condition.observed_generation == self.identity.generation
        })
    }

    /// What is said of a resource that differs from the spec in these fields and is left so.
    fn verdict_of_drift(&self, fields: &str) -> Verdict {
        let name = &self.name;
        if self.identity.observe && !self.was_in_force() {
            let text = format!(
                "this spec is not in force: {name} differs from it, and is left as it is because of the annotation \
                 {ANNOTATION_DRIFT}=observe: {fields}\n\
                 hint: to have it changed, kubectl annotate … {ANNOTATION_DRIFT}-"
            );
            return Verdict::new(Standing::Refused, "NotApplied", text);
        }
        let left = match self.again() {
            Again::From(from) if !self.identity.observe => format!(
                "{name} differs from the spec again soon after it was replaced, and is replaced again from {} on",
                from.to_rfc3339_opts(SecondsFormat::Secs, true)
            ),
            Again::Now | Again::InVain | Again::From(_) => {
                format!("{name} differs from the spec, and is left as it is")
            }
        };
        Verdict::new(Standing::AsWanted, "Drifted", format!("{left}: {fields}"))
    }
}

/// What an object says of a resource that has ended; `None` if it has not.
pub(super) fn verdict_of_end(name: &str, seen: &impl Observation) -> Option<Verdict> {
    match seen.phase() {
        Phase::Completed => Some(completed(name)),
        Phase::Failed { reason } => Some(failed(name, reason, seen.failure_reason())),
        Phase::Changing | Phase::Active | Phase::Stopping => None,
    }
}

fn completed(name: &str) -> Verdict {
    Verdict::new(Standing::Completed, "Completed", format!("{name} has completed"))
}

fn failed(name: &str, reason: &'static str, why: Option<&str>) -> Verdict {
    let why = why.filter(|why| !why.is_empty()).map(str::to_owned);
    Verdict::new(Standing::Failed, reason, why.unwrap_or_else(|| format!("{name} ended as {reason}")))
}
