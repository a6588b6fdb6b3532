//! The default time zone abbreviations (`timezone_abbreviations = Default`).

use std::sync::OnceLock;

/// An abbreviation.
#[derive(Clone, Copy, Debug)]
pub struct Abbreviation {
    /// Upper-case name.
    pub name: &'static str,
    /// Seconds east of UTC; for abbreviations with a `zone` only what holds at present.
    pub offset_east: i32,
    /// Daylight saving time?
    pub is_dst: bool,
    /// The zone whose history gives the meaning.
    pub zone: Option<&'static str>,
}

/// All abbreviations, by name.
pub fn all() -> &'static [Abbreviation] {
    static TABLE: OnceLock<Vec<Abbreviation>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("../../../data/timezone_abbrevs.tsv").lines();
        let mut table: Vec<_> = lines.filter(|line| !line.starts_with('#')).filter_map(parse_line).collect();
        table.sort_by_key(|abbreviation| abbreviation.name);
        table
    })
}

fn parse_line(line: &'static str) -> Option<Abbreviation> {
    let mut fields = line.split('\t');
    Some(Abbreviation {
        name: fields.next()?,
        offset_east: fields.next()?.parse().ok()?,
        is_dst: fields.next()? == "t",
        zone: fields.next().filter(|zone| !zone.is_empty()),
    })
}

/// Finds an abbreviation, in whatever case.
pub fn find(name: &str) -> Option<&'static Abbreviation> {
    let key = || name.bytes().map(|byte| byte.to_ascii_uppercase());
    let table = all();
    let at = table.binary_search_by(|abbreviation| abbreviation.name.bytes().cmp(key())).ok()?;
    table.get(at)
}
