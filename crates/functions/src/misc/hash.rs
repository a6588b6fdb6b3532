//! PostgreSQL's hash functions (Bob Jenkins' `lookup3`), bit for bit: programs use `hashtext()` for advisory locks and
//! hash partitions depend on the extended ones.

use crate::Registry;
use crate::text::compare::trim_blanks;
use pglitedb_types::{ArrayValue, Datum};

struct State {
    a: u32,
    b: u32,
    c: u32,
}

impl State {
    fn new(len: usize) -> State {
        let start = 0x9e37_79b9_u32.wrapping_add(len as u32).wrapping_add(3_923_095);
        State { a: start, b: start, c: start }
    }

    fn seed(&mut self, seed: u64) {
        if seed != 0 {
            self.a = self.a.wrapping_add((seed >> 32) as u32);
            self.b = self.b.wrapping_add(seed as u32);
            self.mix();
        }
    }

    fn mix(&mut self) {
        let State { a, b, c } = self;
        for (rotations, order) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
            let (x, y, z) = match order {
                0 => (&mut *a, &mut *c, &mut *b),
                1 => (&mut *b, &mut *a, &mut *c),
                _ => (&mut *c, &mut *b, &mut *a),
            };
            *x = x.wrapping_sub(*y);
            *x ^= y.rotate_left(rotations);
            *y = y.wrapping_add(*z);
        }
    }

    fn finish(&mut self) {
        let State { a, b, c } = self;
        for (rotations, order) in [(14, 0), (11, 1), (25, 2), (16, 0), (4, 1), (14, 2), (24, 0)] {
            let (x, y) = match order {
                0 => (&mut *c, *b),
                1 => (&mut *a, *c),
                _ => (&mut *b, *a),
            };
            *x ^= y;
            *x = x.wrapping_sub(y.rotate_left(rotations));
        }
    }
}

fn run(bytes: &[u8], seed: u64) -> State {
    let mut state = State::new(bytes.len());
    state.seed(seed);
    let word = |chunk: &[u8], at: usize| {
        (0..4).fold(0_u32, |v, i| v | u32::from(chunk.get(at + i).copied().unwrap_or(0)) << (8 * i))
    };
    let mut chunks = bytes.chunks_exact(12);
    for chunk in &mut chunks {
        state.a = state.a.wrapping_add(word(chunk, 0));
        state.b = state.b.wrapping_add(word(chunk, 4));
        state.c = state.c.wrapping_add(word(chunk, 8));
        state.mix();
    }
    let rest = chunks.remainder();
    state.a = state.a.wrapping_add(word(rest, 0));
    state.b = state.b.wrapping_add(word(rest, 4));
    // The lowest byte of `c` is reserved for the length.
    state.c = state.c.wrapping_add(word(rest, 8) << 8);
    state.finish();
    state
}

/// `hash_any`
pub fn hash_bytes(bytes: &[u8]) -> u32 {
    run(bytes, 0).c
}

/// `hash_any_extended`
pub fn hash_bytes_extended(bytes: &[u8], seed: u64) -> u64 {
    let state = run(bytes, seed);
    u64::from(state.b) << 32 | u64::from(state.c)
}

/// `hash_uint32`
pub fn hash_u32(value: u32) -> u32 {
    let mut state = State::new(4);
    state.a = state.a.wrapping_add(value);
    state.finish();
    state.c
}

/// `hash_uint32_extended`
pub fn hash_u32_extended(value: u32, seed: u64) -> u64 {
    let mut state = State::new(4);
    state.seed(seed);
    state.a = state.a.wrapping_add(value);
    state.finish();
    u64::from(state.b) << 32 | u64::from(state.c)
}

/// `int8` hashes as `int4` where the value is the same.
pub fn fold(value: i64) -> u32 {
    let (low, high) = (value as u32, (value >> 32) as u32);
    low ^ if value >= 0 { high } else { !high }
}

fn float_bytes(value: f64) -> Option<[u8; 8]> {
    if value == 0.0 {
        None
    } else if value.is_nan() {
        Some(f64::NAN.to_le_bytes())
    } else {
        Some(value.to_le_bytes())
    }
}

fn vector_bytes(array: &ArrayValue) -> Vec<u8> {
    array.values.iter().filter_map(Datum::as_oid).flat_map(u32::to_le_bytes).collect()
}

/// A hash function and its extended variant.
macro_rules! hashes {
    (word $reg:ident; $($name:literal, $extended:literal => |$a:ident: $ty:ty| $value:expr;)*) => {
        scalars!($reg; $(
            $name => |$a: $ty| hash_u32($value) as i32;
            $extended => |$a: $ty, seed: i64| hash_u32_extended($value, seed as u64) as i64;
        )*);
    };
    (bytes $reg:ident; $($name:literal, $extended:literal => |$a:ident: $ty:ty| $value:expr;)*) => {
        scalars!($reg; $(
            $name => |$a: $ty| hash_bytes($value) as i32;
            $extended => |$a: $ty, seed: i64| hash_bytes_extended($value, seed as u64) as i64;
        )*);
    };
    (float $reg:ident; $($name:literal, $extended:literal => |$a:ident: $ty:ty| $value:expr;)*) => {
        scalars!($reg; $(
            $name => |$a: $ty| float_bytes($value).map_or(0, |bytes| hash_bytes(&bytes) as i32);
            $extended => |$a: $ty, seed: i64| {
                float_bytes($value).map_or(seed, |bytes| hash_bytes_extended(&bytes, seed as u64) as i64)
            };
        )*);
    };
}

/// A `tid` as PostgreSQL keeps it: the block's number in halves, the offset.
fn tid_bytes(value: &Datum) -> [u8; 6] {
    let Datum::Tid(block, offset) = value else { return [0; 6] };
    let [high, low] = [(block >> 16) as u16, *block as u16].map(u16::to_le_bytes);
    let offset = offset.to_le_bytes();
    [high[0], high[1], low[0], low[1], offset[0], offset[1]]
}

pub(crate) fn register(reg: &mut Registry) {
    hashes!(word reg;
        "hashint2", "hashint2extended" => |a: i16| i32::from(a) as u32;
        "hashint4", "hashint4extended" => |a: i32| a as u32;
        "hashint8", "hashint8extended" => |a: i64| fold(a);
        "hashoid", "hashoidextended" => |a: u32| a;
        "hashchar", "hashcharextended" => |a: u8| i32::from(a as i8) as u32;
        "hashbool", "hashboolextended" => |a: bool| u32::from(a);
        "hashxid", "hashxidextended" => |a: u32| a;
        "hashcid", "hashcidextended" => |a: u32| a;
        "hashxid8", "hashxid8extended" => |a: u64| fold(a as i64);
        "pg_lsn_hash", "pg_lsn_hash_extended" => |a: u64| fold(a as i64);
    );
    hashes!(bytes reg;
        "hashtext", "hashtextextended" => |a: &str| a.as_bytes();
        "hashbpchar", "hashbpcharextended" => |a: &str| trim_blanks(a).as_bytes();
        "hashname", "hashnameextended" => |a: &str| a.as_bytes();
        "hashbytea", "hashbyteaextended" => |a: &[u8]| a;
        "uuid_hash", "uuid_hash_extended" => |a: [u8; 16]| &a;
        "hashtid", "hashtidextended" => |a: &Datum| &tid_bytes(a);
        "hashoidvector", "hashoidvectorextended" => |a: &ArrayValue| &vector_bytes(a);
    );
    hashes!(float reg;
        "hashfloat4", "hashfloat4extended" => |a: f32| f64::from(a);
        "hashfloat8", "hashfloat8extended" => |a: f64| a;
    );
}
