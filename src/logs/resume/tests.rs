//! Kills at any moment, in virtual time: whatever was being written, the file holds each line once.

use std::time::Duration;

use proptest::prelude::*;

use super::super::fake::{BEGIN, Fake};
use super::super::{Event, Fetch, Follow, Next, Quota, Selection, Settings, Share, Start, Step};
use super::*;

const END: Duration = Duration::from_mins(1);

fn selection() -> Selection {
    Selection::job("/aws/sagemaker/TrainingJobs", "job")
}

fn identity() -> Identity {
    Identity { log: "job in us-west-2".to_owned(), arn: None, lines: "of all streams".to_owned() }
}

/// What outlives a process: the resume file and the output.
#[derive(Debug, Default)]
struct Disk {
    file: Vec<u8>,
    output: String,
    is_pipe: bool,
}

/// Somebody pulls the plug after so many bytes have been written.
#[derive(Debug)]
struct Killed;

#[derive(Debug)]
struct Process<'a> {
    disk: &'a mut Disk,
    journal: Journal,
    source: usize,
    budget: usize,
}

impl<'a> Process<'a> {
    fn start(disk: &'a mut Disk, budget: usize) -> Self {
        let mut journal = Journal::new();
        if !disk.file.is_empty() {
            let (resumed, reconciled) =
                Opened::read(&disk.file).expect("a torn end is no damage").reconcile(disk.place());
            match reconciled {
                Reconciled::Cut(length) => disk.output.truncate(usize::try_from(length).expect("it is short")),
                Reconciled::Agrees => {}
                Reconciled::Shorter => panic!("nobody has shortened the output"),
            }
            journal = resumed;
        }
        let source = journal.enter(identity()).expect("it is the same log");
        if !journal.progress(source).has_begun() {
            journal.begin(source, Start::at(BEGIN - Duration::from_hours(1)));
        }
        disk.file = journal.snapshot(disk.place()).into_bytes();
        Self { disk, journal, source, budget }
    }

    fn write(&mut self, bytes: &str, to_output: bool) -> Result<(), Killed> {
        let written = bytes.len().min(self.budget);
        self.budget -= written;
        if to_output {
            self.disk.output.push_str(&bytes[..written]);
        } else {
            self.disk.file.extend_from_slice(&bytes.as_bytes()[..written]);
        }
        if written < bytes.len() { Err(Killed) } else { Ok(()) }
    }

    fn print(&mut self, advance: Advance, events: &[Event]) -> Result<(), Killed> {
        let text: String = events.iter().map(line).collect();
        if self.disk.is_pipe {
            self.write(&text, true)?;
            let record = self.journal.record(vec![(self.source, advance)], 0, 0);
            self.write(&record, false)
        } else {
            let (at, length) = (self.disk.output.len() as u64, text.len() as u64);
            let record = self.journal.record(vec![(self.source, advance)], at, length);
            self.write(&record, false)?;
            self.write(&text, true)
        }
    }
}

impl Disk {
    fn place(&self) -> Output {
        if self.is_pipe {
            return Output::Stream;
        }
        Output::File { device: 1, inode: 2, length: self.output.len() as u64 }
    }

    fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.output.split_inclusive('\n').collect();
        lines.sort_unstable();
        lines
    }
}

fn line(event: &Event) -> String {
    // Cursors do not have the id.
    let Event { stream, timestamp, ingested, message, id: _ } = event;
    format!("{stream} {} {} {message}\n", timestamp.0, ingested.0)
}

fn written(fake: &Fake) -> Vec<String> {
    let mut lines: Vec<String> = fake.events().iter().map(line).collect();
    lines.sort_unstable();
    lines
}

/// What is in one and not in the other.
fn difference(found: &[&str], wanted: &[String]) -> Vec<String> {
    let mut balance = std::collections::BTreeMap::<&str, i32>::new();
    for line in wanted {
        *balance.entry(line).or_default() += 1;
    }
    for line in found {
        *balance.entry(line).or_default() -= 1;
    }
    balance.iter().filter(|(_, count)| **count != 0).map(|(line, count)| format!("{count:+} {line}")).collect()
}

/// Follows from `clock` on; returns when it was over.
fn follow(fake: &mut Fake, process: &mut Process<'_>, settings: Settings, clock: &mut Duration) -> Result<(), Killed> {
    let begun = *clock;
    let progress = process.journal.progress(process.source);
    let mut follow = Follow::resumed(selection(), settings, progress, process.journal.prints());
    loop {
        let now = clock.saturating_sub(begun);
        if *clock >= END {
            follow.job_ended(Some(BEGIN + END), now);
        }
        assert!(*clock < Duration::from_mins(20), "following never ends: {follow:?}");
        match follow.next(now) {
            Step::Done => return Ok(()),
            Step::Wait(pause) => *clock += pause.min(Duration::from_secs(1)),
            Step::Call(request) => {
                *clock += Duration::from_millis(40);
                match fake.ask(&request, BEGIN + *clock) {
                    Ok(page) => {
                        let new = follow.took(page, clock.saturating_sub(begun));
                        process.print(follow.take_advance(), &new)?;
                    }
                    Err(error) => drop(follow.failed(&error, clock.saturating_sub(begun), 0.5)),
                }
            }
        }
    }
}

/// Reads what there is at `clock`.
fn read(fake: &mut Fake, process: &mut Process<'_>, clock: Duration) -> Result<(), Killed> {
    let printed = process.journal.progress(process.source);
    let mut sifted = Sifted::new(printed, process.journal.prints());
    let mut fetch = Fetch::new(&selection(), printed.reading_from(), &Share::of(Quota::of("us-east-1")));
    let mut now = Duration::ZERO;
    loop {
        while let Some(mut events) = fetch.ready() {
            events.retain(|event| sifted.takes(event));
            process.print(sifted.take_advance(), &events)?;
        }
        match fetch.next(now) {
            Next::Ask(ticket, request) => {
                now += Duration::from_millis(40);
                let page = fake.ask(&request, BEGIN + clock).expect("no failures");
                sifted.began(page.served);
                fetch.took(ticket, page, now);
            }
            Next::Wait(pause) => now += pause.expect("nothing is under way"),
            Next::Done => return Ok(()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_holds_each_line_once_however_often_following_is_killed(
        seed: u64,
        hosts in 1_u64..6,
        page in 20_usize..400,
        small_pages: bool,
        budgets in proptest::collection::vec(0_usize..40_000, 0..20),
        away in 0_u64..20,
    ) {
        let mut fake = Fake::job(seed, hosts, 60, page);
        let settings = Settings { page_lines: if small_pages { 20 } else { 10_000 }, ..Settings::default() };
        let (mut disk, mut clock) = (Disk::default(), Duration::ZERO);
        for budget in budgets.into_iter().chain([usize::MAX]) {
            let mut process = Process::start(&mut disk, budget);
            if follow(&mut fake, &mut process, settings.clone(), &mut clock).is_ok() && budget == usize::MAX {
                break;
            }
            clock += Duration::from_secs(away);
        }
        prop_assert_eq!(difference(&disk.lines(), &written(&fake)), Vec::<String>::new());
    }

    #[test]
    fn a_pipe_has_brought_each_line_at_least_once(
        seed: u64,
        page in 20_usize..400,
        budgets in proptest::collection::vec(0_usize..40_000, 0..8),
    ) {
        let mut fake = Fake::job(seed, 3, 60, page);
        let (mut disk, mut clock) = (Disk { is_pipe: true, ..Disk::default() }, Duration::ZERO);
        for budget in budgets.into_iter().chain([usize::MAX]) {
            let mut process = Process::start(&mut disk, budget);
            if follow(&mut fake, &mut process, Settings::default(), &mut clock).is_err() {
                // The line that was cut off cannot be taken back.
                disk.output.push('\n');
            }
        }
        for line in written(&fake) {
            prop_assert!(disk.lines().contains(&&*line), "lost: {}", line);
        }
    }

    #[test]
    fn a_file_holds_each_line_once_however_often_reading_is_killed(
        seed: u64,
        hosts in 1_u64..6,
        page in 20_usize..400,
        budgets in proptest::collection::vec((0_usize..40_000, 0_u64..30), 0..20),
    ) {
        let mut fake = Fake::job(seed, hosts, 60, page);
        let (mut disk, mut clock) = (Disk::default(), Duration::ZERO);
        for (budget, away) in budgets {
            let mut process = Process::start(&mut disk, budget);
            let _ = read(&mut fake, &mut process, clock);
            clock += Duration::from_secs(away);
        }
        let mut process = Process::start(&mut disk, usize::MAX);
        read(&mut fake, &mut process, Duration::from_hours(1)).expect("nobody pulls the plug");
        prop_assert_eq!(difference(&disk.lines(), &written(&fake)), Vec::<String>::new());
    }

    #[test]
    fn no_damage_goes_unnoticed(at: prop::sample::Index, bit in 0_u8..8) {
        let sound = sound_file();
        let mut damaged = sound.clone();
        let place = at.index(damaged.len());
        damaged[place] ^= 1 << bit;
        if place + 1 == damaged.len() {
            // The last line now has no end: it was not written.
            prop_assert!(Opened::read(&damaged).is_ok());
        } else {
            prop_assert!(Opened::read(&damaged).is_err(), "byte {} of {}", place, String::from_utf8_lossy(&sound));
        }
    }
}

/// Three batches of a line each, 10 bytes long.
fn sound_file() -> Vec<u8> {
    let mut journal = Journal::new();
    let source = journal.enter(identity()).unwrap();
    let mut file = journal.snapshot(Output::File { device: 1, inode: 2, length: 5 });
    let mut sifted = Sifted::new(journal.progress(source), journal.prints());
    for index in 0..3 {
        let event = Fake::job(index, 1, 5, 10).events().remove(0);
        assert!(sifted.takes(&event));
        file += &journal.record(vec![(source, sifted.take_advance())], 5 + 10 * index, 10);
    }
    file.into_bytes()
}

#[test]
fn the_output_tells_how_many_batches_were_written() {
    let file = |inode, length| Output::File { device: 1, inode, length };
    for (output, is_left, lines, wanted) in [
        (file(2, 35), false, 3, Reconciled::Agrees),
        (file(2, 99), false, 3, Reconciled::Agrees),
        (file(2, 34), false, 2, Reconciled::Cut(25)),
        (file(2, 25), false, 2, Reconciled::Agrees),
        (file(2, 7), false, 0, Reconciled::Cut(5)),
        (file(2, 5), false, 0, Reconciled::Agrees),
        (file(2, 4), false, 0, Reconciled::Shorter),
        (file(3, 35), false, 2, Reconciled::Agrees),
        (file(3, 35), true, 3, Reconciled::Agrees),
        (Output::Stream, false, 2, Reconciled::Agrees),
        (Output::Stream, true, 3, Reconciled::Agrees),
    ] {
        let mut bytes = sound_file();
        if is_left {
            bytes.extend(Journal::left().into_bytes());
        }
        let (journal, reconciled) = Opened::read(&bytes).unwrap().reconcile(output);
        assert_eq!((journal.progress(0).lines(), reconciled), (lines, wanted), "{output:?} {is_left}");
    }
}

#[test]
fn another_log_or_other_lines_are_refused() {
    let (mut journal, _) = Opened::read(&sound_file()).unwrap().reconcile(Output::Stream);
    assert_eq!(journal.is_about(&["other".to_owned(), identity().log]), Ok(()));
    let mut refused = vec![journal.is_about(&["other in us-west-2".to_owned()]).unwrap_err()];
    let narrowed = Identity { lines: "with -p algo-1".to_owned(), ..identity() };
    refused.push(journal.enter(narrowed).unwrap_err());
    let arn =
        |account: &str| Identity { arn: Some(format!("arn:aws:sagemaker:us-west-2:{account}:job")), ..identity() };
    assert_eq!(journal.enter(arn("123456789012")), Ok(0));
    refused.push(journal.enter(arn("210987654321")).unwrap_err());
    let files: [&[u8]; 4] =
        [b"a poem\n", b"smlogs-resume 2\n{}\n", b"smlogs-resume 1\n", b"smlogs-resume 1\n00000000 {}\n"];
    refused.extend(files.map(|file| Opened::read(file).unwrap_err()));
    let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(refused.join("\n"), @r"
    it is about job in us-west-2, not about other in us-west-2
    it was written of all streams, but now lines are wanted with -p algo-1: what was left out then cannot be made up for
    it is about arn:aws:sagemaker:us-west-2:123456789012:job, not about arn:aws:sagemaker:us-west-2:210987654321:job
    it is not a resume file of smlogs
    it has version 2, and this smlogs reads version 1 only
    it is damaged in line 2
    it is damaged in line 2
    ");
}
