//! Deadlines that pass while no process runs: each fires once afterwards, whether the process
//! is the same or another that read the changelog.

use std::collections::BTreeMap;

use bailiwick::event::{Cause, Decision, Span};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::super::assign::desk::{Desk, Log};
use super::run::act;
use super::world::{World, happening};
use super::yaml;

/// Everything due at the present moment, however much follows from it.
fn fire_all(desk: &mut Desk) -> Vec<Decision> {
    while desk.state.due().is_some_and(|due| due <= desk.now) {
        desk.tick();
    }
    desk.decisions()
}

#[test]
fn timers_that_fell_due_while_nobody_ran_fire_once_in_whatever_process_comes_next() {
    let mut late = 0;
    for seed in 100..108 {
        let mut rng = StdRng::seed_from_u64(seed);
        let plan = yaml::plan(&World::random(&mut rng));
        let (mut desk, mut log, mut leads) = (Desk::new(&plan), Log::new(), 0);
        for _ in 0..120 {
            let what = happening(&mut rng, &mut leads);
            act(&mut desk, &what);
            desk.changelog(&mut log);
            desk.state.commit();
        }
        desk.decisions();
        let outage = Span::seconds(60 * rng.random_range(1..3_000));
        let mut other = Desk::new(&plan);
        other.restart(&log);
        other.now = desk.now.plus(outage);
        desk.now = desk.now.plus(outage);
        let (ours, theirs) = (fire_all(&mut desk), fire_all(&mut other));
        assert_eq!(ours, theirs, "seed {seed}");
        let mut fired = BTreeMap::new();
        for one in &ours {
            if let Some(Cause::Timer(kind)) = one.cause {
                // What it sets anew is due after the outage, so a second firing would be a
                // repetition of the first.
                *fired.entry((one.lead.clone(), kind)).or_insert(0) += 1;
            }
        }
        assert!(
            fired.values().all(|count| *count == 1),
            "seed {seed}: {fired:?}"
        );
        late += fired.len();
        assert!(
            fire_all(&mut desk).is_empty(),
            "seed {seed}: nothing is left over"
        );
    }
    assert!(late > 20, "only {late} timers were late in all worlds");
}
