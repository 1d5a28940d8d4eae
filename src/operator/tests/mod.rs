//! The generic core against a made-up kind, a made-up AWS and a made-up Kubernetes.

mod aws;
mod crashes;
mod family;
mod fate;
mod hosting;
pub(super) mod kind;
mod lasting;
mod life;
mod scaling;
mod trials;
mod troubles;
mod world;
