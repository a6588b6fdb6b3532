//! Reading affix files: Ispell's own format, and that of MySpell and Hunspell.

use super::affix::{Affix, AffixKind};
use super::flags::{FlagMode, Flags, leading_number};
use super::part;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::case::lower;

/// What an affix file says.
#[derive(Default)]
pub(super) struct AffixFile {
    pub flags: Flags,
    pub affixes: Vec<Affix>,
}

/// Words that begin lines of compound flags in Hunspell's format.
const COMPOUND_WORDS: &[(&str, u32)] = &[
    ("COMPOUNDFLAG", part::ANY),
    ("COMPOUNDBEGIN", part::BEGIN),
    ("COMPOUNDLAST", part::LAST),
    ("COMPOUNDEND", part::LAST),
    ("COMPOUNDMIDDLE", part::MIDDLE),
    ("ONLYINCOMPOUND", part::ONLY),
    ("COMPOUNDPERMITFLAG", part::PERMIT),
    ("COMPOUNDFORBIDFLAG", part::FORBID),
];

/// Reads a file of either format.
pub(super) fn read(text: &str) -> Result<AffixFile> {
    match read_old(text)? {
        Some(file) => Ok(file),
        None => read_new(text),
    }
}

fn is_new_command(line: &str) -> bool {
    ["COMPOUNDFLAG", "COMPOUNDMIN", "PFX", "SFX"].iter().any(|word| line.starts_with(word))
}

/// The flag of a `flag` line: `*` lets it stand with others, `~` is for compounds. `None` in the other format.
fn old_flag(rest: &str) -> Option<(String, bool, u32)> {
    let rest = rest.trim_start();
    let (rest, crosses, compound) = match rest.as_bytes().first() {
        Some(b'*') => (rest.get(1..)?, true, 0),
        Some(b'~') => (rest.get(1..)?, false, part::ONLY),
        _ => (rest, false, 0),
    };
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    let mut chars = rest.chars();
    let flag = chars.next().filter(char::is_ascii)?;
    let ends = chars.next().is_none_or(|c| c == '#' || c == ':' || c.is_whitespace());
    ends.then(|| (flag.to_string(), crosses, compound))
}

/// `None` if the file turns out to be of the other format.
fn read_old(text: &str) -> Result<Option<AffixFile>> {
    let mut file = AffixFile::default();
    let mut kind = None;
    let mut is_old = false;
    let mut flag = (String::new(), false, 0);
    for line in text.lines() {
        let lowered = lower(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if lowered.starts_with("compoundwords") {
            // The flag is the word behind the one with an L in it.
            if let Some(at) = line.find(['l', 'L']) {
                let behind = line.get(at..).unwrap_or_default().split_whitespace().nth(1).unwrap_or_default();
                if let Some(flag) = behind.chars().next().filter(char::is_ascii) {
                    file.flags.set_compound(&flag.to_string(), part::ANY)?;
                }
                is_old = true;
            }
        } else if lowered.starts_with("suffixes") {
            (kind, is_old) = (Some(AffixKind::Suffix), true);
        } else if lowered.starts_with("prefixes") {
            (kind, is_old) = (Some(AffixKind::Prefix), true);
        } else if lowered.starts_with("flag") {
            match old_flag(line.get(4..).unwrap_or_default()) {
                Some(found) => (flag, is_old) = (found, true),
                None => return other_format(is_old),
            }
        } else if is_new_command(line) {
            return other_format(is_old);
        } else if let Some(kind) = kind
            && let Some((mask, takes, adds)) = old_entry(&lowered)?
        {
            file.affixes.push(Affix::new(kind, &flag.0, (flag.1, flag.2), &mask, &takes, &adds)?);
        }
    }
    Ok(Some(file))
}

fn other_format(is_old: bool) -> Result<Option<AffixFile>> {
    if is_old {
        return Err(err!(CONFIG_FILE_ERROR, "affix file contains both old-style and new-style commands"));
    }
    Ok(None)
}

/// `mask > -takes,adds`; `None` for lines that are no entries.
fn old_entry(line: &str) -> Result<Option<(String, String, String)>> {
    let Some((mask, change)) = line.split_once('>') else { return Ok(None) };
    if mask.trim_start().starts_with('#') {
        return Ok(None);
    }
    let mask: String = mask.chars().filter(|c| !c.is_whitespace()).collect();
    let change = change.split('#').next().unwrap_or_default();
    let change: String = change.chars().filter(|c| !c.is_whitespace()).collect();
    let (takes, adds) = match change.strip_prefix('-') {
        Some(rest) => rest.split_once(',').unwrap_or((rest, "")),
        None => ("", change.as_str()),
    };
    let adds = if adds == "-" { "" } else { adds };
    let word =
        |text: &str| text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-') || !c.is_ascii());
    if !word(takes) || !word(adds) {
        return Err(err!(CONFIG_FILE_ERROR, "syntax error"));
    }
    if mask.is_empty() || takes.is_empty() && adds.is_empty() {
        return Ok(None);
    }
    Ok(Some((mask, takes.to_owned(), adds.to_owned())))
}

/// Lines of Hunspell's format that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with(char::is_whitespace) && !line.starts_with('#'))
}

fn read_new(text: &str) -> Result<AffixFile> {
    let mut file = AffixFile::default();
    for line in lines(text) {
        let word = line.split_whitespace().next().unwrap_or_default();
        if let Some((word, bits)) = COMPOUND_WORDS.iter().find(|(known, _)| *known == word) {
            file.flags.set_compound(line.get(word.len()..).unwrap_or_default(), *bits)?;
        } else if let Some(mode) = line.strip_prefix("FLAG") {
            let mode = mode.trim_start();
            file.flags.mode = match mode {
                _ if mode.starts_with("long") => FlagMode::Long,
                _ if mode.starts_with("num") => FlagMode::Number,
                _ if mode.starts_with("default") || mode.is_empty() => FlagMode::Char,
                _ => {
                    return Err(err!(
                        CONFIG_FILE_ERROR,
                        "Ispell dictionary supports only \"default\", \"long\", and \"num\" flag values"
                    ));
                }
            };
        }
    }
    let mut expected = 0;
    let mut crosses = false;
    for line in lines(text) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let first = lower(fields.first().copied().unwrap_or_default());
        if first.starts_with("af") {
            read_alias(&mut file.flags, &mut expected, fields.get(1).copied().unwrap_or_default())?;
        } else if first.starts_with("sfx") || first.starts_with("pfx") {
            let kind = if first.starts_with("sfx") { AffixKind::Suffix } else { AffixKind::Prefix };
            read_affix(&mut file, kind, &mut crosses, &fields)?;
        }
    }
    Ok(file)
}

/// The first `AF` line says how many aliases there are, the others are those.
fn read_alias(flags: &mut Flags, expected: &mut usize, field: &str) -> Result<()> {
    match &mut flags.aliases {
        None => {
            let count = leading_number(field).map_or(0, |(count, _)| count);
            *expected = usize::try_from(count)
                .ok()
                .filter(|count| *count > 0)
                .ok_or_else(|| err!(CONFIG_FILE_ERROR, "invalid number of flag vector aliases"))?;
            flags.aliases = Some(vec![String::new()]);
        }
        Some(aliases) if aliases.len() <= *expected => aliases.push(field.to_owned()),
        Some(_) => {
            return Err(err!(CONFIG_FILE_ERROR, "number of aliases exceeds specified number {expected}"));
        }
    }
    Ok(())
}

/// `SFX flag Y 1` begins a group, `SFX flag takes adds/flags mask` is a member.
fn read_affix(file: &mut AffixFile, kind: AffixKind, crosses: &mut bool, fields: &[&str]) -> Result<()> {
    let [_, flag, takes, adds, rest @ ..] = fields else { return Ok(()) };
    let longest = match file.flags.mode {
        FlagMode::Char => 1,
        FlagMode::Long => 2,
        FlagMode::Number => usize::MAX,
    };
    if flag.len() > longest {
        return Ok(());
    }
    let Some(mask) = rest.first() else {
        *crosses = takes.eq_ignore_ascii_case("y");
        return Ok(());
    };
    let (adds, set) = adds.split_once('/').unwrap_or((adds, ""));
    let compound = file.flags.compound_of(file.flags.resolve(set)?)?;
    let text = |text: &str| if text == "0" { String::new() } else { lower(text) };
    let affix = Affix::new(kind, flag, (*crosses, compound), &lower(mask), &text(takes), &text(adds))?;
    file.affixes.push(affix);
    Ok(())
}
