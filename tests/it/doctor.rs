//! `kubectl sagemaker doctor` against a real API server and the simulator.

mod faults;
mod ground;
mod kinds;
mod quotas;
mod screens;
