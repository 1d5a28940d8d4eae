//! Where lines go without `-f`: to stdout, and into the account of a resume file.

use std::time::Duration;

use sagemaker_operator::cli::{Console, Failure};
use sagemaker_operator::logs::{Event, Identity, Millis, Origin, Sifted, Start};

use crate::resume::Resume;
use crate::session::Session;

/// How much older than the first line of a log one may be that comes later: clocks of hosts differ.
const LATE: Duration = Duration::from_hours(1);

/// The way out for the lines of several logs.
pub(crate) struct Sink<'a> {
    session: &'a Session,
    origins: Vec<Origin>,
    account: Option<Account>,
}

/// What has been printed.
struct Account {
    resume: Resume,
    /// The number of each log in the file and, once its beginning is known, what is new of it.
    logs: Vec<(usize, Option<Sifted>)>,
    is_first: bool,
    lines: usize,
}

impl<'a> Sink<'a> {
    /// A way out for these logs. Opens the resume file, if one is wanted.
    pub(crate) fn open(
        session: &'a Session,
        origins: Vec<Origin>,
        identities: Vec<Identity>,
        console: &mut Console,
    ) -> Result<Self, Failure> {
        let Some(mut resume) = session.resume(&identities, console)? else {
            return Ok(Self { session, origins, account: None });
        };
        let mut logs = Vec::new();
        for identity in identities {
            let index = resume.enter(identity)?;
            let progress = resume.progress(index);
            logs.push((index, progress.has_begun().then(|| Sifted::new(progress, resume.prints()))));
        }
        let is_first = logs.iter().all(|(_, sifted)| sifted.is_none());
        Ok(Self { session, origins, account: Some(Account { resume, logs, is_first, lines: 0 }) })
    }

    /// From when on a log is to be read, if it has been read before.
    pub(crate) fn goes_on_from(&self, log: usize) -> Option<Millis> {
        let Account { resume, logs, .. } = self.account.as_ref()?;
        let (index, sifted) = &logs[log];
        sifted.as_ref().map(|_| resume.progress(*index).reading_from())
    }

    /// Says where a log begins.
    pub(crate) fn begin(&mut self, log: usize, start: Start) -> Result<(), Failure> {
        if let Some(Account { resume, logs, .. }) = &mut self.account {
            let (index, sifted) = &mut logs[log];
            resume.begin(*index, start)?;
            *sifted = Some(Sifted::new(resume.progress(*index), resume.prints()));
        }
        Ok(())
    }

    /// Prints lines of one log.
    pub(crate) fn print_one(
        &mut self,
        log: usize,
        lines: Vec<Event>,
        began: impl Fn(usize) -> Option<Millis>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        if self.account.is_none() {
            return self.session.print(lines.iter().map(|event| (&self.origins[log], event)), console);
        }
        self.print(lines.into_iter().map(|event| (log, event)).collect(), began, console)
    }

    /// Prints lines, each with the number of its log; `began` tells when the reading of a log began.
    pub(crate) fn print(
        &mut self,
        mut lines: Vec<(usize, Event)>,
        began: impl Fn(usize) -> Option<Millis>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        if self.account.is_some() {
            self.begin_with(&lines)?;
        }
        let Self { session, origins, account } = self;
        let Some(Account { resume, logs, is_first: _, lines: count }) = account else {
            return session.print(lines.iter().map(|(log, event)| (&origins[*log], event)), console);
        };
        lines.retain(|(log, event)| logs[*log].1.as_mut().is_none_or(|sifted| sifted.takes(event)));
        *count += lines.len();
        let mut advances = Vec::new();
        for (log, (index, sifted)) in logs.iter_mut().enumerate() {
            if let Some(sifted) = sifted {
                sifted.began(began(log));
                advances.push((*index, sifted.take_advance()));
            }
        }
        let text = session.text(lines.iter().map(|(log, event)| (&origins[*log], event)));
        resume.print(advances, &text, console)
    }

    /// A log that is read in order begins with its first line, but for what comes late.
    fn begin_with(&mut self, lines: &[(usize, Event)]) -> Result<(), Failure> {
        for (log, event) in lines {
            if self.account.as_ref().is_some_and(|account| account.logs[*log].1.is_none()) {
                self.begin(*log, Start::at(event.timestamp - LATE))?;
            }
        }
        Ok(())
    }

    /// Whether there were lines before, and none since.
    pub(crate) fn has_nothing_new(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !account.is_first && account.lines == 0)
    }
}
