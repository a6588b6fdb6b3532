//! Numbers, bits and identifiers.

use super::Values;

const FLOATS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1",
    "0.5",
    "-0.5",
    "1.5",
    "2.5",
    "3",
    "10",
    "100",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e10",
    "-1e-10",
    "3.141592653589793",
    "2.718281828459045",
    "1e15",
    "1e16",
    "123456789.125",
    "0.1",
    "1e-7",
    "45",
    "90",
    "180",
    "270",
    "1234567.891",
    "0.999999",
    "-33.3",
];

impl Values {
    /// A number of that type.
    pub(super) fn number(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "bool" => self.random.pick(&["t", "f"]).to_owned(),
            "int2" => self.edge_or(&["0", "1", "-1", "32767", "-32768", "2", "10", "100"], |values| {
                values.random.scaled(15).to_string()
            }),
            "int4" => {
                let edges = ["0", "1", "-1", "2147483647", "-2147483648", "2", "3", "10", "100", "-5", "7"];
                self.edge_or(&edges, |values| values.random.scaled(31).to_string())
            }
            "int8" => self.edge_or(
                &[
                    "0",
                    "1",
                    "-1",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "2",
                    "3",
                    "10",
                    "4294967296",
                ],
                |values| values.random.scaled(63).to_string(),
            ),
            "oid" | "xid" | "cid" => self
                .edge_or(&["0", "1", "2", "3", "23", "25", "4294967295", "1259"], |values| {
                    values.random.scaled(31).unsigned_abs().to_string()
                }),
            "xid8" => self.edge_or(&["0", "1", "2", "3", "18446744073709551615", "4294967296"], |values| {
                values.random.scaled(63).unsigned_abs().to_string()
            }),
            "float4" => self
                .edge_or(&[FLOATS, &["3.4028235e38", "1.4e-45", "16777217"]].concat(), |values| {
                    values.decimal(20, 6)
                }),
            "float8" => self.edge_or(
                &[FLOATS, &["1.7976931348623157e308", "5e-324", "9007199254740993", "1e300", "709", "-745"]]
                    .concat(),
                |values| values.decimal(40, 12),
            ),
            "numeric" => self.numeric(),
            "money" => self.edge_or(
                &[
                    "0",
                    "$1.00",
                    "-1.25",
                    "92233720368547758.07",
                    "-92233720368547758.08",
                    "$1,234.56",
                    "(2.50)",
                ],
                |values| values.decimal(30, 2),
            ),
            "bit" | "varbit" => {
                let length = *[0usize, 1, 2, 3, 4, 8, 9, 16, 33, 64, 70].get(self.random.below(11))?;
                // Types with a length of their own in INPUT_TYPES fail mostly, which is a test as well.
                (0..length).map(|_| if self.random.chance(50) { '1' } else { '0' }).collect()
            }
            "pg_lsn" => self.edge_or(&["0/0", "0/1", "FFFFFFFF/FFFFFFFF", "1/0", "16/B374D848"], |values| {
                let bits = values.random.scaled(63).unsigned_abs();
                format!("{:X}/{:X}", bits >> 32, bits & 0xffff_ffff)
            }),
            "uuid" => self.edge_or(
                &[
                    "00000000-0000-0000-0000-000000000000",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff",
                    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                    "019535d9-3df7-79fb-b466-fa907fa17f9e",
                    "c232ab00-9414-11ec-b3c8-9f6bdeced846",
                    "{a0eebc999c0b4ef8bb6d6bb9bd380a11}",
                ],
                |values| {
                    let bits = u128::from(values.random.bits()) << 64 | u128::from(values.random.bits());
                    format!("{bits:032x}")
                },
            ),
            _ => return None,
        })
    }

    /// A decimal number of up to `bits` bits before the point, and up to `digits` digits after it.
    fn decimal(&mut self, bits: u32, digits: usize) -> String {
        let mut text = self.random.scaled(bits).to_string();
        let after = self.random.below(digits + 1);
        if after > 0 {
            text.push('.');
            text.extend((0..after).map(|_| char::from(b'0' + self.random.below(10) as u8)));
        }
        text
    }

    fn numeric(&mut self) -> String {
        let edges = [
            "0",
            "1",
            "-1",
            "0.0",
            "0.5",
            "1.5",
            "-2.5",
            "NaN",
            "Infinity",
            "-Infinity",
            "10",
            "100",
            "1e-5",
            "0.00001",
            "9999.9999",
            "12345678901234567890.123456789",
            "1e20",
            "-99999999999999999999",
            "123.4500",
            "2",
            "3",
            "4",
            "16",
            "0.1",
            "-0.001",
            "1e100",
            "1e-30",
            "2147483648",
            "9223372036854775808",
            "32768",
            "99.995",
        ];
        self.edge_or(&edges, |values| match values.random.below(4) {
            0 => values.decimal(10, 3),
            1 => values.decimal(33, 8),
            2 => values.decimal(63, 20),
            _ => {
                let digits: String = (0..1 + values.random.below(45))
                    .map(|_| char::from(b'0' + values.random.below(10) as u8))
                    .collect();
                let place = values.random.below(digits.len());
                let sign = if values.random.chance(40) { "-" } else { "" };
                if place == 0 {
                    format!("{sign}{digits}")
                } else {
                    format!("{sign}{}.{}", &digits[..place], &digits[place..])
                }
            }
        })
    }
}
