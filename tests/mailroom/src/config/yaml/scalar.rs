//! What a plain scalar is under YAML 1.1: `yes` is true, `0440` is 288, `1:30` is 90.
//!
//! The forms are those of <https://yaml.org/type/>, in the selection that the app's reader makes: no `y` and `n`.

use crate::config::value::Value;

/// The value of a scalar without quotes.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::None,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    integer(text)
        .map(Value::Int)
        .or_else(|| float(text).map(Value::Float))
        .or_else(|| date(text).map(Value::Date))
        .unwrap_or_else(|| Value::Str(text.to_owned()))
}

fn split_sign(text: &str) -> (i128, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    }
}

/// Decimal, `0b1`, `0o`-less octal `017`, `0xF` and sexagesimal `1:30`, with `_` anywhere after the first digit.
fn integer(text: &str) -> Option<i128> {
    let (sign, body) = split_sign(text);
    if !body.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = body.replace('_', "");
    let number = if digits == "0" {
        0
    } else if let Some(binary) = digits.strip_prefix("0b") {
        parse(binary, 2)?
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        parse(hexadecimal, 16)?
    } else if let Some(octal) = digits.strip_prefix('0') {
        parse(octal, 8)?
    } else if digits.contains(':') {
        digits.split(':').enumerate().try_fold(0_i128, |sum, (place, part)| {
            let part = parse(part, 10).filter(|part| place == 0 || *part < 60)?;
            Some(sum.saturating_mul(60).saturating_add(part))
        })?
    } else {
        parse(&digits, 10)?
    };
    Some(number.saturating_mul(sign))
}

/// Unsigned digits of a base; more than fit saturate.
fn parse(digits: &str, base: u32) -> Option<i128> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    Some(i128::from_str_radix(digits, base).unwrap_or(i128::MAX))
}

/// `1.5`, `.5`, `1.5e+3` (the exponent needs a dot and a sign), `.inf`, `.nan`.
fn float(text: &str) -> Option<f64> {
    let (sign, body) = split_sign(text);
    #[expect(clippy::cast_precision_loss, reason = "the sign is 1 or -1")]
    let sign = sign as f64;
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if body == text => return Some(f64::NAN),
        _ => {}
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '_');
    let starts_well = whole.starts_with(|c: char| c.is_ascii_digit())
        || (whole.is_empty() && body == text && fraction.starts_with(|c: char| c.is_ascii_digit()));
    let exponent_is_well = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    });
    if !starts_well || !digits(whole) || !digits(fraction) || !exponent_is_well {
        return None;
    }
    body.replace('_', "").parse::<f64>().ok().map(|number| sign * number)
}

/// `2026-03-05`, alone or with a time after it, as Python's `repr()` shows the object that it becomes.
fn date(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let is_number =
        |part: &str, lengths: &[usize]| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let lengths: &[usize] = if time.is_some() { &[1, 2] } else { &[2] };
    if !is_number(year, &[4]) || !is_number(month, lengths) || !is_number(day, lengths) {
        return None;
    }
    let clock: Vec<&str> = time.unwrap_or_default().split(|c: char| !c.is_ascii_digit()).take(3).collect();
    if time.is_some()
        && !(clock.len() == 3 && is_number(clock[0], &[1, 2]) && clock[1..].iter().all(|p| is_number(p, &[2])))
    {
        return None;
    }
    let class = if time.is_some() { "datetime" } else { "date" };
    let numbers = parts.iter().chain(clock.iter().filter(|part| !part.is_empty()));
    let numbers: Vec<&str> =
        numbers.map(|part| part.trim_start_matches('0')).map(|part| if part.is_empty() { "0" } else { part }).collect();
    Some(format!("datetime.{class}({})", numbers.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn plain_scalars_are_yaml_1_1() {
        for (text, expected) in [
            ("yes", "True"),
            ("Off", "False"),
            ("oN", "'oN'"),
            ("y", "'y'"),
            ("~", "None"),
            ("Null", "None"),
            ("0", "0"),
            ("-12", "-12"),
            ("+5", "5"),
            ("0440", "288"),
            ("08", "'08'"),
            ("0o17", "'0o17'"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("1_000", "1000"),
            ("_1", "'_1'"),
            ("1:30", "90"),
            ("1:75", "'1:75'"),
            ("12:30:45", "45045"),
            ("1.5", "1.5"),
            (".5", "0.5"),
            ("-.5", "'-.5'"),
            ("1.", "1.0"),
            ("0:30", "'0:30'"),
            ("-1.5e+3", "-1500.0"),
            ("1e3", "'1e3'"),
            ("1.5e3", "'1.5e3'"),
            (".inf", "inf"),
            ("-.Inf", "-inf"),
            (".nan", "nan"),
            ("2026-03-05", "datetime.date(2026, 3, 5)"),
            ("2026-3-5", "'2026-3-5'"),
            ("2026-3-5 1:02:03", "datetime.datetime(2026, 3, 5, 1, 2, 3)"),
            ("1.2.3", "'1.2.3'"),
            ("Paper Trail", "'Paper Trail'"),
            ("@ToFeed", "'@ToFeed'"),
        ] {
            assert_eq!(resolve(text).repr(), expected, "{text}");
        }
    }
}
