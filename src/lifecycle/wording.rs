//! AWS's words, made fit for a condition: one line, and short enough to be read.

/// The longest text that is passed on, in characters. An Event holds 1024 bytes, a condition is read in a terminal.
const LIMIT: usize = 900;
/// A list of more items than this is not read to its end.
const LIST: usize = 12;
/// That many items of a long list are named.
const NAMED: usize = 6;

/// The text in one line, with its long lists shortened to what may have been meant, and cut where it is too long all the
/// same.
///
/// SageMaker answers a word that it does not know with all words that it does: `Value 'ml.m5.huge' at '…' failed to
/// satisfy constraint: Member must satisfy enum value set: [ml.r7gd.xlarge, …]` can be 6 kB.
pub(super) fn readable(text: &str) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = shorten_lists(&line.collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

fn shorten_lists(text: &str) -> String {
    let mut shortened = String::new();
    let mut rest = text;
    while let Some((before, list, after)) = next_list(rest) {
        shortened.push_str(before);
        let items: Vec<&str> = list.split(", ").collect();
        shortened.push('[');
        if items.len() > LIST {
            let wanted = quoted_last(before).unwrap_or_default();
            shortened.push_str(&nearest(&items, wanted).join(", "));
            shortened.push_str(", … and ");
            shortened.push_str(&(items.len() - NAMED).to_string());
            shortened.push_str(" more");
        } else {
            shortened.push_str(list);
        }
        shortened.push(']');
        rest = after;
    }
    shortened + rest
}

/// What comes before the first list in brackets, the list, and what follows.
fn next_list(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (list, after) = rest.split_once(']')?;
    Some((before, list, after))
}

/// The value that the last complaint in the text is about.
fn quoted_last(text: &str) -> Option<&str> {
    let (_, rest) = text.rsplit_once("Value '")?;
    Some(rest.split_once('\'')?.0)
}

/// The items that resemble the wanted one most, the most alike first.
fn nearest<'a>(items: &[&'a str], wanted: &str) -> Vec<&'a str> {
    let mut ranked: Vec<(f64, &str)> =
        items.iter().map(|item| (strsim::normalized_damerau_levenshtein(item, wanted), *item)).collect();
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranked.into_iter().take(NAMED).map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_of_all_words_names_those_that_may_have_been_meant() {
        let sizes = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge"];
        let families = ["m4", "m5", "m6i", "c5", "p3", "p4d", "g5", "r5"];
        let all: Vec<String> =
            families.iter().flat_map(|family| sizes.iter().map(move |size| format!("ml.{family}.{size}"))).collect();
        let text = format!(
            "1 validation error detected: Value 'ml.m5.xlarg' at 'resourceConfig.instanceType' failed to satisfy \
             constraint: Member must satisfy enum value set: [{}]",
            all.join(", ")
        );
        insta::assert_snapshot!(readable(&text), @"1 validation error detected: Value 'ml.m5.xlarg' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.m5.xlarge, ml.m5.2xlarge, ml.m5.4xlarge, ml.m5.8xlarge, ml.m4.xlarge, ml.c5.xlarge, … and 50 more]");
    }

    #[test]
    fn a_short_list_and_an_open_bracket_stay() {
        for text in ["one of [File, Pipe, FastFile], please", "an [open one", "] and [", ""] {
            assert_eq!(readable(text), text);
        }
    }

    #[test]
    fn it_is_one_line() {
        assert_eq!(readable("a\r\n\tb  c\u{1b}[31m\n"), "a b c [31m");
    }

    proptest! {
        #[test]
        fn no_text_is_longer_than_the_limit(text in "(.|\n){0,3000}") {
            let read = readable(&text);
            prop_assert!(read.chars().count() <= LIMIT + 1);
            prop_assert!(!read.chars().any(char::is_control));
        }
    }
}
