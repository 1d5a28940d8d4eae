//! What a container prints: each line a pure function of a seed, its place and its time.

mod pytorch;
mod xgboost;

use chrono::DateTime;

use super::chance::pick;
use super::{Ending, Flavour};

/// Purposes that the chances of a line are drawn for.
const TWIN: u64 = 0x11;
const NOISE: u64 = 0x12;
const FILLER: u64 = 0x13;

/// One in so many pairs of training lines is the same line twice in the same millisecond, as real programs print them.
const PAIRS_A_TWIN: u64 = 64;

/// How one container prints.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    pub(super) seed: u64,
    pub(super) flavour: Flavour,
    /// The container's name, such as `algo-1`.
    pub(super) host: String,
    /// How many containers there are.
    pub(super) hosts: usize,
    /// The exact length of a training line.
    pub(super) line_bytes: Option<usize>,
}

impl Lines {
    /// How many lines come before training.
    pub(super) fn preamble_len(&self) -> u64 {
        match self.flavour {
            Flavour::Xgboost => xgboost::PREAMBLE,
            Flavour::Pytorch => pytorch::PREAMBLE,
        }
    }

    /// A line from before training.
    pub(super) fn preamble(&self, index: u64, at_ms: u64) -> String {
        match self.flavour {
            Flavour::Xgboost => xgboost::preamble(self, index, at_ms),
            Flavour::Pytorch => pytorch::preamble(self, index, at_ms),
        }
    }

    /// The training line of that number.
    pub(super) fn training(&self, number: u64) -> String {
        let number = if self.repeats(number) { number - 1 } else { number };
        let line = match self.flavour {
            Flavour::Xgboost => xgboost::training(self.seed, number),
            Flavour::Pytorch => pytorch::training(self.seed, number),
        };
        match self.line_bytes {
            Some(bytes) => fit(line, bytes, pick(self.seed, FILLER, number)),
            None => line,
        }
    }

    /// Whether that training line is the one before it once more, in the same millisecond.
    pub(super) fn repeats(&self, number: u64) -> bool {
        number % 2 == 1 && pick(self.seed, TWIN, number / 2).is_multiple_of(PAIRS_A_TWIN)
    }

    /// The last lines.
    pub(super) fn epilogue(&self, ending: &Ending, at_ms: u64) -> Vec<String> {
        match self.flavour {
            Flavour::Xgboost => xgboost::epilogue(self, ending, at_ms),
            Flavour::Pytorch => pytorch::epilogue(self, ending, at_ms),
        }
    }
}

/// Cuts or fills a line of ASCII to an exact length.
fn fit(mut line: String, bytes: usize, seed: u64) -> String {
    const TEXT: &str = " train-logloss:0.32871 validation-logloss:0.33790 train-auc:0.96312 validation-auc:0.95874 \
        learning-rate:0.05 max-depth:6 subsample:0.8 gamma:4 round-time:0.01734s queue-depth:3 rss:1873MiB";
    line.truncate(bytes.max(1));
    let mut start = usize::try_from(seed % TEXT.len() as u64).unwrap_or_default();
    while line.len() < bytes {
        let end = TEXT.len().min(start + bytes - line.len());
        line.push_str(&TEXT[start..end]);
        start = 0;
    }
    line
}

/// A number in 0..1 with four digits, decided by a seed.
#[expect(clippy::cast_precision_loss, reason = "four digits are kept")]
fn fraction(seed: u64) -> f64 {
    (seed % 10_000) as f64 / 10_000.0
}

/// A loss that falls with the steps made, and wobbles.
#[expect(clippy::cast_precision_loss, reason = "a loss that far down is noise anyway")]
fn falling(from: f64, half_life: f64, step: u64, seed: u64) -> f64 {
    let ideal = from * (-(step as f64) / half_life).exp2() + from / 40.0;
    ideal * (0.95 + 0.1 * fraction(pick(seed, NOISE, step)))
}

/// A time as Python's logging writes it, such as `2026-11-23 19:32:01,123`.
fn python_time(at_ms: u64) -> String {
    utc(at_ms, "%Y-%m-%d %H:%M:%S,%3f")
}

/// A time in a format of chrono's.
fn utc(at_ms: u64, format: &str) -> String {
    let time = i64::try_from(at_ms).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default();
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(flavour: Flavour) -> Lines {
        Lines { seed: 7, flavour, host: "algo-1".to_owned(), hosts: 2, line_bytes: None }
    }

    fn whole_session(flavour: Flavour) -> String {
        let lines = lines(flavour);
        let mut out = (0..lines.preamble_len()).map(|i| lines.preamble(i, 1_700_000_000_123)).collect::<Vec<_>>();
        out.extend((0..4).map(|number| lines.training(number)));
        out.extend(lines.epilogue(&Ending::Completed, 1_700_000_009_000));
        out.push("---".to_owned());
        let failed = Ending::Failed { exit_code: 1, error: "ValueError: bad label".to_owned() };
        out.extend(lines.epilogue(&failed, 1_700_000_009_000));
        out.push("---".to_owned());
        out.extend(lines.epilogue(&Ending::Terminated, 1_700_000_009_000));
        out.join("\n")
    }

    #[test]
    fn xgboost_reads_like_its_container() {
        insta::assert_snapshot!(whole_session(Flavour::Xgboost), @r#"
        [2023-11-14 22:13:20.123 algo-1:7 INFO utils.py:28] RULE_JOB_STOP_SIGNAL_FILENAME: None
        [2023-11-14:22:13:20:INFO] Imported framework sagemaker_xgboost_container.training
        [2023-11-14:22:13:20:INFO] No GPUs detected (normal if no gpus installed)
        [2023-11-14:22:13:20:INFO] Running XGBoost Sagemaker in algorithm mode
        [2023-11-14:22:13:20:INFO] Determined 0 GPU(s) available on the instance.
        [2023-11-14:22:13:20:INFO] Running on host algo-1 of 2
        [2023-11-14:22:13:20:INFO] File path /opt/ml/input/data/train of input files
        [2023-11-14:22:13:20:INFO] Making smlinks from folder /opt/ml/input/data/train to folder /tmp/sagemaker_xgboost_input_data
        [2023-11-14:22:13:20:INFO] Determined delimiter of CSV input is ','
        [2023-11-14:22:13:20:INFO] Train matrix has 50000 rows and 784 columns
        [2023-11-14:22:13:20:INFO] Validation matrix has 10000 rows and 784 columns
        [22:13:20] task algo-1 connected to the tracker
        [0]#011train-error:0.33896#011validation-error:0.37071
        [1]#011train-error:0.31372#011validation-error:0.37012
        [2]#011train-error:0.32851#011validation-error:0.34171
        [3]#011train-error:0.31732#011validation-error:0.36471
        [2023-11-14:22:13:29:INFO] algo-1 finished the last boosting round
        [2023-11-14:22:13:29:INFO] Saved the model to /opt/ml/model/xgboost-model
        ---
        [2023-11-14:22:13:29:ERROR] Reporting training FAILURE
        Traceback (most recent call last):
          File "/miniconda3/lib/python3.10/site-packages/sagemaker_algorithm_toolkit/exceptions.py", line 84, in convert_to_algorithm_error
        sagemaker_algorithm_toolkit.exceptions.AlgorithmError: ValueError: bad label
        ExitCode 1
        ---
        [2023-11-14:22:13:29:INFO] Received SIGTERM, saving a checkpoint
        "#);
    }

    #[test]
    fn pytorch_reads_like_its_container() {
        insta::assert_snapshot!(whole_session(Flavour::Pytorch), @r#"
        bash: cannot set terminal process group (-1): Inappropriate ioctl for device
        bash: no job control in this shell
        2023-11-14 22:13:20,123 sagemaker-training-toolkit INFO     Imported framework sagemaker_pytorch_container.training
        2023-11-14 22:13:20,123 sagemaker-training-toolkit INFO     No Neurons detected (normal if no neurons installed)
        2023-11-14 22:13:20,123 sagemaker-training-toolkit INFO     Invoking user training script.
        Training Env:
        {
            "current_host": "algo-1",
            "hyperparameters": {"batch-size": 64, "epochs": 10, "seed": 7},
            "num_hosts": 2,
            "user_entry_point": "train.py"
        }
        /opt/conda/bin/python3.11 train.py --batch-size 64 --epochs 10 --seed 7
        INFO:root:algo-1 joined a process group of 2
        Train Epoch: 1 [0/6400 (0%)] Loss: 2.436264
        Train Epoch: 1 [64/6400 (1%)] Loss: 2.283014
        Train Epoch: 1 [128/6400 (2%)] Loss: 2.420426
        Train Epoch: 1 [192/6400 (3%)] Loss: 2.367119
        INFO:root:Saving the model.
        2023-11-14 22:13:29,000 sagemaker-training-toolkit INFO     Reporting training SUCCESS
        ---
        Traceback (most recent call last):
          File "/opt/ml/code/train.py", line 187, in <module>
            train(parser.parse_args())
        ValueError: bad label
        2023-11-14 22:13:29,000 sagemaker-training-toolkit ERROR    Reporting training FAILURE
        2023-11-14 22:13:29,000 sagemaker-training-toolkit ERROR    ExecuteUserScriptError: ExitCode 1
        ---
        WARNING:root:algo-1 received SIGTERM, saving a checkpoint
        "#);
    }

    #[test]
    fn a_training_line_has_exactly_the_wanted_length() {
        for bytes in [1, 20, 120, 5000] {
            let lines = Lines { line_bytes: Some(bytes), ..lines(Flavour::Xgboost) };
            assert!((0..300).all(|number| lines.training(number).len() == bytes), "{bytes}");
        }
    }

    #[test]
    fn a_training_line_holds_nothing_that_json_escapes() {
        for flavour in [Flavour::Xgboost, Flavour::Pytorch] {
            let lines = Lines { line_bytes: Some(500), ..lines(flavour) };
            for line in (0..300).map(|number| lines.training(number)) {
                assert_eq!(serde_json::Value::from(line.as_str()).to_string(), format!("\"{line}\""));
            }
        }
    }

    #[test]
    fn some_lines_come_twice_with_the_same_text() {
        let lines = Lines { line_bytes: Some(120), ..lines(Flavour::Pytorch) };
        let twin = (0..1000).find(|number| lines.repeats(*number)).expect("one in 128 is");
        assert_eq!(lines.training(twin), lines.training(twin - 1));
    }
}
