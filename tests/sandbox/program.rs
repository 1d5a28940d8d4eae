//! Running a program to its end, hearing what it says meanwhile.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::mpsc;

use crate::tied::Tied;

enum Line {
    Out(String),
    Err(String),
}

/// Runs what [`crate::tied::command`] made. Each line of its stderr goes to `talk`, and its stdout is returned. If it
/// fails, the last of its lines are the error; `what` says what failed.
pub(crate) async fn to_end(mut command: Command, what: &str, mut talk: impl FnMut(&str)) -> anyhow::Result<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = Tied::spawn(command).with_context(|| format!("failed to start {what}"))?;
    let (sender, mut lines) = mpsc::unbounded_channel();
    forward(process.pipes().stdout.take(), sender.clone(), Line::Out);
    forward(process.pipes().stderr.take(), sender, Line::Err);
    let (mut output, mut said) = (String::new(), Vec::new());
    while let Some(line) = lines.recv().await {
        match line {
            Line::Out(line) => {
                output.push_str(&line);
                output.push('\n');
            }
            Line::Err(line) => {
                talk(&line);
                said.push(line);
            }
        }
    }
    let status = end_of(&mut process).await?;
    if !status.success() {
        bail!("{what} failed, {status}:\n{}", said[said.len().saturating_sub(15)..].join("\n"));
    }
    Ok(output)
}

/// Runs it with our own stdout and stderr.
pub(crate) async fn visibly(mut command: Command) -> anyhow::Result<ExitStatus> {
    command.stdin(Stdio::null());
    end_of(&mut Tied::spawn(command)?).await
}

async fn end_of(process: &mut Tied) -> anyhow::Result<ExitStatus> {
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    loop {
        if let Some(status) = process.ended()? {
            return Ok(status);
        }
        tick.tick().await;
    }
}

fn forward(pipe: Option<impl Read + Send + 'static>, lines: mpsc::UnboundedSender<Line>, sort: fn(String) -> Line) {
    let Some(pipe) = pipe else { return };
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if lines.send(sort(line)).is_err() {
                return;
            }
        }
    });
}
