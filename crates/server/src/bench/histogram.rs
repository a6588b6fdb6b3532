//! Latencies in constant space.

/// Sub-buckets of each power of two: values are off by less than 1/32.
const SUB_BITS: u32 = 5;
const SUB: usize = 1 << SUB_BITS;

/// Counts of durations in nanoseconds, in buckets whose width grows with the value.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { counts: vec![0; (64 - SUB_BITS as usize + 1) * SUB], total: 0, max: 0 }
    }
}

impl Histogram {
    fn bucket(value: u64) -> usize {
        if value < SUB as u64 {
            return value as usize;
        }
        let exponent = 63 - value.leading_zeros();
        let sub = (value >> (exponent - SUB_BITS)) as usize & (SUB - 1);
        (exponent - SUB_BITS + 1) as usize * SUB + sub
    }

    /// The smallest value of a bucket.
    fn floor(bucket: usize) -> u64 {
        if bucket < SUB {
            return bucket as u64;
        }
        let exponent = (bucket / SUB - 1) as u32 + SUB_BITS;
        1 << exponent | ((bucket % SUB) as u64) << (exponent - SUB_BITS)
    }

    /// Counts a duration.
    #[inline]
    pub fn record(&mut self, nanoseconds: u64) {
        if let Some(count) = self.counts.get_mut(Self::bucket(nanoseconds)) {
            *count += 1;
        }
        self.total += 1;
        self.max = self.max.max(nanoseconds);
    }

    /// Adds another histogram's counts.
    pub fn add(&mut self, other: &Histogram) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many durations were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The longest one.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The duration that this part (0 to 1) of all does not exceed.
    pub fn percentile(&self, part: f64) -> u64 {
        let wanted = (self.total as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                return Self::floor(bucket).min(self.max);
            }
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn percentiles() {
        let mut histogram = Histogram::default();
        for value in 1..=100_000u64 {
            histogram.record(value * 10);
        }
        for (part, exact) in [(0.5, 500_000.0), (0.95, 950_000.0), (0.99, 990_000.0)] {
            let found = histogram.percentile(part) as f64;
            assert!((found - exact).abs() / exact < 0.04, "{part}: {found}");
        }
        assert_eq!((histogram.total(), histogram.max()), (100_000, 1_000_000));
        histogram.record(u64::MAX);
        histogram.record(0);
        assert_eq!(histogram.percentile(1.0), Histogram::floor(Histogram::bucket(u64::MAX)));
        for value in [0, 1, 31, 32, 33, 1000, u64::MAX / 3, u64::MAX] {
            let bucket = Histogram::bucket(value);
            assert!(Histogram::floor(bucket) <= value);
            assert!(bucket + 1 == histogram.counts.len() || Histogram::floor(bucket + 1) > value);
        }
    }
}
