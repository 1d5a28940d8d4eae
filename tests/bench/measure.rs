//! Running a program to its end and asking the kernel what it took.

use std::fs;
use std::io::Write as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// How often the memory of a running program is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// What a program took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// From before exec to after the exit.
    pub(crate) wall: Duration,
    /// On all cores, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
}

/// Runs a program to its end; its stdout goes where `out` says.
pub(crate) fn run(command: &mut Command, out: Stdio) -> Taken {
    command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped());
    let begun = Instant::now();
    let child = command.spawn().expect("the program starts");
    let id = child.id();
    let pid = Pid::from_raw(i32::try_from(id).expect("a process id fits")).expect("and is positive");
    let watch = thread::spawn(move || {
        let mut peak = 0;
        while let Some(resident) = peak_of(id) {
            peak = resident.max(peak);
            thread::sleep(LOOK);
        }
        peak
    });
    // The process stays readable in /proc until it is reaped.
    let ended = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    let wall = begun.elapsed();
    ended.expect("one's own child can be waited for");
    let cpu = cpu_of(id);
    let peak = watch.join().expect("looking at /proc does not panic");
    let output = child.wait_with_output().expect("one's own child can be waited for");
    check(output.status, &String::from_utf8_lossy(&output.stderr));
    Taken { wall, cpu, peak }
}

/// What a program takes, by the middle one of three runs in each respect: other work on the machine is noise.
pub(crate) fn run_thrice(mut run: impl FnMut() -> Taken) -> Taken {
    fn middle<T: Ord + Copy>(mut figures: [T; 3]) -> T {
        figures.sort();
        figures[1]
    }
    let runs = [run(), run(), run()];
    Taken {
        wall: middle(runs.map(|taken| taken.wall)),
        cpu: middle(runs.map(|taken| taken.cpu)),
        peak: middle(runs.map(|taken| taken.peak)),
    }
}

#[track_caller]
fn check(status: ExitStatus, said: &str) {
    assert!(status.success(), "{status}: {said}");
}

/// The high-water mark; `None` once the process has given its memory back.
fn peak_of(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// User and kernel time. The kernel counts in ticks of 10 ms.
fn cpu_of(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process that was not reaped is in /proc");
    let (_, after_name) = stat.rsplit_once(") ").expect("the name is in parentheses");
    let ticks: u64 = after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A line about what goes on.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The result.
pub(crate) fn show(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

#[expect(clippy::cast_precision_loss, reason = "a figure for a table")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
