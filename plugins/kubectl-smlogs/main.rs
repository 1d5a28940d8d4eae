//! kubectl smlogs

fn main() {}
