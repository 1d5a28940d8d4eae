//! Which of a job's streams are wanted: by the beginning of their names, by rank, by a pattern.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Which streams, by what their names say after the job's. All of them unless told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Those that begin with this text, as v1's `--logSearchPrefix` had it.
    pub starting_with: Option<StreamPrefix>,
    /// Those of the hosts with these ranks.
    pub ranks: Option<Ranks>,
    /// Those that match.
    pub glob: Option<Glob>,
}

impl Which {
    /// Whether a stream is wanted; `own` is its name after the job's.
    #[must_use]
    pub fn takes(&self, own: &str) -> bool {
        let Self { starting_with, ranks, glob } = self;
        starting_with.as_ref().is_none_or(|StreamPrefix(text)| own.starts_with(text))
            && ranks.as_ref().is_none_or(|ranks| rank_of(own).is_some_and(|rank| ranks.take(rank)))
            && glob.as_ref().is_none_or(|glob| glob.matches(own))
    }

    /// What all of them begin with, and whether nothing else does.
    pub(super) fn head(&self) -> (String, bool) {
        match self {
            Self { starting_with: Some(StreamPrefix(text)), ranks, glob } => {
                (text.clone(), ranks.is_none() && glob.is_none())
            }
            Self { starting_with: None, ranks: Some(ranks), glob } => match ranks.only() {
                Some(rank) => (format!("algo-{}-", rank + 1), glob.is_none()),
                None => ("algo-".to_owned(), false),
            },
            Self { starting_with: None, ranks: None, glob: Some(glob) } => (glob.head().to_owned(), false),
            Self { starting_with: None, ranks: None, glob: None } => (String::new(), true),
        }
    }

    /// Whether all streams are wanted.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// The rank of the host that a stream belongs to: 0 is `algo-1`. Hosts of transform jobs and endpoints have none.
#[must_use]
pub fn rank_of(own: &str) -> Option<u32> {
    let rest = own.strip_prefix("algo-")?;
    let digits = rest.split(['-', '/']).next()?;
    // SageMaker counts without leading zeros, and a rank is asked for by that name.
    if digits.starts_with(['0', '+']) {
        return None;
    }
    digits.parse::<u32>().ok()?.checked_sub(1)
}

/// The beginning of a stream's name, after the job's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPrefix(String);

/// A text that no stream's name can begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot begin the name of a log stream: ':' and '*' never occur in one; for a pattern: --stream")]
pub struct InvalidPrefix(String);

impl FromStr for StreamPrefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains([':', '*']) { Err(InvalidPrefix(text.to_owned())) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for StreamPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Ranks of hosts: `0`, `0-3`, `0,2,5-7`, and with a `!` before them all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks {
    text: String,
    listed: Vec<RangeInclusive<u32>>,
    are_others_meant: bool,
}

impl Ranks {
    /// Whether the host with this rank is meant.
    #[must_use]
    pub fn take(&self, rank: u32) -> bool {
        self.listed.iter().any(|range| range.contains(&rank)) != self.are_others_meant
    }

    /// The one rank that is meant, if it is one.
    fn only(&self) -> Option<u32> {
        match &self.listed[..] {
            [range] if range.start() == range.end() && !self.are_others_meant => Some(*range.start()),
            _ => None,
        }
    }
}

impl fmt::Display for Ranks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text that names no ranks, and where it goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRanks {
    text: String,
    /// How many characters come before the wrong place.
    at: usize,
    why: &'static str,
}

impl fmt::Display for InvalidRanks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, at, why } = self;
        write!(f, "{why}\n  {text}\n  {:at$}^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1", "")
    }
}

impl std::error::Error for InvalidRanks {}

impl FromStr for Ranks {
    type Err = InvalidRanks;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |at: usize, why| {
            let at = text.get(..at).map_or(0, |before| before.chars().count());
            InvalidRanks { text: text.to_owned(), at, why }
        };
        let are_others_meant = text.starts_with('!');
        let mut at = usize::from(are_others_meant);
        let mut listed = Vec::new();
        for part in text[at..].split(',') {
            let number =
                |digits: &str, at: usize| digits.parse::<u32>().map_err(|_| wrong(at, "a rank is a number from 0 on"));
            listed.push(if let Some((first, last)) = part.split_once('-') {
                let (first, last) = (number(first, at)?, number(last, at + first.len() + 1)?);
                if first > last {
                    return Err(wrong(at, "a range goes upwards"));
                }
                first..=last
            } else {
                let rank = number(part, at)?;
                rank..=rank
            });
            at += part.len() + 1;
        }
        Ok(Self { text: text.to_owned(), listed, are_others_meant })
    }
}

/// A pattern for a stream's name after the job's: `*` is any text, `?` any character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text): (Vec<char>, Vec<char>) = (self.0.chars().collect(), text.chars().collect());
        let (mut at, mut next) = (0, 0);
        // Where the last star was, and how far the text is that it stands for.
        let mut star: Option<(usize, usize)> = None;
        while next < text.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, next));
                    at += 1;
                }
                Some(symbol) if *symbol == '?' || *symbol == text[next] => {
                    at += 1;
                    next += 1;
                }
                Some(_) | None => match &mut star {
                    Some((star, end)) => {
                        *end += 1;
                        (at, next) = (*star + 1, *end);
                    }
                    None => return false,
                },
            }
        }
        pattern[at..].iter().all(|symbol| *symbol == '*')
    }

    /// What comes before the first place that is not plain text.
    fn head(&self) -> &str {
        self.0.split(['*', '?']).next().unwrap_or_default()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Glob {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "" => Err("an empty pattern matches no log stream"),
            _ if text.contains(':') => Err("':' never occurs in the name of a log stream"),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranks(text: &str) -> Vec<u32> {
        let ranks: Ranks = text.parse().unwrap();
        (0..20).filter(|rank| ranks.take(*rank)).collect()
    }

    #[test]
    fn ranks_are_numbers_not_beginnings() {
        assert_eq!(ranks("0"), [0]);
        assert_eq!(ranks("0-3"), [0, 1, 2, 3]);
        assert_eq!(ranks("1,17-18"), [1, 17, 18]);
        assert_eq!(ranks("!0-17"), [18, 19]);
        let first = Which { ranks: "0".parse().ok(), ..Which::default() };
        assert!(first.takes("algo-1-1700000000") && !first.takes("algo-10-1700000000") && !first.takes("i-0abc"));
        assert_eq!(first.head(), ("algo-1-".to_owned(), true));
        let others = Which { ranks: "!0".parse().ok(), ..Which::default() };
        assert!(!others.takes("algo-1-1700000000") && others.takes("algo-10-1700000000"));
        assert_eq!(others.head(), ("algo-".to_owned(), false));
    }

    #[test]
    fn a_caret_shows_where_ranks_go_wrong() {
        let wrong: Vec<String> = ["", "algo-1", "0,x", "3-1", "!", "0-", "0,,1"]
            .map(|text| text.parse::<Ranks>().unwrap_err().to_string())
            .into();
        insta::assert_snapshot!(wrong.join("\n"), @r"
        a rank is a number from 0 on
          
          ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a rank is a number from 0 on
          algo-1
          ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a rank is a number from 0 on
          0,x
            ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a range goes upwards
          3-1
          ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a rank is a number from 0 on
          !
           ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a rank is a number from 0 on
          0-
            ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        a rank is a number from 0 on
          0,,1
            ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
        ");
    }

    #[test]
    fn globs_match_whole_names() {
        for (glob, name, is_match) in [
            ("algo-*", "algo-1-1700000000", true),
            ("*/data-log", "i-0abc-1700000000/data-log", true),
            ("*/data-log", "i-0abc-1700000000", false),
            ("algo-?-*", "algo-10-1700000000", false),
            ("algo-1", "algo-1-1700000000", false),
            ("*a*b", "xaxbxb", true),
            ("*", "", true),
        ] {
            assert_eq!(glob.parse::<Glob>().unwrap().matches(name), is_match, "{glob} {name}");
        }
        assert_eq!("algo-1*0".parse::<Glob>().unwrap().head(), "algo-1");
    }

    #[test]
    fn the_search_prefix_of_v1_is_a_plain_beginning() {
        let which = Which { starting_with: "algo-1".parse().ok(), ..Which::default() };
        assert!(which.takes("algo-10-1700000000"));
        assert_eq!(which.head(), ("algo-1".to_owned(), true));
        assert!("algo-*".parse::<StreamPrefix>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_begins_with_the_head(
            prefix in proptest::option::of("[ag]?[a-z]{0,2}"), rank in proptest::option::of(0_u32..12),
            glob in proptest::option::of("[a*?]{1,2}[lgo*-]{0,3}"), own in "(algo-[0-9]{1,2}-1|[agl*]{0,4})",
        ) {
            let which = Which {
                starting_with: prefix.and_then(|text| text.parse().ok()),
                ranks: rank.and_then(|rank| rank.to_string().parse().ok()),
                glob: glob.and_then(|glob| glob.parse().ok()),
            };
            let (head, is_exact) = which.head();
            prop_assert!(!which.takes(&own) || own.starts_with(&head));
            prop_assert!(!is_exact || which.takes(&own) == own.starts_with(&head));
        }
    }
}
