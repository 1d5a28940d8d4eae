//! What people do with the actions of their policies and no other, and without each of them.

use serde_json::json;

use super::lives::{denied, of_use};
use crate::hosting::{self, deployment};
use crate::smlogs::story::{PLURAL, Story};
use crate::support::manifests::training;
use crate::support::operator::hasty;
use crate::support::process::Finished;
use crate::support::{Namespace, Simulator};

fn names(actions: &[String]) -> Vec<&str> {
    actions.iter().map(String::as_str).collect()
}

fn without<'a>(actions: &'a [String], missing: &str) -> Vec<&'a str> {
    actions.iter().map(String::as_str).filter(|action| *action != missing).collect()
}

#[test]
fn whoever_reads_logs_needs_the_policy_for_it_and_is_told_what_it_lacks() {
    let story = Story::at_speed("iam-reader", 200.0);
    story.ended_job("mnist", 2, &json!({ "sandbox_training_seconds": "60" }));
    let read = |args: &[&'static str]| story.home.plugin("kubectl-smlogs", &story.aws, args.iter().copied()).run();
    let commands: [&[&'static str]; 4] = [
        &["trainingjob", "mnist"],
        &["trainingjob", "mnist", "--tail", "3"],
        &["trainingjob", "mnist", "-f"],
        &["trainingjob", "--job", "mnist", "--region", "us-west-2"],
    ];
    let actions = of_use("log-reader");
    story.aws.allow_only(&names(&actions));
    for command in commands {
        let Finished { stdout, stderr, status, .. } = read(command);
        assert!(status.success() && !stdout.is_empty(), "{command:?}: {stderr}");
    }
    assert_eq!(denied(&story.aws), Vec::<String>::new());

    // What a job has come to is left out where it may not be asked for; doctor names that action.
    let missing = "logs:FilterLogEvents";
    story.aws.allow_only(&without(&actions, missing));
    let Finished { stderr, status, .. } = read(commands[0]);
    assert!(!status.success() && stderr.contains(missing), "{stderr}");
}

/// A job and an endpoint that an operator has made, which has gone since.
struct Installed {
    home: Namespace,
    aws: Simulator,
}

impl Installed {
    fn new(about: &str) -> Self {
        let it = Self { home: Namespace::new(about), aws: Simulator::with(["--speed", "100", "--no-quotas"]) };
        let operator = hasty(&it.home, &it.aws).start();
        it.home.apply(training("mnist", &json!({ "sandbox_training_seconds": "360000" })).to_string());
        it.home.apply(deployment("image:1", &json!({})).to_string());
        hosting::until_ready(&it.home);
        it.home.until(PLURAL, "mnist", "trains", |object| object["status"]["secondaryStatus"] == "Training");
        drop(operator);
        it
    }

    fn say(&self, args: &[&'static str]) -> Finished {
        self.home.plugin("kubectl-sagemaker", &self.aws, args.iter().copied()).run()
    }
}

#[test]
fn whoever_looks_after_it_needs_the_policy_for_it_and_is_told_what_it_lacks() {
    let it = Installed::new("iam-companion");
    let actions = of_use("companion");
    it.aws.allow_only(&names(&actions));
    let looks: [&[&'static str]; 5] = [
        &["status"],
        &["describe", "trainingjob", "mnist"],
        &["tree", "trainingjob", "mnist"],
        &["events"],
        &["orphans"],
    ];
    for command in looks {
        let Finished { stdout, stderr, status, .. } = it.say(command);
        assert!(status.success() && !(stdout.is_empty() && stderr.is_empty()), "{command:?}: {stdout}{stderr}");
    }
    assert_eq!(denied(&it.aws), Vec::<String>::new());

    let missing = "sagemaker:StopTrainingJob";
    it.aws.allow_only(&without(&actions, missing));
    let Finished { stdout, stderr, status, .. } = it.say(&["stop", "trainingjob/mnist", "--yes"]);
    assert!(!status.success() && stderr.contains(missing), "{stdout}{stderr}");
    it.aws.allow_only(&names(&actions));
    it.say(&["stop", "trainingjob/mnist", "--yes"]).ok();
}

#[test]
fn doctor_names_each_reading_action_that_is_missing() {
    let it = Installed::new("iam-doctor");
    let mut actions = [of_use("log-reader"), of_use("companion")].concat();
    actions.sort_unstable();
    actions.dedup();
    it.aws.allow_only(&names(&actions));
    let Finished { stdout, .. } = it.say(&["doctor"]);
    assert_eq!(denied(&it.aws), Vec::<String>::new(), "{stdout}");
    let is_read = |action: &&String| {
        let name = action.split_once(':').map_or("", |(_, name)| name);
        ["Describe", "List", "Get", "Filter"].iter().any(|verb| name.starts_with(verb))
    };
    let reads: Vec<_> = actions.iter().filter(is_read).collect();
    assert!(reads.len() > 20, "{reads:?}");
    for missing in reads {
        assert!(!stdout.contains(missing.as_str()), "{missing} is named though it is allowed: {stdout}");
        it.aws.allow_only(&without(&actions, missing));
        let said = it.say(&["doctor"]).stdout;
        assert!(said.contains(missing.as_str()), "{missing} is missing, and doctor says\n{said}");
    }
}
