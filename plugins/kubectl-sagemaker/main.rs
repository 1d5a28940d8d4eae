//! kubectl sagemaker

fn main() {}
