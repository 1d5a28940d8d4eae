//! What a word may become: what clap's `Command` knows of it, or where to ask.

use clap::{Arg, ArgAction, Command, ValueHint};

use super::answer::Candidate;
use super::line::{Asked, Line};
use crate::cli::Type;

/// With one of these flags a command takes types alone.
const IN_PLACE_OF_NAMES: [&str; 4] = ["all", "all_namespaces", "job", "selector"];

/// Where the candidates are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// Here.
    Ready(Vec<Candidate>),
    /// The shell knows its files.
    Files,
    /// Somebody has to be asked.
    Live(Wanted),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those of the cluster.
    Namespaces,
    /// What the kubeconfig names.
    Contexts,
    Clusters,
    Users,
    /// Objects.
    Names {
        types: Vec<Type>,
        /// What has been typed of the word before the name: `trainingjob/`.
        before: String,
        /// The names that have been typed already.
        except: Vec<String>,
    },
}

impl Offer {
    /// `types` are those that words may name.
    pub(super) fn of(line: &Line<'_>, types: &[Type]) -> Self {
        match line.asked {
            Asked::Flag => Self::Ready(flags(line)),
            Asked::Value(arg) => value(arg),
            Asked::Word if line.words.is_empty() && line.command.has_subcommands() => {
                Self::Ready(subcommands(line.command))
            }
            Asked::Word => match operand(line) {
                Some(arg) if value_name(arg).contains("TYPE") => objects(line, types, value_name(arg).contains('|')),
                Some(arg) => value(arg),
                None => Self::Ready(Vec::new()),
            },
        }
    }
}

fn subcommands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    shown.map(|command| Candidate::new(command.get_name(), about(command))).collect()
}

/// What the next word stands for; the last one of a command may come again.
fn operand<'a>(line: &Line<'a>) -> Option<&'a Arg> {
    let all: Vec<&Arg> = line.command.get_positionals().collect();
    let last = all.last().filter(|last| last.get_num_args().is_some_and(|number| number.max_values() > 1));
    all.get(line.words.len()).or(last).copied()
}

fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str())
}

fn value(arg: &Arg) -> Offer {
    match arg.get_id().as_str() {
        "namespace" => return Offer::Live(Wanted::Namespaces),
        "context" => return Offer::Live(Wanted::Contexts),
        "cluster" => return Offer::Live(Wanted::Clusters),
        "user" => return Offer::Live(Wanted::Users),
        _ => {}
    }
    if matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath) {
        return Offer::Files;
    }
    let shown = |value: &clap::builder::PossibleValue| {
        let about = value.get_help().map(ToString::to_string).unwrap_or_default();
        (!value.is_hide_set()).then(|| Candidate::new(value.get_name(), about))
    };
    let values: Vec<Candidate> = arg.get_possible_values().iter().filter_map(shown).collect();
    if !values.is_empty() {
        return Offer::Ready(values);
    }
    // Of `best|N|NAME` the first is to be typed as it stands.
    let literal = |word: &&str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase());
    Offer::Ready(value_name(arg).split('|').filter(literal).map(|word| Candidate::new(word, "")).collect())
}

/// The flags that may still be given.
fn flags(line: &Line<'_>) -> Vec<Candidate> {
    let command = line.command;
    let may_come = |arg: &&Arg| {
        let repeats = matches!(arg.get_action(), ArgAction::Append | ArgAction::Count);
        let excludes = |one: &Arg, other: &Arg| {
            command.get_arg_conflicts_with(one).iter().any(|excluded| excluded.get_id() == other.get_id())
        };
        !arg.is_positional()
            && !arg.is_hide_set()
            && line.given.iter().all(|(given, _)| {
                let is_same = given.get_id() == arg.get_id();
                (repeats || !is_same) && !excludes(arg, given) && !excludes(given, arg)
            })
    };
    let mut candidates = Vec::new();
    for arg in command.get_arguments().filter(may_come) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let about = help.split(". ").next().unwrap_or_default();
        if let Some(short) = arg.get_short().filter(|_| !line.begun.starts_with("--")) {
            candidates.push(Candidate::new(format!("-{short}"), about));
        }
        if let Some(long) = arg.get_long() {
            candidates.push(Candidate::new(format!("--{long}"), about));
        }
    }
    candidates
}

/// `TYPE NAME...` and `TYPE/NAME...`; with `names_alone` names also without a type.
fn objects(line: &Line<'_>, types: &[Type], names_alone: bool) -> Offer {
    let begun = line.begun;
    let Named { current, names } = Named::read(&line.words, names_alone);
    let except = |of: Option<Type>| names.iter().filter(move |(type_, _)| *type_ == of).map(|(_, name)| name.clone());
    let of_type = |type_: Type, before: &str| {
        let except = except(Some(type_)).collect();
        Offer::Live(Wanted::Names { types: vec![type_], before: before.to_owned(), except })
    };
    if line.has(&IN_PLACE_OF_NAMES) {
        let spelt = types.iter().filter(|type_| !line.words.iter().any(|word| Type::parse(word) == Some(**type_)));
        return Offer::Ready(spelt.filter_map(|type_| spelling(*type_, begun)).collect());
    }
    if let Some((type_, _)) = begun.split_once('/') {
        return match Type::parse(type_) {
            Some(known) => of_type(known, &begun[..=type_.len()]),
            None => Offer::Ready(Vec::new()),
        };
    }
    if let Some(type_) = current {
        return of_type(type_, "");
    }
    // What came first was no type, and nothing that follows makes it one.
    if !names_alone && names.iter().any(|(type_, _)| type_.is_none()) {
        return Offer::Ready(Vec::new());
    }
    let spelt: Vec<Candidate> = types.iter().filter_map(|type_| spelling(*type_, begun)).collect();
    if spelt.is_empty() && names_alone {
        let except = except(None).collect();
        return Offer::Live(Wanted::Names { types: types.to_vec(), before: String::new(), except });
    }
    Offer::Ready(spelt)
}

/// A type in the spelling that has been begun.
fn spelling(type_: Type, begun: &str) -> Option<Candidate> {
    let spellings = [type_.singular(), type_.kind().to_owned(), type_.plural().to_owned()];
    let singular = type_.singular();
    let mixed = || {
        let rest = singular.strip_prefix(&begun.to_ascii_lowercase())?;
        Some(format!("{begun}{rest}"))
    };
    let word = spellings.iter().find(|spelling| spelling.starts_with(begun)).cloned().or_else(mixed)?;
    Some(Candidate::new(word, ""))
}

/// The objects that have been named so far.
struct Named {
    /// The type of the names to come.
    current: Option<Type>,
    names: Vec<(Option<Type>, String)>,
}

impl Named {
    fn read(words: &[String], names_alone: bool) -> Self {
        let mut named = Self { current: None, names: Vec::new() };
        // Right after a type comes a name, whatever it looks like, unless types may come alone.
        let mut is_open = false;
        for word in words {
            let begun = if is_open && !names_alone { None } else { Type::parse(word) };
            match (word.split_once('/'), begun) {
                (Some((type_, name)), _) => named.names.push((Type::parse(type_), name.to_owned())),
                (None, Some(type_)) => {
                    named.current = Some(type_);
                    is_open = true;
                }
                (None, None) => {
                    named.names.push((named.current, word.clone()));
                    is_open = false;
                }
            }
        }
        named
    }
}
