//! The journal: what was printed, batch by batch, and where in the output each batch stands.

use serde::{Deserialize, Serialize};

use super::super::{Fingerprinter, Millis, Start};
use super::printed::{Advance, KeptPrinted, Printed};
use super::text::{self, ResumeError};

/// Which log, and which of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Where the log is: region, group and name.
    pub log: String,
    /// The job's ARN, where it is known; it tells the account too.
    pub arn: Option<String>,
    /// The options that select lines, as a person would type them.
    pub lines: String,
}

/// What the lines are printed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// A regular file.
    File {
        /// Its file system.
        device: u64,
        /// Its number there.
        inode: u64,
        /// Its length.
        length: u64,
    },
    /// Anything else, which cannot be looked at again.
    Stream,
}

impl Output {
    fn is_same_file(self, other: Self) -> bool {
        let file = |output| match output {
            Self::File { device, inode, length: _ } => Some((device, inode)),
            Self::Stream => None,
        };
        file(self).is_some() && file(self) == file(other)
    }

    fn length(self) -> u64 {
        match self {
            Self::File { length, .. } => length,
            Self::Stream => 0,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    prints: Fingerprinter,
    output: Output,
    sources: Vec<(Identity, KeptPrinted)>,
}

/// What stands behind the snapshot.
#[derive(Debug, Serialize, Deserialize)]
enum Record {
    /// Lines, and what they add to each of their logs. They are in the output from `at` on; or, if the process was
    /// killed, a part of them.
    Batch { at: u64, length: u64, advances: Vec<(usize, Advance)> },
    /// The process ended in an orderly way: all batches are out.
    Left,
}

/// What was printed, of one log or several.
#[derive(Debug)]
pub struct Journal {
    prints: Fingerprinter,
    sources: Vec<(Identity, Printed)>,
}

/// A resume file that has been read, but not yet compared with the output.
#[derive(Debug)]
pub struct Opened {
    snapshot: Snapshot,
    records: Vec<Record>,
}

/// What the comparison of the journal with the output has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// Nothing has to be done.
    Agrees,
    /// The output ends in a batch that was not written to its end: it has to be cut to this length.
    Cut(u64),
    /// The output is shorter than it was, by more than can be told.
    Shorter,
}

impl Journal {
    /// Nothing has been printed yet.
    pub fn new() -> Self {
        Self { prints: Fingerprinter::default(), sources: Vec::new() }
    }

    /// What makes the fingerprints that the journal holds.
    pub fn prints(&self) -> Fingerprinter {
        self.prints.clone()
    }

    /// Finds the log among those of the journal, or adds it; returns its number.
    ///
    /// # Errors
    /// If the journal is about other logs or other lines.
    pub fn enter(&mut self, identity: Identity) -> Result<usize, ResumeError> {
        if let Some((theirs, _)) = self.sources.iter().find(|(theirs, _)| theirs.lines != identity.lines) {
            let (theirs, ours) = (theirs.lines.clone(), identity.lines);
            return Err(ResumeError::OtherLines { theirs, ours });
        }
        if let Some(index) = self.sources.iter().position(|(theirs, _)| theirs.log == identity.log) {
            let theirs = &mut self.sources[index].0;
            if let (Some(theirs), Some(ours)) = (&theirs.arn, &identity.arn)
                && theirs != ours
            {
                return Err(ResumeError::OtherLog { theirs: theirs.clone(), ours: ours.clone() });
            }
            theirs.arn = identity.arn.or(theirs.arn.take());
            return Ok(index);
        }
        self.sources.push((identity, Printed::new(Start::at(Millis::default()))));
        Ok(self.sources.len() - 1)
    }

    /// Whether any of these logs has been printed from before, or none has been at all.
    ///
    /// # Errors
    /// If the journal is about others only.
    pub fn is_about(&self, logs: &[String]) -> Result<(), ResumeError> {
        let Some((first, _)) = self.sources.first() else { return Ok(()) };
        if self.sources.iter().any(|(identity, _)| logs.contains(&identity.log)) {
            return Ok(());
        }
        Err(ResumeError::OtherLog { theirs: first.log.clone(), ours: logs.join(", ") })
    }

    /// How far a log has been printed.
    pub fn progress(&self, source: usize) -> &Printed {
        &self.sources[source].1
    }

    /// Says where a log begins, of which nothing has been printed.
    pub fn begin(&mut self, source: usize, start: Start) {
        self.sources[source].1 = Printed::new(start);
    }

    /// Takes in a batch; returns its record. `at` is the length of the output before it, `length` its own.
    pub fn record(&mut self, mut advances: Vec<(usize, Advance)>, at: u64, length: u64) -> String {
        for (source, advance) in &mut advances {
            let progress = &mut self.sources[*source].1;
            advance.streams.retain(|stream| !progress.knows(stream));
            progress.advance(advance);
        }
        text::line(&Record::Batch { at, length, advances })
    }

    /// The record of an orderly end.
    pub fn left() -> String {
        text::line(&Record::Left)
    }

    /// The whole file, short of any records.
    pub fn snapshot(&self, output: Output) -> String {
        let sources = self.sources.iter().map(|(identity, progress)| (identity.clone(), progress.kept()));
        let snapshot = Snapshot { prints: self.prints.clone(), output, sources: sources.collect() };
        text::head() + &text::line(&snapshot)
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new()
    }
}

impl Opened {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is no resume file, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, ResumeError> {
        let lines = text::lines(bytes)?;
        let (first, rest) = lines.split_first().ok_or(ResumeError::Corrupt { line: 2 })?;
        let snapshot: Snapshot = text::value(0, first)?;
        let records = rest.iter().zip(1..).map(|(line, index)| {
            let record = text::value(index, line)?;
            match &record {
                Record::Batch { advances, .. }
                    if advances.iter().any(|(source, _)| *source >= snapshot.sources.len()) =>
                {
                    Err(ResumeError::Corrupt { line: index + 2 })
                }
                Record::Batch { .. } | Record::Left => Ok(record),
            }
        });
        let records = records.collect::<Result<_, _>>()?;
        Ok(Self { snapshot, records })
    }

    /// Brings the journal into line with what is to be printed to now.
    pub fn reconcile(self, now: Output) -> (Journal, Reconciled) {
        let Self { snapshot: Snapshot { prints, output, sources }, records } = self;
        let sources = sources.into_iter().map(|(identity, kept)| (identity, Printed::restored(kept))).collect();
        let mut journal = Journal { prints, sources };
        let was_left = matches!(records.last(), Some(Record::Left));
        let batches = records.into_iter().filter_map(|record| match record {
            Record::Batch { at, length, advances } => Some((at, length, advances)),
            Record::Left => None,
        });
        let mut batches: Vec<_> = batches.collect();
        let mut reconciled = Reconciled::Agrees;
        if output.is_same_file(now) {
            let there = now.length();
            // A record goes ahead of its batch.
            if let Some(torn) = batches.iter().position(|(at, length, _)| at + length > there) {
                let (at, _, _) = batches[torn];
                batches.truncate(torn);
                if there > at {
                    reconciled = Reconciled::Cut(at);
                }
            }
            if there < output.length() {
                reconciled = Reconciled::Shorter;
            }
        } else if output != Output::Stream && !was_left {
            // Nobody knows whether the last batch was written: printing it again is better than never.
            batches.pop();
        }
        for (source, advance) in batches.into_iter().flat_map(|(_, _, advances)| advances) {
            journal.sources[source].1.advance(&advance);
        }
        (journal, reconciled)
    }
}
