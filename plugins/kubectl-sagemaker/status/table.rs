//! The table, as kubectl draws tables.

use comfy_table::{Table, presets};

use super::row::Row;

/// The longest reason that is shown where there is room for all.
const REASON: usize = 40;
/// The shortest that it is cut to before something else gives way.
const SHORT_REASON: usize = 16;
/// The blanks between columns.
const GAP: u16 = 3;
/// Those where there is no room for more.
const NARROW_GAP: u16 = 2;

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

/// Draws the table. On a terminal that has no room for all of it, reasons are cut, columns come closer, and a region that
/// all have in common is left out, in this order; `-o wide` shows everything.
pub(crate) fn draw(rows: &[Row], look: Look) -> String {
    let drawn = |room: Room| plain(cells(rows, look, room), room.gap) + "\n";
    let Some(width) = look.width.map(usize::from).filter(|_| !look.wide) else {
        let longest = if look.wide { usize::MAX } else { REASON };
        return drawn(Room { longest, gap: GAP, regions: true });
    };
    let is_common = rows.windows(2).all(|pair| pair[0].region == pair[1].region);
    let rooms = [(GAP, true), (NARROW_GAP, true), (NARROW_GAP, !is_common)].into_iter();
    let mut rooms = rooms.flat_map(|(gap, regions)| {
        (SHORT_REASON..=REASON).rev().step_by(4).map(move |longest| Room { longest, gap, regions })
    });
    let narrowest = Room { longest: 8, gap: NARROW_GAP, regions: !is_common };
    drawn(rooms.find(|room| width_of(&cells(rows, look, *room), room.gap) <= width).unwrap_or(narrowest))
}

/// How wide the table is that has these cells: to draw it only to see takes long for many rows.
fn width_of(lines: &[Vec<String>], gap: u16) -> usize {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column: usize| lines.iter().filter_map(|line| Some(line.get(column)?.chars().count())).max().unwrap_or(0);
    (0..columns).map(widest).sum::<usize>() + usize::from(gap) * columns.saturating_sub(1)
}

/// How much room there is.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// The letters of a reason.
    longest: usize,
    /// The blanks between columns.
    gap: u16,
    /// Whether there is a column for regions.
    regions: bool,
}

fn cells(rows: &[Row], look: Look, room: Room) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    let with_look = |mut columns: Vec<String>, namespace: &str, wide: [&str; 3]| {
        if !room.regions {
            columns.remove(4);
        }
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
            shortened(&row.reason, room.longest),
            row.region.clone(),
            row.age.clone(),
        ];
        lines.push(with_look(columns, &row.namespace, [&row.sagemaker_name, &row.instances, &row.page]));
    }
    lines
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_wide_as_was_reckoned() {
        let lines = [["NAME", "REASON", "AGE"], ["a", "quota …", "12d"], ["a-longer-name", "", "5s"]];
        let lines = lines.map(|line| line.map(str::to_owned).to_vec());
        for gap in [NARROW_GAP, GAP] {
            let drawn = plain(lines.to_vec(), gap);
            assert_eq!(drawn.lines().map(|line| line.chars().count()).max(), Some(width_of(&lines, gap)), "{drawn}");
        }
    }
}
