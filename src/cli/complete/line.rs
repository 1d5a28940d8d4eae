//! What has been typed so far, read as clap would, but unfinished.

use std::ffi::OsString;

use clap::{Arg, Command};

/// A command line up to the word that is being typed.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The command, or the subcommand that has been named.
    pub(super) command: &'a Command,
    /// The flags so far, with their values.
    pub(super) given: Vec<(&'a Arg, Option<String>)>,
    /// The words so far that are neither flags nor their values, nor the subcommand's name.
    pub(super) words: Vec<String>,
    /// What the last word is.
    pub(super) asked: Asked<'a>,
    /// As far as it has been typed; of `--flag=value` only the value.
    pub(super) begun: &'a str,
}

/// What a word may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// The name of a flag.
    Flag,
    /// The value of this flag.
    Value(&'a Arg),
    /// A subcommand, a type, a name.
    Word,
}

impl<'a> Line<'a> {
    pub(super) fn read(command: &'a Command, words: &'a [String]) -> Self {
        let (last, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
        let mut reader = Reader::new(command);
        for word in before {
            reader.take(word);
        }
        let (asked, begun) = match (reader.open, last.split_once('=')) {
            (Some(arg), _) => (Asked::Value(arg), last),
            (None, _) if reader.only_words || !last.starts_with('-') => (Asked::Word, last),
            (None, Some((flag, value))) => match reader.flag(flag) {
                Some(arg) if takes_value(arg) => (Asked::Value(arg), value),
                Some(_) | None => (Asked::Flag, last),
            },
            (None, None) => (Asked::Flag, last),
        };
        let Reader { command, given, words, open: _, only_words: _ } = reader;
        Self { command, given, words, asked, begun }
    }

    /// Whether one of these flags has been given.
    pub(super) fn has(&self, ids: &[&str]) -> bool {
        self.given.iter().any(|(arg, _)| ids.contains(&arg.get_id().as_str()))
    }
}

/// Where the first of the arguments is that is neither a flag nor a flag's value.
pub fn first_word(command: &mut Command, args: &[OsString]) -> Option<usize> {
    command.build();
    let mut reader = Reader::new(command);
    args.iter().position(|arg| {
        let was_open = reader.open.is_some();
        let was_only_words = reader.only_words;
        let arg = arg.to_string_lossy();
        reader.take(&arg);
        !was_open && (was_only_words || !arg.starts_with('-'))
    })
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && arg.get_num_args().is_none_or(|number| number.min_values() > 0)
}

/// Reads word after word.
struct Reader<'a> {
    command: &'a Command,
    given: Vec<(&'a Arg, Option<String>)>,
    words: Vec<String>,
    /// The flag whose value is to come.
    open: Option<&'a Arg>,
    /// After `--`.
    only_words: bool,
}

impl<'a> Reader<'a> {
    fn new(command: &'a Command) -> Self {
        Self { command, given: Vec::new(), words: Vec::new(), open: None, only_words: false }
    }

    fn take(&mut self, word: &str) {
        if let Some(arg) = self.open.take() {
            self.given.push((arg, Some(word.to_owned())));
        } else if self.only_words || !word.starts_with('-') || word == "-" {
            self.word(word);
        } else if word == "--" {
            self.only_words = true;
        } else if word.starts_with("--") {
            let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
            // What is not known yet may be a slip that is seen later.
            if let Some(arg) = self.flag(flag) {
                self.given(arg, value);
            }
        } else {
            self.short(&word[1..]);
        }
    }

    fn word(&mut self, word: &str) {
        match self.command.find_subcommand(word).filter(|_| self.words.is_empty()) {
            Some(command) => self.command = command,
            None => self.words.push(word.to_owned()),
        }
    }

    /// Flags of one letter each, the last one perhaps with its value: `-fnml`.
    fn short(&mut self, letters: &str) {
        for (at, letter) in letters.char_indices() {
            let Some(arg) = self.flag(&format!("-{letter}")) else { return };
            let rest = &letters[at + letter.len_utf8()..];
            let rest = rest.strip_prefix('=').unwrap_or(rest);
            if takes_value(arg) {
                self.given(arg, Some(rest).filter(|rest| !rest.is_empty()));
                return;
            }
            self.given(arg, None);
        }
    }

    fn given(&mut self, arg: &'a Arg, value: Option<&str>) {
        match value {
            None if takes_value(arg) => self.open = Some(arg),
            value => self.given.push((arg, value.map(str::to_owned))),
        }
    }

    /// The flag that is written so, under any of its names.
    fn flag(&self, written: &str) -> Option<&'a Arg> {
        let mut all = self.command.get_arguments();
        if let Some(long) = written.strip_prefix("--") {
            let is_alias = |arg: &Arg| arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&long));
            return all.find(|arg| arg.get_long() == Some(long) || is_alias(arg));
        }
        let short = written.strip_prefix('-')?.chars().next()?;
        all.find(|arg| arg.get_short() == Some(short))
    }
}
