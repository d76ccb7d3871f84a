//! The two things of vCard 3.0 (RFC 2426) that a group needs: reading its name, and writing an empty one.

/// The name of a group; `None` for a card that is not one.
pub(super) fn group_name(card: &str) -> Option<String> {
    let is_group = |value: &str| value.trim().eq_ignore_ascii_case("group");
    property(card, "X-ADDRESSBOOKSERVER-KIND").is_some_and(|kind| is_group(&kind)).then(|| property(card, "FN"))?
}

/// A group without members.
pub(super) fn new_group(uid: &str, name: &str) -> String {
    let name = escaped(name);
    [
        "BEGIN:VCARD",
        "VERSION:3.0",
        &format!("UID:{uid}"),
        &format!("FN:{name}"),
        "N:;;;;",
        "X-ADDRESSBOOKSERVER-KIND:group",
        "END:VCARD",
        "",
    ]
    .join("\r\n")
}

/// The value of the first property with this name, whatever its group and parameters.
fn property(card: &str, name: &str) -> Option<String> {
    unfolded(card).lines().find_map(|line| {
        let (head, value) = line.split_once(':')?;
        let property = head.split(';').next().unwrap_or_default();
        let property = property.rsplit('.').next().unwrap_or_default();
        property.eq_ignore_ascii_case(name).then(|| unescaped(value))
    })
}

/// A line that begins with white space continues the one before.
fn unfolded(card: &str) -> String {
    card.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;").replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_read_as_it_was_written() {
        for name in ["Feed", "Paper Trail", "A, B; C\\D", "é", "two\nlines", "with: colon"] {
            assert_eq!(group_name(&new_group("uid", name)).as_deref(), Some(name));
        }
    }

    #[test]
    fn only_groups_have_a_group_name() {
        assert_eq!(group_name("BEGIN:VCARD\r\nFN:Someone\r\nEND:VCARD\r\n"), None);
        assert_eq!(group_name("item1.FN;X=y:Fe\r\n ed\r\nx-addressbookserver-kind:Group\r\n").as_deref(), Some("Feed"));
    }
}
