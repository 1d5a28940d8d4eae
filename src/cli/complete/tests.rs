//! Lines being typed, and what is offered for their last words.

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::line::Line;
use super::offer::{Offer, Wanted};
use super::*;
use crate::cli::KubeFlags;

/// A plugin with subcommands.
#[derive(Debug, Parser)]
struct Plugin {
    #[command(subcommand)]
    command: Verb,
    /// When to colour. Never is best.
    #[arg(long, global = true)]
    color: Option<Colour>,
    #[command(flatten)]
    kube: KubeFlags,
}

#[derive(Debug, Clone, ValueEnum)]
enum Colour {
    /// If need be
    Auto,
    Never,
    #[value(hide = true)]
    Pink,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What is there
    #[command(alias = "list")]
    Show {
        #[arg(value_name = "TYPE|NAME")]
        words: Vec<String>,
        #[arg(short = 'A', long)]
        all_namespaces: bool,
        #[arg(long, conflicts_with = "all_namespaces")]
        one: bool,
        #[arg(short, long, alias = "old-label")]
        label: Vec<String>,
        #[arg(long, hide = true)]
        secret: bool,
    },
    /// The log
    Read {
        #[arg(value_name = "TYPE NAME")]
        words: Vec<String>,
        #[arg(long)]
        all: bool,
        #[arg(long, value_name = "best|N|NAME")]
        trial: Option<String>,
        #[arg(long)]
        into: Option<std::path::PathBuf>,
    },
    #[command(hide = true)]
    Inner,
    Paint {
        colour: Colour,
    },
}

const SOME: [Type; 2] = [Type::TrainingJob, Type::Model];

fn words(line: &str) -> Vec<String> {
    // The last blank begins an empty word.
    line.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect()
}

fn offered(line: &str) -> String {
    let mut command = Plugin::command();
    command.build();
    let words = words(line);
    let line = Line::read(&command, &words);
    match Offer::of(&line, &SOME) {
        Offer::Files => "files".to_owned(),
        Offer::Live(Wanted::Names { types, before, except }) => {
            let types: Vec<&str> = types.iter().map(|type_| type_.kind()).collect();
            format!("{before}<{}> but {except:?}", types.join("|"))
        }
        Offer::Live(other) => format!("{other:?}"),
        Offer::Ready(_) => {
            let answer = answer(&command, &words, &SOME).to_string();
            let words: Vec<&str> = answer.lines().map(|line| line.split('\t').next().unwrap_or_default()).collect();
            words[..words.len() - 1].join(" ")
        }
    }
}

#[test]
fn words_are_subcommands_types_and_names() {
    for (line, wanted) in [
        ("", "show read paint help"),
        ("sh", "show"),
        ("--color never ", "show read paint help"),
        ("show ", "trainingjob model"),
        ("show t", "trainingjob"),
        ("show Tr", "TrainingJob"),
        ("show TRAIN", "TRAINingjob"),
        ("show trainingjobs", "trainingjobs"),
        ("list m", "model"),
        ("show x", "<TrainingJob|Model> but []"),
        ("show trainingjob ", "<TrainingJob> but []"),
        ("show trainingjob a b ", r#"<TrainingJob> but ["a", "b"]"#),
        ("show trainingjob a model ", "<Model> but []"),
        ("show models/", "models/<Model> but []"),
        ("show model/a model/b", r#"model/<Model> but ["a"]"#),
        ("show pods/", ""),
        ("show -A ", "trainingjob model"),
        ("read trainingjob model ", r#"<TrainingJob> but ["model"]"#),
        ("read x", ""),
        ("read pods ", ""),
        ("read model/a ", "trainingjob model"),
        ("read --all trainingjob ", "model"),
        ("read -- ", "trainingjob model"),
        ("read -- -", ""),
        ("paint ", "auto never"),
        ("inner ", ""),
    ] {
        assert_eq!(offered(line), wanted, "{line:?}");
    }
}

#[test]
fn values_of_flags_are_known_asked_for_or_files() {
    for (line, wanted) in [
        ("show --color ", "auto never"),
        ("show --color=n", "never"),
        ("show -n ", "Namespaces"),
        ("-n ml show --context ", "Contexts"),
        ("show --cluster=", "Clusters"),
        ("show --user ", "Users"),
        ("show -l ", ""),
        ("show --old-label ", ""),
        ("show --kubeconfig ", "files"),
        ("read --into=x", "files"),
        ("read --trial ", "best"),
        // What looks like a flag is one's value after all.
        ("show -l -n ", "trainingjob model"),
    ] {
        assert_eq!(offered(line), wanted, "{line:?}");
    }
}

#[test]
fn flags_are_offered_once_and_without_those_that_they_exclude() {
    let flags = |line: &str| {
        let all = offered(line);
        let own = ["-A", "--all-namespaces", "--one", "-l", "--label", "--color", "--secret", "--namespace", "-n"];
        let shown = all.split(' ').filter(|flag| own.contains(flag));
        shown.map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(flags("show -"), "-A --all-namespaces --one -l --label --color -n --namespace");
    assert_eq!(flags("show --"), "--all-namespaces --one --label --color --namespace");
    assert_eq!(flags("show -A -"), "-l --label --color -n --namespace");
    assert_eq!(flags("show --one -l a -nml -"), "-l --label --color");
    assert_eq!(offered("show --al"), "--all-namespaces");
    let mut command = Plugin::command();
    command.build();
    assert_eq!(answer(&command, &words("show --col"), &SOME).to_string(), "--color\tWhen to colour\n:4\n");
}

#[test]
fn the_first_word_is_found_among_flags_and_their_values() {
    for (line, wanted) in [
        ("show a", Some(0)),
        ("-n show show", Some(2)),
        ("-nml --color=never show", Some(2)),
        ("--insecure-skip-tls-verify show", Some(1)),
        ("-n show", None),
        ("--color never", None),
    ] {
        let args: Vec<OsString> = words(line).into_iter().map(OsString::from).collect();
        assert_eq!(first_word(&mut Plugin::command(), &args), wanted, "{line:?}");
    }
}
