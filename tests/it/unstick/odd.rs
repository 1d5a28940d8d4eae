//! Deletions that hang where something else is out of order too.

use insta::assert_snapshot;
use regex::Regex;
use sagemaker_operator::api::GROUP;
use serde_json::json;

use super::ground::{Ground, Operator};
use crate::smlogs::story::PLURAL;
use crate::support::eventually;
use crate::support::eventually::PATIENCE;

const DEFINITION: &str = "trainingjobs.sagemaker.aws.amazon.com";

#[test]
fn an_object_that_holds_up_the_end_of_its_definition_is_let_go_and_so_is_that() {
    let ground = Ground::alone("definition");
    for name in ["over", "running"] {
        ground.held(name);
    }
    ground.end("over");
    ground.home.kubectl(["delete", "crd", DEFINITION, "--wait=false"]).run().ok();
    for name in ["over", "running"] {
        ground.home.until(PLURAL, name, "being deleted", |object| object["metadata"]["deletionTimestamp"].is_string());
    }
    assert_eq!(ground.unstick(["running", "--yes"]).code(), 6, "its job would go on to bill");
    ground.unstick(["over", "--yes"]).ok();
    ground.home.until_gone(PLURAL, "over");
    ground.unstick(["running", "--stop-aws", "--yes"]).ok();
    assert_eq!(ground.word("running"), "Stopped");
    let definition = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{DEFINITION}");
    eventually("the end of the definition", PATIENCE, || match ground.home.cluster().get(&definition) {
        None => Ok(()),
        Some(there) => Err(format!("{:#}", there["status"])),
    });
}

#[test]
fn who_may_not_see_the_lease_is_not_told_that_the_operator_is_gone() {
    let ground = Ground::new("unseen-lease", Operator::Dead);
    ground.held("over");
    ground.end("over");
    ground.home.delete(PLURAL, "over");
    // All that letting go takes, and not the sight of an operator.
    let rule = json!({ "apiGroups": [GROUP], "resources": ["*"], "verbs": ["get", "list", "patch"] });
    ground.home.grant_user("carol", &json!([rule]));
    let by_carol = ground.unstick(["over", "--yes", "--as", "carol"]);
    let text = format!("{}---\n{}exit {}", by_carol.stdout, by_carol.stderr, by_carol.code());
    let text = Regex::new(r"deleting for \d+s").unwrap().replace_all(&text, "deleting for AGE").into_owned();
    assert_snapshot!(text.replace(ground.home.name(), "NAMESPACE"), @r#"
    trainingjob/over has been deleting for AGE, held by sagemaker-operator-finalizer.
      operator   unknown, which counts as alive: its Lease cannot be read: leases.coordination.k8s.io "sagemaker-k8s-operator" is forbidden: User "carol" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "NAMESPACE"
      SageMaker  over in us-west-2 has ended: Stopped
    The operator may be at work on it. Nothing was changed. You can
      kubectl sagemaker describe trainingjob/over -n NAMESPACE
          see what it waits for
      kubectl sagemaker unstick trainingjob/over -n NAMESPACE --force --confirm over
          do it all the same
    ---
    exit 6
    "#);
    assert!(ground.home.get(PLURAL, "over").is_some());
}
