//! What a job does while there is no line to show: `Starting 0:12 → Downloading 0:48 → Training 3:10`.

use std::time::Instant;

use sagemaker_operator::cli::{Console, Object, clock};

use crate::ending::look_closer;

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
        let word = object.status_word().map(|word| if object.is_created() { word } else { "Creating" });
        let phase = object.secondary_status().or(word).or((!object.is_in_cluster()).then_some("its job"));
        if let (None, Some(phase)) = (&hindrance, phase)
            && self.phases.last().is_none_or(|(last, _)| last != phase)
        {
            self.phases.push((phase.to_owned(), now));
        }
        let is_live = console.err_is_terminal();
        let is_stuck = hindrance.is_some() && object.holds("Stalled").is_some();
        let is_hindered = hindrance.is_some();
        let say = match (hindrance, self.phases.last()) {
            // What stands in the way may be long, and is told whole wherever it is read.
            (Some(hindrance), _) => format!("waiting for the job: {hindrance}"),
            (None, _) if is_live => String::new(),
            (None, Some((phase, _))) => format!("waiting for the first line: {phase}"),
            (None, None) => "waiting for an operator to take up the job".to_owned(),
        };
        if self.said != say && !say.is_empty() {
            console.say(&format!("{}{say}", self.label.as_deref().unwrap_or_default()));
            if is_stuck {
                console.say(&format!("hint: {}", look_closer(object)));
            }
        }
        self.said = say;
        if is_live {
            let line = if is_hindered {
                format!("waiting for the job ({})", clock(now.duration_since(self.begun)))
            } else {
                self.line(now)
            };
            console.status(&format!("{}{line}", self.label.as_deref().unwrap_or_default()));
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
