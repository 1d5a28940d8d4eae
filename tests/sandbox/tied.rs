//! Children that die with us, even when we are killed and can clean up nothing.
//!
//! A child is started through this very program, `sandbox __tied PID COMMAND…`, which asks the kernel for SIGKILL at its
//! parent's death and then becomes the command. The kernel sends that signal when the *thread* that started the child
//! ends, so all children are started by one thread that lasts.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{LazyLock, OnceLock, mpsc};
use std::thread;

use rustix::process::{Pid, Signal, getppid, kill_process_group};

/// The hidden subcommand.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The process to die with.
    parent: i32,
    /// What to become.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Turns this process into the command; returns only if that is impossible.
pub(crate) fn become_command(args: &Args) -> io::Error {
    if let Err(error) = die_with_parent() {
        return error;
    }
    // The parent may have died before the kernel was asked.
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|parent| parent.get() != args.parent) {
        return io::Error::other("the process that started this one has gone");
    }
    let Some((program, rest)) = args.command.split_first() else {
        return io::Error::other("no command given");
    };
    Command::new(program).args(rest).exec()
}

#[cfg(target_os = "linux")]
fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Elsewhere there is no such signal; a child is stopped by its owner only.
#[cfg(not(target_os = "linux"))]
fn die_with_parent() -> io::Result<()> {
    Ok(())
}

/// Where this program is. It has to be asked for before cargo is called, which may put another one in its place: the
/// system would then tell of one that is deleted.
pub(crate) fn itself() -> io::Result<PathBuf> {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    match PATH.get() {
        Some(path) => Ok(path.clone()),
        None => std::env::current_exe().map(|path| PATH.get_or_init(|| path).clone()),
    }
}

/// A command for [`Tied::spawn`]. Arguments, environment and pipes are added as usual.
pub(crate) fn command(program: impl Into<OsString>) -> io::Result<Command> {
    let mut command = Command::new(itself()?);
    command.arg("__tied").arg(std::process::id().to_string()).arg(program.into());
    Ok(command)
}

/// A running child. It and its descendants are killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Tied {
    child: Child,
}

type Request = (Command, mpsc::Sender<io::Result<Child>>);

/// The thread that starts all children and lasts as long as the process.
static SPAWNER: LazyLock<mpsc::Sender<Request>> = LazyLock::new(|| {
    let (sender, requests) = mpsc::channel::<Request>();
    thread::spawn(move || {
        for (mut command, answer) in requests {
            // Whoever asked may have given up meanwhile; then nobody owns the child.
            if let Err(mpsc::SendError(Ok(mut orphan))) = answer.send(command.spawn()) {
                let _ = orphan.kill();
            }
        }
    });
    sender
});

impl Tied {
    /// Starts what [`command`] made, in a process group of its own so that Ctrl-C reaches us alone.
    pub(crate) fn spawn(mut command: Command) -> io::Result<Self> {
        command.process_group(0);
        let (answer, started) = mpsc::channel();
        let gone = || io::Error::other("the thread that starts children has ended");
        SPAWNER.send((command, answer)).map_err(|_| gone())?;
        Ok(Self { child: started.recv().map_err(|_| gone())?? })
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process with its pipes.
    pub(crate) fn pipes(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Tied {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_not_run_once_its_parent_has_gone() {
        let somebody_else = i32::try_from(std::process::id()).unwrap();
        let error = become_command(&Args { parent: somebody_else, command: vec!["/bin/true".into()] });
        assert_eq!(error.to_string(), "the process that started this one has gone");
    }
}
