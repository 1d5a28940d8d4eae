//! One cursor a stream, for logs of which a window is more than a page.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ledger::Place;
use super::{Event, Fingerprint, Millis, StreamRead};

#[derive(Debug)]
struct Cursor {
    from: Millis,
    token: Option<String>,
    place: Place,
    /// Whether this round has reached the end of what there is.
    at_end: bool,
}

impl Cursor {
    fn new(from: Millis) -> Self {
        Self { from, token: None, place: Place::default(), at_end: false }
    }
}

/// The cursors, visited in turn, a page a visit, until all have reached the end.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    open: BTreeMap<Arc<str>, Cursor>,
    current: Option<Arc<str>>,
    denied: bool,
}

impl Cursors {
    pub(super) fn are_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Opens a cursor, unless there is one or `GetLogEvents` is denied.
    pub(super) fn start(&mut self, stream: &Arc<str>, from: Millis) {
        if !self.denied && !self.open.contains_key(stream) {
            self.open.insert(Arc::clone(stream), Cursor::new(from));
        }
    }

    pub(super) fn close(&mut self) {
        self.open.clear();
        self.current = None;
    }

    /// `GetLogEvents` is denied: listings have to do.
    pub(super) fn give_up(&mut self) {
        self.denied = true;
        self.close();
    }

    pub(super) fn begin_round(&mut self) {
        self.open.values_mut().for_each(|cursor| cursor.at_end = false);
    }

    /// The next stream to read in this round.
    pub(super) fn next(&mut self, group: &Arc<str>) -> Option<StreamRead> {
        let after = self.current.take();
        let waiting = |(_, cursor): &(&Arc<str>, &Cursor)| !cursor.at_end;
        let behind = self.open.iter().filter(|(name, _)| Some(*name) > after.as_ref()).find(waiting);
        let (name, cursor) = behind.or_else(|| self.open.iter().find(waiting))?;
        self.current = Some(Arc::clone(name));
        Some(StreamRead {
            group: Arc::clone(group),
            stream: Arc::clone(name),
            from: cursor.from,
            to: None,
            token: cursor.token.clone(),
        })
    }

    /// The number of this copy at the current cursor's place.
    pub(super) fn nth(&mut self, event: &Event, print: Fingerprint) -> u32 {
        self.current_mut().map_or(0, |cursor| cursor.place.nth(event, print))
    }

    /// The current cursor has read a page.
    pub(super) fn advance(&mut self, next: Option<String>) {
        if let Some(cursor) = self.current_mut() {
            cursor.at_end = next.is_none() || next == cursor.token;
            cursor.token = next.or(cursor.token.take());
        }
    }

    /// Whether the current cursor has just been read by a token.
    pub(super) fn had_token(&mut self) -> bool {
        self.current_mut().is_some_and(|cursor| cursor.token.is_some())
    }

    pub(super) fn drop_current(&mut self) {
        if let Some(name) = self.current.take() {
            self.open.remove(&name);
        }
    }

    /// The current cursor's token has expired: begin where it was by time; the ledger knows what was printed.
    /// False if there was no token, so that it was something else.
    pub(super) fn reopen_current(&mut self) -> bool {
        self.current_mut().is_some_and(|cursor| {
            let token = cursor.token.take();
            *cursor = Cursor::new(cursor.place.at().max(cursor.from));
            token.is_some()
        })
    }

    fn current_mut(&mut self) -> Option<&mut Cursor> {
        self.open.get_mut(self.current.as_ref()?)
    }
}
