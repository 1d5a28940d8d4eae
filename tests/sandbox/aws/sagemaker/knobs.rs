//! What a job in the sandbox is to do, told by its hyperparameters and its image.

use serde_json::Value;

use super::super::logs::{Flavour, Workload};
use super::super::refusal::Refusal;
use super::life::{Outcome, Wishes};

const DAY_SECONDS: f64 = 86_400.0;

/// The exit code and the last line of a container that fails.
pub(super) const EXIT_CODE: u8 = 1;
pub(super) const ERROR: &str = "ValueError: could not convert string to float: 'NaN?'";

/// Where the knobs of a job are, and what else decides its life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// The hyperparameters, or the environment of a job that has none.
    pub(super) knobs: &'a Value,
    pub(super) image: &'a str,
    /// How long the work takes if no knob says so, unscaled.
    pub(super) seconds: f64,
    pub(super) seed: u64,
}

/// Reads the knobs of a Create request.
pub(super) fn read(request: &Value, source: Source<'_>) -> Result<(Wishes, Workload), Refusal> {
    let Source { knobs, image, seconds, seed } = source;
    let stopping = &request["StoppingCondition"];
    let spot = request["EnableManagedSpotTraining"].as_bool() == Some(true);
    let failure = || Outcome::Fail(format!("AlgorithmError: {ERROR}, exit code: {EXIT_CODE}"));
    let outcome = match knobs["sandbox_outcome"].as_str() {
        None if image.contains("fail") => failure(),
        None | Some("complete") => Outcome::Complete,
        Some("fail") => failure(),
        Some("max-runtime") => Outcome::MaxRuntime,
        Some("spot-interruption") => Outcome::SpotInterruption,
        Some(other) => return Err(bad("sandbox_outcome", other)),
    };
    let flavour = match knobs["sandbox_flavour"].as_str() {
        None if image.contains("pytorch") => Flavour::Pytorch,
        None | Some("xgboost") => Flavour::Xgboost,
        Some("pytorch") => Flavour::Pytorch,
        Some(other) => return Err(bad("sandbox_flavour", other)),
    };
    let wishes = Wishes {
        training_seconds: number(knobs, "sandbox_training_seconds")?.unwrap_or(seconds),
        outcome,
        max_runtime_seconds: stopping["MaxRuntimeInSeconds"].as_f64().unwrap_or(DAY_SECONDS),
        max_wait_seconds: stopping["MaxWaitTimeInSeconds"].as_f64().filter(|_| spot),
        checkpoints: !request["CheckpointConfig"].is_null(),
    };
    let workload = Workload {
        seed: number(knobs, "sandbox_seed")?.unwrap_or(seed),
        lines_per_second: number(knobs, "sandbox_lines_per_second")?.unwrap_or(1.0),
        line_bytes: number(knobs, "sandbox_line_bytes")?,
        flush_seconds: number(knobs, "sandbox_flush_seconds")?.unwrap_or(5.0),
        flavour,
    };
    Ok((wishes, workload))
}

fn number<T: std::str::FromStr>(knobs: &Value, name: &str) -> Result<Option<T>, Refusal> {
    let Some(text) = knobs[name].as_str() else { return Ok(None) };
    text.parse().map(Some).map_err(|_| bad(name, text))
}

fn bad(name: &str, text: &str) -> Refusal {
    Refusal::validation(format!("The sandbox does not understand the value '{text}' of hyperparameter {name}."))
}
