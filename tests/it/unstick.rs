//! `kubectl sagemaker unstick` against a real API server and the simulator.

mod ground;
mod odd;
mod screens;
mod stories;
mod table;
