#!/usr/bin/env python3
"""Compares our parser with PostgreSQL's own on every statement of PostgreSQL's regression suite.

PostgreSQL's grammar comes from the PyPI package `pglast` (8.x holds PostgreSQL 18's); ours is the example
`parse_check`. A statement counts as agreed if both accept or both reject it. Positions and messages of errors are
compared too and reported apart, and so is whether the printed form of what we accept parses to an equal tree.

    cargo build -p pglitedb-sql-parser --example parse_check
    python3 crates/sql-parser/scripts/parser-agreement.py [--verbose] [--limit N] [FILE.sql ...]

A FILE.txt is one of the crate's golden files. Without files it takes ../shared/pg18/regress/sql/*.sql (or $PGLITEDB_REGRESS). Exits with 1 below --require percent.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

REPO = pathlib.Path(__file__).resolve().parents[3]
SENDING = {"g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch", "parse", "sendpipeline"}


# The library behind pglast takes some text that PostgreSQL itself rejects (`$1a`, and `$1` where a name must stand).
LIBRARY_ONLY = re.compile(r'at or near "\$[0-9]')


def dollar_tag(text, i):
    match = re.match(r"\$(?:[A-Za-z_\x80-\uffff][A-Za-z_0-9\x80-\uffff]*)?\$", text[i:])
    return match.group(0) if match else None


def split(text):
    """Splits a psql script into what psql would send; follows psql's rules, not the server's."""
    statements, buffer, variables = [], [], {}
    depth = begin_depth = 0
    words = []
    i, n = 0, len(text)

    def send():
        nonlocal buffer, depth, begin_depth, words
        sql = "".join(buffer).strip()
        if sql:
            statements.append(sql)
        buffer, depth, begin_depth, words = [], 0, 0, []
        return sql

    while i < n:
        c = text[i]
        if text.startswith("--", i):
            end = text.find("\n", i)
            end = n if end < 0 else end
            buffer.append(text[i:end])
            i = end
        elif text.startswith("/*", i):
            level, j = 1, i + 2
            while j < n and level:
                if text.startswith("/*", j):
                    level, j = level + 1, j + 2
                elif text.startswith("*/", j):
                    level, j = level - 1, j + 2
                else:
                    j += 1
            buffer.append(text[i:j])
            i = j
        elif c == "'":
            escapes = i > 0 and text[i - 1] in "eE" and not (i > 1 and (text[i - 2].isalnum() or text[i - 2] == "_"))
            j = i + 1
            while j < n:
                if escapes and text[j] == "\\":
                    j += 2
                elif text[j] == "'":
                    j += 1
                    break
                else:
                    j += 1
            buffer.append(text[i:j])
            i = j
        elif c == '"':
            j = text.find('"', i + 1)
            j = n if j < 0 else j + 1
            buffer.append(text[i:j])
            i = j
        elif c == "$" and dollar_tag(text, i):
            tag = dollar_tag(text, i)
            j = text.find(tag, i + len(tag))
            j = n if j < 0 else j + len(tag)
            buffer.append(text[i:j])
            i = j
        elif c == "\\":
            end = text.find("\n", i)
            end = n if end < 0 else end
            command = re.match(r"\\(\w+|[;!?])", text[i:end])
            name = command.group(1) if command else ""
            if name == ";":
                buffer.append(";")
                i += 2
                continue
            if name == "set":
                parts = text[i:end].split(None, 2)
                if len(parts) == 3:
                    value = parts[2].strip()
                    if value.startswith("'") and value.endswith("'"):
                        value = value[1:-1].replace("''", "'")
                    variables[parts[1]] = value
            if name in ("if", "elif"):
                pass
            following = text.find("\\", i + 1, end) if name in ("bind", "bind_named") else -1
            if name in SENDING:
                send()
            i = following if following > 0 else end
        elif c == ":" and (match := re.match(r":(['\"]?)(\w+)\1", text[i:])) and (i == 0 or text[i - 1] != ":"):
            name = match.group(2)
            if name in variables and not text.startswith("::", i):
                quote = match.group(1)
                value = variables[name]
                if quote:
                    value = quote + value.replace(quote, quote * 2) + quote
                buffer.append(value)
                i += len(match.group(0))
            else:
                buffer.append(c)
                i += 1
        elif c == ";" and depth == 0 and begin_depth == 0:
            buffer.append(c)
            i += 1
            sql = send()
            if re.match(r"(?is)\s*(--[^\n]*\n\s*)*copy\b.*\bfrom\s+stdin\b", sql):
                # The data follow on the next lines.
                start = text.find("\n", i) + 1
                end = re.compile(r"^\\\.$", re.M).search(text, start)
                i = end.end() if end else n
        elif c == "(":
            depth += 1
            buffer.append(c)
            i += 1
        elif c == ")":
            depth = max(0, depth - 1)
            buffer.append(c)
            i += 1
        elif c.isalpha() or c == "_":
            match = re.match(r"[\w$]+", text[i:])
            word = match.group(0).lower()
            if len(words) < 4:
                words.append(word)
            routine = words[:2] in (["create", "function"], ["create", "procedure"]) or (
                words[:3] == ["create", "or", "replace"] and words[3:4] in (["function"], ["procedure"]))
            if routine and depth == 0:
                if word == "begin":
                    begin_depth += 1
                elif word == "case" and begin_depth:
                    begin_depth += 1
                elif word == "end" and begin_depth:
                    begin_depth -= 1
            buffer.append(match.group(0))
            i += len(match.group(0))
        else:
            buffer.append(c)
            i += 1
    send()
    return statements


def golden(text):
    """The statements of a golden file: a line that begins with `>`, and more that begin with `|`."""
    statements = []
    for line in text.split("\n"):
        if line.startswith(">"):
            statements.append(line[1:].strip())
        elif line.startswith("|"):
            statements[-1] += "\n" + line[2:]
    return statements


def ask_postgres(statements):
    try:
        from pglast import parser
    except ImportError:
        sys.exit("parser-agreement: the Python package pglast 8.x is not installed (pip install 'pglast>=8,<9')")
    answers = []
    for sql in statements:
        try:
            parser.parse_sql_json(sql)
            answers.append(None)
        except parser.ParseError as error:
            message = error.args[0]
            location = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else -1
            answers.append((location + 1 if location >= 0 else 0, message))
        except UnicodeDecodeError as error:
            answers.append((0, str(error)))
    return answers


def ask_ours(statements, binary):
    # Statements may hold anything but a NUL.
    done = subprocess.run([binary], input="\0".join(statements).encode(), stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode().split("\n")[:len(statements)]
    return lines


WORDS = ("( ) , a 1 'x' select . * = + [ ] from as int ; :: := => .. <> || @ - 1.5 : null not default with on "
         "by set to all only using where is in like and or exists row values table array case end any").split()


def mutate(statements, count, seed):
    """Statements with a few tokens dropped, doubled, swapped or put in."""
    import random
    chance = random.Random(seed)
    token = re.compile(r"\s+|--[^\n]*|[EeBbXxUu]?&?'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|[\w$]+(?:\.\d+)?|::|[-+*/<>=~!@#%^&|`?]+|.", re.S)
    keywords = [line.split("\t")[0] for line in
                (REPO / "crates/sql-parser/data/keywords.tsv").read_text().split("\n")[1:] if line]
    short = [sql for sql in statements if len(sql) < 400]
    out = []
    while len(out) < count and short:
        tokens = [part for part in token.findall(chance.choice(short))]
        places = [i for i, part in enumerate(tokens) if not part.isspace()]
        for _ in range(chance.randint(1, 3)):
            if not places:
                break
            at = chance.choice(places)
            new = chance.choice(WORDS) if chance.random() < 0.5 else chance.choice(keywords)
            action = chance.randrange(5)
            if action == 0:
                tokens[at] = " "
            elif action == 1:
                tokens[at] = f" {new} "
            elif action == 2:
                tokens[at] = f" {tokens[at]} {new} "
            elif action == 3:
                other = chance.choice(places)
                tokens[at], tokens[other] = tokens[other], tokens[at]
            else:
                tokens[at] = f"{tokens[at]} {tokens[at]}"
        out.append("".join(tokens))
    return out


def find_binary():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target"))
    found = [target / kind / "examples/parse_check" for kind in ("release", "debug")]
    found = [path for path in found if path.exists()]
    if not found:
        sys.exit("parser-agreement: build it first: cargo build -p pglitedb-sql-parser --example parse_check")
    return max(found, key=lambda path: path.stat().st_mtime)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("files", nargs="*")
    args.add_argument("--verbose", action="store_true", help="show every disagreement in full")
    args.add_argument("--limit", type=int, default=40, help="disagreements shown of each kind")
    args.add_argument("--filter", help="only statements that match this regular expression")
    args.add_argument("--mutate", type=int, default=0, help="compare this many mutated statements instead")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--require", type=float, default=0.0, help="percent of agreement to demand")
    args = args.parse_args()
    files = [pathlib.Path(file) for file in args.files]
    if not files:
        folder = pathlib.Path(os.environ.get("PGLITEDB_REGRESS", REPO / "../shared/pg18/regress"))
        if not (folder / "sql").is_dir():
            folder = pathlib.Path("/work/shared/pg18/regress")
        files = sorted((folder / "sql").glob("*.sql"))
        if not files:
            print(f"parser-agreement: skipped, PostgreSQL's regression suite is not at {folder}")
            return
    sources, statements = [], []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        for sql in golden(text) if file.suffix == ".txt" else split(text):
            if "\0" not in sql and (not args.filter or re.search(args.filter, sql, re.I | re.S)):
                sources.append(file.name)
                statements.append(sql)
    if args.mutate:
        statements = mutate(statements, args.mutate, args.seed)
        sources = ["mutated"] * len(statements)
    theirs, ours = ask_postgres(statements), ask_ours(statements, find_binary())
    kinds = {"we reject": [], "we accept": [], "unstable print": [], "other position": [], "other message": []}
    unsupported = 0
    for source, sql, their, our in zip(sources, statements, theirs, ours):
        if our.startswith("error"):
            _, position, code, message = our.split(" ", 3)
            if their is None:
                if LIBRARY_ONLY.search(message):
                    continue
                unsupported += code == "0A000"
                kinds["we reject"].append((source, sql, our))
            elif their[0] and sql.isascii() and int(position) != their[0]:
                kinds["other position"].append((source, sql, f"{our} / {their}"))
            elif message != their[1].replace("\n", "\\n"):
                kinds["other message"].append((source, sql, f"{our} / {their}"))
        else:
            if their is not None:
                kinds["we accept"].append((source, sql, str(their)))
            elif our != "ok":
                kinds["unstable print"].append((source, sql, our))
    for kind, items in kinds.items():
        for source, sql, note in items[:None if args.verbose else args.limit]:
            text = sql if args.verbose else re.sub(r"\s+", " ", sql)[:200]
            print(f"[{kind}] {source}: {text}\n    {note}")
    total = len(statements)
    wrong = len(kinds["we reject"]) + len(kinds["we accept"])
    percent = 100.0 * (total - wrong) / max(total, 1)
    print(f"statements {total}, agreed {total - wrong} ({percent:.2f} %)")
    for kind, items in kinds.items():
        print(f"  {kind}: {len(items)}" + (f" (of them not supported yet: {unsupported})" if kind == "we reject" else ""))
    sys.exit(1 if percent < args.require else 0)


if __name__ == "__main__":
    main()
