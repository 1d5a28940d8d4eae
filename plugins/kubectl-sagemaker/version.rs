//! `kubectl sagemaker version`.

use sagemaker_operator::cli::{Console, Failure, Outcome};

pub(crate) fn run(console: &mut Console) -> Result<Outcome, Failure> {
    console.print(concat!("kubectl sagemaker v", env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Outcome::Done)
}
