//! Integration tests: one binary, because each one links everything.

#[expect(dead_code, reason = "a tool kit: not every test needs every tool")]
mod support;

mod access;
mod arrows;
mod aws;
mod completion;
mod coverage;
mod crd;
mod crd_admission;
mod crd_schema;
mod demo;
mod describe;
mod dist;
mod docs;
mod doctor;
mod gitops;
mod harness;
mod hosting;
mod iam;
mod leaves;
mod leaves_arrive;
mod metrics;
mod monitoring;
mod operator;
mod orphans;
mod sagemaker_cli;
mod scaling;
mod smlogs;
mod unstick;
