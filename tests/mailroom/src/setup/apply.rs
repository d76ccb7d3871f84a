//! Creating what a plan lacks.

use super::Account;
use super::plan::{Item, Kind};
use crate::exception::Exception;
use crate::report::{Section, Status};

/// Creates every missing name: mailboxes, labels, the app's own mailboxes, contact groups, the app's own groups.
///
/// A refusal becomes a failed row and the rest goes on. Anything else, such as a time-out, ends it at once, although
/// earlier names have been created by then.
pub(super) fn create_missing(plan: &mut [Item], account: &Account) -> Result<(), Exception> {
    let mut order: Vec<&mut Item> = plan.iter_mut().filter(|item| item.row.status == Status::Create).collect();
    order.sort_by_key(|item| match (item.row.section, item.kind) {
        (Section::Mailboxes, _) => 0,
        (Section::ActionLabels, _) => 1,
        (Section::Mailroom, Kind::Mailbox) => 2,
        (Section::ContactGroups, _) => 3,
        (Section::Mailroom, Kind::Group) => 4,
    });
    for item in order {
        let created = match item.kind {
            Kind::Mailbox => account.jmap.create_mailbox(&item.row.name),
            Kind::Group => account.carddav.create_group(&item.row.name),
        };
        item.row.status = match created {
            Ok(()) => Status::Created,
            Err(error) if error.is_row() => Status::Failed(error.to_string()),
            Err(error) => return Err(error),
        };
    }
    Ok(())
}
