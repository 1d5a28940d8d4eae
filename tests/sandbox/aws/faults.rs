//! Faults by rule: what goes wrong, and for which calls.

use serde::Deserialize;

use super::clock::Millis;
use super::glob;

/// A rule as it is posted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// The operation; absent: any. May hold `*`.
    operation: Option<String>,
    /// A pattern for the resource's name.
    name: Option<String>,
    /// The first matching call that it strikes, counted from 1.
    nth: Option<u64>,
    probability: Option<f64>,
    /// How often it strikes; with `nth` alone: once.
    count: Option<u64>,
    action: Action,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Action {
    /// The call is refused and has no effect.
    Error(Error),
    /// Everything takes longer.
    LatencyMs(u64),
    /// The connection is reset and the call has no effect.
    ResetBefore,
    /// The call takes effect, then the connection is reset.
    ResetAfter,
    /// The call takes effect; its answer breaks off in the middle.
    Truncate,
    /// The call has no effect and never gets an answer.
    Hang,
    /// The call takes effect at once; its answer is held back.
    HangAfterMs(u64),
    /// Describe and List do not see a resource until so long after its Create.
    NotFoundForMs(Millis),
}

/// The error that a rule makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Error {
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default = "bad_request")]
    pub(super) status: u16,
}

fn bad_request() -> u16 {
    400
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<Armed>,
    next: u64,
}

#[derive(Debug)]
struct Armed {
    id: u64,
    rule: Rule,
    matched: u64,
    struck: u64,
}

impl Faults {
    /// Puts a rule in force and gives its number.
    pub(super) fn add(&mut self, rule: Rule) -> u64 {
        self.next += 1;
        self.rules.push(Armed { id: self.next, rule, matched: 0, struck: 0 });
        self.next
    }

    /// Takes one rule out of force, or all.
    pub(super) fn remove(&mut self, id: Option<u64>) {
        self.rules.retain(|armed| id.is_some_and(|id| id != armed.id));
    }

    /// What strikes this call; `roll` gives a number from 0 to 1. The oldest rule that strikes wins, and the younger
    /// ones count the call all the same.
    pub(super) fn strike(&mut self, operation: &str, name: &str, mut roll: impl FnMut() -> f64) -> Option<Action> {
        let mut action = None;
        for armed in &mut self.rules {
            let strikes = armed.meets(operation, name, &mut roll);
            if strikes && action.is_none() {
                armed.struck += 1;
                action = Some(armed.rule.action.clone());
            }
        }
        action
    }
}

impl Armed {
    fn meets(&mut self, operation: &str, name: &str, roll: &mut impl FnMut() -> f64) -> bool {
        let Rule { operation: wanted, name: pattern, nth, probability, count, action: _ } = &self.rule;
        let concerned = wanted.as_ref().is_none_or(|wanted| glob::matches(wanted, operation))
            && pattern.as_ref().is_none_or(|pattern| glob::matches(pattern, name));
        if !concerned {
            return false;
        }
        self.matched += 1;
        let limit = count.or(nth.map(|_| 1)).unwrap_or(u64::MAX);
        self.matched >= nth.unwrap_or(1) && self.struck < limit && probability.is_none_or(|chance| roll() < chance)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Which of six calls a rule strikes.
    fn struck(rule: Value) -> String {
        let mut faults = Faults::default();
        faults.add(serde_json::from_value(rule).expect("a rule"));
        let calls = [
            ("Create", "a-1"),
            ("Create", "b-1"),
            ("Stop", "a-1"),
            ("Create", "a-2"),
            ("Create", "a-3"),
            ("Stop", "b"),
        ];
        let mark = |(operation, name)| if faults.strike(operation, name, || 0.5).is_some() { 'x' } else { '.' };
        calls.into_iter().map(mark).collect()
    }

    #[test]
    fn a_rule_strikes_the_calls_it_names_and_no_others() {
        for (rule, expected) in [
            (json!({ "action": "hang" }), "xxxxxx"),
            (json!({ "operation": "Create", "action": "hang" }), "xx.xx."),
            (json!({ "operation": "Create", "name": "a-*", "action": "hang" }), "x..xx."),
            (json!({ "operation": "Create", "nth": 2, "action": "hang" }), ".x...."),
            (json!({ "operation": "Create", "nth": 2, "count": 2, "action": "hang" }), ".x.x.."),
            (json!({ "name": "*1", "count": 1, "action": "hang" }), "x....."),
            (json!({ "probability": 0.4, "action": "hang" }), "......"),
            (json!({ "probability": 0.6, "action": "hang" }), "xxxxxx"),
        ] {
            assert_eq!(struck(rule.clone()), expected, "{rule}");
        }
    }

    #[test]
    fn actions_are_written_as_documented() {
        let error = Error { code: "ThrottlingException".to_owned(), message: "Rate exceeded".to_owned(), status: 400 };
        for (text, expected) in [
            (json!({ "error": { "code": "ThrottlingException", "message": "Rate exceeded" } }), Action::Error(error)),
            (json!({ "latencyMs": 500 }), Action::LatencyMs(500)),
            (json!("resetBefore"), Action::ResetBefore),
            (json!("resetAfter"), Action::ResetAfter),
            (json!("truncate"), Action::Truncate),
            (json!("hang"), Action::Hang),
            (json!({ "hangAfterMs": 7 }), Action::HangAfterMs(7)),
            (json!({ "notFoundForMs": 9 }), Action::NotFoundForMs(9)),
        ] {
            assert_eq!(serde_json::from_value::<Action>(text).expect("an action"), expected);
        }
    }
}
