//! The commands of the README and of the page about installing are real.

use crate::docs::page::Page;
use crate::support::{Cluster, built, installed};

const INSTALL: &str = "dist/docs/install.md";

/// The commands of the page's blocks, or of those among them that are to be run without Helm.
fn commands(page: &str, only_run: bool) -> Vec<String> {
    let blocks = Page::at(page).blocks().into_iter().filter(|block| block.is("console"));
    blocks.filter(|block| block.is_run() || !only_run).flat_map(|block| block.commands()).collect()
}

#[test]
fn what_is_said_installs_the_operator_in_each_way() {
    let cluster = Cluster::start();
    let commands = commands(INSTALL, true);
    assert_eq!(commands.iter().filter(|command| command.contains("kubectl apply")).count(), 3, "{commands:#?}");
    for command in commands {
        // They are given in the project's folder.
        let script = format!("cd '{}'\n{command}", built::root().display());
        cluster.program("/bin/sh".as_ref()).args(["-euc", &script]).run().ok();
        if command.contains("installer.yaml") {
            is_installed(&cluster, installed::NAMESPACE, "ACCOUNT");
        }
    }
    is_installed(&cluster, "ml", "ACCOUNT");
}

#[test]
fn what_is_said_installs_the_operator_with_helm_in_each_way() {
    let commands = commands(INSTALL, false);
    let commands: Vec<_> = commands.iter().filter(|command| command.starts_with("helm install")).collect();
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

#[test]
fn the_readme_installs_as_the_page_does() {
    let known = commands(INSTALL, false);
    let installs = |command: &String| {
        (command.contains("kubectl apply") || command.contains("helm install")) && command.contains("dist/")
    };
    let told: Vec<_> = commands("README.md", false).into_iter().filter(installs).collect();
    assert!(!told.is_empty());
    for command in told {
        assert!(known.contains(&command), "{INSTALL} has no:\n{command}");
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
