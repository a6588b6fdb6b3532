#!/usr/bin/env python3
"""Asks a PostgreSQL server what its encodings mean and writes crates/functions/src/text/encoding/tables.bin.

    scripts/encodings.py "psql -h 127.0.0.1 -p 5432 -U postgres" crates/functions/src/text/encoding/tables.bin

It makes and drops functions named probe_* in the database that psql connects to. The form of the file is described in
encoding/tables.rs.
"""

import struct
import subprocess
import sys

MULTIBYTE = [1, 2, 3, 4, 5, 35, 36, 37, 38, 39, 40, 41]
SINGLE = range(8, 35)
TW, GB = 4, 39
HANDLER = """language plpgsql as $$ begin return {}; exception when untranslatable_character then return null;
 when character_not_in_repertoire then return null; end $$"""


def ask(psql, query):
    out = subprocess.run(psql + ["-qAtF", " ", "-c", query], check=True, capture_output=True, text=True).stdout
    return [line.split(" ") for line in out.splitlines() if line]


def decoded(psql, number, codes):
    """The code points that each code (hexadecimal, from a query `codes(x)`) stands for."""
    query = f"""select x, (select string_agg(to_hex(ascii(c)), '+') from regexp_split_to_table(t, '') c)
        from ({codes}) codes(x), lateral probe_decode(decode(x, 'hex'), pg_encoding_to_char({number})) t
        where t is not null and not (char_length(t) > 1 and ascii(right(t, 1)) < 128)"""
    return {bytes.fromhex(code): [int(c, 16) for c in points.split("+")] for code, points in ask(psql, query)}


def encoded(psql, number, last):
    query = f"""select c, encode(b, 'hex') from generate_series(128, {last}) c,
        lateral (select probe_encode(c, pg_encoding_to_char({number})) b where c not between 55296 and 57343) x
        where b is not null"""
    return {int(point): bytes.fromhex(code) for point, code in ask(psql, query)}


def code_queries(number):
    byte = "lpad(to_hex({}), 2, '0')"
    yield f"select {byte.format('a')} from generate_series(128, 255) a"
    yield f"select {byte.format('a')} || {byte.format('b')} from generate_series(128, 255) a, generate_series(48, 255) b"
    tail = f"{byte.format('a')} || {byte.format('b')} from generate_series(161, 254) a, generate_series(161, 254) b"
    if number in (1, 5):
        yield f"select '8f' || {tail}"
    if number == TW:
        yield f"select '8e' || to_hex(p) || {tail}, generate_series(161, 167) p"


def key(number, code):
    if number == GB and len(code) == 4:
        digits = [byte - least for byte, least in zip(code, (0x81, 0x30, 0x81, 0x30))]
        return (1 << 24) + ((digits[0] * 10 + digits[1]) * 126 + digits[2]) * 10 + digits[3]
    return int.from_bytes(code, "big")


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def linear(pairs, at):
    end = at + 1
    while end < len(pairs) and all(pairs[end][i] == pairs[end - 1][i] + 1 for i in (0, 1)):
        end += 1
    return end


def groups(pairs):
    """Runs of at least three codes and characters in step; others one by one, those of one width together."""
    at = 0
    while at < len(pairs):
        end = linear(pairs, at)
        if end - at >= 3:
            yield 0, pairs[at:end]
            at = end
            continue
        kind = 1 if pairs[at][1] <= 0xFFFF else 2
        end = at + 1
        while (
            end < len(pairs)
            and pairs[end][0] == pairs[end - 1][0] + 1
            and (pairs[end][1] <= 0xFFFF) == (kind == 1)
            and linear(pairs, end) - end < 3
        ):
            end += 1
        yield kind, pairs[at:end]
        at = end


def runs(pairs):
    out, last = bytearray(), 0
    for kind, group in groups(sorted(pairs)):
        out += varint(group[0][0] - last) + varint(len(group) * 4 + kind)
        last = group[-1][0] + 1
        if kind == 0:
            out += varint(group[0][1])
        else:
            out += b"".join(struct.pack("<I", point)[: kind + 1] for _, point in group)
    return bytes(out)


def multibyte(psql, number):
    points, combined = {}, []
    for codes in code_queries(number):
        for code, found in decoded(psql, number, codes).items():
            if len(found) == 2 and key(number, code[:1]) in points:
                continue  # two characters of one byte
            if len(found) == 2:
                combined.append((key(number, code), *found))
            elif len(found) == 1:
                points[key(number, code)] = found[0]
    codes = encoded(psql, number, 0x10FFFF if number == GB else 0x2FFFF)
    if number == GB:
        points |= {key(number, code): point for point, code in codes.items() if len(code) == 4}
    encodes = {(key(number, code), point) for point, code in codes.items()}
    decodes = set(points.items())
    out = b""
    for section in (encodes & decodes, decodes - encodes, encodes - decodes):
        payload = runs(section)
        out += varint(len(payload)) + payload
    out += varint(len(combined))
    return out + b"".join(varint(part) for entry in sorted(combined) for part in entry)


def main():
    psql, target = sys.argv[1].split(), sys.argv[2]
    ask(psql, "create or replace function probe_decode(b bytea, e name) returns text " + HANDLER.format("convert_from(b, e)"))
    ask(psql, "create or replace function probe_encode(c int, e name) returns bytea " + HANDLER.format("convert_to(chr(c), e)"))
    ask(psql, "create or replace function probe_convert(b bytea, f name, t name) returns bytea " + HANDLER.format("convert(b, f, t)"))
    out = bytearray()
    for number in SINGLE:
        found = decoded(psql, number, "select to_hex(a) from generate_series(128, 255) a")
        out += b"".join(struct.pack("<H", found.get(bytes([byte]), [0])[0]) for byte in range(128, 256))
    direct = {}
    for source, target_number, byte, code in ask(
        psql,
        """select conforencoding, contoencoding, b, coalesce(encode(probe_convert(decode(to_hex(b), 'hex'),
        pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding)), 'hex'), '00')
        from pg_conversion, generate_series(128, 255) b
        where conforencoding between 8 and 34 and contoencoding between 8 and 34""",
    ):
        direct.setdefault((int(source), int(target_number)), bytearray(128))[int(byte) - 128] = int(code, 16)
    out.append(len(direct))
    for pair, table in sorted(direct.items()):
        out += bytes(pair) + table
    for number in MULTIBYTE:
        payload = multibyte(psql, number)
        out += bytes([number]) + struct.pack("<I", len(payload)) + payload
    ask(psql, "drop function probe_decode, probe_encode, probe_convert")
    with open(target, "wb") as file:
        file.write(out)


main()
