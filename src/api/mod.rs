//! The eight kinds of `sagemaker.aws.amazon.com/v1`: specs, statuses, printer columns and admission rules.
