//! The stages of a deploy: one live line each, with its seconds, and the lines that come meanwhile above it.

use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use super::Console;
use super::style::{BAD, CAREFUL, GOOD, STRONG, paint};
use crate::tools::Mask;

/// A live line is one line: what would wrap could not be taken back.
const WIDTH: usize = 78;
/// Goes to the start of the line and empties it.
const TAKE_BACK: &str = "\r\x1b[2K";

/// Stages, one after another; every text is masked before it is shown.
///
/// On a terminal the running stage is a line that counts its seconds. Anywhere else a line is printed when what the
/// stage is at changes, so that a log reads well too.
#[derive(Debug)]
pub struct Stages {
    console: Console,
    mask: Mask,
    live: bool,
    stage: Option<Stage>,
}

#[derive(Debug)]
struct Stage {
    name: &'static str,
    begun: Instant,
    at: String,
}

impl Stages {
    /// None has begun yet.
    pub fn new(console: Console, mask: Mask) -> Self {
        Self { console, mask, live: std::io::stderr().is_terminal(), stage: None }
    }

    /// Begins a stage; `at` says what it does first. One that still runs is left without a closing line.
    pub fn begin(&mut self, name: &'static str, at: &str) {
        self.stage = Some(Stage { name, begun: Instant::now(), at: String::new() });
        self.at(at);
    }

    /// The name of the stage that runs.
    pub fn running(&self) -> Option<&'static str> {
        self.stage.as_ref().map(|stage| stage.name)
    }

    /// Says what the stage is at now; nothing is printed where that has not changed.
    pub fn at(&mut self, at: &str) {
        let Some(stage) = self.stage.as_mut().filter(|stage| stage.at != at) else { return };
        at.clone_into(&mut stage.at);
        let line = format!("  {}   {:<10} {at}", paint(STRONG, ".."), stage.name);
        if self.live { self.tick() } else { self.print(&line) }
    }

    /// Counts the seconds of the live line on.
    pub fn tick(&self) {
        let Some(stage) = self.stage.as_ref().filter(|_| self.live && self.console.shows_progress()) else { return };
        let seconds = stage.begun.elapsed().as_secs();
        let line = format!("  ..   {:<10} {seconds:>3} s  {}", stage.name, self.mask.hide(&stage.at));
        let line: String = line.chars().take(WIDTH).collect();
        let _ = write!(anstream::stderr().lock(), "{TAKE_BACK}{line}");
    }

    /// A line of its own, as one of the gate's log.
    pub fn line(&mut self, text: &str) {
        self.print(&format!("       {text}"));
        self.tick();
    }

    /// Something to look at.
    pub fn careful(&mut self, text: &str) {
        self.print(&format!("  {} {text}", paint(CAREFUL, "note")));
        self.tick();
    }

    /// The stage did what it should.
    pub fn done(&mut self, said: &str) {
        self.end(&paint(GOOD, "ok  "), said);
    }

    /// The stage did not.
    pub fn failed(&mut self, said: &str) {
        self.end(&paint(BAD, "FAIL"), said);
    }

    fn end(&mut self, word: &str, said: &str) {
        if let Some(stage) = self.stage.take() {
            let seconds = stage.begun.elapsed().as_secs_f64();
            self.print(&format!("  {word} {:<10} {seconds:>5.1} s  {said}", stage.name));
        }
    }

    fn print(&self, line: &str) {
        let take_back = if self.live && self.console.shows_progress() { TAKE_BACK } else { "" };
        self.console.note(format_args!("{take_back}{}", self.mask.hide(line)));
    }
}
