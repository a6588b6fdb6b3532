//! Names and numbers of encodings.

/// An encoding, by PostgreSQL's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encoding(pub u8);

/// The names, by number.
pub const NAMES: [&str; 42] = [
    "SQL_ASCII",
    "EUC_JP",
    "EUC_CN",
    "EUC_KR",
    "EUC_TW",
    "EUC_JIS_2004",
    "UTF8",
    "MULE_INTERNAL",
    "LATIN1",
    "LATIN2",
    "LATIN3",
    "LATIN4",
    "LATIN5",
    "LATIN6",
    "LATIN7",
    "LATIN8",
    "LATIN9",
    "LATIN10",
    "WIN1256",
    "WIN1258",
    "WIN866",
    "WIN874",
    "KOI8R",
    "WIN1251",
    "WIN1252",
    "ISO_8859_5",
    "ISO_8859_6",
    "ISO_8859_7",
    "ISO_8859_8",
    "WIN1250",
    "WIN1253",
    "WIN1254",
    "WIN1255",
    "WIN1257",
    "KOI8U",
    "SJIS",
    "BIG5",
    "GBK",
    "UHC",
    "GB18030",
    "JOHAB",
    "SHIFT_JIS_2004",
];

/// Other names, as they are compared, with the names above.
const ALIASES: [(&str, &str); 39] = [
    ("abc", "WIN1258"),
    ("alt", "WIN866"),
    ("iso88591", "LATIN1"),
    ("iso885910", "LATIN6"),
    ("iso885913", "LATIN7"),
    ("iso885914", "LATIN8"),
    ("iso885915", "LATIN9"),
    ("iso885916", "LATIN10"),
    ("iso88592", "LATIN2"),
    ("iso88593", "LATIN3"),
    ("iso88594", "LATIN4"),
    ("iso88599", "LATIN5"),
    ("koi8", "KOI8R"),
    ("mskanji", "SJIS"),
    ("shiftjis", "SJIS"),
    ("tcvn", "WIN1258"),
    ("tcvn5712", "WIN1258"),
    ("unicode", "UTF8"),
    ("vscii", "WIN1258"),
    ("win", "WIN1251"),
    ("win932", "SJIS"),
    ("win936", "GBK"),
    ("win949", "UHC"),
    ("win950", "BIG5"),
    ("windows1250", "WIN1250"),
    ("windows1251", "WIN1251"),
    ("windows1252", "WIN1252"),
    ("windows1253", "WIN1253"),
    ("windows1254", "WIN1254"),
    ("windows1255", "WIN1255"),
    ("windows1256", "WIN1256"),
    ("windows1257", "WIN1257"),
    ("windows1258", "WIN1258"),
    ("windows866", "WIN866"),
    ("windows874", "WIN874"),
    ("windows932", "SJIS"),
    ("windows936", "GBK"),
    ("windows949", "UHC"),
    ("windows950", "BIG5"),
];

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Encoding {
    /// `SQL_ASCII`: bytes of no encoding in particular.
    pub const SQL_ASCII: Encoding = Encoding(0);
    /// `UTF8`
    pub const UTF8: Encoding = Encoding(6);
    /// `MULE_INTERNAL`
    pub const MULE_INTERNAL: Encoding = Encoding(7);

    /// By name: case and punctuation do not count.
    pub fn find(name: &str) -> Option<Encoding> {
        let wanted = plain(name);
        let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted).map(|(_, name)| *name);
        let number = NAMES.iter().position(|name| match alias {
            Some(alias) => *name == alias,
            None => plain(name) == wanted,
        })?;
        u8::try_from(number).ok().map(Encoding)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

/// Whether PostgreSQL converts between two encodings other than Unicode.
pub(super) fn has_conversion(from: Encoding, to: Encoding) -> bool {
    let pair = (from.name(), to.name());
    let one_way = |pair: (&str, &str)| {
        matches!(
            pair,
            ("EUC_JP", "SJIS" | "MULE_INTERNAL")
                | ("SJIS", "MULE_INTERNAL")
                | ("EUC_TW", "BIG5" | "MULE_INTERNAL")
                | ("BIG5", "MULE_INTERNAL")
                | ("EUC_JIS_2004", "SHIFT_JIS_2004")
                | ("EUC_CN" | "EUC_KR", "MULE_INTERNAL")
                | ("LATIN1" | "LATIN2" | "LATIN3" | "LATIN4", "MULE_INTERNAL")
                | ("KOI8R" | "WIN1250" | "WIN1251" | "WIN866" | "ISO_8859_5", "MULE_INTERNAL")
        )
    };
    one_way(pair) || one_way((pair.1, pair.0))
}
