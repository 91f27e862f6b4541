//! What happens to leads, reps and accounts after a lead came in.

use super::{Text, Timestamp};

/// One activity event of spec section 6.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity<'a> {
    /// The event's own id; the same id twice has one effect.
    pub id: Text<'a>,
    /// The tenant it belongs to.
    pub tenant: Text<'a>,
    /// When it happened, by the producer's clock.
    pub at: Option<Timestamp>,
    /// What happened, and to whom.
    pub kind: ActivityKind<'a>,
}

/// What happened. Every variant carries only what its event type can say.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityKind<'a> {
    /// `lead.accepted`: the rep took the lead.
    Accepted {
        lead: Text<'a>,
        rep: Option<Text<'a>>,
    },
    /// `lead.declined`: the rep gave it back.
    Declined {
        lead: Text<'a>,
        rep: Option<Text<'a>>,
        reason: Option<Text<'a>>,
    },
    /// `lead.touched`: the rep spoke with the lead.
    Touched {
        lead: Text<'a>,
        rep: Option<Text<'a>>,
        kind: TouchKind,
    },
    /// `lead.released`: the rep put it into a pool.
    Released {
        lead: Text<'a>,
        rep: Option<Text<'a>>,
        pool: Option<Text<'a>>,
        reason: Option<Text<'a>>,
    },
    /// `lead.claimed`: a rep asks for a pooled lead.
    Claimed {
        lead: Text<'a>,
        rep: Text<'a>,
        pool: Option<Text<'a>>,
    },
    /// `lead.transferred`: a manager gave it to another rep.
    Transferred {
        lead: Text<'a>,
        rep: Text<'a>,
        by: Option<Text<'a>>,
    },
    /// `lead.closed`: its life ended.
    Closed {
        lead: Text<'a>,
        result: CloseResult,
        value: Option<f64>,
    },
    /// `lead.merged`: it is the same as the lead `into`.
    Merged { lead: Text<'a>, into: Text<'a> },
    /// `lead.withdrawn`, or a null value on the leads topic: forget it.
    Withdrawn { lead: Text<'a> },
    /// `rep.status`: a rep works, is away, or has left.
    RepStatus { rep: Text<'a>, status: RepStatus },
    /// `account.owned`: a rep owns an account, or nobody does.
    AccountOwned {
        account: Text<'a>,
        rep: Option<Text<'a>>,
    },
    /// `opportunity.staged`: the sales opportunity reached a stage.
    OpportunityStaged {
        lead: Option<Text<'a>>,
        account: Option<Text<'a>>,
        rep: Option<Text<'a>>,
        stage: Text<'a>,
        value: Option<f64>,
    },
    /// `order.booked`.
    OrderBooked {
        lead: Option<Text<'a>>,
        account: Option<Text<'a>>,
        rep: Option<Text<'a>>,
        amount: f64,
    },
    /// `invoice.issued`.
    InvoiceIssued {
        account: Option<Text<'a>>,
        rep: Option<Text<'a>>,
        amount: f64,
        due: Option<Timestamp>,
    },
    /// `payment.received`.
    PaymentReceived {
        account: Option<Text<'a>>,
        rep: Option<Text<'a>>,
        amount: f64,
    },
    /// `visit.logged`.
    VisitLogged {
        lead: Option<Text<'a>>,
        account: Option<Text<'a>>,
        rep: Option<Text<'a>>,
    },
}

impl ActivityKind<'_> {
    /// The lead that it names.
    pub fn lead(&self) -> Option<&str> {
        match self {
            Self::Accepted { lead, .. }
            | Self::Declined { lead, .. }
            | Self::Touched { lead, .. }
            | Self::Released { lead, .. }
            | Self::Claimed { lead, .. }
            | Self::Transferred { lead, .. }
            | Self::Closed { lead, .. }
            | Self::Merged { lead, .. }
            | Self::Withdrawn { lead } => Some(lead),
            Self::OpportunityStaged { lead, .. }
            | Self::OrderBooked { lead, .. }
            | Self::VisitLogged { lead, .. } => lead.as_deref(),
            Self::InvoiceIssued { .. }
            | Self::PaymentReceived { .. }
            | Self::RepStatus { .. }
            | Self::AccountOwned { .. } => None,
        }
    }
}

/// How a rep touched a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchKind {
    Call,
    Visit,
    Mail,
    Meeting,
}

/// How a lead ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseResult {
    Won,
    Lost,
    Invalid,
}

/// Whether a rep takes leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepStatus {
    Active,
    /// Away, until the moment given or until told otherwise.
    Away {
        until: Option<Timestamp>,
    },
    Left,
}
