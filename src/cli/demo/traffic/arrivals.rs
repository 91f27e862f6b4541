//! When leads come in: a Poisson process whose rate follows the working week, campaigns and list uploads.

use rand::Rng;
use rand::rngs::StdRng;

use crate::event::{Span, Timestamp};

/// How leads are spread over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// Poisson at a constant rate, in leads a second.
    Steady { per_second: f64 },
    /// Poisson around this mean rate, with the profile of a working week, and campaigns and
    /// list uploads on top of it.
    Week { per_second: f64 },
}

/// One lead's arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    pub at: Timestamp,
    pub country: Country,
    /// What brought it.
    pub origin: Origin,
}

/// Where demo leads come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Country {
    China,
    America,
}

/// What brought a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing in particular.
    Organic,
    /// The campaign with this running number.
    Campaign(u32),
    /// The uploaded list with this running number.
    Upload(u32),
}

/// Monday to Sunday, in percent of a week's leads (business to business).
const WEEKDAY_SHARE: [f64; 7] = [18.0, 18.0, 17.0, 19.0, 15.6, 5.5, 6.9];
/// Half of the demo's leads come from each country.
const CHINA_SHARE: f64 = 0.5;
/// Fixed offsets are enough for a daily curve: UTC+8, and UTC-6 for the middle of the US.
const OFFSET_MS: [i64; 2] = [8 * HOUR_MS, -6 * HOUR_MS];

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: f64 = 7.0 * DAY_MS as f64;

/// Mean time between two campaigns: two a week.
const CAMPAIGN_GAP_MS: f64 = WEEK_MS / 2.0;
/// A campaign's responses, as a share of the organic leads between two campaigns.
const CAMPAIGN_SIZE: f64 = 0.4;
/// Share of responses that came within each time: 33.6 % in the first hour, 51 % by the
/// third, 81 % by the end of the day, the rest within two weeks.
const RESPONSES: [(i64, f64); 5] = [
    (0, 0.0),
    (HOUR_MS, 0.336),
    (3 * HOUR_MS, 0.51),
    (DAY_MS, 0.81),
    (14 * DAY_MS, 1.0),
];
/// Mean time between two list uploads: one every two days.
const UPLOAD_GAP_MS: f64 = 2.0 * DAY_MS as f64;
/// Rows of an uploaded list, evenly spread in the logarithm.
const UPLOAD_ROWS: (f64, f64) = (1_000.0, 100_000.0);
/// An uploaded list arrives within seconds.
const UPLOAD_LENGTH_MS: i64 = 5_000;

/// Draws one arrival after another.
#[derive(Debug)]
pub struct Clock {
    arrivals: Arrivals,
    now: f64,
    bursts: Vec<Burst>,
    next_campaign: f64,
    next_upload: f64,
    campaigns: u32,
    uploads: u32,
}

/// A campaign or an upload under way.
#[derive(Debug)]
struct Burst {
    origin: Origin,
    start: f64,
    leads: f64,
}

impl Burst {
    /// Leads a millisecond at `now`; it never rises, so its present value bounds the future.
    fn rate(&self, now: f64) -> f64 {
        let age = (now - self.start).max(0.0) as i64;
        match self.origin {
            Origin::Upload(_) if age < UPLOAD_LENGTH_MS => self.leads / UPLOAD_LENGTH_MS as f64,
            Origin::Campaign(_) => self.leads * response_density(age),
            Origin::Upload(_) | Origin::Organic => 0.0,
        }
    }
}

/// Share of a campaign's responses a millisecond at this age.
fn response_density(age: i64) -> f64 {
    RESPONSES
        .windows(2)
        .find(|pair| age < pair[1].0)
        .map_or(0.0, |pair| {
            (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0) as f64
        })
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn new(arrivals: Arrivals, start: Timestamp) -> Self {
        Self {
            arrivals,
            now: start.0 as f64,
            bursts: Vec::new(),
            next_campaign: start.0 as f64 + CAMPAIGN_GAP_MS / 8.0,
            next_upload: start.0 as f64 + UPLOAD_GAP_MS / 2.0,
            campaigns: 0,
            uploads: 0,
        }
    }

    /// The next arrival.
    pub fn next(&mut self, rng: &mut StdRng) -> Arrival {
        match self.arrivals {
            Arrivals::Steady { per_second } => self.next_steady(rng, per_second / 1_000.0),
            Arrivals::Week { per_second } => self.next_in_week(rng, per_second / 1_000.0),
        }
    }

    fn next_steady(&mut self, rng: &mut StdRng, per_ms: f64) -> Arrival {
        self.now += exponential(rng, 1.0 / per_ms);
        let china = rng.random_bool(CHINA_SHARE);
        self.arrival(Origin::Organic, china)
    }

    /// Thinning: candidates at a rate that is never exceeded, kept with the present share of it.
    fn next_in_week(&mut self, rng: &mut StdRng, per_ms: f64) -> Arrival {
        loop {
            let organic_bound = per_ms * WEEK_PEAK;
            let bound = organic_bound + self.burst_rate();
            let candidate = self.now + exponential(rng, 1.0 / bound);
            let burst_at = self.next_campaign.min(self.next_upload);
            if candidate >= burst_at {
                self.now = burst_at;
                self.start_burst(rng, per_ms);
                continue;
            }
            self.now = candidate;
            if let Some(arrival) = self.accept(rng, per_ms, bound) {
                return arrival;
            }
        }
    }

    fn burst_rate(&self) -> f64 {
        self.bursts.iter().map(|burst| burst.rate(self.now)).sum()
    }

    /// Decides whether the candidate at `now` becomes a lead, and whose it is.
    fn accept(&self, rng: &mut StdRng, per_ms: f64, bound: f64) -> Option<Arrival> {
        let mut ticket = rng.random::<f64>() * bound;
        let china = per_ms * CHINA_SHARE * week_factor(self.now, OFFSET_MS[0]);
        let america = per_ms * (1.0 - CHINA_SHARE) * week_factor(self.now, OFFSET_MS[1]);
        if ticket < china + america {
            return Some(self.arrival(Origin::Organic, ticket < china));
        }
        ticket -= china + america;
        for burst in &self.bursts {
            let rate = burst.rate(self.now);
            if ticket < rate {
                return Some(self.arrival(burst.origin, ticket < rate * CHINA_SHARE));
            }
            ticket -= rate;
        }
        None
    }

    fn start_burst(&mut self, rng: &mut StdRng, per_ms: f64) {
        let now = self.now;
        self.bursts.retain(|burst| burst.rate(now) > 0.0);
        let (origin, leads) = if self.next_campaign <= self.next_upload {
            self.campaigns += 1;
            self.next_campaign = now + exponential(rng, CAMPAIGN_GAP_MS);
            let leads = per_ms * CAMPAIGN_GAP_MS * CAMPAIGN_SIZE;
            (Origin::Campaign(self.campaigns), leads)
        } else {
            self.uploads += 1;
            self.next_upload = now + exponential(rng, UPLOAD_GAP_MS);
            let (least, most) = UPLOAD_ROWS;
            let rows = least * (most / least).powf(rng.random::<f64>());
            (Origin::Upload(self.uploads), rows)
        };
        self.bursts.push(Burst {
            origin,
            start: now,
            leads,
        });
    }

    fn arrival(&self, origin: Origin, china: bool) -> Arrival {
        Arrival {
            at: Timestamp(0).plus(Span(self.now as i64)),
            country: if china {
                Country::China
            } else {
                Country::America
            },
            origin,
        }
    }
}

/// No moment of the week is busier than this, in multiples of the mean.
const WEEK_PEAK: f64 = 4.5;

/// The rate at a moment in a place, in multiples of the mean.
fn week_factor(now_ms: f64, offset_ms: i64) -> f64 {
    let local = now_ms as i64 + offset_ms;
    // 1970-01-01 was a Thursday, the fourth day from Monday.
    let weekday = (local.div_euclid(DAY_MS) + 3).rem_euclid(7) as usize;
    let hour = local.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64;
    let total: f64 = WEEKDAY_SHARE.iter().sum();
    WEEKDAY_SHARE[weekday] / total * 7.0 * day_factor(hour)
}

/// A day's curve with mean 1: a floor at night and humps at 11 and at half past two.
fn day_factor(hour: f64) -> f64 {
    let hump = |middle: f64, width: f64| (-0.5 * ((hour - middle) / width).powi(2)).exp();
    // 24 = 0.2 * 24 + height * sqrt(2 pi) * (1.4 * 1.0 + 2.0 * 0.9)
    0.2 + 2.394 * (hump(11.0, 1.4) + 0.9 * hump(14.5, 2.0))
}

/// A waiting time with this mean, by inversion.
pub fn exponential(rng: &mut StdRng, mean: f64) -> f64 {
    -mean * (1.0 - rng.random::<f64>()).ln()
}
