//! Where a tenant's records are decided: Java's default partitioner over the tenant's name.

/// MurmurHash2 as Java's Kafka client computes it, with its seed, over `bytes`.
pub fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let tail = words.remainder();
    for (at, byte) in tail.iter().enumerate() {
        hash ^= u32::from(*byte) << (8 * at);
    }
    if !tail.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// The partition index, of `partitions` many, at which all records of `tenant` are decided.
pub fn home_partition(tenant: &str, partitions: i32) -> i32 {
    // Java clears the sign bit instead of taking the absolute value.
    (murmur2(tenant.as_bytes()) & 0x7fff_ffff) as i32 % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of Kafka's own `UtilsTest.testMurmur2`.
    #[test]
    fn hashes_equal_javas() {
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            (
                "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
    }

    #[test]
    fn homes_lie_within_the_partitions() {
        for partitions in [1, 3, 4, 64] {
            for tenant in ["", "default", "acme", "东方"] {
                assert!((0..partitions).contains(&home_partition(tenant, partitions)));
            }
        }
        // The hash of "21" is negative; Java's client takes 1,173,551,340 for it.
        assert_eq!(home_partition("21", 7), 1_173_551_340 % 7);
    }
}
