#!/usr/bin/env python3
"""Writes src/lexer/keyword_table.rs from data/keywords.tsv. Run it after changing the data."""
import pathlib

crate = pathlib.Path(__file__).resolve().parent.parent
rows = [line.split("\t") for line in (crate / "data/keywords.tsv").read_text().split("\n")[1:] if line]
category = {"U": "Unreserved", "C": "ColumnName", "T": "TypeFunctionName", "R": "Reserved"}


def variant(word):
    return "".join(part.capitalize() for part in word.split("_"))


out = ["//! Written by `scripts/generate-keywords.py` from `data/keywords.tsv`; do not edit.", ""]
out.append("use super::keywords::{Category, KeywordInfo};")
out.append("")
out.append("/// A word that the grammar knows; `NotAKeyword` stands for every other token.")
out.append("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]")
out.append("#[repr(u16)]")
out.append("#[allow(missing_docs, clippy::enum_variant_names)]")
out.append("pub enum Keyword {")
out.append("    NotAKeyword,")
out += [f"    {variant(row[0])}," for row in rows]
out.append("}")
out.append("")
out.append(f"/// Every keyword in order; the first belongs to `NotAKeyword`.")
out.append(f"#[rustfmt::skip]")
out.append(f"pub(super) static KEYWORDS: [KeywordInfo; {len(rows) + 1}] = [")
out.append('    KeywordInfo { word: "", keyword: Keyword::NotAKeyword, category: Category::Reserved, bare_label: false },')
for word, cat, bare in rows:
    out.append(f'    KeywordInfo {{ word: "{word}", keyword: Keyword::{variant(word)}, '
               f'category: Category::{category[cat]}, bare_label: {"true" if bare == "t" else "false"} }},')
out.append("];")
(crate / "src/lexer/keyword_table.rs").write_text("\n".join(out) + "\n")
