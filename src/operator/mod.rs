//! The only home of `kube::runtime`: reconciling, polling, the lease, metrics and probes.
