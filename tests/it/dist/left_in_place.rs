//! A placeholder that nobody replaced: it is told in a line, and the operator stays up.

use crate::support::operator::hasty;
use crate::support::{Cluster, Namespace, Simulator, installed};

use super::pods::{HASTY, Pod};

#[test]
fn the_namespace_is_refused_by_name_and_nothing_is_installed() {
    let refused =
        Cluster::shared().kubectl().args(["apply", "-f"]).arg(installed::path("namespaced/operator.yaml")).run();
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr.contains("PLACEHOLDER-NAMESPACE"), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
}

#[test]
fn the_namespace_in_arguments_of_version_1_is_told_and_the_operator_stays() {
    let aws = Simulator::at_speed(10.0);
    let home = Namespace::new("left-namespace");
    installed::give_rights_of_one_namespace(&home);
    let kubeconfig = installed::kubeconfig_in(home.cluster(), home.name());
    let kubeconfig = kubeconfig.to_str().unwrap();
    let setup = hasty(&home, &aws).env("KUBECONFIG", kubeconfig);
    let mut operator = setup.looking_after("PLACEHOLDER-NAMESPACE").start();
    let log = operator.process().until_stderr_has("--namespace is still PLACEHOLDER-NAMESPACE");
    assert!(log.contains("hint: put in the namespace"), "{log}");
    // It goes on asking, and says which right it lacks.
    let log = operator.process().until_stderr_has("the watch was interrupted");
    assert!(log.contains("cannot list resource") && log.contains("sagemaker.aws.amazon.com"), "{log}");
    operator.page("healthz").unwrap();
    assert!(operator.process().ended().is_none());
}

#[test]
fn the_role_is_told_in_a_line_and_on_the_object_and_the_operator_stays() {
    let aws = Simulator::at_speed(30.0);
    aws.deny("sts:AssumeRoleWithWebIdentity");
    let home = Namespace::new("left-role");
    let text = installed::text("namespaced/operator.yaml").replace("PLACEHOLDER-NAMESPACE", home.name());
    home.apply(text);
    let mut operator = Pod::of(home.cluster(), home.name()).start(&aws, HASTY);
    let log = operator.process().until_stderr_has("role/DELETE_ME");
    assert!(log.contains("hint: kubectl annotate --overwrite serviceaccount sagemaker-k8s-operator-default"), "{log}");
    home.apply(include_str!("../../samples/demo-trainingjob.yaml"));
    let object = home.until("trainingjobs", "mnist-demo", "a condition that names the call", |object| {
        object["status"]["conditions"].to_string().contains("AssumeRoleWithWebIdentity")
    });
    let conditions = object["status"]["conditions"].as_array().expect("just seen");
    let said = conditions.iter().find(|condition| condition["status"] == "True").expect("one holds");
    assert_eq!(said["reason"], "CredentialsRefused", "{said:#}");
    let message = said["message"].as_str().expect("text");
    assert!(message.contains("role/DELETE_ME") && message.contains("hint: look at the operator's role"), "{message}");
    assert!(operator.process().ended().is_none());

    // The role is put in, which starts a new pod; the object is taken up by itself.
    aws.allow_all();
    home.until_condition("trainingjobs", "mnist-demo", "Complete");
}
