//! The examples of all kinds, and the commands that are for them, on the test bed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use regex::Regex;
use serde_json::Value;

use super::page::{Block, Page};
use crate::support::eventually::PATIENCE;
use crate::support::operator::{Operator, hasty};
use crate::support::simulator::Keys;
use crate::support::{Namespace, Simulator, eventually};

/// The model that the examples name, and that has no object.
const MODEL: &str = "mnist-2026-11";
/// The kinds with what each comes to, those first that take longest: SageMaker takes only so many Creates a second.
const KINDS: [(&str, &str, &str); 8] = [
    ("HyperparameterTuningJob", "hyperparametertuningjobs", "Complete"),
    ("HostingDeployment", "hostingdeployments", "Ready"),
    ("TrainingJob", "trainingjobs", "Complete"),
    ("ProcessingJob", "processingjobs", "Complete"),
    ("BatchTransformJob", "batchtransformjobs", "Complete"),
    ("HostingAutoscalingPolicy", "hostingautoscalingpolicies", "Ready"),
    ("Model", "models", "Ready"),
    ("EndpointConfig", "endpointconfigs", "Ready"),
];
/// The pages whose commands are for the examples, beside those of the kinds.
const PAGES: [&str; 5] = ["kinds.md", "iam.md", "sagemaker.md", "logs.md", "troubleshooting.md"];

/// The page of a kind.
fn page_of(kind: &str) -> Page {
    Page::at(format!("dist/docs/kinds/{}.md", kind.to_lowercase()))
}

fn manifests(page: &Page) -> Vec<Block> {
    page.blocks().into_iter().filter(|block| block.is("yaml")).collect()
}

fn joined(manifests: &[Block]) -> String {
    manifests.iter().map(|manifest| manifest.text.as_str()).collect::<Vec<_>>().join("---\n")
}

/// Applies the first manifest of each kind's page, and has the API server look at all others.
fn apply(home: &Namespace) {
    let run = KINDS.map(|(kind, ..)| manifests(&page_of(kind)).remove(0));
    let pages = Page::with_commands();
    let is_example = |block: &Block| run.iter().any(|example| example.text == block.text);
    let all: Vec<_> = pages.iter().flat_map(manifests).collect();
    let (examples, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_example);
    assert_eq!(examples.len(), run.len(), "each kind has a page with an example of its own");
    let strict = ["apply", "--validate=strict", "-f", "-"];
    home.kubectl(strict).stdin(joined(&run)).run().ok();
    home.kubectl(strict).arg("--dry-run=server").stdin(joined(&others)).run().ok();
}

/// The name in the example of a kind.
fn name_of(kind: &str) -> String {
    let manifest: Value = serde_yaml::from_str(&manifests(&page_of(kind))[0].text).expect("an example is a manifest");
    assert_eq!(manifest["kind"], kind);
    manifest["metadata"]["name"].as_str().expect("it has a name").to_owned()
}

/// The examples: plural, name, and what each comes to.
fn examples() -> Vec<(&'static str, String, &'static str)> {
    KINDS.iter().map(|(kind, plural, comes_to)| (*plural, name_of(kind), *comes_to)).collect()
}

/// Waits until the examples that the commands name are as wanted, and their logs are there if these are read.
fn until_ready_for(commands: &str, home: &Namespace, aws: &Simulator) {
    let words: BTreeSet<_> = commands.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
    let reads_logs = words.contains("smlogs") || words.contains("metrics");
    for (plural, name, comes_to) in examples() {
        if words.contains(name.as_str()) {
            home.until_condition(plural, &name, comes_to);
            if reads_logs && comes_to == "Complete" {
                until_all_is_logged(plural, &name, home, aws);
            }
        }
    }
}

/// A line that a job has written can be read some time later.
fn until_all_is_logged(plural: &str, name: &str, home: &Namespace, aws: &Simulator) {
    let (group, mark) = match plural {
        "trainingjobs" => ("TrainingJobs", '/'),
        // Its trials have its name and a number.
        "hyperparametertuningjobs" => ("TrainingJobs", '-'),
        "processingjobs" => ("ProcessingJobs", '/'),
        "batchtransformjobs" => ("TransformJobs", '/'),
        other => panic!("{other} are no jobs"),
    };
    let object = home.get(plural, name).expect("it is there");
    let job = object["status"]["arn"].as_str().and_then(|arn| arn.rsplit('/').next()).expect("it was started");
    let written = aws.truth_lines_of(&format!("/aws/sagemaker/{group}"), &format!("{job}{mark}")).len();
    let read = [plural, name, "-o", "json"];
    eventually(&format!("{written} lines of {name}"), PATIENCE, || {
        let told = home.plugin("kubectl-smlogs", aws, read).run();
        let lines = told.stdout.lines().count();
        if lines == written { Ok(()) } else { Err(format!("{lines} lines\n{}", told.stderr)) }
    });
}

/// A kubeconfig in which the namespace is the one that is meant if none is named.
fn kubeconfig(home: &Namespace, folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("kubeconfig");
    std::fs::copy(home.cluster().kubeconfig(), &path).expect("a kubeconfig can be copied");
    let namespace = format!("--namespace={}", home.name());
    let set = home.cluster().kubectl().args(["config", "set-context", "--current", &namespace]);
    set.env("KUBECONFIG", &path).run().ok();
    path
}

/// Runs the blocks of a page that are to be run, as a person would who stands in an empty folder. Returns how many
/// commands there were, and which went wrong.
fn run(page: &Page, home: &Namespace, aws: &Simulator) -> (usize, Vec<String>) {
    let folder = tempfile::tempdir().expect("there is room");
    let kubeconfig = kubeconfig(home, &folder);
    let (mut count, mut faults) = (0, Vec::new());
    for block in page.blocks().iter().filter(|block| block.is_run()) {
        let commands = block.commands();
        count += commands.len();
        let commands = commands.join("\n");
        until_ready_for(&commands, home, aws);
        let script = format!("cd '{}'\n{commands}", folder.path().display());
        let shell = home.cluster().program("/bin/sh".as_ref()).args(["-euxc", &script]);
        let went = shell.env("KUBECONFIG", &kubeconfig).envs(aws.env(Keys::default())).run();
        if went.code() != 0 {
            faults.push(format!("{}: exit {}\n{}", page.path.display(), went.code(), went.stderr));
        }
    }
    (count, faults)
}

/// The same for all pages, side by side: none changes what another one shows.
fn run_all(home: &Namespace, aws: &Simulator) {
    let pages: Vec<_> = PAGES.map(|page| Page::at(format!("dist/docs/{page}"))).into();
    let pages: Vec<_> = KINDS.map(|(kind, ..)| page_of(kind)).into_iter().chain(pages).collect();
    let (counts, faults): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let running: Vec<_> = pages.iter().map(|page| scope.spawn(|| run(page, home, aws))).collect();
        running.into_iter().map(|page| page.join().expect("it has ended")).unzip()
    });
    let count: usize = counts.iter().sum();
    assert!(count > 50, "{count}");
    let faults = faults.concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The labels of each metric, and the values that some of them have.
fn exposed(operator: &Operator) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let text = operator.page("metrics").expect("it has the page");
    let sample = Regex::new(r"(?m)^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? ").expect("it is a pattern");
    let label = Regex::new(r#"([a-z_]+)="([^"]*)""#).expect("it is a pattern");
    let mut exposed = BTreeMap::<_, BTreeMap<_, BTreeSet<_>>>::new();
    for found in sample.captures_iter(&text) {
        let labels = exposed.entry(found[1].to_owned()).or_default();
        for found in label.captures_iter(found.get(2).map_or("", |labels| labels.as_str())) {
            labels.entry(found[1].to_owned()).or_default().insert(found[2].to_owned());
        }
    }
    for labels in exposed.values_mut() {
        labels.remove("le");
    }
    exposed
}

/// `metrics.md` has all that the operator exposes, and nothing else.
fn compare_metrics(operator: &Operator) {
    let page = Page::at("dist/docs/metrics.md");
    let rows = page.rows();
    let told: BTreeMap<_, _> =
        rows.iter().filter(|row| row[0].starts_with("sagemaker_operator_")).map(|row| (&row[0], row)).collect();
    let exposed = exposed(operator);
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), exposed.keys().collect::<Vec<_>>());
    for (name, labels) in &exposed {
        let row = told[name];
        let names: BTreeSet<_> = row[2].split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        assert_eq!(names, labels.keys().cloned().collect(), "{name}");
        for (label, values) in labels {
            if matches!(label.as_str(), "standing" | "result" | "outcome") {
                let unknown: Vec<_> = values.iter().filter(|value| !row[3].contains(*value)).collect();
                assert!(unknown.is_empty(), "{name}: {label} may also be {unknown:?}");
            }
        }
    }
}

#[test]
fn the_examples_run_and_so_do_the_commands_for_them() {
    let aws = Simulator::with(["--speed", "100", "--no-quotas"]);
    aws.make_model(MODEL, "image:1");
    let home = Namespace::new("docs");
    let operator = hasty(&home, &aws).start();
    apply(&home);
    run_all(&home, &aws);
    for (plural, name, comes_to) in examples() {
        home.until_condition(plural, &name, comes_to);
    }
    compare_metrics(&operator);
}
