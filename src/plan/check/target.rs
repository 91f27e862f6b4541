//! Where leads go: `{team: x}` or `{pool: y}`.

use crate::plan::model::{PoolIx, Target, TeamIx};
use crate::plan::parse::Node;
use crate::plan::problem::Code;

use super::Checker;
use super::keys::TARGET;

impl<'a> Checker<'a> {
    /// A team or a pool.
    pub(super) fn target(&mut self, node: Node<'a>) -> Option<Target> {
        if let Some(name) = node.text() {
            let message = format!("`{name}` may be a team or a pool");
            let help = format!("write {{team: {name}}} or {{pool: {name}}}");
            self.reader.bad(node.place(), message, help);
            return None;
        }
        let fields = self.reader.fields(node, &TARGET)?;
        match (fields.get("team"), fields.get("pool")) {
            (Some(team), None) => self.team_name(team).map(Target::Team),
            (None, Some(pool)) => self.pool_name(pool).map(Target::Pool),
            (None, None) => {
                let message = "a target needs the key `team` or `pool`";
                self.reader.report(Code::MissingKey, node.place(), message);
                None
            }
            (Some(_), Some(_)) => {
                let message = "a target is a team or a pool, not both";
                self.reader
                    .bad(node.place(), message, "remove one of the two");
                None
            }
        }
    }

    /// The team that a name stands for.
    pub(super) fn team_name(&mut self, node: Node<'a>) -> Option<TeamIx> {
        let name = self.reader.value(node, "a team's name")?;
        self.teams.resolve(name, &mut self.reader).map(TeamIx)
    }

    fn pool_name(&mut self, node: Node<'a>) -> Option<PoolIx> {
        let name = self.reader.value(node, "a pool's name")?;
        self.pools.resolve(name, &mut self.reader).map(PoolIx)
    }
}
