//! A copy of the chart that a drill may break.

use std::path::Path;

use anyhow::{Context, Result};

/// What makes a chart; by name, since a person's secrets may lie beside them.
const PARTS: [&str; 5] = ["Chart.yaml", "values.yaml", "values.schema.json", "templates", "files"];

/// Writes a copy of a chart into a new folder.
///
/// # Errors
/// Where a file cannot be read or written.
pub(super) fn write(chart: &Path, folder: &Path) -> Result<()> {
    PARTS.iter().try_for_each(|part| copy(&chart.join(part), &folder.join(part)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("cannot copy {}", from.display());
    if !from.is_dir() {
        std::fs::create_dir_all(to.parent().context("a file without a folder")?).with_context(failed)?;
        return std::fs::copy(from, to).map(drop).with_context(failed);
    }
    for entry in std::fs::read_dir(from).with_context(failed)? {
        let name = entry.with_context(failed)?.file_name();
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
