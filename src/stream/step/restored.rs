//! How a step comes to the state that the changelog holds, and gives it away again.

use crate::assign::{RestoreError, State};

use super::Step;

impl Step {
    /// Puts one row of the changelog back.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), RestoreError> {
        self.state.restore(key, value)
    }

    /// Ends a restore.
    ///
    /// # Errors
    /// A changelog with gaps.
    pub fn restored(&mut self) -> Result<(), RestoreError> {
        self.state.restored()?;
        self.lane = self.state.lane().to_owned();
        Ok(())
    }

    /// Notes where the changelog begins, for a state that has no row yet.
    pub fn set_base(&mut self, base: i64) {
        self.state.set_base(base);
    }

    /// Takes back what was not committed and forgets what was told from plans, so that rows of
    /// the changelog can be put on top. Says whether that is possible: names that only an
    /// undone batch gave stand in memory alone, and somebody else may give their numbers away.
    pub fn settle(&mut self) -> bool {
        self.undo();
        self.effects.clear();
        self.state.settle()
    }

    /// Frees what only the one who writes the lane needs; for a state that follows.
    pub fn trim(&mut self) {
        self.state.trim();
    }

    /// The state alone.
    pub fn into_state(self) -> State {
        self.state
    }
}
