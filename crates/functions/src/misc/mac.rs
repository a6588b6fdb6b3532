//! `macaddr` (the first six bytes) and `macaddr8`.

use crate::Registry;
use crate::convert::order;
use crate::misc::hash::{hash_bytes, hash_bytes_extended};
use pglitedb_sqlstate::{Result, err};

type Mac = [u8; 8];

fn map(a: Mac, len: usize, op: impl Fn(usize, u8) -> u8) -> Mac {
    std::array::from_fn(|at| if at < len { op(at, a[at]) } else { 0 })
}

fn to_eui64(a: Mac) -> Mac {
    [a[0], a[1], a[2], 0xff, 0xfe, a[3], a[4], a[5]]
}

fn to_eui48(a: Mac) -> Result<Mac> {
    if a[3] != 0xff || a[4] != 0xfe {
        return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "macaddr8 data out of range to convert to macaddr").hint(
            "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example \
             xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.",
        ));
    }
    Ok([a[0], a[1], a[2], a[5], a[6], a[7], 0, 0])
}

macro_rules! functions {
    ($reg:ident; $($prefix:literal, $hash:literal, $len:literal;)*) => {$(
        comparisons!($reg; $prefix => |a: Mac, b: Mac| a.cmp(&b););
        scalars!($reg;
            concat!($prefix, "cmp") => |a: Mac, b: Mac| order(a.cmp(&b));
            concat!($prefix, "and") => |a: Mac, b: Mac| map(a, $len, |at, byte| byte & b[at]);
            concat!($prefix, "or") => |a: Mac, b: Mac| map(a, $len, |at, byte| byte | b[at]);
            concat!($prefix, "not") => |a: Mac| map(a, $len, |_, byte| !byte);
            concat!($prefix, "trunc") => |a: Mac| map(a, 3, |_, byte| byte);
            $hash => |a: Mac| hash_bytes(&a[..$len]) as i32;
            concat!($hash, "extended") => |a: Mac, seed: i64| hash_bytes_extended(&a[..$len], seed as u64) as i64;
        );
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    functions!(reg;
        "macaddr_", "hashmacaddr", 6;
        "macaddr8_", "hashmacaddr8", 8;
    );
    scalars!(reg;
        "macaddr8_set7bit" => |a: Mac| map(a, 8, |at, byte| if at == 0 { byte | 2 } else { byte });
        "macaddrtomacaddr8" => |a: Mac| to_eui64(a);
        "macaddr8tomacaddr" => |a: Mac| to_eui48(a);
    );
}
