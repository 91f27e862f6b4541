//! Plans on the board: which are in force, why a new one was not taken, and orders to reload.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::sync::oneshot;

use crate::event::Timestamp;

use super::Board;

/// Orders that may wait for the reload worker; one more would find the same files.
const ORDERS: usize = 4;

/// How one tenant's plan stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanStatus {
    /// The version in force; `None` while the tenant has no valid plan.
    pub version: Option<Box<str>>,
    /// Since when it is in force.
    pub since: Option<Timestamp>,
    /// Why the plan in the folder is not the one in force, if it is not.
    pub failure: Option<String>,
    /// Warnings of the plan in force.
    pub warnings: usize,
}

/// An order to read the plans again. The default one is that of changed files.
#[derive(Default)]
pub struct ReloadOrder {
    /// Take a valid plan even if the guard would refuse it.
    pub force: bool,
    /// Where the report goes, if anybody waits for it.
    pub report: Option<oneshot::Sender<ReloadReport>>,
}

/// What a reload did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReloadReport {
    /// Tenants whose plan changed, with the version now in force (none if it is gone).
    pub changed: Vec<(Box<str>, Option<Box<str>>)>,
    /// Tenants, or paths of unreadable plans, that kept the old plan, and why.
    pub failed: Vec<(Box<str>, String)>,
}

impl Board {
    /// Replaces what is said of the plans.
    pub fn set_plans(&self, plans: BTreeMap<Box<str>, PlanStatus>) {
        self.state().plans = plans;
    }

    /// How each tenant's plan stands.
    pub fn plan_statuses(&self) -> BTreeMap<Box<str>, PlanStatus> {
        self.state().plans.clone()
    }

    /// Opens the reload worker's mailbox; further senders are clones.
    pub fn open_reload(&self) -> (SyncSender<ReloadOrder>, Receiver<ReloadOrder>) {
        let (send, orders) = sync_channel(ORDERS);
        *self.0.reload.lock().unwrap_or_else(PoisonError::into_inner) = Some(send.clone());
        (send, orders)
    }

    /// Orders a reload; `None` if there is no worker or too many orders wait.
    pub fn order_reload(&self, force: bool) -> Option<oneshot::Receiver<ReloadReport>> {
        let (report, receive) = oneshot::channel();
        let order = ReloadOrder {
            force,
            report: Some(report),
        };
        let reload = self.0.reload.lock().unwrap_or_else(PoisonError::into_inner);
        reload.as_ref()?.try_send(order).ok()?;
        Some(receive)
    }
}
