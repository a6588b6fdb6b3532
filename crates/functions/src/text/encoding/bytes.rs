//! Which bytes are a character of an encoding, whether it stands for anything or not.

use super::Encoding;

/// How an encoding makes characters of several bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Single,
    /// EUC with half-width characters in set 2 and another set 3 (Japanese).
    EucJapanese,
    /// EUC of one set.
    Euc,
    EucTaiwan,
    ShiftJis,
    /// A byte from 0x80 up and any other.
    Pair,
    Gb18030,
    /// What PostgreSQL takes for Johab: EUC's bytes.
    Johab,
    Mule,
    Utf8,
}

fn is_euc(byte: u8) -> bool {
    (0xa1..=0xfe).contains(&byte)
}

impl Encoding {
    fn form(self) -> Form {
        match self.0 {
            1 | 5 => Form::EucJapanese,
            2 | 3 => Form::Euc,
            4 => Form::EucTaiwan,
            6 => Form::Utf8,
            7 => Form::Mule,
            35 | 41 => Form::ShiftJis,
            36..=38 => Form::Pair,
            39 => Form::Gb18030,
            40 => Form::Johab,
            _ => Form::Single,
        }
    }

    /// The bytes of the character at the beginning of some bytes, as the first of them tell.
    pub(super) fn width(self, bytes: &[u8]) -> usize {
        let Some(first) = bytes.first().copied().filter(|first| *first >= 0x80) else { return 1 };
        match (self.form(), first) {
            (Form::Single, _) => 1,
            (Form::Utf8, 0xe0..=0xef) => 3,
            (Form::Utf8, 0xf0..=0xf7) => 4,
            (Form::Utf8, ..0xc0 | 0xf8..) => 1,
            (Form::EucTaiwan, 0x8e) => 4,
            (Form::EucJapanese | Form::Euc | Form::EucTaiwan | Form::Johab, 0x8f) => 3,
            (Form::ShiftJis, 0xa1..=0xdf) => 1,
            (Form::Gb18030, _) if bytes.get(1).is_some_and(u8::is_ascii_digit) => 4,
            (Form::Mule, 0x81..=0x8d) => 2,
            (Form::Mule, 0x90..=0x9b) => 3,
            (Form::Mule, 0x9c | 0x9d) => 4,
            (Form::Mule, _) => 1,
            _ => 2,
        }
    }

    /// The number of bytes of the character at the beginning, if they are one.
    pub(super) fn character(self, bytes: &[u8]) -> Option<usize> {
        let first = bytes.first().copied().filter(|first| *first != 0)?;
        let width = self.width(bytes);
        let rest = bytes.get(1..width)?;
        let is_character = first < 0x80
            || match (self.form(), first, rest) {
                (Form::Single, ..) => true,
                (Form::EucJapanese, 0x8e, [second]) => (0xa1..=0xdf).contains(second),
                (Form::EucJapanese, 0x8f, others) => others.iter().copied().all(is_euc),
                (Form::EucJapanese | Form::Euc, _, [second]) => is_euc(first) && is_euc(*second),
                (Form::EucTaiwan, 0x8e, [plane, others @ ..]) => {
                    (0xa1..=0xa7).contains(plane) && others.iter().copied().all(is_euc)
                }
                (Form::EucTaiwan, _, [second]) => is_euc(*second),
                (Form::ShiftJis, _, []) => true,
                (Form::ShiftJis, 0x81..=0x9f | 0xe0..=0xfc, [second]) => {
                    matches!(second, 0x40..=0x7e | 0x80..=0xfc)
                }
                // This pair is what stands for bytes that are no character.
                (Form::Pair, _, [second]) => *second != 0 && (first, *second) != (0x8d, b' '),
                (Form::Gb18030, 0x81..=0xfe, [second]) => matches!(second, 0x40..=0x7e | 0x80..=0xfe),
                (Form::Gb18030, 0x81..=0xfe, [_, third, fourth]) => {
                    (0x81..=0xfe).contains(third) && fourth.is_ascii_digit()
                }
                (Form::Johab, _, others) => others.iter().copied().all(is_euc),
                (Form::Mule, _, others) => others.iter().all(|byte| *byte >= 0x80),
                _ => false,
            };
        is_character.then_some(width)
    }
}
