//! Seeded mutations of manifests: the texts that nobody writes and some program will.

/// A generator of numbers that are the same for the same seed on every machine (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    /// Starts at `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length fits 64 bits").max(1);
        usize::try_from(self.next() % end).expect("it is below a usize")
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

/// Values that readers disagree on, or that break.
const VALUES: &[&str] = &[
    "yes",
    "on",
    "y",
    "n",
    "~",
    "null",
    "Null",
    "",
    "0440",
    "0o17",
    "08",
    "0x1F",
    "0b11",
    "1_000",
    "1e3",
    "1.0",
    "1.",
    ".5",
    "-.5e-2",
    "+1",
    "-0",
    "1e400",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    ".inf",
    "-.INF",
    ".nan",
    "12:30:45",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "!!str 1",
    "!!int '1'",
    "!!float 1",
    "!!bool yes",
    "!!null ''",
    "!!binary aGk=",
    "!x y",
    "! 1",
    "! '1'",
    "&a x",
    "*a",
    "<<",
    "'on'",
    "\"on\"",
    "\"\\x41\"",
    "\"\\ud83d\"",
    "'it''s'",
    "[a, b]",
    "{a: b}",
    "[]",
    "{}",
    "|",
    ">-",
    "|2",
    "@a",
    "`a",
    "%a",
    "a #b",
    "a: b",
    "- a",
    "? a",
    "100m",
    "64Mi",
    "1x",
    "aGk=",
    "=",
    "a\u{a0}b",
    "\u{2028}",
    "ä",
];

/// Pieces of syntax that are put anywhere.
const PIECES: &[&str] = &[
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "#",
    " #",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "!!map ",
    "!!seq ",
    "! ",
    "!x ",
    "\"",
    "'",
    "|\n",
    ">\n",
    "|+\n",
    "---\n",
    "--- ",
    "...\n",
    "%YAML 1.1\n",
    "\t",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "\0",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\\",
    "~",
    "@",
    "`",
    "%",
    "ä",
    "\u{1f600}",
    "\u{1}",
    "\u{7f}",
    "0",
    "e",
    "_",
];

/// One text made of another by one to three small changes; `other` lends lines.
pub(crate) fn mutate(random: &mut Random, text: &str, other: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        text = change(random, &text, other);
    }
    text
}

fn change(random: &mut Random, text: &str, other: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (at, to) = (random.below(lines.len()), random.below(lines.len()));
    let value;
    match random.below(10) {
        _ if lines.is_empty() => return random.pick(PIECES).to_owned(),
        0 => drop(lines.remove(at)),
        1 => lines.insert(to, lines[at]),
        2 => lines.swap(at, to),
        3 => lines.insert(at, random.pick(&other.split_inclusive('\n').chain([""]).collect::<Vec<_>>())),
        4 => {
            value = format!("{}{}", " ".repeat(random.below(4)), lines[at]);
            lines[at] = &value;
        }
        5 => lines[at] = lines[at].strip_prefix(if random.below(2) == 0 { " " } else { "  " }).unwrap_or(lines[at]),
        6 | 7 => {
            value = with_value(lines[at], random.pick(VALUES));
            lines[at] = &value;
        }
        _ => return at_random_place(random, text),
    }
    lines.concat()
}

/// A line with another value behind its colon or dash.
fn with_value(line: &str, value: &str) -> String {
    let end =
        line.find(": ").map(|at| at + 2).or_else(|| line.find("- ").map(|at| at + 2)).unwrap_or(line.trim_end().len());
    format!("{}{value}\n", &line[..end])
}

/// A piece put in, or a few characters taken out.
fn at_random_place(random: &mut Random, text: &str) -> String {
    let place = |random: &mut Random| {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = place(random);
    if random.below(2) == 0 {
        return format!("{}{}{}", &text[..start], random.pick(PIECES), &text[start..]);
    }
    let end = text[start..].char_indices().nth(random.below(4)).map_or(text.len(), |(at, _)| start + at);
    format!("{}{}", &text[..start], &text[end..])
}
