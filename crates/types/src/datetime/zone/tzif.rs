//! Reads compiled time zone files (RFC 8536), 64-bit part.

use super::LocalType;
use super::posix::PosixRule;

/// What a file says.
pub(super) struct TzifData {
    /// Moments (seconds since 1970 UTC) at which another type begins, ascending.
    pub(super) transitions: Vec<(i64, u8)>,
    /// The kinds of local time; the first holds before the first transition.
    pub(super) types: Vec<LocalType>,
    /// The rule for the time after the last transition.
    pub(super) rule: Option<PosixRule>,
}

/// A cursor over the bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    fn u32(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }
}

/// Counts of a header, in file order.
struct Header {
    version: u8,
    ut_indicators: usize,
    std_indicators: usize,
    leaps: usize,
    times: usize,
    types: usize,
    chars: usize,
}

fn header(reader: &mut Reader<'_>) -> Option<Header> {
    if reader.take(4)? != b"TZif" {
        return None;
    }
    let version = *reader.take(1)?.first()?;
    reader.take(15)?;
    Some(Header {
        version,
        ut_indicators: reader.u32()?,
        std_indicators: reader.u32()?,
        leaps: reader.u32()?,
        times: reader.u32()?,
        types: reader.u32()?,
        chars: reader.u32()?,
    })
}

/// Parses a file of version 2 or later; `None` if it is damaged.
pub(super) fn parse(data: &[u8]) -> Option<TzifData> {
    let mut reader = Reader(data);
    let first = header(&mut reader)?;
    if first.version < b'2' {
        return None;
    }
    let skip = first.times * 5
        + first.types * 6
        + first.chars
        + first.leaps * 8
        + first.std_indicators
        + first.ut_indicators;
    reader.take(skip)?;
    let counts = header(&mut reader)?;
    let times = reader.take(counts.times.checked_mul(8)?)?;
    let indexes = reader.take(counts.times)?;
    let raw_types = reader.take(counts.types.checked_mul(6)?)?;
    let chars = reader.take(counts.chars)?;
    reader.take(counts.leaps * 12 + counts.std_indicators + counts.ut_indicators)?;
    let footer = std::str::from_utf8(reader.0).ok()?.trim_matches('\n');

    let mut types = Vec::with_capacity(counts.types);
    for raw in raw_types.chunks_exact(6) {
        let &[a, b, c, d, is_dst, abbrev_at] = raw else { return None };
        let tail = chars.get(usize::from(abbrev_at)..)?;
        let abbrev = tail.split(|byte| *byte == 0).next()?;
        types.push(LocalType {
            offset_east: i32::from_be_bytes([a, b, c, d]),
            is_dst: is_dst != 0,
            abbrev: std::str::from_utf8(abbrev).ok()?.into(),
        });
    }
    let mut transitions = Vec::with_capacity(counts.times);
    for (time, index) in times.chunks_exact(8).zip(indexes) {
        types.get(usize::from(*index))?;
        transitions.push((i64::from_be_bytes(time.try_into().ok()?), *index));
    }
    types.first()?;
    let rule = if footer.is_empty() { None } else { Some(PosixRule::parse(footer)?) };
    Some(TzifData { transitions, types, rule })
}
