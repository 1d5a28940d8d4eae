//! The table, as kubectl draws tables.

use comfy_table::{Table, presets};

use super::row::Row;

/// The longest reason that is shown where there is room for all.
const REASON: usize = 40;
/// The blanks between columns.
const GAP: u16 = 3;

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
    let mut lines = Vec::new();
    let with_look = |mut columns: Vec<String>, namespace: &str, wide: [&str; 3]| {
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
        lines.push(with_look(headers, "NAMESPACE", ["SAGEMAKER-NAME", "INSTANCES", "CONSOLE"]));
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
        lines.push(with_look(columns, &row.namespace, [&row.sagemaker_name, &row.instances, &row.page]));
    }
    plain(lines, GAP) + "\n"
}

/// Rows with their columns below each other, so many blanks apart.
pub(crate) fn plain(rows: impl IntoIterator<Item: Into<comfy_table::Row>>, gap: u16) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, gap));
    }
    table.trim_fmt()
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}
