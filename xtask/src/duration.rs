//! Durations as Helm and kubectl write them.

use std::time::Duration;

/// Reads `5m`, `90s`, `1h`, `1m30s`; whole numbers and these three units, as all of Helm's examples use.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wanted = || "give it as 5m, 90s or 1m30s".to_owned();
    let mut seconds: u64 = 0;
    let mut rest = text;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&digits| digits > 0).ok_or_else(wanted)?;
        let (number, unit) = rest.split_at(digits);
        let unit = match unit.as_bytes()[0] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return Err(wanted()),
        };
        if unit >= last_unit {
            return Err(wanted());
        }
        last_unit = unit;
        let number: u64 = number.parse().map_err(|_| wanted())?;
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wanted)?;
        rest = &rest[digits + 1..];
    }
    if seconds == 0 { Err(wanted()) } else { Ok(Duration::from_secs(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        for (text, seconds) in [("5m", 300), ("90s", 90), ("1h", 3600), ("1m30s", 90), ("1h0m5s", 3605)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "5", "m", "0s", "5 m", "-5m", "1.5m", "5ms", "1s1m", "1m1m", "99999999999999999999s", "5é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
