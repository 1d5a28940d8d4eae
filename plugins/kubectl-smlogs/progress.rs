//! What a job does while there is no line to show: `Starting 0:12 → Downloading 0:48 → Training 3:10`.

use std::time::Instant;

use sagemaker_operator::cli::{Console, Object, clock};

/// The phases seen so far.
#[derive(Debug)]
pub(crate) struct Progress {
    begun: Instant,
    phases: Vec<(String, Instant)>,
    said: String,
    /// What the talk is headed by, where several jobs are followed.
    label: Option<String>,
}

impl Progress {
    pub(crate) fn new(begun: Instant, label: Option<&str>) -> Self {
        Self { begun, phases: Vec::new(), said: String::new(), label: label.map(|label| format!("{label}: ")) }
    }

    /// Shows where the job is: live on a terminal, elsewhere a line for each change.
    pub(crate) fn show(&mut self, object: &Object, now: Instant, console: &mut Console) {
        let hindrance = object.obstacle().filter(|_| !object.is_created() && object.ending().is_none());
        // Before SageMaker has a word for it, the operator's own says no more than this.
        let phase = object.secondary_status().or(object.status_word().map(|_| "Creating"));
        if let (None, Some(phase)) = (&hindrance, phase)
            && self.phases.last().is_none_or(|(last, _)| last != phase)
        {
            self.phases.push((phase.to_owned(), now));
        }
        if console.err_is_terminal() {
            // There is one live line: hints are for `kubectl describe`.
            let line = match hindrance.as_ref().and_then(|hindrance| hindrance.lines().next()) {
                Some(hindrance) => {
                    format!("({}) waiting for the job: {hindrance}", clock(now.duration_since(self.begun)))
                }
                None => self.line(now),
            };
            console.status(&format!("{}{line}", self.label.as_deref().unwrap_or_default()));
            return;
        }
        let is_stuck = hindrance.is_some() && object.holds("Stalled").is_some();
        let say = match (hindrance, self.phases.last()) {
            (Some(hindrance), _) => format!("waiting for the job: {hindrance}"),
            (None, Some((phase, _))) => format!("waiting for the first line: {phase}"),
            (None, None) => "waiting for an operator to take up the job".to_owned(),
        };
        if self.said != say {
            console.say(&format!("{}{say}", self.label.as_deref().unwrap_or_default()));
            if is_stuck {
                let Object { name, namespace, .. } = object;
                console.say(&format!("hint: kubectl describe {} {name} -n {namespace}", object.type_.singular()));
            }
            self.said = say;
        }
    }

    fn line(&self, now: Instant) -> String {
        if self.phases.is_empty() {
            let waited = clock(now.duration_since(self.begun));
            return format!("waiting for an operator to take up the job ({waited})");
        }
        let ends = self.phases.iter().skip(1).map(|(_, since)| *since).chain([now]);
        let spans = self.phases.iter().zip(ends).map(|((phase, since), end)| {
            let took = clock(end.duration_since(*since));
            format!("{phase} {took}")
        });
        spans.collect::<Vec<_>>().join(" → ")
    }
}
