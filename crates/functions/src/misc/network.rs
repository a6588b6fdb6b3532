//! `inet` and `cidr`.

use crate::Registry;
use crate::convert::{byte_order, order};
use crate::misc::hash::{hash_bytes, hash_bytes_extended};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::Inet;
use std::cmp::Ordering;

fn max_bits(a: &Inet) -> u8 {
    if a.is_v6 { 128 } else { 32 }
}

fn width(a: &Inet) -> usize {
    usize::from(max_bits(a) / 8)
}

/// The address as a number.
fn number(a: &Inet) -> u128 {
    a.addr[..width(a)].iter().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

fn with_number(a: &Inet, bits: u8, value: u128) -> Inet {
    let mut addr = [0; 16];
    let len = width(a);
    addr[..len].copy_from_slice(&value.to_be_bytes()[16 - len..]);
    Inet { is_v6: a.is_v6, bits, addr }
}

/// Ones where the network is.
fn mask(a: &Inet) -> u128 {
    all_ones(a) & !host_mask(a)
}

fn all_ones(a: &Inet) -> u128 {
    if a.is_v6 { u128::MAX } else { u128::from(u32::MAX) }
}

/// Ones where the host is.
fn host_mask(a: &Inet) -> u128 {
    all_ones(a).checked_shr(a.bits.into()).unwrap_or(0)
}

/// Do the first `bits` bits differ?
fn compare_bits(a: &Inet, b: &Inet, bits: u8) -> Ordering {
    let shift = u32::from(max_bits(a) - bits.min(max_bits(a)));
    number(a).checked_shr(shift).unwrap_or(0).cmp(&number(b).checked_shr(shift).unwrap_or(0))
}

/// PostgreSQL's order: family, network, length of the network, address.
pub fn compare(a: &Inet, b: &Inet) -> Ordering {
    a.is_v6
        .cmp(&b.is_v6)
        .then_with(|| compare_bits(a, b, a.bits.min(b.bits)))
        .then_with(|| a.bits.cmp(&b.bits))
        .then_with(|| number(a).cmp(&number(b)))
}

/// The same as comparison functions return it: whole bytes count by their difference.
fn network_order(a: &Inet, b: &Inet) -> i32 {
    if a.is_v6 != b.is_v6 {
        return order(a.is_v6.cmp(&b.is_v6));
    }
    let by_bits = |bits: u8| {
        let whole = usize::from(bits / 8);
        match byte_order(&a.addr[..whole], &b.addr[..whole]) {
            0 => order(compare_bits(a, b, bits)),
            difference => difference,
        }
    };
    match by_bits(a.bits.min(b.bits)) {
        0 if a.bits == b.bits => by_bits(max_bits(a)),
        0 => i32::from(a.bits) - i32::from(b.bits),
        difference => difference,
    }
}

fn contains(a: &Inet, b: &Inet, or_equal: bool) -> bool {
    let shorter = if or_equal { a.bits <= b.bits } else { a.bits < b.bits };
    a.is_v6 == b.is_v6 && shorter && compare_bits(a, b, a.bits).is_eq()
}

fn overlaps(a: &Inet, b: &Inet) -> bool {
    a.is_v6 == b.is_v6 && compare_bits(a, b, a.bits.min(b.bits)).is_eq()
}

/// The address without the length of its network.
pub fn host(a: &Inet) -> String {
    let mut text = Vec::new();
    pglitedb_types::scalar::network::write_address(a, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The address with the length of its network.
pub fn show(a: &Inet) -> String {
    format!("{}/{}", host(a), a.bits)
}

fn inet_abbreviated(a: &Inet) -> String {
    if a.bits == max_bits(a) { host(a) } else { show(a) }
}

/// `cidr` leaves out what is no part of the network.
fn cidr_abbreviated(a: &Inet) -> String {
    if a.is_v6 {
        return cidr6_abbreviated(a);
    }
    let bytes = usize::from(a.bits.div_ceil(8)).max(1);
    let parts: Vec<String> = a.addr[..bytes.min(4)].iter().map(u8::to_string).collect();
    format!("{}/{}", parts.join("."), a.bits)
}

/// The words that belong to the network; the longest run of zeros among them is left out.
fn cidr6_abbreviated(a: &Inet) -> String {
    if a.bits == 0 {
        return "::/0".to_owned();
    }
    let shown = network(a);
    let count = usize::from(a.bits.div_ceil(16)).max(2);
    let word = |at: usize| {
        shown.addr.get(at * 2..at * 2 + 2).map_or(0, |pair| u16::from(pair[0]) << 8 | u16::from(pair[1]))
    };
    // The run that is being counted goes on after words that end none longer than the longest one: so do addresses that
    // PostgreSQL prints.
    let (mut zeros_at, mut zeros, mut run_at, mut run) = (0, 0, 0, 0);
    for at in 0..=count {
        if at < count && word(at) == 0 {
            if run == 0 {
                run_at = at;
            }
            run += 1;
        } else if run > zeros {
            (zeros_at, zeros) = (run_at, run);
            run = 0;
        }
    }
    let embeds_v4 = zeros != count
        && zeros_at == 0
        && (zeros == 6
            || (zeros == 5 && word(5) == 0xffff)
            || (zeros == 7 && word(7) >> 8 != 0 && word(7) & 0xff != 1));
    let mut text = String::new();
    for at in 0..count {
        if zeros > 0 && (zeros_at..zeros_at + zeros).contains(&at) {
            if at == zeros_at {
                text.push(':');
            }
            if at == count - 1 {
                text.push(':');
            }
            continue;
        }
        if embeds_v4 && at > 5 {
            text.push(if at == 6 { ':' } else { '.' });
            text.push_str(&(word(at) >> 8).to_string());
            if at != 7 || a.bits > 120 {
                text.push_str(&format!(".{}", word(at) & 0xff));
            }
        } else {
            if !text.is_empty() {
                text.push(':');
            }
            text.push_str(&format!("{:x}", word(at)));
        }
    }
    format!("{text}/{}", a.bits)
}

fn set_length(a: &Inet, bits: i32, clear: bool) -> Result<Inet> {
    let bits = if bits == -1 { i32::from(max_bits(a)) } else { bits };
    let Some(bits) = u8::try_from(bits).ok().filter(|bits| *bits <= max_bits(a)) else {
        bail!(INVALID_PARAMETER_VALUE, "invalid mask length: {bits}");
    };
    let out = Inet { bits, ..*a };
    Ok(if clear { network(&out) } else { out })
}

fn network(a: &Inet) -> Inet {
    with_number(a, a.bits, number(a) & mask(a))
}

fn merge(a: &Inet, b: &Inet) -> Result<Inet> {
    if a.is_v6 != b.is_v6 {
        bail!(INVALID_PARAMETER_VALUE, "cannot merge addresses from different families");
    }
    let limit = a.bits.min(b.bits);
    let differing = number(a) ^ number(b);
    let unused = 128 - u32::from(max_bits(a));
    let common = (differing.leading_zeros() - unused) as u8;
    Ok(network(&Inet { bits: limit.min(common), ..*a }))
}

fn bitwise(a: &Inet, b: &Inet, name: &str, op: fn(u128, u128) -> u128) -> Result<Inet> {
    if a.is_v6 != b.is_v6 {
        bail!(INVALID_PARAMETER_VALUE, "cannot {name} inet values of different sizes");
    }
    Ok(with_number(a, a.bits.max(b.bits), op(number(a), number(b))))
}

fn plus(a: &Inet, by: i64) -> Result<Inet> {
    let sum = if by >= 0 {
        number(a).checked_add(u128::from(by.unsigned_abs()))
    } else {
        number(a).checked_sub(u128::from(by.unsigned_abs()))
    };
    match sum.filter(|sum| *sum <= all_ones(a)) {
        Some(sum) => Ok(with_number(a, a.bits, sum)),
        None => bail!(NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range"),
    }
}

fn difference(a: &Inet, b: &Inet) -> Result<i64> {
    if a.is_v6 != b.is_v6 {
        bail!(INVALID_PARAMETER_VALUE, "cannot subtract inet values of different sizes");
    }
    let wide = number(a).wrapping_sub(number(b)) as i128;
    i64::try_from(wide).map_err(|_| err!(NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range"))
}

/// What is hashed: family, length, address.
fn hash_input(a: &Inet) -> Vec<u8> {
    let mut bytes = vec![if a.is_v6 { 3 } else { 2 }, a.bits];
    bytes.extend_from_slice(&a.addr[..width(a)]);
    bytes
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "network_" => |a: Inet, b: Inet| compare(&a, &b););
    scalars!(reg;
        "network_cmp" => |a: Inet, b: Inet| network_order(&a, &b);
        "network_larger" => |a: Inet, b: Inet| if compare(&a, &b).is_gt() { a } else { b };
        "network_smaller" => |a: Inet, b: Inet| if compare(&a, &b).is_lt() { a } else { b };
        "network_sub" => |a: Inet, b: Inet| contains(&b, &a, false);
        "network_subeq" => |a: Inet, b: Inet| contains(&b, &a, true);
        "network_sup" => |a: Inet, b: Inet| contains(&a, &b, false);
        "network_supeq" => |a: Inet, b: Inet| contains(&a, &b, true);
        "network_overlap" => |a: Inet, b: Inet| overlaps(&a, &b);
        "network_family" => |a: Inet| if a.is_v6 { 6 } else { 4 };
        "network_host" => |a: Inet| host(&a);
        "network_show" => |a: Inet| show(&a);
        "network_masklen" => |a: Inet| i32::from(a.bits);
        "network_netmask" => |a: Inet| with_number(&a, max_bits(&a), mask(&a));
        "network_hostmask" => |a: Inet| with_number(&a, max_bits(&a), host_mask(&a));
        "network_broadcast" => |a: Inet| with_number(&a, a.bits, number(&a) | host_mask(&a));
        "network_network" => |a: Inet| network(&a);
        "inet_to_cidr" => |a: Inet| network(&a);
        "inet_abbrev" => |a: Inet| inet_abbreviated(&a);
        "cidr_abbrev" => |a: Inet| cidr_abbreviated(&a);
        "inet_set_masklen" => |a: Inet, bits: i32| set_length(&a, bits, false);
        "cidr_set_masklen" => |a: Inet, bits: i32| set_length(&a, bits, true);
        "inet_merge" => |a: Inet, b: Inet| merge(&a, &b);
        "inet_same_family" => |a: Inet, b: Inet| a.is_v6 == b.is_v6;
        "inetnot" => |a: Inet| with_number(&a, a.bits, number(&a) ^ all_ones(&a));
        "inetand" => |a: Inet, b: Inet| bitwise(&a, &b, "AND", |x, y| x & y);
        "inetor" => |a: Inet, b: Inet| bitwise(&a, &b, "OR", |x, y| x | y);
        "inetpl" => |a: Inet, by: i64| plus(&a, by);
        "sql:2631" => |by: i64, a: Inet| plus(&a, by);
        "inetmi_int8" => |a: Inet, by: i64| plus(&a, by.wrapping_neg());
        "inetmi" => |a: Inet, b: Inet| difference(&a, &b);
        "hashinet" => |a: Inet| hash_bytes(&hash_input(&a)) as i32;
        "hashinetextended" => |a: Inet, seed: i64| hash_bytes_extended(&hash_input(&a), seed as u64) as i64;
    );
}
