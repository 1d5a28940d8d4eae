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
    is_installed(&cluster, installed::NAMESPACE, "ACCOUNT");
    is_installed(&cluster, "ml", "ACCOUNT");
}

#[test]
fn what_the_readme_says_installs_the_operator_with_helm_in_each_way() {
    let commands: Vec<_> = commands("Install").into_iter().filter(|command| command.starts_with("helm ")).collect();
    let [everywhere, kinds, namespaced] = commands.as_slice() else { panic!("{commands:#?}") };
    for (commands, namespace) in [(&[everywhere][..], installed::NAMESPACE), (&[kinds, namespaced], "ml")] {
        let cluster = Cluster::start();
        for command in commands {
            let command = command.replace("ACCOUNT", "210987654321");
            let script = format!("cd '{}'\n{command}", built::root().display());
            cluster.shell_with_helm(&script).run().ok();
        }
        is_installed(&cluster, namespace, "210987654321");
        cluster.until_kinds_are_served();
    }
}

/// The image and the role are what a person has given.
#[track_caller]
fn is_installed(cluster: &Cluster, namespace: &str, account: &str) {
    let container = "-o=jsonpath={.items[*].spec.template.spec.containers[*].image}";
    let image = cluster.kubectl().args(["get", "deployments", "-n", namespace, container]).run().ok();
    assert!(image.starts_with("REGISTRY/sagemaker-operator:v"), "{namespace}: {image}");
    let role = r"-o=jsonpath={.metadata.annotations.eks\.amazonaws\.com/role-arn}";
    let annotation = ["get", "serviceaccount", installed::SERVICE_ACCOUNT, "-n", namespace, role];
    assert_eq!(cluster.kubectl().args(annotation).run().ok(), format!("arn:aws:iam::{account}:role/NAME"));
}
