//! What every row of a lead begins with: version, tenant and id, equal exactly for equal leads.

use super::super::codec::{Reader, Writer};
use super::super::names::TenantNo;
use super::id::PackedId;
use super::row::VERSION;

pub(in crate::assign) struct Opening<'n> {
    tenant: TenantNo,
    id: PackedId<'n>,
}

impl<'n> Opening<'n> {
    pub fn new(tenant: TenantNo, id: &'n str) -> Self {
        Self {
            tenant,
            id: PackedId::of(id),
        }
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        let mut out = Writer(out);
        out.byte(VERSION);
        out.uint(u64::from(self.tenant.0));
        self.id.write(&mut out);
    }

    /// Whether the row is this lead's.
    pub fn opens(&self, row: &[u8]) -> bool {
        let mut input = Reader(row);
        input.version(VERSION).is_ok()
            && input.uint() == Ok(u64::from(self.tenant.0))
            && self.id.begins(&mut input)
    }
}
