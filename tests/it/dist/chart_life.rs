//! The charts are upgraded, packaged and uninstalled, with Helm as people do it. Installed one after the other they are in
//! `guide`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::life::{JOB, run_a_job};
use crate::support::eventually::PATIENCE;
use crate::support::{Cluster, Namespace, Simulator, eventually, helm, installed};

const ROLE: &str = "roleArn=arn:aws:iam::123456789012:role/sagemaker-operator";
const KIND: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/trainingjobs.sagemaker.aws.amazon.com";

/// Where Helm notes whose an object is.
const OWNER: [&str; 2] = ["meta.helm.sh/release-name", "meta.helm.sh/release-namespace"];

/// A copy of a chart, as of a version before, in which a kind had no short way to be listed with the others.
fn older(cluster: &Cluster, chart: &str) -> PathBuf {
    let copy = cluster.kubeconfig().with_file_name("older-chart");
    copy_all(&helm::chart(chart), &copy);
    let change = |file: &str, from: &str, to: &str| {
        let path = copy.join(file);
        let text = fs::read_to_string(&path).expect("it is in the chart");
        assert!(text.contains(from), "{file}");
        fs::write(&path, text.replacen(from, to, 1)).expect("a file can be written");
    };
    let version = format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"));
    change("Chart.yaml", &version, "\nversion: 1.9.0\n");
    let kind = "templates/crds/sagemaker.aws.amazon.com_trainingjobs.yaml";
    change(kind, "    categories:\n    - sagemaker\n", "");
    copy
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        let copy = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_all(&path, &copy);
        } else {
            fs::copy(&path, &copy).expect("a file can be copied");
        }
    }
}

fn categories(cluster: &Cluster) -> Value {
    cluster.get(KIND).expect("the kind is there")["spec"]["names"]["categories"].take()
}

/// What of ours is in the cluster, but for the kinds.
fn ours(cluster: &Cluster) -> Vec<String> {
    let kinds =
        "clusterroles,clusterrolebindings,deployments,services,networkpolicies,roles,rolebindings,serviceaccounts";
    let all = cluster.kubectl().args(["get", kinds, "-A", "-o=custom-columns=:kind,:metadata.name"]).run().ok();
    all.lines().filter(|line| line.contains("sagemaker")).map(str::to_owned).collect()
}

#[track_caller]
fn until_nothing_is_ours_but_kinds(cluster: &Cluster) {
    eventually("the end of all but the kinds", PATIENCE, || match ours(cluster) {
        none if none.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    });
}

#[test]
fn the_chart_of_all_namespaces_runs_a_job_brings_kinds_up_to_date_and_keeps_them() {
    let (cluster, aws) = (Cluster::start(), Simulator::at_speed(60.0));
    let in_its_own = || cluster.helm().args(["-n", installed::NAMESPACE]);
    let of_before = older(&cluster, helm::CLUSTER);
    let named = ["--create-namespace", "--set", ROLE, "sagemaker-operator"];
    let said = in_its_own().arg("install").args(named).arg(of_before).run().ok();
    for next in [
        "looks after all namespaces",
        "system:serviceaccount:sagemaker-k8s-operator-system:sagemaker-k8s-operator-default",
        "kubectl sagemaker doctor -n sagemaker-k8s-operator-system",
    ] {
        assert!(said.contains(next), "{said}");
    }
    assert_eq!(categories(&cluster), Value::Null);

    let chart = helm::chart(helm::CLUSTER);
    // The flags are ones that the operator takes, or it would not start.
    let more = "operator.concurrency=8,operator.adoptByName=true,logFormat=json,logLevel=debug";
    in_its_own().args(["upgrade", "--set", ROLE, "--set", more, "sagemaker-operator"]).arg(&chart).run().ok();
    assert_eq!(categories(&cluster)[0], "sagemaker");
    run_a_job(&cluster, &aws, installed::NAMESPACE, "default");

    cluster.kubectl().args(["apply", "-f", "-"]).stdin(JOB).run().ok();
    in_its_own().args(["uninstall", "sagemaker-operator"]).run().ok();
    until_nothing_is_ours_but_kinds(&cluster);
    let job = "/apis/sagemaker.aws.amazon.com/v1/namespaces/default/trainingjobs/first";
    assert!(cluster.get(KIND).is_some() && cluster.get(job).is_some(), "with the kinds all objects would go");

    // It takes up what it left.
    in_its_own().args(["install", "--set", ROLE, "sagemaker-operator"]).arg(&chart).run().ok();
    assert!(cluster.get(job).is_some());
    let owner = OWNER.map(|key| cluster.get(KIND).expect("kept")["metadata"]["annotations"][key].take());
    assert_eq!(owner, ["sagemaker-operator", installed::NAMESPACE]);
}

#[test]
fn a_package_of_the_chart_of_one_namespace_holds_all_it_needs() {
    // From a package, as a repository has it. The folder itself is installed by `guide`.
    let home = Namespace::new("chart-package");
    let cluster = home.cluster();
    let packages = tempfile::tempdir().expect("there is room");
    cluster.helm().arg("package").arg(helm::chart(helm::NAMESPACED)).arg("-d").arg(packages.path()).run().ok();
    let package = fs::read_dir(packages.path()).unwrap().next().unwrap().unwrap().path();
    let in_its_own = || cluster.helm().args(["-n", home.name()]);
    // Where files were applied before, Helm takes over what they made if it is told to.
    home.apply(installed::text("namespaced/operator.yaml").replace("PLACEHOLDER-NAMESPACE", home.name()));
    let install = || in_its_own().args(["install", "--set", ROLE, "op"]).arg(&package);
    let refused = install().run();
    assert!(refused.code() == 1 && refused.stderr.contains("invalid ownership metadata"), "{}", refused.stderr);
    let said = install().arg("--take-ownership").run().ok();
    assert!(said.contains(&format!("looks after namespace {}", home.name())), "{said}");
    in_its_own().args(["upgrade", "--set", ROLE, "--set", "replicas=2", "op"]).arg(&package).run().ok();
    let budgets = format!("/apis/policy/v1/namespaces/{}/poddisruptionbudgets", home.name());
    let number = || cluster.get(&budgets).expect("they can be listed")["items"].as_array().map_or(0, Vec::len);
    assert_eq!(number(), 1);
    in_its_own().args(["uninstall", "op"]).run().ok();
    assert_eq!(number(), 0);
}
