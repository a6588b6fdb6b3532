//! `random()`: xoroshiro128**, seeded from the operating system or by `setseed`.

use std::cell::Cell;

/// A session's generator.
pub(crate) struct Generator(Cell<Option<(u64, u64)>>);

impl Default for Generator {
    fn default() -> Self {
        Generator(Cell::new(None))
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Generator {
    /// The next number.
    pub(crate) fn next(&self) -> u64 {
        let (s0, s1) = self.0.get().unwrap_or_else(|| {
            let seed = getrandom::u64().unwrap_or(0x5EED);
            Self::state(seed)
        });
        let result = s0.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let s1 = s1 ^ s0;
        self.0.set(Some((s0.rotate_left(24) ^ s1 ^ (s1 << 16), s1.rotate_left(37))));
        result
    }

    /// Starts a sequence that can be repeated.
    pub(crate) fn seed(&self, seed: u64) {
        self.0.set(Some(Self::state(seed)));
    }

    fn state(seed: u64) -> (u64, u64) {
        let mut mix = seed;
        let (s0, s1) = (split_mix(&mut mix), split_mix(&mut mix));
        if (s0, s1) == (0, 0) { (1, 0) } else { (s0, s1) }
    }
}
