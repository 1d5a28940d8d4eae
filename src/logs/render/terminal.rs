//! Texts from outside on a terminal: whoever may write a log may write escapes that retitle it, or worse.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Ends all colours.
const RESET: &str = "\x1b[0m";

/// A word of a line's head and a blank.
pub(super) fn word(text: &str, colour: Option<u8>, to: &mut String) {
    if let Some(colour) = colour {
        let _ = write!(to, "\x1b[{colour}m");
    }
    harmless(text, false, to);
    if colour.is_some() {
        to.push_str(RESET);
    }
    to.push(' ');
}

/// A message as it would look on the screen of whoever wrote it: progress bars in their last state, and the tabs that
/// `SageMaker` writes as `#011`. Further lines of the same event are indented.
pub(super) fn message(text: &str, colour: bool, to: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            to.push_str("\n  ");
        }
        let mut rest = last_state(line);
        while let Some((before, after)) = rest.split_once("#011") {
            harmless(before, colour, to);
            to.push('\t');
            rest = after;
        }
        harmless(rest, colour, to);
    }
}

/// A message as it is, but for what would control the terminal.
pub(super) fn verbatim(text: &str, colour: bool, to: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            to.push('\n');
        }
        harmless(line, colour, to);
    }
}

/// What is left to be seen of a line that was overwritten from its beginning, each time after a carriage return.
fn last_state(line: &str) -> &str {
    line.rsplit('\r').find(|state| !state.trim().is_empty()).unwrap_or_default()
}

/// Colours stay if colours are wanted, and end with the text. Other sequences of a terminal's own language, such as
/// those that move the cursor, are left out; any other control character is spelt out.
fn harmless(text: &str, colour: bool, to: &mut String) {
    let mut is_coloured = false;
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\t' => to.push('\t'),
            '\x1b' if symbols.peek() == Some(&'[') => {
                if let Some(sequence) = sequence(&mut symbols)
                    && colour
                    && sequence.ends_with('m')
                {
                    to.push_str("\x1b[");
                    to.push_str(&sequence);
                    is_coloured = true;
                }
            }
            control if control.is_control() || turns_text(control) => {
                let _ = write!(to, "{}", control.escape_default());
            }
            other => to.push(other),
        }
    }
    if is_coloured {
        to.push_str(RESET);
    }
}

/// The rest of a control sequence, after its bracket, which is taken too; `None` if it does not end as one.
fn sequence(symbols: &mut Peekable<Chars<'_>>) -> Option<String> {
    symbols.next();
    let mut sequence = String::new();
    while let Some(symbol) = symbols.next_if(|symbol| (' '..='~').contains(symbol)) {
        sequence.push(symbol);
        if ('@'..='~').contains(&symbol) {
            return Some(sequence);
        }
    }
    None
}

/// Whether text after it may be shown in another order than it is written in.
fn turns_text(symbol: char) -> bool {
    matches!(symbol, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, colour: bool) -> String {
        let mut to = String::new();
        message(text, colour, &mut to);
        to
    }

    #[test]
    fn what_a_terminal_would_obey_is_made_harmless() {
        for (text, plain) in [
            ("a\x1b]0;title\x07 b\tc", "a\\u{1b}]0;title\\u{7} b\tc"),
            ("\x1b[2J\x1b[Hgone", "gone"),
            ("\x1b[1mbold\x1b[0m", "bold"),
            ("open\x1b[31", "open"),
            ("\u{9b}31mred", "\\u{9b}31mred"),
            ("abc\u{202e}def", "abc\\u{202e}def"),
            ("nul\0", "nul\\u{0}"),
            ("one\ntwo", "one\n  two"),
            ("[0]#011train-error:0.1#011x", "[0]\ttrain-error:0.1\tx"),
        ] {
            assert_eq!(shown(text, false), plain, "{text:?}");
        }
        assert_eq!(shown("\x1b[1mbold\x1b[5A!", true), "\x1b[1mbold!\x1b[0m");
    }

    #[test]
    fn a_progress_bar_is_shown_in_its_last_state() {
        for (text, state) in [
            (" 10%|# |\r 20%|## |\r 30%|### |", " 30%|### |"),
            ("\r 50%|#####|\r", " 50%|#####|"),
            ("plain\r", "plain"),
            ("\r\r", ""),
            ("10%\r20%\nnext", "20%\n  next"),
        ] {
            assert_eq!(shown(text, false), state, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_comes_through(text in "(\\PC|[\\x00-\\x1f\\x7f-\\x9f]|\\x1b\\[[0-9;]{0,3}[A-Za-z]){0,20}") {
            let plain = shown(&text, false);
            prop_assert!(!plain.contains(|symbol: char| symbol.is_control() && !"\n\t".contains(symbol)), "{plain:?}");
            let mut coloured = shown(&text, true);
            while let Some(start) = coloured.find("\x1b[") {
                let end = coloured[start..].find('m').map(|end| start + end + 1);
                prop_assert!(end.is_some(), "only colours: {coloured:?}");
                coloured.replace_range(start..end.unwrap_or(start), "");
            }
            prop_assert!(!coloured.contains(|symbol: char| symbol.is_control() && !"\n\t".contains(symbol)));
        }
    }
}
