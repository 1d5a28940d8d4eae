//! What other people's tools make of what is installed and of the objects: Argo CD, Flux, kubeconform, Kustomize.

mod health;
mod lives;
