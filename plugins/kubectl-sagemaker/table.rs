//! The table of `status`, as kubectl draws tables.

use std::time::Duration;

use chrono::{DateTime, Utc};
use comfy_table::{Table, presets};
use sagemaker_operator::cli::{Object, age, defused, span};

/// The longest reason that is shown where there is room for all.
const REASON: usize = 40;
/// The blanks between columns.
const GAP: u16 = 3;

/// Whether somebody has to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It goes on by itself.
    Moving,
    /// It has ended.
    Ended,
    /// It does not go on before somebody does something.
    Stuck,
}

/// An object.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) standing: Standing,
    status: String,
    progress: String,
    reason: String,
    region: String,
    age: String,
    sagemaker_name: String,
    instances: String,
}

impl Row {
    pub(crate) fn new(object: &Object, now: DateTime<Utc>) -> Self {
        let standing = match object.ending() {
            Some(_) => Standing::Ended,
            None if object.holds("Stalled").is_some() => Standing::Stuck,
            None => Standing::Moving,
        };
        let or_none = |text: Option<String>| text.map_or_else(|| "<none>".to_owned(), |text| defused(&text));
        Self {
            namespace: object.namespace.clone(),
            name: object.title(),
            standing,
            status: defused(&status(object, standing)),
            progress: progress(object, now).unwrap_or_else(|| "-".to_owned()),
            reason: defused(&reason(object, standing)),
            region: object.region().map_or_else(|| "<unknown>".to_owned(), |region| region.to_string()),
            age: since(object.created, now).map_or_else(|| "<unknown>".to_owned(), age),
            sagemaker_name: or_none(object.sagemaker_name().map(str::to_owned)),
            instances: or_none(object.instances()),
        }
    }
}

fn since(begun: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
    begun.and_then(|begun| (now - begun).to_std().ok())
}

fn status(object: &Object, standing: Standing) -> String {
    if standing == Standing::Stuck {
        return "Stalled".to_owned();
    }
    // Before SageMaker has a word for it, the operator's reason says more than its own status word.
    if let Some(reconciling) = object.holds("Reconciling").filter(|_| !object.is_created()) {
        return reconciling.reason.clone();
    }
    let Some(word) = object.status_word() else {
        return "Pending".to_owned();
    };
    match object.secondary_status() {
        Some(finer) if finer != word => format!("{word} {finer}"),
        Some(_) | None => word.to_owned(),
    }
}

/// `3m of 24h` while it runs, how long it ran after that.
fn progress(object: &Object, now: DateTime<Utc>) -> Option<String> {
    let (begun, ended) = object.ran();
    match (object.ending(), begun) {
        (Some((_, at)), _) => {
            let ran =
                begun.or(object.created).zip(ended.or(at)).and_then(|(begun, ended)| (ended - begun).to_std().ok());
            ran.map(span)
        }
        (None, None) if object.trials().is_some() => {
            object.trials().map(|(ended, most)| format!("{ended} of {most} trials"))
        }
        (None, Some(_)) => {
            let running = age(since(begun, now)?);
            Some(object.max_runtime().map_or_else(|| running.clone(), |limit| format!("{running} of {}", age(limit))))
        }
        (None, None) => None,
    }
}

/// The reason and, of a denial, the action: `AccessDenied iam:PassRole`.
fn reason(object: &Object, standing: Standing) -> String {
    let text = match standing {
        Standing::Stuck => object.holds("Stalled").map(|stalled| {
            match stalled.message.split(|c: char| !c.is_alphanumeric() && c != ':' && c != '-').find(|w| is_action(w)) {
                Some(action) => format!("{} {action}", stalled.reason),
                None => stalled.reason.clone(),
            }
        }),
        Standing::Ended => object.additional().map(str::to_owned),
        Standing::Moving => {
            let reconciling = object.holds("Reconciling").map(|reconciling| reconciling.message.as_str());
            reconciling.or(object.additional()).map(str::to_owned)
        }
    };
    text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `iam:PassRole`.
fn is_action(word: &str) -> bool {
    word.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty()
            && service.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && action.starts_with(|c: char| c.is_ascii_uppercase())
            && action.chars().all(char::is_alphanumeric)
    })
}

/// What the table shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// A column for the namespace.
    pub(crate) namespaces: bool,
    /// Columns that one seldom needs.
    pub(crate) wide: bool,
    /// A first line with the columns' names.
    pub(crate) headers: bool,
    /// The columns of the terminal, if it is one.
    pub(crate) width: Option<u16>,
}

/// Draws the table. Reasons are cut to what fits; `-o wide` shows them whole.
pub(crate) fn draw(rows: &[Row], look: Look) -> String {
    let mut longest = if look.wide { usize::MAX } else { REASON };
    let mut text = draw_with(rows, look, longest);
    let Some(width) = look.width.map(usize::from).filter(|_| !look.wide) else { return text };
    while longest > 8 && text.lines().any(|line| line.chars().count() > width) {
        longest -= 4;
        text = draw_with(rows, look, longest);
    }
    text
}

fn draw_with(rows: &[Row], look: Look, longest: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let with_look = |mut columns: Vec<String>, namespace: &str, wide: [&str; 2]| {
        if look.namespaces {
            columns.insert(0, namespace.to_owned());
        }
        if look.wide {
            let before_age = columns.len() - 1;
            columns.splice(before_age..before_age, wide.map(str::to_owned));
        }
        columns
    };
    if look.headers {
        let headers = ["NAME", "STATUS", "PROGRESS", "REASON", "REGION", "AGE"].map(str::to_owned).to_vec();
        table.add_row(with_look(headers, "NAMESPACE", ["SAGEMAKER-NAME", "INSTANCES"]));
    }
    for row in rows {
        let columns = vec![
            row.name.clone(),
            row.status.clone(),
            row.progress.clone(),
            shortened(&row.reason, longest),
            row.region.clone(),
            row.age.clone(),
        ];
        table.add_row(with_look(columns, &row.namespace, [&row.sagemaker_name, &row.instances]));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt() + "\n"
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}
