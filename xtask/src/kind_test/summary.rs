//! What a run shows at its end: a table, or JSON.

use serde_json::{Value, json};

/// How a behaviour came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was shown.
    Passed,
    /// It was not: why, and what its namespace looked like.
    Failed(String),
    /// It was not tried: why.
    Skipped(String),
}

/// A behaviour with its outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The behaviour's name, with the Helm where it was shown with one.
    pub name: String,
    /// How it came out.
    pub outcome: Outcome,
    /// How long it took.
    pub seconds: f64,
}

impl Row {
    /// One line for the progress; a failure has more.
    pub fn line(&self) -> String {
        let why = match &self.outcome {
            Outcome::Passed => String::new(),
            Outcome::Failed(why) | Outcome::Skipped(why) => format!(": {why}"),
        };
        format!("{:7} {} ({:.1} s){why}", self.outcome.word(), self.name, self.seconds)
    }
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "skipped",
        }
    }
}

/// A run that went through.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The run's name.
    pub run: String,
    /// The version of the cluster's API server.
    pub kubernetes: String,
    /// The app's image as it was given, or the stand-in.
    pub app: String,
    /// The behaviours, in the order of `--list`.
    pub rows: Vec<Row>,
    /// Seconds until the first behaviour could begin.
    pub preparation: f64,
    /// Seconds in all, without the removal.
    pub seconds: f64,
}

impl Summary {
    /// Whether every behaviour that was tried was shown, and one was tried at all.
    pub fn good(&self) -> bool {
        self.count("FAILED") == 0 && self.count("passed") > 0
    }

    /// A table with the seconds of each behaviour, and a line of counts.
    pub fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or_default().max("behaviour".len());
        let line = |row: &Row| format!("{:width$}  {:7}  {:7.1}", row.name, row.outcome.word(), row.seconds);
        let skipped = self.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Skipped(why) => Some(format!("skipped: {}: {why}", row.name)),
            _ => None,
        });
        let head = format!("{:width$}  result   seconds", "behaviour");
        let lines = [head].into_iter().chain(self.rows.iter().map(line)).chain(skipped).chain([self.counts()]);
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    fn counts(&self) -> String {
        format!(
            "{} passed, {} failed, {} skipped in {:.1} s, of which {:.1} s made the cluster (Kubernetes {}, {})",
            self.count("passed"),
            self.count("FAILED"),
            self.count("skipped"),
            self.seconds,
            self.preparation,
            self.kubernetes,
            self.app,
        )
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            let why = match &row.outcome {
                Outcome::Passed => None,
                Outcome::Failed(why) | Outcome::Skipped(why) => Some(why),
            };
            json!({"name": row.name, "result": row.outcome.word().to_lowercase(), "seconds": rounded(row.seconds), "why": why})
        };
        json!({
            "run": self.run,
            "kubernetes": self.kubernetes,
            "app": self.app,
            "behaviours": self.rows.iter().map(row).collect::<Vec<_>>(),
            "passed": self.count("passed"),
            "failed": self.count("FAILED"),
            "skipped": self.count("skipped"),
            "preparation_seconds": rounded(self.preparation),
            "seconds": rounded(self.seconds),
        })
    }

    fn count(&self, word: &str) -> usize {
        self.rows.iter().filter(|row| row.outcome.word() == word).count()
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(outcomes: &[Outcome]) -> Summary {
        let row = |(number, outcome): (usize, &Outcome)| Row {
            name: format!("behaviour-{number}"),
            outcome: outcome.clone(),
            seconds: 1.25,
        };
        Summary {
            run: "mailroom-x".into(),
            kubernetes: "v1.37.2".into(),
            app: "the stand-in".into(),
            rows: outcomes.iter().enumerate().map(row).collect(),
            preparation: 30.04,
            seconds: 61.0,
        }
    }

    #[test]
    fn a_run_is_good_when_something_was_shown_and_nothing_failed() {
        let failed = Outcome::Failed("because".into());
        let skipped = Outcome::Skipped("no image".into());
        assert!(summary(&[Outcome::Passed, skipped.clone()]).good());
        assert!(!summary(&[Outcome::Passed, failed]).good());
        assert!(!summary(&[skipped]).good());
        assert!(!summary(&[]).good());
    }

    #[test]
    fn prints_a_table_and_names_what_was_skipped() {
        let text = summary(&[Outcome::Passed, Outcome::Skipped("no image".into())]).text();
        let expected = "behaviour    result   seconds\n\
                        behaviour-0  passed       1.2\n\
                        behaviour-1  skipped      1.2\n\
                        skipped: behaviour-1: no image\n\
                        1 passed, 0 failed, 1 skipped in 61.0 s, of which 30.0 s made the cluster (Kubernetes v1.37.2, the stand-in)\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_json_says_why() {
        let json = summary(&[Outcome::Failed("because".into())]).json();
        assert_eq!(json["behaviours"][0]["result"], "failed");
        assert_eq!(json["behaviours"][0]["why"], "because");
        assert_eq!((json["failed"].as_u64(), json["seconds"].as_f64()), (Some(1), Some(61.0)));
    }
}
