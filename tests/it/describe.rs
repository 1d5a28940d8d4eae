//! `kubectl sagemaker describe`, `tree`, `events` and `stop`, behind a real operator.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::hosting;
use crate::smlogs::story::PLURAL;
use crate::support::eventually::PATIENCE;
use crate::support::manifests::training;
use crate::support::operator::{Operator, hasty};
use crate::support::process::{Finished, Program};
use crate::support::{Namespace, Simulator, eventually};

/// A namespace, a simulator, and an operator between them.
struct World {
    home: Namespace,
    aws: Simulator,
    operator: Operator,
}

impl World {
    fn new(about: &str, speed: f64) -> Self {
        let (home, aws) = (Namespace::new(about), Simulator::at_speed(speed));
        let operator = hasty(&home, &aws).start();
        Self { home, aws, operator }
    }

    /// A training with these hyperparameters.
    fn train(&self, name: &str, knobs: &Value) {
        self.home.apply(training(name, knobs).to_string());
    }

    fn sagemaker<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Program {
        self.home.plugin("kubectl-sagemaker", &self.aws, args)
    }

    /// The same without its Events: which of them there are depends on what an operator happens to see.
    fn said_without_events(&self, finished: &Finished) -> String {
        let said = self.said(finished);
        let (before, rest) = said.split_once("Events\n").expect("it tells of Events");
        let (events, after) = rest.split_once("\n\n").expect("something follows");
        assert!(events.contains("Created") && events.lines().all(|line| line.starts_with(" TIME ")), "{events}");
        format!("{before}{after}")
    }

    /// What it said, without what differs from run to run.
    fn said(&self, finished: &Finished) -> String {
        let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
        let mut text = text.replace(self.home.name(), "NAMESPACE").replace('\r', "");
        for (pattern, plain) in [
            (r"[0-9a-f]{21}-[0-9a-f]{32}", "HASH"),
            (r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", "UID"),
            (r"(\d\d-\d\d )?\d\d:\d\d:\d\d", "HH:MM:SS"),
            (r"sagemaker-operator_[0-9a-f]+", "POD"),
            (r"\b\d+(h\d\d)?(m\d\d)?[smh]\b", "TIME"),
            (r" +TIME", " TIME"),
            (r" +━+", " ━━"),
            (r" \(×\d+\)", ""),
            (r"TIME +(Normal|Warning)", "TIME $1"),
            (r"algo-\d (.*)", "algo-N LINE"),
            (r"request id: \S+", "request id: ID"),
            // An operator tries again while one looks.
            ("mnist was asked for, and is not there yet", "nothing was created"),
        ] {
            text = Regex::new(pattern).expect("it is a pattern").replace_all(&text, plain).into_owned();
        }
        text
    }
}

#[test]
fn a_job_that_failed_is_told_from_its_creation_to_its_last_lines() {
    let world = World::new("failed", 200.0);
    world.train("mnist", &json!({ "sandbox_training_seconds": "60", "sandbox_outcome": "fail" }));
    world.home.until_condition(PLURAL, "mnist", "Failed");
    let logged = || {
        let read = world.home.plugin("kubectl-smlogs", &world.aws, ["trainingjob", "mnist"]).run();
        if read.stdout.lines().count() >= 10 { Ok(()) } else { Err(read.stderr) }
    };
    eventually("ten lines of its log", PATIENCE, logged);
    assert_snapshot!(world.said_without_events(&world.sagemaker(["describe", "mnist"]).run()), @r"
    TrainingJob NAMESPACE/mnist   age TIME

    What is wrong
      AlgorithmError: ValueError: could not convert string to float: 'NaN?', exit code: 1

    Conditions
      TYPE          STATUS   REASON   SINCE
      Complete      False    Failed TIME
      Failed        True     Failed TIME
      Reconciling   False    Failed TIME
      Stalled       True     Failed TIME

    Timeline (UTC)
      HH:MM:SS  object created
      HH:MM:SS  Starting TIME ━━
      HH:MM:SS  LaunchingMLInstances TIME ━━
      HH:MM:SS  PreparingTrainingStack TIME ━━
      HH:MM:SS  Downloading TIME ━━
      HH:MM:SS  DownloadingTrainingImage TIME ━━
      HH:MM:SS  Training TIME ━━
      HH:MM:SS  Uploading TIME ━━
      HH:MM:SS  Failed

    In SageMaker (us-west-2, account 123456789012)
      name    mnist
      status  Failed
      arn     arn:aws:sagemaker:us-west-2:123456789012:training-job/mnist

    Last lines of the log
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE
      algo-N LINE

    Cost
      billed TIME on each of 2, TIME in all (ml.m5.xlarge)

    Links
      console   https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/jobs/mnist
      logs      kubectl smlogs trainingjob/mnist -n NAMESPACE
      log page  https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=mnist;streamFilter=typeLogStreamPrefix
    ---
    exit 0
    ");
    for columns in ["80", "140"] {
        let shown = world.sagemaker(["describe", "mnist"]).env("COLUMNS", columns).start_on_terminal().finish(PATIENCE);
        let prose = shown.stdout.lines().filter(|line| !line.contains("arn:aws") && !line.contains("https://"));
        let longest = prose.map(|line| line.chars().filter(|c| !c.is_control()).count()).max();
        // The codes of bold titles aside, which are short.
        assert!(longest <= columns.parse().ok(), "{longest:?} of {columns}:\n{}", shown.stdout);
    }
    let json = world.sagemaker(["describe", "trainingjob", "mnist", "-o", "json"]).run().ok();
    let json: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["sagemaker"]["status"]["trainingJobStatus"], "Failed", "{json:#}");
    assert_eq!(json["log"].as_array().map(Vec::len), Some(10), "{json:#}");
    assert_eq!(json["object"], json!({ "kind": "TrainingJob", "namespace": world.home.name(), "name": "mnist" }));
    assert!(json["timeline"].as_array().is_some_and(|timeline| timeline.len() > 3), "{json:#}");
}

#[test]
fn what_stands_in_the_way_comes_first_with_what_to_do_about_it() {
    let world = World::new("denied", 50.0);
    world.aws.deny("iam:PassRole");
    world.train("mnist", &json!({}));
    world.home.until_condition(PLURAL, "mnist", "Stalled");
    assert_snapshot!(world.said(&world.sagemaker(["describe", "mnist"]).run()), @r"
    TrainingJob NAMESPACE/mnist   age TIME

    What is wrong
      SageMaker refused CreateTrainingJob, AccessDenied on iam:PassRole on arn:aws:iam::123456789012:role/train: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/train because no identity-based policy allows the iam:PassRole action
      → allow iam:PassRole on arn:aws:iam::123456789012:role/train to the operator's role; it is tried again now and then, and at once when an annotation of the object changes
      request id: ID

    Conditions
      TYPE          STATUS   REASON         SINCE
      Reconciling   False    AccessDenied TIME
      Stalled       True     AccessDenied TIME

    Timeline (UTC)
      HH:MM:SS  object created
      HH:MM:SS  Stalled: AccessDenied

    In SageMaker (us-west-2)
      nothing was created

    Events
     TIME Warning  AccessDenied  SageMaker refused CreateTrainingJob, AccessDenied on iam:PassRole on arn:aws:iam::123456789012:role/train: User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/train because no identity-based policy allows the iam:PassRole action

    Links
      log page  https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=mnist;streamFilter=typeLogStreamPrefix
    ---
    exit 0
    ");
}

#[test]
fn what_cannot_be_read_says_so_in_its_place_and_the_rest_comes() {
    let world = World::new("unread", 50.0);
    world.train("mnist", &json!({ "sandbox_training_seconds": "360000" }));
    world.home.until(PLURAL, "mnist", "training", |object| object["status"]["secondaryStatus"] == "Training");
    let address = "http://127.0.0.1:9";
    let said = world.said(&world.sagemaker(["describe", "mnist", "--endpoint-url", address]).run());
    assert!(said.contains("In SageMaker (us-west-2, account 123456789012)\n  cannot be read: "), "{said}");
    assert!(said.contains("Timeline (UTC)") && said.contains("Links\n"), "{said}");
    assert!(said.ends_with("exit 0"), "{said}");
}

#[test]
fn an_object_that_is_behind_what_sagemaker_says_is_marked() {
    let world = World::new("behind", 50.0);
    world.train("mnist", &json!({ "sandbox_training_seconds": "360000" }));
    world.home.until(PLURAL, "mnist", "training", |object| object["status"]["secondaryStatus"] == "Training");
    let World { home, aws, operator } = world;
    operator.kill();
    aws.ask("StopTrainingJob", &json!({ "TrainingJobName": "mnist" }));
    let ended = || if aws.job("mnist")["status"] == "Stopped" { Ok(()) } else { Err("it stops".to_owned()) };
    eventually("the end of the job", PATIENCE, ended);
    let said = home.plugin("kubectl-sagemaker", &aws, ["describe", "mnist"]).run().ok();
    assert!(said.contains("! trainingJobStatus is Stopped, the object says InProgress"), "{said}");
}

#[test]
fn a_deployment_is_drawn_with_all_that_belongs_to_it() {
    let world = World::new("tree", 50.0);
    world.home.apply(hosting::deployment("image:1", &json!({})).to_string());
    hosting::until_ready(&world.home);
    assert_snapshot!(world.said(&world.sagemaker(["tree", hosting::NAME]).run()), @r"
    hostingdeployment/digits  InService
    ├── endpointconfig/digits-1-UID  Created
    ├── model/digits-1-UID  Created
    └── variant AllTraffic  1 host, weight 1 of 1
    ---
    exit 0
    ");
    assert_snapshot!(world.said_without_events(&world.sagemaker(["describe", "hostingdeployment", hosting::NAME]).run()), @r"
    HostingDeployment NAMESPACE/digits   age TIME

    Conditions
      TYPE          STATUS   REASON     SINCE
      Ready         True     AsWanted TIME
      Reconciling   False    AsWanted TIME
      Stalled       False    AsWanted TIME

    Timeline (UTC)
      HH:MM:SS  object created
      HH:MM:SS  Ready: AsWanted

    In SageMaker (us-west-2, account 123456789012)
      name    digits-UID
      status  InService
      arn     arn:aws:sagemaker:us-west-2:123456789012:endpoint/digits-UID

    Children
      hostingdeployment/digits
      ├── endpointconfig/digits-1-UID  Created
      ├── model/digits-1-UID  Created
      └── variant AllTraffic  1 host, weight 1 of 1

    Cost
      1 host bills until it is deleted (began with 1 × ml.m5.large)

    Links
      console   https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/endpoints/digits-UID
      logs      kubectl smlogs hostingdeployment/digits -n NAMESPACE
      endpoint  https://runtime.sagemaker.us-west-2.amazonaws.com/endpoints/digits-UID/invocations
    ---
    exit 0
    ");
    let events = world.sagemaker(["events", "hostingdeployment"]).run().ok();
    assert!(events.lines().count() > 0 && events.lines().all(|line| line.contains("hostingdeployment/")), "{events}");
}

/// What stands in one line in a file goes on further in on a terminal; a command and a name stay in one piece.
#[test]
fn on_a_terminal_lines_end_where_it_ends_and_nothing_of_them_is_lost() {
    let world = World::new("widths", 100.0);
    world.home.apply(hosting::deployment("image:1", &json!({})).to_string());
    hosting::until_ready(&world.home);
    world.train("mnist", &json!({ "sandbox_training_seconds": "360000" }));
    world.home.until(PLURAL, "mnist", "trains", |object| object["status"]["secondaryStatus"] == "Training");
    let ages = Regex::new(r"\b(\d+h)?(\d+m)?\d+s\b").expect("it is a pattern");
    let words = |text: &str| ages.replace_all(text, "AGE").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for command in [
        &["events", "hostingdeployment"][..],
        &["unstick", "hostingdeployment/digits", "--dry-run"],
        &["stop", "mnist", "--dry-run"],
        &["version"],
    ] {
        let piped = world.sagemaker(command.iter().copied()).run();
        for columns in [80, 140] {
            let program = world.sagemaker(command.iter().copied()).env("COLUMNS", columns.to_string());
            let shown = program.start_on_terminal().finish(PATIENCE).stdout;
            let is_whole = |line: &str| line.contains("kubectl ") || !line.trim().contains(' ');
            let too_long = shown.lines().find(|line| line.chars().count() > columns && !is_whole(line));
            assert_eq!(too_long, None, "{command:?} at {columns}");
            assert_eq!(words(&shown), words(&piped.stdout), "{command:?} at {columns}");
        }
    }
}

#[test]
fn a_job_is_stopped_and_its_object_stays() {
    let world = World::new("stop", 50.0);
    world.train("mnist", &json!({ "sandbox_training_seconds": "360000" }));
    world.home.until(PLURAL, "mnist", "training", |object| object["status"]["secondaryStatus"] == "Training");
    world.home.apply(hosting::deployment("image:1", &json!({})).to_string());
    assert_snapshot!(world.said(&world.sagemaker(["stop", "mnist"]).run()), @r"
    trainingjob/mnist: the job mnist in us-west-2 is InProgress, 2 × ml.m5.xlarge
    ---
    error: nothing was changed: there is no terminal to ask on
    hint: kubectl sagemaker stop trainingjob/mnist -n NAMESPACE --yes
    exit 6
    ");
    assert_snapshot!(world.said(&world.sagemaker(["stop", "mnist", "--dry-run"]).run()), @r"
    trainingjob/mnist: the job mnist in us-west-2 is InProgress, 2 × ml.m5.xlarge
    It would be stopped, and its object kept.
    ---
    exit 0
    ");
    assert_eq!(world.aws.applied("StopTrainingJob").len(), 0);
    assert_snapshot!(world.said(&world.sagemaker(["stop", "trainingjob", "mnist", "--yes"]).run()), @r"
    trainingjob/mnist: the job mnist in us-west-2 is InProgress, 2 × ml.m5.xlarge
    trainingjob/mnist is being stopped; its object stays
    ---
    exit 0
    ");
    world.home.until(PLURAL, "mnist", "stopped", |object| object["status"]["trainingJobStatus"] == "Stopped");
    assert_snapshot!(world.said(&world.sagemaker(["stop", "mnist", "--yes"]).run()), @r"
    trainingjob/mnist: mnist has ended already
    ---
    exit 0
    ");
    assert_snapshot!(world.said(&world.sagemaker(["stop", hosting::NAME, "--yes"]).run()), @r"
    ---
    error: hostingdeployment/digits lasts, and has nothing to stop: it ends with its object
    hint: kubectl delete hostingdeployment/digits -n NAMESPACE
    exit 2
    ");
    assert_eq!(world.aws.applied("StopTrainingJob").len(), 1);
}
