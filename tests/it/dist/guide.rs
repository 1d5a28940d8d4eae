//! The guide's own commands, from the first to the last, in each of its four ways: `guide.sh`, which a person can run too.

use super::node::with_a_node;
use crate::support::eventually::PATIENCE;
use crate::support::simulator::Keys;
use crate::support::{Cluster, Simulator, built};

/// Follows the guide in these ways, one after the other on the same cluster.
#[track_caller]
fn follow(ways: &str) {
    let (cluster, aws) = (Cluster::start(), Simulator::at_speed(100.0));
    let script = format!("cd '{}'\nset -- {ways}\n. tests/it/dist/guide.sh", built::root().display());
    let went = with_a_node(&cluster, &aws, || {
        let shell = cluster.shell_with_helm(&script).envs(aws.env(Keys::default()));
        shell.start().finish(2 * PATIENCE)
    });
    assert_eq!(went.code(), 0, "{}\n{}", went.stdout, went.stderr);
    assert_eq!(aws.applied("CreateTrainingJob").len(), ways.split(' ').count());
    assert!(!aws.calls("AssumeRoleWithWebIdentity").is_empty(), "it is not the pod's role that it had");
}

#[test]
fn the_guide_with_kubectl_installs_runs_a_job_and_leaves_nothing() {
    follow("yaml namespaced-yaml");
}

#[test]
fn the_guide_with_helm_installs_runs_a_job_and_leaves_nothing() {
    follow("helm namespaced-helm");
}
