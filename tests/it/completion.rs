//! What kubectl and the shells offer for words of the plugins that are being typed.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::json;

use crate::smlogs::story::{PLURAL, Story};
use crate::support::built::{binaries, root};
use crate::support::process::Program;

/// A namespace with two jobs, and the completion of both plugins as a person installs it.
struct Typing {
    story: Story,
    installed: tempfile::TempDir,
}

impl Typing {
    fn new(about: &str) -> Self {
        let story = Story::at_speed(about, 50.0);
        story.object("cifar", 1);
        story.object("mnist", 1);
        story.home.report(PLURAL, "mnist", &json!({ "trainingJobStatus": "Completed" }));
        let installed = tempfile::tempdir().expect("there is room for a folder");
        let script = story.home.plugin("kubectl-sagemaker", &story.aws, ["completion", "kubectl"]).run().ok();
        let folder = installed.path().display().to_string();
        Program::tied(Path::new("/bin/sh")).args(["-s", "--", &folder]).stdin(script).run().ok();
        Self { story, installed }
    }

    fn path(&self) -> String {
        let kubectl = self.story.home.cluster().kubectl_path().parent().expect("kubectl lies in a folder");
        let mut folders = vec![self.installed.path().to_owned(), binaries().to_owned(), kubectl.to_owned()];
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        std::env::join_paths(folders).expect("none has a colon").into_string().expect("they are plain letters")
    }

    /// What kubectl tells a shell to offer; the words are separated by blanks, the last one may be empty.
    fn by_kubectl(&self, line: &str) -> String {
        let kubectl = self.story.home.cluster().kubectl().env("PATH", self.path());
        let said = kubectl.arg("__complete").args(self.words(line)).run().ok();
        said.replace(self.story.home.name(), "NAMESPACE")
    }

    /// What kubectl is told by `kubectl_complete-smlogs`.
    fn by_shim(&self, line: &str) -> Program {
        let shim: PathBuf = self.installed.path().join("kubectl_complete-smlogs");
        self.story.home.cluster().program(&shim).env("PATH", self.path()).args(self.words(line))
    }

    fn words(&self, line: &str) -> Vec<String> {
        line.split(' ').map(|word| word.replace("NAMESPACE", self.story.home.name())).collect()
    }
}

#[test]
fn kubectl_offers_types_and_the_names_of_the_type_typed() {
    let typing = Typing::new("typing-names");
    assert_snapshot!(typing.by_kubectl("smlogs "), @r"
    trainingjob
    processingjob
    batchtransformjob
    hyperparametertuningjob
    hostingdeployment
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs -n NAMESPACE TrainingJob "), @r"
    cifar
    mnist	Completed
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs TrainingJob cifar -n NAMESPACE "), @r"
    mnist	Completed
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs --namespace=NAMESPACE -f trainingjobs/m"), @r"
    trainingjobs/mnist	Completed
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs -nNAMESPACE processingjob "), @":4");
    // The other plugin takes names without a type too, and the words of `logs` are those of smlogs.
    assert_snapshot!(typing.by_kubectl("sagemaker -n NAMESPACE status mn"), @r"
    mnist	trainingjob Completed
    :4
    ");
    assert_snapshot!(typing.by_kubectl("sagemaker -n NAMESPACE logs trainingjob/c"), @r"
    trainingjob/cifar
    :4
    ");
    assert_snapshot!(typing.by_kubectl("sagemaker stat"), @r"
    status	What is going on: every object, what it does and what stands in its way
    :4
    ");
}

#[test]
fn kubectl_offers_namespaces_contexts_flags_and_their_values() {
    let typing = Typing::new("typing-flags");
    assert_snapshot!(typing.by_kubectl("smlogs trainingjob x -n NAMESPACE"), @r"
    NAMESPACE	Active
    :4
    ");
    assert_snapshot!(typing.by_kubectl("sagemaker status --context "), @r"
    admin
    log-reader
    operator
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs trainingjob x --ta"), @r"
    --tail	Only the last N lines of each job, whatever their age; -1 for all
    :4
    ");
    assert_snapshot!(typing.by_kubectl("smlogs -o "), @r"
    v1	STREAM 2026-11-23 16:27:16.714 +0000 UTC MESSAGE
    short	algo-1 16:27:16 MESSAGE
    raw	MESSAGE
    json	An object a line with all that is known of it
    :4
    ");
    assert_snapshot!(typing.by_kubectl("sagemaker status --sort-by=a"), @r"
    age	The youngest first
    :4
    ");
    // 0 is for the shell to complete the name of a file.
    assert_snapshot!(typing.by_kubectl("smlogs --resume cur"), @":0");
}

#[test]
fn flags_choose_who_is_asked_and_no_trouble_shows_on_the_prompt() {
    let typing = Typing::new("typing-nobody");
    let silent = |program: Program| {
        let finished = program.run();
        assert_eq!((finished.code(), &*finished.stdout, &*finished.stderr), (0, ":4\n", ""));
    };
    let names = "-n NAMESPACE trainingjob ";
    let kubeconfig = typing.story.home.cluster().kubeconfig().display().to_string();
    let told = typing.by_shim(&format!("--kubeconfig {kubeconfig} {names}")).env("KUBECONFIG", "/dev/null").run().ok();
    assert_snapshot!(told, @r"
    cifar
    mnist	Completed
    :4
    ");
    assert_snapshot!(typing.by_shim(&format!("--as carol --as-group system:masters {names}")).run().ok(), @r"
    cifar
    mnist	Completed
    :4
    ");
    for flags in [
        "--as carol",
        "--context amdin",
        "--context log-reader",
        "--kubeconfig /nonexistent",
        "--request-timeout soon",
        "--server https://127.0.0.1:1",
        "--token wrong",
    ] {
        silent(typing.by_shim(&format!("{flags} {names}")));
    }
    silent(typing.by_shim(names).env("KUBECONFIG", "/dev/null"));
    silent(typing.by_shim("pods "));
    // Not even without the plugin: kubectl would offer the names of files.
    silent(typing.by_shim(names).env("PATH", "/nonexistent"));
    // The namespaces of the contexts are known without a cluster.
    let unreachable = typing.installed.path().join("kubeconfig");
    let config = "{apiVersion: v1, kind: Config, current-context: a, clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}],
        users: [], contexts: [{name: a, context: {cluster: a, user: a, namespace: team-a}}]}";
    fs::write(&unreachable, config).expect("a file can be written");
    assert_snapshot!(typing.by_shim("-n ").env("KUBECONFIG", &unreachable).run().ok(), @r"
    team-a
    :4
    ");
}

#[test]
fn what_is_printed_is_what_lies_in_the_folder_of_completions() {
    let typing = Typing::new("typing-scripts");
    let folder = root().join("completions");
    let committed = |name: &str| fs::read_to_string(folder.join(name)).expect("it is committed");
    for (shell, name) in [
        ("bash", "kubectl-sagemaker.bash"),
        ("zsh", "_kubectl-sagemaker"),
        ("fish", "kubectl-sagemaker.fish"),
        ("powershell", "kubectl-sagemaker.ps1"),
    ] {
        let story = &typing.story;
        let printed = story.home.plugin("kubectl-sagemaker", &story.aws, ["completion", shell]).run().ok();
        assert_eq!(printed, committed(name));
    }
    for name in ["kubectl_complete-smlogs", "kubectl_complete-sagemaker"] {
        use std::os::unix::fs::PermissionsExt as _;
        let installed = typing.installed.path().join(name);
        assert_eq!(fs::read_to_string(&installed).expect("it has been installed"), committed(name));
        for file in [installed, folder.join(name)] {
            let mode = fs::metadata(&file).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "{} can be run", file.display());
        }
    }
}

/// Calls the function that bash has for a command, as bash does for a line and the words that it makes of it.
const TAB: &str = r#"
source /dev/stdin
tab() {
  COMP_LINE=$1; COMP_POINT=${#1}; shift
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
  compopt() { echo "compopt $*"; }
  local call; call=$(complete -p "$1"); call=${call#*-F }
  "${call%% *}" "$1" "${@: -1}" "${@: -2:1}"
  echo "${COMPREPLY[*]}"
}
"#;

#[test]
fn bash_offers_the_same_however_it_splits_the_line() {
    let typing = Typing::new("typing-bash");
    let calls = r"
        tab 'kubectl-smlogs train' kubectl-smlogs train
        tab 'kubectl-smlogs  -n NAMESPACE trainingjob/m' kubectl-smlogs -n NAMESPACE trainingjob/m
        tab 'kubectl-smlogs --namespace=NAMESPACE trainingjob ' kubectl-smlogs --namespace = NAMESPACE trainingjob ''
        tab 'kubectl-smlogs --color=al' kubectl-smlogs --color = al
        tab 'kubectl-smlogs --resume ' kubectl-smlogs --resume ''
        tab 'kubectl-smlogs --context arn:aws:e' kubectl-smlogs --context arn : aws : e
        tab 'kubectl-sagemaker sta' kubectl-sagemaker sta
    ";
    let calls = calls.replace("NAMESPACE", typing.story.home.name());
    let kubeconfig = typing.installed.path().join("kubeconfig");
    let cluster = typing.story.home.cluster();
    let text = fs::read_to_string(cluster.kubeconfig()).expect("the kubeconfig is there");
    fs::write(&kubeconfig, text.replace("\"log-reader\"", "\"arn:aws:eks:here:cluster/one\"")).expect("there is room");
    let script = fs::read_to_string(root().join("completions/kubectl-sagemaker.bash")).expect("it is committed");
    let bash = cluster.program(Path::new("bash")).env("PATH", typing.path()).env("KUBECONFIG", &kubeconfig);
    let finished = bash.args(["--norc", "-c", &format!("{TAB}{calls}")]).stdin(script).run();
    assert_eq!(finished.stderr, "");
    assert_snapshot!(finished.stdout, @r"
    trainingjob
    trainingjob/mnist
    cifar mnist
    always
    compopt -o default

    eks:here:cluster/one
    status
    ");
}
