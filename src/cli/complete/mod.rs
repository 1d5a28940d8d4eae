//! Completion of what is being typed: `__complete WORD...`, whose last word is the one to complete.
//!
//! kubectl asks `kubectl_complete-NAME` and the shells ask the scripts in `completions/`; both ask the plugin itself, which
//! answers as cobra's programs do: a candidate a line, with its description after a tab, and a directive last. The flags
//! are those of clap's `Command`. An engine that knows no more than that would be too much for `kubectl smlogs`, which has
//! to be small and to start at once, and too little for names.

mod answer;
mod line;
mod live;
mod offer;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::io::Write as _;

use clap::Command;

use self::answer::Answer;
use self::line::Line;
use self::offer::Offer;
use super::{Outcome, Type};

pub use self::line::first_word;

/// The word by which a plugin is asked for candidates.
pub const COMPLETE: &str = "__complete";

/// Answers if it is candidates that this process was started for, else does nothing. `may_be_named`
/// tells of which types the command's words may be.
///
/// Whatever goes wrong, a prompt is no place to say so: there are no candidates then.
pub fn complete(command: impl FnOnce() -> Command, may_be_named: impl Fn(Type) -> bool) -> Option<Outcome> {
    let mut args = std::env::args_os().skip(1);
    if args.next().as_deref() != Some(OsStr::new(COMPLETE)) {
        return None;
    }
    let words: Vec<String> = args.map(|word: OsString| word.to_string_lossy().into_owned()).collect();
    let mut command = command();
    // Has the global flags where they may be typed.
    command.build();
    let types: Vec<Type> = Type::ALL.into_iter().filter(|type_| may_be_named(*type_)).collect();
    let answer = answer(&command, &words, &types);
    // Nobody is there to be told of a closed pipe.
    let _ = std::io::stdout().write_all(answer.to_string().as_bytes());
    Some(Outcome::Done)
}

fn answer(command: &Command, words: &[String], types: &[Type]) -> Answer {
    let line = Line::read(command, words);
    let answer = match Offer::of(&line, types) {
        Offer::Files => return Answer::files(),
        Offer::Ready(candidates) => Answer::of(candidates),
        Offer::Live(wanted) => live::ask(&line, &wanted).map(Answer::of).unwrap_or_default(),
    };
    answer.beginning_with(line.begun)
}
