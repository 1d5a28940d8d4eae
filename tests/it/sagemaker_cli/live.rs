//! `status --watch` when nothing can be seen any more.

use http::Method;
use insta::assert_snapshot;
use regex::Regex;
use sagemaker_operator::api::GROUP;
use serde_json::json;

use crate::smlogs::story::Story;
use crate::support::eventually::PATIENCE;

#[test]
fn a_terminal_keeps_what_was_seen_last_and_says_since_when_nothing_is() {
    let story = Story::at_speed("blind-status", 50.0);
    story.object("one", 1);
    story.home.grant_user("carol", &json!([{ "apiGroups": [GROUP], "resources": ["*"], "verbs": ["get", "list"] }]));
    let watch = story.home.plugin("kubectl-sagemaker", &story.aws, ["status", "-w", "trainingjob", "--as", "carol"]);
    let mut watch = watch.start_on_terminal();
    watch.until_stdout_has("trainingjob/one");
    let binding = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings/carol", story.home.name());
    story.home.cluster().request(Method::DELETE, &binding, None).expect("a binding can be deleted");
    watch.until_stdout_has("now nothing can be seen");
    watch.signal(rustix::process::Signal::INT);
    let watched = watch.finish(PATIENCE);
    let last = watched.stdout.rsplit("\x1b[J").next().unwrap_or_default().replace('\r', "");
    let last = last.replace(story.home.name(), "NAMESPACE");
    let last = Regex::new(r"\d\d:\d\d:\d\d").unwrap().replace_all(&last, "TIME");
    let last = Regex::new(r"us-west-2   \d+s").unwrap().replace_all(&last, "us-west-2   AGE").into_owned();
    assert_snapshot!(last.trim_end(), @r"
    NAME              STATUS    PROGRESS   REASON   REGION      AGE
    trainingjob/one   Pending   -                   us-west-2   AGE
    As of TIME: now nothing can be seen.
    error: the cluster denies it: trainingjobs.sagemaker.aws.amazon.com is forbidden
    hint: kubectl auth can-i list trainingjobs.sagemaker.aws.amazon.com -n blind-sta
    ");
}
