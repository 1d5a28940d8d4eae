//! What Events tell of an object and its children.

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use sagemaker_operator::cli::{Cluster, Complaint, Told, age};

use super::section::Section;
use crate::held::Held;

/// Of how many objects Events are asked for.
const OBJECTS: usize = 20;

/// The Events of an object and of its children, oldest first.
///
/// # Errors
/// Why they cannot be listed.
pub(super) async fn of(cluster: &Cluster, object: &Held, children: &[Held]) -> Result<Vec<Told>, Complaint> {
    let all = std::iter::once(object).chain(children).take(OBJECTS);
    let listed = all.map(async |held| cluster.events(Some(&held.object.namespace), Some(&held.object.uid)).await);
    let mut told: Vec<Told> = try_join_all(listed).await?.into_iter().flatten().collect();
    told.sort_by_key(|told| told.at);
    Ok(told)
}

/// The section.
pub(super) fn section(object: &Held, told: &Result<Vec<Told>, Complaint>, now: DateTime<Utc>) -> Section {
    let told = match told {
        Ok(told) => told,
        Err(complaint) => return Section::unread("events", "Events", complaint.message()),
    };
    let title = object.object.title();
    told.iter().fold(Section::new("events", "Events", told), |section, told| {
        let (head, text) = line(told, now, (told.object != title).then_some(told.object.as_str()));
        section.prose(head.chars().count(), head + &text)
    })
}

/// An Event as a line: what stands before its text, and its text.
pub(crate) fn line(told: &Told, now: DateTime<Utc>, of: Option<&str>) -> (String, String) {
    let since = told.at.and_then(|at| (now - at).to_std().ok()).map_or_else(|| "?".to_owned(), age);
    let of = of.map(|of| format!("{of}  ")).unwrap_or_default();
    let times = if told.count > 1 { format!(" (×{})", told.count) } else { String::new() };
    // What to do about it stands where it says what is wrong.
    let words: Vec<&str> = told.note.lines().next().unwrap_or_default().split_whitespace().collect();
    (format!("{since:>4}  {:7}  {of}{}{times}  ", told.type_, told.reason), words.join(" "))
}
