//! SageMaker's own `XGBoost` container.

use super::super::Ending;
use super::{Lines, falling, utc};

pub(super) const PREAMBLE: u64 = 12;

pub(super) fn preamble(lines: &Lines, index: u64, at_ms: u64) -> String {
    let Lines { seed: _, flavour: _, host, hosts, line_bytes: _ } = lines;
    let text = match index {
        0 => {
            let time = utc(at_ms, "%Y-%m-%d %H:%M:%S.%3f");
            return format!("[{time} {host}:7 INFO utils.py:28] RULE_JOB_STOP_SIGNAL_FILENAME: None");
        }
        1 => "Imported framework sagemaker_xgboost_container.training".to_owned(),
        2 => "No GPUs detected (normal if no gpus installed)".to_owned(),
        3 => "Running XGBoost Sagemaker in algorithm mode".to_owned(),
        4 => "Determined 0 GPU(s) available on the instance.".to_owned(),
        5 => format!("Running on host {host} of {hosts}"),
        6 => "File path /opt/ml/input/data/train of input files".to_owned(),
        7 => {
            "Making smlinks from folder /opt/ml/input/data/train to folder /tmp/sagemaker_xgboost_input_data".to_owned()
        }
        8 => "Determined delimiter of CSV input is ','".to_owned(),
        9 => "Train matrix has 50000 rows and 784 columns".to_owned(),
        10 => "Validation matrix has 10000 rows and 784 columns".to_owned(),
        _ => {
            let time = utc(at_ms, "%H:%M:%S");
            return format!("[{time}] task {host} connected to the tracker");
        }
    };
    info(at_ms, &text)
}

pub(super) fn training(seed: u64, round: u64) -> String {
    let train = falling(0.32, 40.0, round, seed);
    let validation = falling(0.36, 40.0, round, !seed);
    format!("[{round}]#011train-error:{train:.5}#011validation-error:{validation:.5}")
}

pub(super) fn epilogue(lines: &Lines, ending: &Ending, at_ms: u64) -> Vec<String> {
    match ending {
        Ending::Completed => vec![
            info(at_ms, &format!("{} finished the last boosting round", lines.host)),
            info(at_ms, "Saved the model to /opt/ml/model/xgboost-model"),
        ],
        Ending::Failed { exit_code, error } => vec![
            format!("[{}:ERROR] Reporting training FAILURE", utc(at_ms, "%Y-%m-%d:%H:%M:%S")),
            "Traceback (most recent call last):".to_owned(),
            "  File \"/miniconda3/lib/python3.10/site-packages/sagemaker_algorithm_toolkit/exceptions.py\", line 84, in \
             convert_to_algorithm_error"
                .to_owned(),
            format!("sagemaker_algorithm_toolkit.exceptions.AlgorithmError: {error}"),
            format!("ExitCode {exit_code}"),
        ],
        Ending::Terminated => vec![info(at_ms, "Received SIGTERM, saving a checkpoint")],
    }
}

fn info(at_ms: u64, text: &str) -> String {
    format!("[{}:INFO] {text}", utc(at_ms, "%Y-%m-%d:%H:%M:%S"))
}
