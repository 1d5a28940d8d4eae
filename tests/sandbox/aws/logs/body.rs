//! A page of events as JSON text.
//!
//! Written by hand: a page of ten thousand events as a tree of values costs more than all that it took to find them.

use std::fmt::Write;

use super::merge::Sighting;

/// The answer of `FilterLogEvents` or `GetLogEvents`, as far as it is written.
#[derive(Debug)]
pub(super) struct Body {
    text: String,
    whose: Whose,
    events: usize,
}

/// What an event says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Stream and id too, as `FilterLogEvents` has it.
    ManyStreams,
    /// Time and text, as `GetLogEvents` has it.
    OneStream,
}

impl Body {
    pub(super) fn new(whose: Whose) -> Self {
        Self { text: "{\"events\":[".to_owned(), whose, events: 0 }
    }

    pub(super) fn push(&mut self, sighting: &Sighting<'_>, message: &str) {
        let key = sighting.stamp.key;
        self.text.push_str(if self.events == 0 { "{" } else { ",{" });
        self.events += 1;
        if self.whose == Whose::ManyStreams {
            let (name, id) = (&sighting.stream.name_as_json, key.id());
            self.write(format_args!("\"logStreamName\":{name},\"eventId\":\"{id}\","));
        }
        self.write(format_args!("\"timestamp\":{},\"ingestionTime\":{},\"message\":", key.timestamp, key.ingestion));
        if sighting.is_plain() {
            self.write(format_args!("\"{message}\"}}"));
        } else {
            self.write(format_args!("{}}}", json_text(message)));
        }
    }

    /// The whole answer, with the tokens and whatever else stands beside the events.
    pub(super) fn finish(mut self, members: &[(&str, &str)]) -> String {
        self.text.push(']');
        if self.whose == Whose::ManyStreams {
            self.text.push_str(",\"searchedLogStreams\":[]");
        }
        for (member, value) in members {
            self.write(format_args!(",\"{member}\":{}", json_text(value)));
        }
        self.text.push('}');
        self.text
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("a String takes all");
    }
}

/// A text in quotes, escaped where JSON wants it.
pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
