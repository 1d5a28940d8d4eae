//! What followings share: the screen, and the account of what was printed.

use std::cell::RefCell;

use sagemaker_operator::cli::{Console, Failure};
use sagemaker_operator::logs::{Event, Follow, Origin};

use crate::resume::Resume;
use crate::session::Session;

/// The screen that several followings share: each holds it for as long as it has something to say.
pub(crate) type Screen<'a> = RefCell<&'a mut Console>;

/// The resume file that they share, once one of them has opened it.
pub(crate) type Account = RefCell<Option<Resume>>;

/// Prints lines, and keeps account of them where that is wanted.
pub(crate) struct Printer<'a> {
    pub(crate) lines: usize,
    pub(crate) account: &'a Account,
    /// The log's number in the account, if there is one.
    pub(crate) index: usize,
}

impl Printer<'_> {
    pub(crate) fn print(
        &mut self,
        events: &[Event],
        origin: &Origin,
        follow: &mut Follow,
        session: &Session,
        screen: &Screen<'_>,
    ) -> Result<(), Failure> {
        self.lines += events.len();
        let lines = events.iter().map(|event| (origin, event));
        let mut console = screen.borrow_mut();
        if let Some(resume) = &mut *self.account.borrow_mut() {
            return resume.print(vec![(self.index, follow.take_advance())], &session.text(lines), &mut console);
        }
        if !events.is_empty() {
            session.print(lines, &mut console)?;
            console.flush()?;
        }
        Ok(())
    }
}
