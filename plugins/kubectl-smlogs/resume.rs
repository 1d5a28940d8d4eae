//! The file of `--resume`: read once, then written along with the output.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sagemaker_operator::cli::{Complaint, Console, Failure};
use sagemaker_operator::logs::{
    Advance, Fingerprinter, Identity, Journal, Opened, Output, Printed, Reconciled, ResumeError, Start,
};

/// How many bytes of records are written at least before a snapshot takes their place.
const RECORDS: u64 = 256 * 1024;

/// A resume file in use. Dropped, it says that all is out.
#[derive(Debug)]
pub(crate) struct Resume {
    path: PathBuf,
    file: File,
    journal: Journal,
    /// Stdout, if it is a regular file.
    output: Option<File>,
    snapshot: u64,
    records: u64,
    /// Whether the file may end in a record whose lines are not out.
    is_ahead: bool,
}

impl Resume {
    /// Opens the file, or begins it, and brings the output into line with it. `logs` are those that will be printed.
    ///
    /// # Errors
    /// If it is not a resume file, damaged, in use, about something else or cannot be written. It is kept then.
    pub(crate) fn open(path: &Path, logs: &[Identity], console: &mut Console) -> Result<Self, Complaint> {
        let failed = |what: &str, error: &io::Error| {
            Complaint::new(format!("cannot {what} the resume file {}: {error}", path.display()))
        };
        let mut file = lock(path).map_err(|error| match error {
            TryLockError::WouldBlock => {
                Complaint::new(format!("the resume file {} is in use by another smlogs", path.display()))
                    .hint("name another file, or end the other one first")
            }
            TryLockError::Error(error) => failed("open", &error),
        })?;
        let mut bytes = Vec::new();
        let about = file.metadata().map_err(|error| failed("open", &error))?;
        if !about.is_file() {
            return Err(Complaint::usage(format!("--resume: {} is not a regular file", path.display())));
        }
        let output = regular_stdout().map_err(|error| failed("compare the output with", &error))?;
        if let Some(output) = &output
            && output.metadata().is_ok_and(|out| (out.dev(), out.ino()) == (about.dev(), about.ino()))
        {
            return Err(Complaint::usage(format!("--resume: {} is what the lines are printed to", path.display())));
        }
        file.read_to_end(&mut bytes).map_err(|error| failed("read", &error))?;
        let refused = |error: ResumeError| refuse(path, &error);
        let journal = if bytes.is_empty() {
            Journal::new()
        } else {
            let opened = Opened::read(&bytes).map_err(refused)?;
            let (journal, reconciled) = opened.reconcile(place(output.as_ref()));
            let logs: Vec<String> = logs.iter().map(|identity| identity.log.clone()).collect();
            journal.is_about(&logs).map_err(refused)?;
            match (reconciled, &output) {
                (Reconciled::Cut(length), Some(output)) => {
                    output.set_len(length).map_err(|error| failed("bring the output into line with", &error))?;
                }
                (Reconciled::Shorter, _) => console
                    .say("note: the output is shorter than it was; lines that are gone from it are not printed again"),
                (Reconciled::Agrees | Reconciled::Cut(_), _) => {}
            }
            if let Some(mut output) = output.as_ref() {
                output.seek(SeekFrom::End(0)).map_err(|error| failed("bring the output into line with", &error))?;
            }
            journal
        };
        Ok(Self { path: path.to_owned(), file, journal, output, snapshot: 0, records: 0, is_ahead: false })
    }

    /// Finds the log among those of the file, or adds it; returns its number.
    ///
    /// # Errors
    /// If the file is about other lines, or cannot be written.
    pub(crate) fn enter(&mut self, identity: Identity) -> Result<usize, Failure> {
        let source = self.journal.enter(identity).map_err(|error| refuse(&self.path, &error))?;
        self.compact()?;
        Ok(source)
    }

    /// Says where a log begins of which nothing has been printed.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn begin(&mut self, source: usize, start: Start) -> Result<(), Failure> {
        self.journal.begin(source, start);
        self.compact()
    }

    /// How far a log has been printed.
    pub(crate) fn progress(&self, source: usize) -> &Printed {
        self.journal.progress(source)
    }

    /// What makes the file's fingerprints.
    pub(crate) fn prints(&self) -> Fingerprinter {
        self.journal.prints()
    }

    /// Prints lines and takes note of them, so that after a kill at any moment each of them is in a file once, and
    /// has gone into a pipe at least once.
    ///
    /// # Errors
    /// If the output or the file takes no more.
    pub(crate) fn print(
        &mut self,
        mut advances: Vec<(usize, Advance)>,
        text: &str,
        console: &mut Console,
    ) -> Result<(), Failure> {
        advances.retain(|(_, advance)| !advance.is_empty());
        if advances.is_empty() && text.is_empty() {
            return Ok(());
        }
        console.flush()?;
        if let Some(output) = &self.output {
            // The length tells later how much of the lines is there, so the record goes ahead.
            let at = output.metadata()?.len();
            let record = self.journal.record(advances, at, text.len() as u64);
            self.append(&record)?;
            self.is_ahead = true;
            console.print(text)?;
            console.flush()?;
            self.is_ahead = false;
        } else {
            console.print(text)?;
            console.flush()?;
            let record = self.journal.record(advances, 0, 0);
            self.append(&record)?;
        }
        if self.records > RECORDS.max(2 * self.snapshot) { self.compact() } else { Ok(()) }
    }

    fn append(&mut self, record: &str) -> Result<(), Complaint> {
        self.file.write_all(record.as_bytes()).map_err(|error| self.unwritable(&error))?;
        self.records += record.len() as u64;
        Ok(())
    }

    /// Puts a snapshot in the place of the whole file, at once or not at all.
    fn compact(&mut self) -> Result<(), Failure> {
        let snapshot = self.journal.snapshot(place(self.output.as_ref()));
        self.file = replace(&self.path, snapshot.as_bytes()).map_err(|error| self.unwritable(&error))?;
        self.snapshot = snapshot.len() as u64;
        self.records = 0;
        Ok(())
    }

    fn unwritable(&self, error: &io::Error) -> Complaint {
        Complaint::new(format!("cannot write the resume file {}: {error}", self.path.display()))
    }
}

impl Drop for Resume {
    fn drop(&mut self) {
        // A file that was refused is kept as it is.
        if self.snapshot > 0 && !self.is_ahead {
            // Without this word the next one only has to be more careful.
            let _ = self.append(&Journal::left());
        }
    }
}

fn refuse(path: &Path, error: &ResumeError) -> Complaint {
    Complaint::new(format!("cannot resume from {}: {error}", path.display()))
        .hint("the file was left as it is; to begin anew, remove it or name another one")
}

/// Opens the file, or creates it, for this process alone.
fn lock(path: &Path) -> Result<File, TryLockError> {
    loop {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(TryLockError::Error)?;
        match file.try_lock() {
            // A file system without locks has to do without.
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                return Err(TryLockError::Error(error));
            }
            Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        // Another process may just have put a new file in its place.
        let number = |about: io::Result<fs::Metadata>| about.map(|about| (about.dev(), about.ino()));
        if number(file.metadata()).ok() == number(fs::metadata(path)).ok() {
            return Ok(file);
        }
    }
}

/// Writes a new file and moves it to its place; it is locked before anybody can see it there.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    // A link stays a link.
    let path = fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().read(true).append(true).create_new(true).open(&new)?;
    match file.try_lock() {
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
        Err(TryLockError::Error(_) | TryLockError::WouldBlock) | Ok(()) => {}
    }
    let moved = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, &path));
    if let Err(error) = moved {
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    // So that the new name survives a power cut, where the file system can promise it.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(file)
}

/// A second handle to stdout, if it is a regular file.
fn regular_stdout() -> io::Result<Option<File>> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok(stdout.metadata()?.is_file().then_some(stdout))
}

fn place(output: Option<&File>) -> Output {
    let about = output.and_then(|output| output.metadata().ok());
    about.map_or(Output::Stream, |about| Output::File { device: about.dev(), inode: about.ino(), length: about.len() })
}
