//! What was measured, beside what was to be reached.

use std::fmt;

use comfy_table::{CellAlignment, Table as Grid, presets};

/// The figures so far.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

/// A figure of the plain reader and ours, in the same unit; less is better.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) figure: String,
    /// The plain reader's, if it was measured.
    pub(crate) plain: Option<f64>,
    pub(crate) ours: f64,
    pub(crate) goal: Option<f64>,
    pub(crate) unit: &'static str,
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        crate::measure::note(&format!("{}: {:.1} {}", row.figure, row.ours, row.unit));
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grid = Grid::new();
        grid.load_style(presets::ASCII_MARKDOWN);
        grid.set_header(["Figure", "Plain reader", "smlogs", "Ratio", "Goal", ""]);
        for column in 1..5 {
            if let Some(column) = grid.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for Row { figure, plain, ours, goal, unit } in &self.0 {
            let value = |value: f64| format!("{} {unit}", short(value));
            let ratio = plain.filter(|_| *ours > 0.0).map(|plain| format!("{:.1}", plain / ours));
            let met = goal.map(|goal| if *ours <= goal { "met" } else { "missed" });
            grid.add_row([
                figure.clone(),
                plain.map_or_else(String::new, value),
                value(*ours),
                ratio.unwrap_or_default(),
                goal.map_or_else(String::new, |goal| format!("<= {}", value(goal))),
                met.unwrap_or_default().to_owned(),
            ]);
        }
        write!(f, "{grid}")
    }
}

fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
