//! A `PyTorch` script under the SageMaker training toolkit.

use super::super::Ending;
use super::{Lines, falling, python_time};

pub(super) const PREAMBLE: u64 = 14;

/// Steps of an epoch; after each epoch comes one line about the test set.
const STEPS: u64 = 100;
const BATCH: u64 = 64;

pub(super) fn preamble(lines: &Lines, index: u64, at_ms: u64) -> String {
    let Lines { seed, flavour: _, host, hosts, line_bytes: _ } = lines;
    let seed = seed % 10_000;
    let toolkit = "sagemaker-training-toolkit INFO     ";
    match index {
        0 => "bash: cannot set terminal process group (-1): Inappropriate ioctl for device".to_owned(),
        1 => "bash: no job control in this shell".to_owned(),
        2 => format!("{} {toolkit}Imported framework sagemaker_pytorch_container.training", python_time(at_ms)),
        3 => format!("{} {toolkit}No Neurons detected (normal if no neurons installed)", python_time(at_ms)),
        4 => format!("{} {toolkit}Invoking user training script.", python_time(at_ms)),
        5 => "Training Env:".to_owned(),
        6 => "{".to_owned(),
        7 => format!("    \"current_host\": \"{host}\","),
        8 => format!("    \"hyperparameters\": {{\"batch-size\": {BATCH}, \"epochs\": 10, \"seed\": {seed}}},"),
        9 => format!("    \"num_hosts\": {hosts},"),
        10 => "    \"user_entry_point\": \"train.py\"".to_owned(),
        11 => "}".to_owned(),
        12 => format!("/opt/conda/bin/python3.11 train.py --batch-size {BATCH} --epochs 10 --seed {seed}"),
        _ => format!("INFO:root:{host} joined a process group of {hosts}"),
    }
}

pub(super) fn training(seed: u64, number: u64) -> String {
    let (epoch, step) = (number / (STEPS + 1), number % (STEPS + 1));
    let loss = falling(2.3, 150.0, number, seed);
    if step == STEPS {
        let accuracy = 100.0 * (1.0 - falling(0.9, 150.0, number, !seed));
        return format!("Test set: Epoch: {} Average loss: {loss:.4}, Accuracy: {accuracy:.2}%", epoch + 1);
    }
    let (done, all, percent) = (step * BATCH, STEPS * BATCH, step * 100 / STEPS);
    format!("Train Epoch: {} [{done}/{all} ({percent}%)] Loss: {loss:.6}", epoch + 1)
}

pub(super) fn epilogue(lines: &Lines, ending: &Ending, at_ms: u64) -> Vec<String> {
    let time = python_time(at_ms);
    match ending {
        Ending::Completed => vec![
            "INFO:root:Saving the model.".to_owned(),
            format!("{time} sagemaker-training-toolkit INFO     Reporting training SUCCESS"),
        ],
        Ending::Failed { exit_code, error } => vec![
            "Traceback (most recent call last):".to_owned(),
            "  File \"/opt/ml/code/train.py\", line 187, in <module>".to_owned(),
            "    train(parser.parse_args())".to_owned(),
            error.clone(),
            format!("{time} sagemaker-training-toolkit ERROR    Reporting training FAILURE"),
            format!("{time} sagemaker-training-toolkit ERROR    ExecuteUserScriptError: ExitCode {exit_code}"),
        ],
        Ending::Terminated => vec![format!("WARNING:root:{} received SIGTERM, saving a checkpoint", lines.host)],
    }
}
