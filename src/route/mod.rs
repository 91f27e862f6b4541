//! Which territory: an immutable router, compiled once from a plan, asked once a lead.
