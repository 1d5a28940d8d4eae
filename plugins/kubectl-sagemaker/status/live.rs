//! `--watch`: the table as it changes. A terminal shows all of it, drawn anew in its place; elsewhere the rows that have
//! changed come as they change.

use std::time::Duration;

use chrono::Local;
use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, Outcome, operator_sign};

use super::row::Row;
use super::{Found, Status, rows, summary, table};
use crate::canvas::Canvas;
use crate::wanted::Wanted;

/// The time between two looks.
const INTERVAL: Duration = Duration::from_secs(2);

/// Shows what changes until somebody has seen enough.
///
/// # Errors
/// If nothing can be seen from the beginning, or stdout takes no more.
pub(super) async fn run(
    status: &Status,
    cluster: &Cluster,
    wanted: &Wanted,
    console: &mut Console,
) -> Result<Outcome, Failure> {
    let mut shown = Shown::default();
    let mut seen_at = Local::now();
    loop {
        let (found, sign) = tokio::join!(status.find(cluster, wanted), operator_sign(cluster, cluster.namespace()));
        match found {
            Ok(Found { objects, missed }) => {
                let rows = rows(&objects);
                let talk = if rows.is_empty() { status.nothing(cluster, wanted) } else { summary::of(&rows) };
                let talk = format!("{talk} {}", summary::sign_of_life(&sign));
                if console.out_is_terminal() {
                    shown.rows = rows;
                    shown.redraw(&with_trouble(talk, &missed), status.look(console), console)?;
                } else {
                    shown.tell(rows, status.look(console), console)?;
                }
                shown.trouble(missed.first(), console);
                seen_at = Local::now();
            }
            Err(complaint) if shown.is_nothing => return Err(complaint.into()),
            Err(complaint) if console.out_is_terminal() => {
                let talk = format!("As of {}: now nothing can be seen.\n{complaint}", seen_at.format("%H:%M:%S"));
                shown.redraw(&talk, status.look(console), console)?;
            }
            Err(complaint) => shown.trouble(Some(&complaint), console),
        }
        shown.is_nothing = false;
        tokio::time::sleep(INTERVAL).await;
    }
}

fn with_trouble(talk: String, missed: &[Complaint]) -> String {
    missed.iter().fold(talk, |talk, complaint| format!("{talk}\n{complaint}"))
}

/// What has been shown so far.
struct Shown {
    is_nothing: bool,
    rows: Vec<Row>,
    has_headers: bool,
    canvas: Canvas,
    said: Option<String>,
}

impl Default for Shown {
    fn default() -> Self {
        Self { is_nothing: true, rows: Vec::new(), has_headers: false, canvas: Canvas::default(), said: None }
    }
}

impl Shown {
    /// Draws the rows, and the talk below them, in the place of what was drawn before.
    fn redraw(&mut self, talk: &str, look: table::Look, console: &mut Console) -> Result<(), Failure> {
        let text = if self.rows.is_empty() { String::new() } else { table::draw(&self.rows, look) };
        let talk: Vec<&str> = talk.lines().collect();
        let mut lines: Vec<&str> = text.lines().collect();
        let room = usize::from(console.height()).saturating_sub(talk.len() + 2).max(1);
        let hidden = format!("… and {} more", lines.len().saturating_sub(room));
        if lines.len() > room {
            lines.truncate(room);
            lines.push(&hidden);
        }
        lines.extend(talk);
        self.canvas.draw(lines, console)
    }

    /// Prints the rows that say something new.
    fn tell(&mut self, rows: Vec<Row>, look: table::Look, console: &mut Console) -> Result<(), Failure> {
        let before = std::mem::replace(&mut self.rows, rows);
        let is_news = |row: &Row| !before.iter().any(|old| old.uid == row.uid && row.is_like(old));
        let gone = before.iter().filter(|old| !self.rows.iter().any(|row| row.uid == old.uid));
        let gone: Vec<Row> = gone.map(Row::gone).collect();
        let all: Vec<Row> = self.rows.iter().cloned().chain(gone).collect();
        // All of them are drawn, so that the columns stay where they are.
        let text = table::draw(&all, look);
        let mut lines = text.lines();
        let headers = if look.headers { lines.next() } else { None };
        if let Some(headers) = headers.filter(|_| !all.is_empty() && !std::mem::replace(&mut self.has_headers, true)) {
            console.print(&format!("{headers}\n"))?;
        }
        for (row, line) in all.iter().zip(lines) {
            if row.is_gone() || is_news(row) {
                console.print(&format!("{line}\n"))?;
            }
        }
        console.flush()?;
        Ok(())
    }

    /// Says what cannot be seen, once until it changes.
    fn trouble(&mut self, complaint: Option<&Complaint>, console: &mut Console) {
        let said = complaint.map(ToString::to_string);
        if let Some(said) = said.as_ref().filter(|said| self.said.as_ref() != Some(said))
            && !console.out_is_terminal()
        {
            console.say(said);
        }
        self.said = said;
    }
}
