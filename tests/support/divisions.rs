//! Every district of China with its full border, from the crate reverse-geocoder-cn.
//!
//! The crate is fetched once by cargo, at an exact version, into a cache under `target/`. Its
//! data are in bincode's standard form: three lists of areas, each a name, a code, polygons
//! of rings of longitude and latitude, and a box.
#![allow(
    clippy::unwrap_used,
    reason = "data of one exact version either have this form or are not worth a test"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick::plan::{Area, Point};

/// A project that depends on nothing else.
const MANIFEST: &str = r#"[package]
name = "cache"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
reverse-geocoder-cn = "=0.1.0"
"#;

/// All 2,891 districts in the crate's order, their six-digit code being the id; `None`, with
/// the reason on standard error, where the crate cannot be fetched.
pub fn districts() -> Option<Vec<Area>> {
    let data = std::fs::read(fetched()?).unwrap();
    let mut reader = Reader {
        data: &data,
        at: "RCNGBIN1".len(),
    };
    reader.areas();
    reader.areas();
    Some(reader.areas())
}

fn fetched() -> Option<PathBuf> {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reverse-geocoder-cn-0.1.0");
    let file = cache.join("vendor/reverse-geocoder-cn-0.1.0/cn_admin.bin");
    if !file.exists() {
        std::fs::create_dir_all(cache.join("src")).unwrap();
        std::fs::write(cache.join("src/lib.rs"), "").unwrap();
        std::fs::write(cache.join("Cargo.toml"), MANIFEST).unwrap();
        let vendor = ["vendor", "--quiet", "--versioned-dirs", "vendor"];
        let done = Command::new("cargo")
            .args(vendor)
            .current_dir(&cache)
            .output();
        if !done.is_ok_and(|done| done.status.success()) {
            eprintln!("skipped: needs cargo to fetch reverse-geocoder-cn 0.1.0");
            return None;
        }
    }
    Some(file)
}

struct Reader<'d> {
    data: &'d [u8],
    at: usize,
}

impl<'d> Reader<'d> {
    fn bytes(&mut self, count: usize) -> &'d [u8] {
        self.at += count;
        &self.data[self.at - count..self.at]
    }

    /// One byte up to 250, else 251 to 253 and two to eight bytes.
    fn integer(&mut self) -> usize {
        let first = self.bytes(1)[0];
        let width = match first {
            251 => 2,
            252 => 4,
            253 => 8,
            small => return usize::from(small),
        };
        let mut wide = [0; 8];
        wide[..width].copy_from_slice(self.bytes(width));
        u64::from_le_bytes(wide) as usize
    }

    fn text(&mut self) -> String {
        let length = self.integer();
        String::from_utf8(self.bytes(length).to_vec()).unwrap()
    }

    fn degrees_e7(&mut self) -> i32 {
        let float = f64::from_le_bytes(self.bytes(8).try_into().unwrap());
        (float * 1e7).round() as i32
    }

    fn ring(&mut self) -> Vec<Point> {
        let count = self.integer();
        let mut ring: Vec<Point> = (0..count)
            .map(|_| {
                let (lon_e7, lat_e7) = (self.degrees_e7(), self.degrees_e7());
                Point { lon_e7, lat_e7 }
            })
            .collect();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        ring
    }

    fn area(&mut self) -> Area {
        let _name = self.text();
        let id = self.text().into();
        let polygons = (0..self.integer())
            .map(|_| (0..self.integer()).map(|_| self.ring()).collect())
            .collect();
        // The box.
        self.bytes(32);
        Area { id, polygons }
    }

    fn areas(&mut self) -> Vec<Area> {
        (0..self.integer()).map(|_| self.area()).collect()
    }
}
