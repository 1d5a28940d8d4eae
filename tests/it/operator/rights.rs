//! The rights of the operator of one namespace suffice for all that it does.

use serde_json::json;

use super::eight::{self, MODEL};
use super::{JOB, JOBS, hasty, job};
use crate::support::operator::Operator;
use crate::support::{Namespace, Simulator, installed};

/// Starts an operator that may do what its service account in the namespace may, and no more.
fn start(home: &Namespace, aws: &Simulator) -> Operator {
    installed::give_rights_of_one_namespace(home);
    let kubeconfig = installed::kubeconfig_in(home.cluster(), home.name());
    let path = kubeconfig.to_str().expect("a path of letters");
    let refused = home.kubectl(["--kubeconfig", path, "get", "secrets"]).run();
    assert_eq!(refused.code(), 1, "it has more rights than it was given");
    hasty(home, aws).env("KUBECONFIG", path).start()
}

#[test]
fn what_lasts_needs_no_rights_beyond_it_either() {
    let aws = Simulator::with(["--speed", "60", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let home = Namespace::new("least-rights-all");
    let _operator = start(&home, &aws);
    eight::live(&home);
}

#[test]
fn the_operator_of_one_namespace_needs_no_rights_beyond_it() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("least-rights");
    let _operator = start(&home, &aws);
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    let reported: Vec<_> = home.events(JOB).into_iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(reported, ["Created", "InProgress", "Completed"]);
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
}

#[test]
fn the_operator_of_one_namespace_sees_the_role_that_the_namespace_has_in_aws() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("least-rights-role");
    let role = "sagemaker.aws.amazon.com/role-arn=arn:aws:iam::210987654321:role/team";
    home.kubectl(["annotate", "namespace", home.name(), role]).run().ok();
    let _operator = start(&home, &aws);
    home.apply(job(30, "").replace("123456789012:role", "210987654321:role"));
    home.until_condition(JOBS, JOB, "Complete");
    let creators: Vec<_> = aws.applied("CreateTrainingJob").into_iter().map(|call| json!(call.account)).collect();
    assert_eq!(creators, ["210987654321"]);
}
