//! Lines of JSON for routed leads, put together from parts that are made once a territory.

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::output::Data;
use crate::plan::{Candidates, Plan, TerritoryIx};

/// Writes lines. Most of a line is the same for all leads of a territory, and writing it
/// anew each time took longer than finding the territory.
pub struct Ndjson {
    pub data: Data,
    line: Vec<u8>,
    /// Of each plan met, by tenant: the parts made so far, by territory.
    parts: Vec<(Box<str>, Parts)>,
}

/// By territory, the JSON object that a line has for it, once it was needed.
type Parts = Vec<Option<Box<[u8]>>>;

/// What a line says of one territory.
#[derive(Serialize)]
struct Part<'p> {
    territory: &'p str,
    /// From the root down.
    path: Vec<&'p str>,
}

impl Ndjson {
    pub fn new(data: Data) -> Self {
        Self {
            data,
            line: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Writes `{"lead", "territory", "path", "overlays", "reason"}`.
    pub fn routed(
        &mut self,
        plan: &Plan,
        lead: &str,
        candidates: &Candidates,
        reason: &str,
    ) -> Result<(), Failure> {
        let parts = parts_of(&mut self.parts, plan);
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"lead\":");
        push_json(line, &lead)?;
        line.push(b',');
        match candidates.territory {
            Some(ix) => line.extend_from_slice(inside(part(parts, plan, ix)?)),
            None => line.extend_from_slice(b"\"territory\":null,\"path\":[]"),
        }
        line.extend_from_slice(b",\"overlays\":[");
        for (at, ix) in candidates.overlays.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            line.extend_from_slice(part(parts, plan, *ix)?);
        }
        line.extend_from_slice(b"],\"reason\":");
        push_json(line, &reason)?;
        line.extend_from_slice(b"}\n");
        self.data.bytes(line)
    }
}

fn parts_of<'p>(all: &'p mut Vec<(Box<str>, Parts)>, plan: &Plan) -> &'p mut Parts {
    let at = all.iter().position(|(tenant, _)| *tenant == plan.tenant);
    let at = at.unwrap_or_else(|| {
        all.push((plan.tenant.clone(), vec![None; plan.territories.len()]));
        all.len() - 1
    });
    &mut all[at].1
}

fn part<'p>(
    parts: &'p mut [Option<Box<[u8]>>],
    plan: &Plan,
    ix: TerritoryIx,
) -> Result<&'p [u8], Failure> {
    let made = match parts[ix.at()].take() {
        Some(made) => made,
        None => {
            let id = |ix: TerritoryIx| &*plan.territory(ix).id;
            let path = plan.path(ix).into_iter().map(id).collect();
            let territory = id(ix);
            let mut made = Vec::new();
            push_json(&mut made, &Part { territory, path })?;
            made.into()
        }
    };
    Ok(parts[ix.at()].insert(made))
}

/// The members of an object without its braces.
fn inside(object: &[u8]) -> &[u8] {
    &object[1..object.len() - 1]
}

fn push_json(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(out, value).map_err(Failure::internal)
}
