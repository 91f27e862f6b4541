//! A bad network between a daemon and its broker: cut, slow, silent, answers lost, and an end of
//! transaction that arrives during a later one.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::support::proxy::{Verdict, api};

use super::deployment::{Deployment, wait_until};
use super::exactly_once::{await_drained, deployment, planned_for, produce};
use super::instance::Instance;
use super::link::Link;
use super::takeover::{decided, prove};

const SEED: u64 = 20_261_125;
const RENEWED: &str = "bailiwick_producers_renewed_total";

/// A daemon that reaches its broker through the link's proxy only.
fn behind(link: &Link, deployment: &Deployment, name: &str) -> Instance {
    let address = format!("kafka.brokers={}", link.address());
    let instance = Instance::start(deployment, name, &[address]);
    instance.await_ready();
    instance
}

/// A late end of a transaction must not end another one: after a connection that ended on the
/// way, the lane goes on with a new producer, and the broker refuses what the old one sent.
#[test]
fn an_end_of_transaction_that_comes_late_ends_no_other() {
    let Some(link) = Link::take("an_end_of_transaction_that_comes_late_ends_no_other") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = planned_for(Deployment::new(&link.direct, 1));
    let mut first = behind(&link, &deployment, "first");
    produce(&deployment, SEED, 0, 100);
    decided(&deployment, 100);
    let proxy = link.proxy.clone();
    let mut kept = false;
    proxy.judge(move |frame| match frame.api {
        api::END_TXN if !kept => {
            assert!(frame.transactional_id().ends_with(".0"));
            kept = true;
            Verdict::Keep
        }
        _ => Verdict::Pass,
    });
    // The library sends the end again, so the transaction is committed all the same.
    produce(&deployment, SEED, 100, 1);
    decided(&deployment, 101);
    assert_eq!(proxy.kept(), 1);
    proxy.judge(|frame| match frame.api {
        api::END_TXN => Verdict::Pause,
        _ => Verdict::Pass,
    });
    produce(&deployment, SEED, 101, 50);
    wait_until("a later transaction has written", || proxy.paused() > 0);
    let (renewed, code) = (first.metric(RENEWED), proxy.release());
    first.kill();
    proxy.be_good();
    proxy.go_on();
    let second = behind(&link, &deployment, "second");
    produce(&deployment, SEED, 151, 50);
    decided(&deployment, 201);
    await_drained(&deployment);
    second.end();
    assert!(
        code != 0,
        "the broker ended a transaction by the end of another"
    );
    assert_eq!(renewed, 1.0, "producers made anew");
    prove(&deployment, 201);
}

/// How many connections are cut, each at a request of a transaction or at its answer.
const CUTS: usize = 24;
const SLICE: usize = 50;

#[test]
fn connections_cut_within_transactions_lose_nothing() {
    let Some(link) = Link::take("connections_cut_within_transactions_lose_nothing") else {
        return;
    };
    println!("seed {SEED}, {CUTS} cuts");
    let deployment = deployment(&link.direct);
    let daemon = behind(&link, &deployment, "only");
    let mut random = StdRng::seed_from_u64(SEED);
    let (count, mut cuts) = (
        std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0)),
        0,
    );
    let told = std::sync::Arc::clone(&count);
    link.proxy.judge(move |frame| {
        let within = matches!(
            frame.api,
            api::PRODUCE | api::ADD_OFFSETS_TO_TXN | api::END_TXN | api::TXN_OFFSET_COMMIT
        );
        if !within || cuts >= CUTS || random.random_range(0..12) > 0 {
            return Verdict::Pass;
        }
        cuts += 1;
        told.store(cuts, std::sync::atomic::Ordering::Relaxed);
        match random.random_bool(0.5) {
            true => Verdict::Cut,
            false => Verdict::CutAnswer,
        }
    });
    let mut sent = 0;
    while count.load(std::sync::atomic::Ordering::Relaxed) < CUTS {
        produce(&deployment, SEED, sent, SLICE);
        sent += SLICE;
        decided(&deployment, sent);
    }
    await_drained(&deployment);
    println!(
        "{sent} leads, {} producers made anew",
        daemon.metric(RENEWED)
    );
    assert!(daemon.metric(RENEWED) >= 1.0);
    daemon.end();
    prove(&deployment, sent);
}

#[test]
fn a_lost_answer_and_a_slow_link_lose_nothing() {
    let Some(link) = Link::take("a_lost_answer_and_a_slow_link_lose_nothing") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = planned_for(Deployment::new(&link.direct, 2));
    let daemon = behind(&link, &deployment, "only");
    produce(&deployment, SEED, 0, 200);
    decided(&deployment, 200);
    let mut lost = false;
    link.proxy.judge(move |frame| match frame.api {
        api::END_TXN if !lost => {
            lost = true;
            Verdict::LoseAnswer
        }
        _ => Verdict::Pass,
    });
    produce(&deployment, SEED, 200, 200);
    decided(&deployment, 400);
    // The library asks again once the answer is overdue, which is just before the transaction
    // would be; only then is the outcome known, and the producer made anew.
    wait_until("the producer is made anew", || {
        daemon.metric(RENEWED) >= 1.0
    });
    link.proxy.be_good();
    link.proxy.delay(Duration::from_millis(40));
    produce(&deployment, SEED, 400, 400);
    decided(&deployment, 800);
    link.proxy.be_good();
    await_drained(&deployment);
    daemon.end();
    prove(&deployment, 800);
}

#[test]
fn a_half_open_link_is_survived() {
    let Some(link) = Link::take("a_half_open_link_is_survived") else {
        return;
    };
    println!("seed {SEED}");
    let deployment = deployment(&link.direct);
    let daemon = behind(&link, &deployment, "only");
    produce(&deployment, SEED, 0, 500);
    decided(&deployment, 200);
    link.proxy.fall_silent();
    produce(&deployment, SEED, 500, 500);
    wait_until("it is no longer ready", || !daemon.is_ready());
    assert!(daemon.is_live());
    link.proxy.be_good();
    let healed = Instant::now();
    decided(&deployment, 1_000);
    println!(
        "all decided {:?} after the link was whole again",
        healed.elapsed()
    );
    daemon.await_ready();
    await_drained(&deployment);
    daemon.end();
    prove(&deployment, 1_000);
}
