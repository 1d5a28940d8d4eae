//! A page, as far as the tests read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::support::built;

/// A Markdown file.
#[derive(Debug)]
pub(crate) struct Page {
    /// Seen from the project's folder.
    pub(crate) path: PathBuf,
    text: String,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// What stands behind the fence: the language, and perhaps `run`.
    info: String,
    pub(crate) text: String,
}

impl Page {
    /// The page at that place, seen from the project's folder.
    #[track_caller]
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let text = fs::read_to_string(built::root().join(&path));
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    /// Those of the project's folder and all below `dist`.
    pub(crate) fn all() -> Vec<Self> {
        let mut paths = below(Path::new("dist"));
        paths.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from));
        paths.sort();
        paths.into_iter().map(Self::at).collect()
    }

    /// Those that have commands for people.
    pub(crate) fn with_commands() -> Vec<Self> {
        let mut pages = Self::all();
        pages.retain(|page| page.path.starts_with("dist/docs") || page.path == Path::new("README.md"));
        pages
    }

    fn events(&self) -> impl Iterator<Item = Event<'_>> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES)
    }

    /// Where its links lead.
    pub(crate) fn links(&self) -> Vec<String> {
        let destination = |event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        };
        self.events().filter_map(destination).collect()
    }

    /// What a link may have behind `#`, as code hosts make it from the headings.
    pub(crate) fn anchors(&self) -> BTreeSet<String> {
        let (mut heading, mut count, mut anchors) = (None::<String>, BTreeMap::new(), BTreeSet::new());
        for event in self.events() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let seen = count.entry(anchor.clone()).and_modify(|seen| *seen += 1).or_insert(0);
                    anchors.insert(if *seen == 0 { anchor } else { format!("{anchor}-{seen}") });
                }
                _ => {}
            }
        }
        anchors
    }

    /// Its fenced blocks.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let (mut open, mut blocks) = (None::<Block>, Vec::new());
        for event in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    open = Some(Block { info: info.into_string(), text: String::new() });
                }
                Event::Text(text) => open.iter_mut().for_each(|block| block.text.push_str(&text)),
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                _ => {}
            }
        }
        blocks
    }

    /// The rows of its tables, cell by cell, without formatting. The first row of each is its head.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut in_cell = false;
        for event in self.events() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => {
                    in_cell = true;
                    rows.iter_mut().next_back().expect("a cell stands in a row").push(String::new());
                }
                Event::End(TagEnd::TableCell) => in_cell = false,
                Event::Text(text) | Event::Code(text) if in_cell => {
                    let cell = rows.last_mut().and_then(|row| row.last_mut());
                    cell.expect("it was begun").push_str(&text);
                }
                _ => {}
            }
        }
        rows
    }
}

impl Block {
    fn words(&self) -> impl Iterator<Item = &str> {
        self.info.split_whitespace()
    }

    /// Whether it is in that language.
    pub(crate) fn is(&self, language: &str) -> bool {
        self.words().next() == Some(language)
    }

    /// Whether its commands can be run on the test bed, one after the other.
    pub(crate) fn is_run(&self) -> bool {
        self.words().nth(1) == Some("run")
    }

    /// The commands of a session: what stands behind `$`, with what `\` at its end continues. The rest is output.
    pub(crate) fn commands(&self) -> Vec<String> {
        let (mut commands, mut goes_on) = (Vec::<String>::new(), false);
        for line in self.text.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push(command.to_owned()),
                None if goes_on => {
                    let command = commands.last_mut().expect("it was begun");
                    command.push('\n');
                    command.push_str(line);
                }
                None => continue,
            }
            goes_on = line.ends_with('\\');
        }
        commands
    }
}

/// As code hosts write a heading behind `#`.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(built::root().join(folder)).expect("it is a folder");
    let entries = entries.map(|entry| entry.expect("it can be read"));
    let paths = entries.flat_map(|entry| {
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() { below(&path) } else { vec![path] }
    });
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

#[test]
fn a_page_is_read_as_code_hosts_show_it() {
    let text = "# `kubectl` is, *well*, A-1\n\n[x](a.md#b)\n\n| A | B |\n|---|---|\n| `m` | see [c](d) |\n\n## Same\n\n## Same\n\n\
                ```console run\n$ one \\\n    two\nout\n$ three\n```\n";
    let page = Page { path: PathBuf::new(), text: text.to_owned() };
    assert_eq!(page.links(), ["a.md#b", "d"]);
    assert_eq!(page.anchors().into_iter().collect::<Vec<_>>(), ["kubectl-is-well-a-1", "same", "same-1"]);
    assert_eq!(page.rows(), [["A", "B"], ["m", "see c"]]);
    let block = page.blocks().remove(0);
    assert!(block.is("console") && block.is_run());
    assert_eq!(block.commands(), ["one \\\n    two", "three"]);
}
