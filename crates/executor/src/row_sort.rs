//! Sorting of rows, with PostgreSQL's order of equal ones where that costs nothing.

use std::cmp::Ordering;

/// Up to so many rows are sorted as PostgreSQL does, so that equal rows come in the same order. Many are sorted by the
/// standard library, which compares less often and whose worst case is better.
const FEW: usize = 1000;
/// Fewer rows are sorted by insertion.
const INSERTION: usize = 7;
/// For more rows the pivot is chosen from nine.
const NINTHER: usize = 40;

/// Sorts rows.
pub(crate) fn sort_rows<T>(rows: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if rows.len() <= FEW { quick_sort(rows, &compare) } else { rows.sort_by(compare) }
}

/// Bentley and McIlroy's quicksort ("Engineering a sort function", 1993), which PostgreSQL uses, with its check for rows
/// that are in order already. Elements equal to the pivot are collected at both ends and put between the parts at last.
fn quick_sort<T>(mut rows: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    loop {
        let len = rows.len();
        if len < INSERTION {
            return insertion_sort(rows, compare);
        }
        if rows.windows(2).all(|pair| compare(&pair[0], &pair[1]).is_le()) {
            return;
        }
        rows.swap(0, pivot(rows, compare));
        let (less, greater) = partition(rows, compare);
        let (low, rest) = std::mem::take(&mut rows).split_at_mut(less);
        let from = rest.len() - greater;
        let high = &mut rest[from..];
        // The shorter part recursively, so that the stack stays small.
        if less <= greater {
            quick_sort(low, compare);
            rows = high;
        } else {
            quick_sort(high, compare);
            rows = low;
        }
    }
}

fn insertion_sort<T>(rows: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    for end in 1..rows.len() {
        let mut at = end;
        while at > 0 && compare(&rows[at - 1], &rows[at]).is_gt() {
            rows.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Index of the pivot: the middle one, the median of three, or the median of three such.
fn pivot<T>(rows: &[T], compare: &impl Fn(&T, &T) -> Ordering) -> usize {
    let len = rows.len();
    let median = |a: usize, b: usize, c: usize| {
        let order = |x: usize, y: usize| compare(&rows[x], &rows[y]);
        if order(a, b).is_lt() {
            if order(b, c).is_lt() {
                b
            } else if order(a, c).is_lt() {
                c
            } else {
                a
            }
        } else if order(b, c).is_gt() {
            b
        } else if order(a, c).is_lt() {
            a
        } else {
            c
        }
    };
    let (mut first, mut middle, mut last) = (0, len / 2, len - 1);
    if len > NINTHER {
        let step = len / 8;
        first = median(first, first + step, first + 2 * step);
        middle = median(middle - step, middle, middle + step);
        last = median(last - 2 * step, last - step, last);
    }
    if len > INSERTION { median(first, middle, last) } else { middle }
}

/// Partitions by the first element; returns how many are less and how many are greater.
fn partition<T>(rows: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) -> (usize, usize) {
    let len = rows.len();
    // Equal ones: ..equal_low and equal_high+1..; looked at: ..low and high+1.. (ends are kept one further up, so that
    // none goes below 0).
    let (mut equal_low, mut low) = (1, 1);
    let (mut high, mut equal_high) = (len, len);
    loop {
        while low < high {
            match compare(&rows[low], &rows[0]) {
                Ordering::Greater => break,
                Ordering::Equal => {
                    rows.swap(equal_low, low);
                    equal_low += 1;
                }
                Ordering::Less => {}
            }
            low += 1;
        }
        while low < high {
            match compare(&rows[high - 1], &rows[0]) {
                Ordering::Less => break,
                Ordering::Equal => {
                    equal_high -= 1;
                    rows.swap(high - 1, equal_high);
                }
                Ordering::Greater => {}
            }
            high -= 1;
        }
        if low >= high {
            break;
        }
        rows.swap(low, high - 1);
        low += 1;
        high -= 1;
    }
    let (less, greater) = (low - equal_low, equal_high - high);
    swap_blocks(rows, 0, low, equal_low.min(less));
    swap_blocks(rows, low, len, (len - equal_high).min(greater));
    (less, greater)
}

/// Swaps the `count` elements from `at` with the `count` elements before `end`.
fn swap_blocks<T>(rows: &mut [T], at: usize, end: usize, count: usize) {
    for offset in 0..count {
        rows.swap(at + offset, end - count + offset);
    }
}

#[cfg(test)]
mod tests {
    use super::quick_sort;

    fn sorted(keys: &[u32]) -> Vec<(u32, usize)> {
        let mut rows: Vec<(u32, usize)> = keys.iter().copied().zip(0..).collect();
        quick_sort(&mut rows, &|a: &(u32, usize), b: &(u32, usize)| a.0.cmp(&b.0));
        rows
    }

    #[test]
    fn sorts_everything() {
        let mut seed = 1_u32;
        for len in 0..300 {
            for range in [1, 2, 5, 1000] {
                let keys: Vec<u32> = (0..len)
                    .map(|_| {
                        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (seed >> 8) % range
                    })
                    .collect();
                let rows = sorted(&keys);
                assert!(rows.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{keys:?}");
                let mut places: Vec<usize> = rows.iter().map(|row| row.1).collect();
                places.sort_unstable();
                assert!(places.iter().copied().eq(0..keys.len()));
            }
        }
    }

    /// The order in which PostgreSQL 18 returns these rows: `SELECT n FROM (VALUES ...) v(k, n) ORDER BY k`.
    #[test]
    fn equal_rows_come_as_in_postgres() {
        let order = |keys: &[u32]| sorted(keys).iter().map(|row| row.1).collect::<Vec<_>>();
        assert_eq!(order(&[9, 1, 0, 9, 9, 1, 0, 1, 9, 1, 1]), ORDER_OF_ELEVEN);
        let many: Vec<u32> = (0..60).map(|n| (n * 7) % 5).collect();
        assert_eq!(order(&many), ORDER_OF_SIXTY);
    }

    const ORDER_OF_ELEVEN: [usize; 11] = [2, 6, 10, 1, 5, 7, 9, 0, 4, 8, 3];
    const ORDER_OF_SIXTY: [usize; 60] = [
        25, 35, 50, 15, 5, 55, 20, 40, 0, 45, 10, 30, 18, 48, 38, 8, 43, 13, 3, 53, 23, 28, 33, 58, 16, 56,
        26, 51, 41, 6, 11, 1, 36, 21, 31, 46, 59, 4, 9, 14, 19, 24, 29, 34, 39, 44, 49, 54, 37, 7, 32, 27,
        52, 22, 2, 17, 12, 57, 42, 47,
    ];
}
