//! Metrics in lines of a log: by the definitions of the algorithm, else by what frameworks usually print.

use std::sync::LazyLock;

use regex::Regex;
use sagemaker_operator::cli::Complaint;

/// A value of a metric, as one line tells it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// What the metric is called.
    pub(super) metric: String,
    /// Not a number where the log says so.
    pub(super) value: f64,
    /// How far the training was, where the line says so.
    pub(super) step: Option<Step>,
}

/// How far a training is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) unit: Unit,
    pub(super) number: f64,
}

/// What a training counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Step,
    Iteration,
    Round,
    Epoch,
}

impl Unit {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Iteration => "iteration",
            Self::Round => "round",
            Self::Epoch => "epoch",
        }
    }
}

/// What looks for metrics.
#[derive(Debug)]
pub(super) struct Finder {
    /// Names and patterns; empty to go by what is usual.
    defined: Vec<(String, Regex)>,
}

impl Finder {
    /// One that goes by these names and patterns, if there are any.
    ///
    /// # Errors
    /// A pattern that is none.
    pub(super) fn new(definitions: &[(String, String)]) -> Result<Self, Complaint> {
        let compiled = definitions.iter().map(|(name, pattern)| match Regex::new(pattern) {
            Ok(regex) => Ok((name.clone(), regex)),
            Err(error) => {
                let why = format!("the pattern of the metric {name:?} cannot be used here: {error}");
                Err(Complaint::new(why).hint(format_args!("give another one: --define '{name}=PATTERN'")))
            }
        });
        Ok(Self { defined: compiled.collect::<Result<_, _>>()? })
    }

    /// The values in a line.
    pub(super) fn values(&self, line: &str) -> Vec<Reading> {
        let found = if self.defined.is_empty() { usual(line) } else { self.defined(line) };
        // Most lines of a log tell no metric.
        let step = if found.is_empty() { None } else { step(line) };
        found.into_iter().map(|(metric, value)| Reading { metric, value, step }).collect()
    }

    /// As SageMaker does: the first group of the pattern is the value.
    fn defined(&self, line: &str) -> Vec<(String, f64)> {
        let found = self.defined.iter().filter_map(|(name, pattern)| {
            let value = pattern.captures(line)?.get(1)?.as_str().trim().parse().ok()?;
            Some((name.clone(), value))
        });
        found.collect()
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is a pattern")
}

/// A number as programs write it.
const NUMBER: &str = r"[-+]?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+|nan\b|NaN\b|inf\b)";

/// `name=1`, `name: 1`, `'name': 1`, `name:1`; a value may be so many of all.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r#"([A-Za-z][\w./@-]*(?::[A-Za-z][\w./@-]*)*)["']?\s*[:=]\s*["']?({NUMBER})(?:/(\d+))?"#))
});

/// The lines of SageMaker's own algorithms: `#quality_metric: host=algo-1, epoch=0, train mse <loss>=0.3`.
static QUALITY: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?:,|#quality_metric:)\s*([^,=]+)=({NUMBER})")));

/// Whether a name is one of a metric, by what it is made of.
fn is_metric(name: &str) -> bool {
    const PARTS: [&str; 14] = [
        "loss",
        "accuracy",
        "error",
        "rmse",
        "perplexity",
        "precision",
        "recall",
        "score",
        "objective",
        "reward",
        "bleu",
        "rouge",
        "ndcg",
        "learning_rate",
    ];
    const WORDS: [&str; 11] = ["acc", "auc", "err", "f1", "lr", "mae", "map", "mape", "mse", "ppl", "iou"];
    let lower = name.to_lowercase();
    // The level of a line, not a metric.
    if ["Error", "ERROR"].contains(&name) {
        return false;
    }
    PARTS.iter().any(|part| lower.contains(part))
        || lower.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

fn usual(line: &str) -> Vec<(String, f64)> {
    if line.contains("#quality_metric") {
        let named = QUALITY.captures_iter(line).filter_map(|found| {
            let name = found[1].trim();
            let counts = ["host", "epoch", "batch"].iter().any(|word| name.starts_with(word));
            Some((name.to_owned(), found[2].parse().ok()?)).filter(|_| !counts)
        });
        return named.collect();
    }
    let named = NAMED.captures_iter(line).filter_map(|found| {
        let value: f64 = found[2].parse().ok()?;
        let of = found.get(3).and_then(|of| of.as_str().parse::<f64>().ok()).filter(|of| *of > 0.0);
        Some((found[1].to_owned(), of.map_or(value, |of| value / of)))
    });
    named.filter(|(name, _)| is_metric(name)).collect()
}

/// How far the line says that the training is: by the finest of what it counts.
fn step(line: &str) -> Option<Step> {
    static ROUND: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:\[[^\]]*\]\s*)?\[(\d+)\]"));
    static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#"(?i)\b(global_step|step|iteration|iter|round|epoch)["']?\s*[:=#]?\s*\[?(\d+(?:\.\d+)?)"#)
    });
    let counted = COUNTED.captures_iter(line).filter_map(|found| {
        let unit = match found[1].to_lowercase().as_str() {
            "global_step" | "step" => Unit::Step,
            "iteration" | "iter" => Unit::Iteration,
            "round" => Unit::Round,
            _ => Unit::Epoch,
        };
        Some(Step { unit, number: found[2].parse().ok()? })
    });
    let round = ROUND.captures(line).and_then(|found| found[1].parse().ok());
    let round = round.map(|number| Step { unit: Unit::Round, number });
    counted.chain(round).min_by_key(|step| step.unit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(finder: &Finder, line: &str) -> String {
        let values = finder.values(line).into_iter().map(|Reading { metric, value, step }| {
            let step = step.map(|step| format!(" at {} {}", step.unit.word(), step.number)).unwrap_or_default();
            format!("{metric} {value}{step}")
        });
        values.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_frameworks_print_is_found_without_a_definition() {
        let finder = Finder::new(&[]).unwrap();
        for (line, found) in [
            (
                "[199]#011train-error:0.0125#011validation-error:0.0171",
                "train-error 0.0125 at round 199; validation-error 0.0171 at round 199",
            ),
            (
                "[12]\ttrain-auc:0.963\tvalidation-logloss:3.4e-1",
                "train-auc 0.963 at round 12; validation-logloss 0.34 at round 12",
            ),
            ("[2026-11-27:08:00:01:INFO] [3]#011validation:error=0.5", "validation:error 0.5 at round 3"),
            (
                "{'loss': 1.25, 'grad_norm': 3.1, 'learning_rate': 5e-05, 'epoch': 0.5}",
                "loss 1.25 at epoch 0.5; learning_rate 0.00005 at epoch 0.5",
            ),
            (r#"{"step": 40, "epoch": 2, "eval_loss": 0.25}"#, "eval_loss 0.25 at step 40"),
            ("Train Epoch: 3 [640/60000 (1%)] Loss: 2.300000", "Loss 2.3 at epoch 3"),
            ("Test set: Average loss: 0.25, Accuracy: 9500/10000 (95%)", "loss 0.25; Accuracy 0.95"),
            ("469/469 [======] - 3s 6ms/step - loss: 0.2 - val_accuracy: 0.9", "loss 0.2; val_accuracy 0.9"),
            ("#quality_metric: host=algo-1, epoch=4, train mse <loss>=0.3", "train mse <loss> 0.3 at epoch 4"),
            ("step 7 | loss=nan | lr=.5", "loss NaN at step 7; lr 0.5 at step 7"),
            ("Epoch 2: val_f1=0.8 roadmap=3", "val_f1 0.8 at epoch 2"),
            // Neither is a metric.
            ("ERROR: 404 not found", ""),
            ("downloaded 12 files in 3.2 s, batch_size=32", ""),
            ("", ""),
        ] {
            assert_eq!(told(&finder, line), found, "{line}");
        }
    }

    #[test]
    fn what_is_defined_is_all_that_is_found() {
        let definitions = [("train:loss".to_owned(), r"Loss: ([0-9.]+)".to_owned())];
        let finder = Finder::new(&definitions).unwrap();
        assert_eq!(told(&finder, "Train Epoch: 3 Loss: 2.5 accuracy: 0.5"), "train:loss 2.5 at epoch 3");
        assert_eq!(told(&finder, "Loss: none"), "");
    }

    #[test]
    fn a_pattern_that_is_none_is_told_with_its_metric() {
        let refused = Finder::new(&[("acc".to_owned(), r"(?=acc)".to_owned())]).unwrap_err();
        assert!(
            refused.to_string().starts_with("error: the pattern of the metric \"acc\" cannot be used here"),
            "{refused}"
        );
    }
}
