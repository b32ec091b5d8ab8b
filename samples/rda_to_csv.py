#!/usr/bin/python3
"""A data frame out of an R data file (.rda), as csv: rda_to_csv.py FILE.rda >FILE.csv
or out of a package's data (.rdb, with the .rdx beside it): rda_to_csv.py FILE.rdb NAME >NAME.csv

Needs Python alone, no R: reads the binary form that save() writes (R-ints, section 1.8), gzip, bzip2 or xz, versions 2 and
3. Factors become their labels, missing values empty cells. The first data frame of the file is written.
"""
import bz2
import csv
import gzip
import lzma
import struct
import sys
import zlib

NA_INT = -2147483648
NA_REAL = b"\x7f\xf0\x00\x00\x00\x00\x07\xa2"
CONSTANTS = (241, 242, 247, 251, 252, 253, 254)  # base environment, … NULL


class Value:
    def __init__(self, data):
        self.data, self.attributes = data, {}


class Reader:
    def __init__(self, raw):
        start = 5 if raw[:5] in (b"RDX2\n", b"RDX3\n") else 0
        if raw[start:start + 2] != b"X\n":
            raise ValueError("no R data file of version 2 or 3 in binary form")
        self.raw, self.at, self.names = raw, start + 2, []
        version = self.ints(3)[0]
        if version == 3:
            self.bytes(self.ints(1)[0])

    def bytes(self, n):
        if n < 0 or self.at + n > len(self.raw):
            raise ValueError("the file is cut short")
        self.at += n
        return self.raw[self.at - n:self.at]

    def ints(self, n):
        return struct.unpack(">%di" % n, self.bytes(4 * n))

    def text(self):
        n = self.ints(1)[0]
        return None if n < 0 else self.bytes(n).decode("utf-8", "replace")

    def pairs(self, flags):
        out = {}
        while flags & 0xFF == 2:
            if flags & 0x200:
                self.item()
            tag = self.item() if flags & 0x400 else str(len(out))
            out[tag] = self.item()
            flags = self.ints(1)[0]
        if flags & 0xFF != 254:
            raise ValueError("a list that does not end")
        return out

    def vector(self, kind):
        n = self.ints(1)[0]
        if kind in (10, 13):
            return [None if v == NA_INT else v for v in self.ints(n)]
        if kind == 14:
            raw = self.bytes(8 * n)
            cut = [raw[i:i + 8] for i in range(0, 8 * n, 8)]
            return [None if b == NA_REAL else struct.unpack(">d", b)[0] for b in cut]
        return [self.item() for _ in range(n)]

    def altrep(self):
        info, state, attributes = self.item(), self.item(), self.item()
        name = next(iter(info.values()))
        if name == "compact_intseq":
            n, start, step = state.data
            made = Value([int(start + i * step) for i in range(int(n))])
        elif name.startswith("wrap_"):
            made = state.data[0]
        else:
            raise ValueError("a vector of the kind %s" % name)
        made.attributes.update(attributes or {})
        return made

    def item(self):
        flags = self.ints(1)[0]
        kind = flags & 0xFF
        if kind in CONSTANTS:
            return None
        if kind == 255:
            return self.names[(flags >> 8 or self.ints(1)[0]) - 1]
        if kind == 1:
            self.names.append(self.item())
            return self.names[-1]
        if kind == 9:
            return self.text()
        if kind == 2:
            return self.pairs(flags)
        if kind == 238:
            return self.altrep()
        if kind not in (10, 13, 14, 16, 19):
            raise ValueError("an item of kind %d, which no data frame of numbers and words has" % kind)
        made = Value(self.vector(kind))
        if flags & 0x200:
            made.attributes = self.item()
        return made


def column(value):
    levels = value.attributes.get("levels")
    if levels:
        return ["" if v is None else levels.data[v - 1] for v in value.data]
    return ["" if v is None else int(v) if isinstance(v, float) and v == int(v) else v for v in value.data]


def whole(path):
    with open(path, "rb") as file:
        raw = file.read()
    unpack = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}.get(raw[:2])
    return unpack(raw) if unpack else raw


def of_package(path, name):
    """The object NAME of a lazy-load database: the .rdx has where each begins in the .rdb, and how long it is."""
    index = Reader(whole(path[:-1] + "x")).item()
    index = dict(zip(index.attributes["names"].data, index.data))["variables"]
    places = dict(zip(index.attributes["names"].data, index.data))
    if name not in places:
        raise ValueError("no %s in %s" % (name, path))
    offset, length = places[name].data
    with open(path, "rb") as file:
        file.seek(offset)
        packed = file.read(length)[4:]
    unpack = {b"2": bz2.decompress, b"Z": lzma.decompress, b"0": bytes}.get(packed[:1])
    return Reader(unpack(packed[1:]) if unpack else zlib.decompress(packed)).item()


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].endswith(".rdb") != (len(sys.argv) == 3):
        sys.exit("use: rda_to_csv.py FILE.rda, or FILE.rdb NAME")
    if len(sys.argv) == 3:
        values = [of_package(sys.argv[1], sys.argv[2])]
    else:
        values = Reader(whole(sys.argv[1])).item().values()
    for value in values:
        if isinstance(value, Value) and "data.frame" in (value.attributes.get("class") or Value([])).data:
            out = csv.writer(sys.stdout, lineterminator="\n")
            out.writerow(value.attributes["names"].data)
            out.writerows(zip(*[column(c) for c in value.data]))
            return
    sys.exit("rda_to_csv.py: no data frame in %s" % sys.argv[1])


try:
    main()
except (ValueError, OSError, EOFError, IndexError, KeyError, lzma.LZMAError, zlib.error) as error:
    sys.exit("rda_to_csv.py: %s" % error)
