//! Configuration files that come with the program: stop words and the samples of the manual.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../data/", $name))),)*]
    };
}

const FILES: &[(&str, &str)] = files![
    "danish.stop",
    "dutch.stop",
    "english.stop",
    "finnish.stop",
    "french.stop",
    "german.stop",
    "hungarian.stop",
    "hunspell_sample.affix",
    "hunspell_sample_long.affix",
    "hunspell_sample_long.dict",
    "hunspell_sample_num.affix",
    "hunspell_sample_num.dict",
    "ispell_sample.affix",
    "ispell_sample.dict",
    "italian.stop",
    "nepali.stop",
    "norwegian.stop",
    "portuguese.stop",
    "russian.stop",
    "spanish.stop",
    "swedish.stop",
    "synonym_sample.syn",
    "thesaurus_sample.ths",
    "turkish.stop",
];

/// The content of a file that comes with the program.
pub fn builtin_file(name: &str, extension: &str) -> Option<&'static str> {
    let wanted =
        |file: &str| file.strip_suffix(extension).and_then(|file| file.strip_suffix('.')) == Some(name);
    FILES.iter().find(|(file, _)| wanted(file)).map(|(_, text)| *text)
}
