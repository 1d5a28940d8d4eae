//! Programs as processes: started tied to the test, their output collected, ended with it.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::built;
use super::eventually::{PATIENCE, eventually};

/// A program about to be run, with nothing of the developer's environment but PATH.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    input: Option<String>,
    output: Option<File>,
    /// The width of its terminal.
    columns: Option<u16>,
    name: String,
}

impl Program {
    /// The kernel kills the process when the thread ends that started it: no test leaves one behind, not even one that
    /// is killed itself.
    pub(crate) fn tied(program: &Path) -> Self {
        let mut command = Command::new(built::sandbox());
        command.arg("__tied").arg(std::process::id().to_string()).arg(program);
        Self::clean(command, program)
    }

    /// A process that outlives the thread that starts it; it has to end by itself when its input closes.
    pub(super) fn lasting(program: &Path) -> Self {
        Self::clean(Command::new(program), program)
    }

    fn clean(mut command: Command, program: &Path) -> Self {
        command.env_clear();
        for kept in ["PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "KUBEBUILDER_ASSETS"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        // Neither the developer's profile nor the machine's own role is to be found.
        for (variable, value) in [
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("KUBECONFIG", "/dev/null"),
        ] {
            command.env(variable, value);
        }
        let name = program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Self { command, input: None, output: None, columns: None, name }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets variables.
    pub(crate) fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(mut self, all: impl IntoIterator<Item = (N, V)>) -> Self {
        self.command.envs(all);
        self
    }

    /// Removes a variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What it reads on stdin; without, there is nothing to read.
    pub(crate) fn stdin(mut self, text: impl Into<String>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Where its stdout goes; without, it is collected.
    pub(crate) fn stdout_to(mut self, file: File) -> Self {
        self.output = Some(file);
        self
    }

    /// How wide its terminal is, if it is started on one.
    pub(crate) fn columns(mut self, columns: u16) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Starts it.
    #[track_caller]
    pub(crate) fn start(mut self) -> Running {
        let input = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let output = self.output.take().map_or_else(Stdio::piped, Stdio::from);
        self.command.stdin(input).stdout(output).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        if let (Some(text), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // A program that fails early does not read all of it, and says why itself.
            let _ = stdin.write_all(text.as_bytes());
        }
        Running::new(child, self.name)
    }

    /// Starts it with a pipe to its input that stays open.
    pub(super) fn start_held(mut self) -> (Running, ChildStdin) {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        let stdin = child.stdin.take().expect("stdin is a pipe");
        (Running::new(child, self.name), stdin)
    }

    /// Starts it with both its outputs on a terminal: what is shown there counts as stdout.
    #[track_caller]
    pub(crate) fn start_on_terminal(self) -> Running {
        self.start_at_terminal(false).0
    }

    /// The same with its input there too; what is written to the file is typed.
    #[track_caller]
    pub(crate) fn start_in_conversation(self) -> (Running, File) {
        self.start_at_terminal(true)
    }

    #[track_caller]
    fn start_at_terminal(mut self, listens: bool) -> (Running, File) {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there is a free terminal");
        grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("it is ours");
        if let Some(columns) = self.columns {
            let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
            tcsetwinsize(&terminal, size).expect("a terminal can have any size");
        }
        let path = ptsname(&terminal, Vec::new()).expect("it has a name").into_string().expect("of plain letters");
        let line = || OpenOptions::new().read(true).write(true).open(&path).expect("a terminal can be written to");
        let input = if listens { Stdio::from(line()) } else { Stdio::null() };
        self.command.stdin(input).stdout(line()).stderr(line());
        let child = self.command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        // The command holds the near end open, and the far end is read until that is closed.
        let Self { command: _, name, .. } = self;
        let typed = File::from(terminal);
        let shown = typed.try_clone().expect("a terminal has as many ends as one likes");
        (Running { child, name, stdout: Output::collect(shown), stderr: Output::elsewhere() }, typed)
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Finished {
        self.start().finish(PATIENCE)
    }
}

/// A running process. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    name: String,
    stdout: Output,
    stderr: Output,
}

impl Running {
    fn new(mut child: Child, name: String) -> Self {
        let stdout = child.stdout.take().map_or_else(Output::elsewhere, Output::collect);
        let stderr = Output::collect(child.stderr.take().expect("stderr is a pipe"));
        Self { child, name, stdout, stderr }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to stdout so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.so_far()
    }

    /// What it has written to stderr so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits for a line of stdout that contains `text`, and returns the line.
    #[track_caller]
    pub(crate) fn until_stdout_has(&mut self, text: &str) -> String {
        self.until(&format!("{text:?} on stdout of {}", self.name), |running| {
            running.stdout().lines().find(|line| line.contains(text)).map(str::to_owned)
        })
    }

    /// Waits for a line of stderr that contains `text`, and returns the line.
    #[track_caller]
    pub(crate) fn until_stderr_has(&mut self, text: &str) -> String {
        self.until(&format!("{text:?} on stderr of {}", self.name), |running| {
            running.stderr().lines().find(|line| line.contains(text)).map(str::to_owned)
        })
    }

    #[track_caller]
    fn until<T>(&mut self, what: &str, found: impl Fn(&Self) -> Option<T>) -> T {
        eventually(what, PATIENCE, || {
            let ended = self.ended();
            let found = found(self);
            assert!(found.is_some() || ended.is_none(), "{what} never came: {ended:?}\n{}", self.words());
            found.ok_or_else(|| self.words())
        })
    }

    fn words(&self) -> String {
        format!("stdout: {}\nstderr: {}", self.stdout(), self.stderr())
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id is positive");
        kill_process(pid, signal).expect("one's own child takes signals");
    }

    /// Ends it as a power cut would: SIGKILL, no clean-up.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself, which is as dead.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self, patience: Duration) -> Finished {
        let what = format!("the end of {}", self.name);
        let status = eventually(&what, patience, || self.ended().ok_or_else(|| self.words()));
        Finished { name: self.name.clone(), status, stdout: self.stdout.whole(), stderr: self.stderr.whole() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            // The test harness shows this beneath the failure.
            let _ = writeln!(std::io::stderr(), "--- {} ---\n{}", self.name, self.words());
        }
    }
}

/// What a process left.
#[derive(Debug)]
pub(crate) struct Finished {
    name: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// The exit code; -1 if a signal ended it.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// Its stdout, if it went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        let Self { name, status, stdout, stderr } = self;
        assert!(status.success(), "{name}: {status}\nstdout: {stdout}\nstderr: {stderr}");
        stdout
    }
}

#[derive(Debug)]
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn collect(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            while let Ok(bytes) = pipe.fill_buf() {
                let read = bytes.len();
                if read == 0 {
                    return;
                }
                sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
                pipe.consume(read);
            }
        });
        Self { text, reader: Some(reader) }
    }

    /// It goes into a file.
    fn elsewhere() -> Self {
        Self { text: Arc::default(), reader: None }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// All of it, once the process has ended.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.so_far()
    }
}
