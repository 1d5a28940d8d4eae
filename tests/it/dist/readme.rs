//! The README's commands are real.

use crate::support::{Cluster, built, installed};

/// The commands of the section's blocks, a line each; `\` at the end of one goes on with the next.
fn commands(section: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(built::root().join("README.md")).expect("there is one");
    let section = readme.split("\n## ").find(|text| text.starts_with(section)).expect("there is such a section");
    let blocks = section.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(|block| block.split("\n$ ")).map(|command| command.trim_start_matches("$ ").trim());
    lines.map(str::to_owned).collect()
}

#[test]
fn what_the_readme_says_installs_the_operator_in_each_way() {
    let cluster = Cluster::start();
    let commands: Vec<_> =
        commands("Install").into_iter().filter(|command| command.contains("kubectl apply")).collect();
    assert_eq!(commands.len(), 3, "{commands:#?}");
    for command in commands {
        // Commands of the README are given in the project's folder.
        let script = format!("cd '{}'\n{command}", built::root().display());
        cluster.program("/bin/sh".as_ref()).args(["-euc", &script]).run().ok();
    }
    for namespace in [installed::NAMESPACE, "ml"] {
        let container = "-o=jsonpath={.items[*].spec.template.spec.containers[*].image}";
        let image = cluster.kubectl().args(["get", "deployments", "-n", namespace, container]).run().ok();
        assert!(image.starts_with("REGISTRY/sagemaker-operator:v"), "{namespace}: {image}");
        let role = r"-o=jsonpath={.metadata.annotations.eks\.amazonaws\.com/role-arn}";
        let account = ["get", "serviceaccount", installed::SERVICE_ACCOUNT, "-n", namespace, role];
        assert_eq!(cluster.kubectl().args(account).run().ok(), "arn:aws:iam::ACCOUNT:role/NAME");
    }
}
