//! Keyed hashes that stand for leads, accounts, persons and events wherever a name must not.
//!
//! SipHash-1-3 with fixed keys: the same on every machine and in every release, for it is
//! part of the changelog's keys. It hides names from a casual reader of keys; it is not a
//! secret.

use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::hash::Hasher as _;

/// Never to be changed: every changelog holds keys made with these.
const KEYS: (u64, u64) = (0x6261_696c_6977_6963, 0x6b2d_726f_772d_6b65);

/// What a hash is of; the same text as an account and as an event must not meet.
#[derive(Clone, Copy)]
pub(super) enum Subject {
    Lead = 1,
    Account = 2,
    Event = 3,
    Email = 4,
    Phone = 5,
    Rendezvous = 6,
}

/// The 128-bit hash of some text of one tenant.
pub(super) fn hash(subject: Subject, tenant: &str, text: &str) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(KEYS.0, KEYS.1);
    hasher.write_u8(subject as u8);
    hasher.write(tenant.as_bytes());
    // A byte that UTF-8 never contains keeps the two texts apart.
    hasher.write_u8(0xff);
    hasher.write(text.as_bytes());
    hasher.finish128().as_u128()
}

/// The 64-bit hash of some text of one tenant.
pub(super) fn short(subject: Subject, tenant: &str, text: &str) -> u64 {
    hash(subject, tenant, text) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_part_of_the_changelog_and_may_never_change() {
        let one = hash(Subject::Lead, "acme", "L-1001");
        assert_eq!(one, hash(Subject::Lead, "acme", "L-1001"));
        assert_eq!(format!("{one:032x}"), "f7d72f0e166b4c70f7034c8ce4bad8f2");
        assert_ne!(one, hash(Subject::Account, "acme", "L-1001"));
        assert_ne!(
            hash(Subject::Lead, "ab", "c"),
            hash(Subject::Lead, "a", "bc")
        );
    }
}
