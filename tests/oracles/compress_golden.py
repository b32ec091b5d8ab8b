"""Blobs of compressed weights written from src/compress/FORMAT.md alone, for tests/test_compress_golden.c.

Run: python3 tests/oracles/compress_golden.py > tests/oracles/compress_golden.h
With a folder as argument it also writes their payloads there as seeds for tests/fuzz/fuzz_compress.c.
Needs nothing but Python's own library. The base's hash of a delta blob is left 32 bytes of 0xBB: the
test puts the real one there, and the checksum of what it then is.
"""
import hashlib
import struct
import sys
import zlib


def blob(method, payload, base=None):
    out = b"LEPC" + struct.pack("<HBB", 1, 1 if base else 0, len(method)) + method + (base or b"")
    out += struct.pack("<Q", len(payload)) + payload
    return out + hashlib.blake2b(out, digest_size=32).digest()


def record(name, shape, predictor, coding, packing, alphas, scales, codes):
    section = struct.pack("<%df" % (len(alphas) + len(scales)), *alphas, *scales) + codes
    line = struct.pack("<B", len(name)) + name + struct.pack("<BB", 0, len(shape)) + struct.pack("<%dI" % len(shape), *shape)
    line += struct.pack("<BBBB", predictor, coding, 8 if coding else 32, packing)
    return line + struct.pack("<III", len(alphas), len(scales), len(section)), section


def payload(*records):
    return struct.pack("<I", len(records)) + b"".join(r for r, _ in records) + b"".join(s for _, s in records)


def signed(*codes):
    return struct.pack("<%db" % len(codes), *codes)


def deflated(raw):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


METHODS = [b"delta", b"quantize", b"entropy", b"prune", b"cluster", b"lowrank", b"lowrank,entropy"]  # in the order of the program's table

BLOB = 12  # behind the methods: a blob as a whole


def seed(name, data):
    """The fuzzer's first byte chooses the method, the rest is the payload."""
    method = data[8 : 8 + data[7]]
    start = 8 + data[7] + (32 if data[6] else 0) + 8
    with open("%s/%s" % (sys.argv[1], name), "wb") as out:
        out.write(bytes([METHODS.index(method)]) + data[start:-32])
    if len(data) < 300:
        with open("%s/blob_%s" % (sys.argv[1], name), "wb") as out:
            out.write(bytes([BLOB]) + data)


def show(name, data):
    if len(sys.argv) > 1:
        seed(name, data)
    print("static const unsigned char %s[] = {" % name)
    for i in range(0, len(data), 16):
        print("\t" + ", ".join("0x%02x" % b for b in data[i : i + 16]) + ",")
    print("};")


print("/* Made by compress_golden.py; do not edit. */")
# [[127, 63.5], [-64, -2]], scales 1 and 0.5; the example of FORMAT.md
show("golden_quantize", blob(b"quantize", payload(
    record(b"k", [2, 2], 0, 1, 0, [], [1, 0.5], signed(127, 127, -64, -4)))))
# the same and a bias that stays float32
show("golden_bias", blob(b"quantize", payload(
    record(b"k", [2, 2], 0, 1, 0, [], [1, 0.5], signed(127, 127, -64, -4)),
    record(b"b", [2], 0, 0, 0, [], [], struct.pack("<2f", 0.1, -3)))))
# base [[1, -1], [2, 4]], alpha given 0.5, residual [[127, 3], [-2, 0]], scale 1
show("golden_delta", blob(b"delta", payload(
    record(b"k", [2, 2], 1, 1, 0, [0.5], [1], signed(127, 3, -2, 0))), b"\xbb" * 32))
# deflated by another zlib call: 64 x 100 of -5 and 5 in turn, scale 0.25. Read only: deflate may be done in many ways
show("golden_deflated", blob(b"quantize", payload(
    record(b"k", [64, 100], 0, 1, 1, [], [0.25], deflated(signed(*([-5, 5] * 3200)))))))


# ---- range-coded sections: exact rationals' work done with one big integer, no carries to think of ----


class Coder:
    def __init__(self):
        self.low, self.range, self.bytes, self.models = 0, 2**32 - 1, 0, {}

    def widen(self):
        while self.range < 2**24:
            self.low, self.range, self.bytes = self.low * 256, self.range * 256, self.bytes + 1

    def bit(self, key, bit):
        quick, slow = self.models.get(key, (2**15, 2**15))
        ones = (self.range // 2**15) * max(64, min(2**15 - 64, (quick + slow) // 4))
        if bit:
            self.range = ones
            quick, slow = quick + (65535 - quick) // 16, slow + (65535 - slow) // 128
        else:
            self.low, self.range = self.low + ones, self.range - ones
            quick, slow = quick - quick // 16, slow - slow // 128
        self.models[key] = quick, slow
        self.widen()

    def raw(self, value, bits):
        while bits > 0:
            some = min(bits, 8)
            bits -= some
            self.range //= 2**some
            self.low += self.range * ((value >> bits) % 2**some)
            self.widen()

    def symbol(self, key, symbol):
        below, seen = self.models.get(key, ([i * 2**15 // 33 for i in range(34)], 0))
        self.range //= 2**15
        self.low += below[symbol] * self.range
        self.range *= below[symbol + 1] - below[symbol]
        part = 2 ** (3 if seen < 8 else 4 if seen < 32 else 5 if seen < 128 else 6)
        ends = [4 * i + (2**15 - 132 if i > symbol else 0) for i in range(34)]
        self.models[key] = [b + (e - b) // part for b, e in zip(below, ends)], seen + 1
        self.widen()

    def end(self):
        return self.low.to_bytes(self.bytes + 4, "big")


def around(values, at, columns):
    column = at % columns
    return (values[at - 1] if column > 0 else 0, values[at - 2] if column > 1 else 0,
            values[at - columns] if at >= columns else 0, values[at - 2 * columns] if at >= 2 * columns else 0)


def levels(values, columns):
    coder = Coder()
    for at, level in enumerate(values):
        left, further, up, higher = around(values, at, columns)
        total = sum(map(abs, (left, further, up, higher)))
        size = sum(total >= limit for limit in (1, 2, 3, 5, 7, 10, 15))
        signs = sum((v > 0) - (v < 0) for v in (left, up))
        coder.bit(("zero", size), level != 0)
        if level == 0:
            continue
        coder.bit(("minus", (signs > 0) - (signs < 0)), level < 0)
        for flag in range(1, 9):
            coder.bit(("greater", size, flag), abs(level) > flag)
            if abs(level) <= flag:
                break
        else:
            rest = abs(level) - 9
            bits = (rest + 1).bit_length() - 1
            for i in range(bits):
                coder.bit(("prefix", i), True)
            if bits < 20:
                coder.bit(("prefix", bits), False)
            coder.raw(rest + 1 - 2**bits, bits)
    return coder.end()


def sparse(values, columns):
    coder = Coder()
    numbers = [struct.unpack("<I", struct.pack("<f", v))[0] for v in values]
    for at, bits in enumerate(numbers):
        near = sum(v != 0 for v in around(numbers, at, columns))
        coder.bit(("zero", near), bits != 0)
        if bits:
            coder.raw(bits >> 31, 1)
            for i in range(8):
                coder.bit(("exponent", i, (bits >> 23 & 255) >> (8 - i)), bits >> (30 - i) & 1)
            coder.raw(bits & (2**23 - 1), 23)
    return coder.end()


def key(value):
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    return -1 - bits % 2**31 if bits >> 31 else bits


def exact(values, predicted, columns, within=False):
    """within: as coding 5 has it."""
    coder, digits, count = Coder(), 0, 0
    differences = [key(v) - key(p) for v, p in zip(values, predicted)]
    for at, d in enumerate(differences):
        left, _, up, _ = around(differences, at, columns)
        near = (abs(left).bit_length() + abs(up).bit_length() + 1) // 2
        signs = sum((v > 0) - (v < 0) for v in (left, up))
        length = abs(d).bit_length()
        if within:
            for i in range(6):
                coder.bit(("length", near, i, length >> (6 - i)), length >> (5 - i) & 1)
        else:
            coder.symbol(("length", near), length)
        if length > 0:
            coder.bit(("minus", (signs > 0) - (signs < 0)), d < 0)
        if length > 1:
            coder.bit(("second", length), abs(d) >> (length - 2) & 1)
            rest = abs(d) % 2 ** (length - 2)
            if within:
                coder.raw(rest, length - 2)
            else:
                digits, count = digits + rest * 2**count, count + length - 2
    return coder.end() + digits.to_bytes((count + 7) // 8, "big")


def ranged(name, shape, coding, bits, scales, stream, alphas=()):
    section = struct.pack("<%df" % (len(alphas) + len(scales)), *alphas, *scales) + stream
    line = struct.pack("<B", len(name)) + name + struct.pack("<BB", 0, len(shape)) + struct.pack("<%dI" % len(shape), *shape)
    return line + struct.pack("<BBBBIII", len(alphas), coding, bits, 2, len(alphas), len(scales), len(section)), section


# numbers that tests/test_compress_golden.c makes the same way: (7919 i² + 31 i) mod 37 - 18, with a few far out
wide = [(7919 * i * i + 31 * i) % 37 - 18 for i in range(600)]
for i in range(50, 600, 97):
    wide[i] *= 3001
wide[599] = 32767  # the largest, so that a step of 16 bits is 1
wide = [max(-32767, min(32767, v)) for v in wide]
show("golden_entropy", blob(b"entropy", payload(ranged(b"k", [30, 20], 2, 0, [1.0], levels(wide, 20)))))
few = [v if abs(v) < 6 else 0 for v in wide]
show("golden_prune", blob(b"prune", payload(ranged(b"k", [30, 20], 3, 32, [], sparse(few, 20)))))
book = sorted(set(few) - {0})
below = sum(v < 0 for v in book)
shared = [0 if v == 0 else book.index(v) - below + (v > 0) for v in few]
show("golden_cluster", blob(b"cluster", payload(ranged(b"k", [30, 20], 4, 0, book, levels(shared, 20)))))
# against a base of the same numbers the other way round, alpha 0.5
base = wide[::-1]
for name, coding in ("golden_exact", 7), ("golden_exact_within", 5):
    show(name, blob(b"delta", payload(ranged(
        b"k", [30, 20], coding, 32, [], exact(wide, [v / 2 for v in base], 20, coding == 5), [0.5])), b"\xbb" * 32))
# against the same base, alpha 2, step 1: the levels are what is left
show("golden_steps", blob(b"delta", payload(
    ranged(b"k", [30, 20], 2, 0, [1.0], levels(few, 20), [2.0])), b"\xbb" * 32))
# 8 bits through the range coder: with 127 among them the scale is 1
small = few[:-1] + [127]
show("golden_ranged", blob(b"quantize", payload(ranged(b"k", [30, 20], 1, 8, [1.0], levels(small, 20)))))
# [30, 20] as 30 x 2 times 2 x 20 of whole numbers, two streams of levels of steps 1 and 0.5, and as floats. Read only:
# whose singular vectors are taken is LAPACK's business
left, right = few[:60], few[100:140]


def product(name, scales, first, second):
    codes = struct.pack("<II", 2, len(first)) + first + second
    return ranged(name, [30, 20], 6, 0, scales, codes)


show("golden_lowrank", blob(b"lowrank,entropy", payload(
    product(b"k", [1.0, 0.5], levels(left, 2), levels(right, 20)),
    product(b"l", [], sparse(left, 2), sparse(right, 20)))))
if len(sys.argv) > 1:  # against the fuzzer's own base, k = -1.5, -0.5, 0.5, 1.5 and b = 0, 0
    k, b = [-1.4, -0.5, 0.75, 3.0], [0.1, -2.0]
    halves = [-0.75, -0.25, 0.25, 0.75]
    for name, records in {
        "seed_linear": (record(b"k", [2, 2], 1, 1, 0, [0.5], [0.1], signed(1, -2, 3, 100)),
                        record(b"b", [2], 1, 1, 0, [0.5], [0.1], signed(0, 7))),
        "seed_exact": (ranged(b"k", [2, 2], 7, 32, [], exact(k, halves, 2), [0.5]),
                       ranged(b"b", [2], 7, 32, [], exact(b, [0, 0], 2), [0.5])),
        "seed_exact_within": (ranged(b"k", [2, 2], 5, 32, [], exact(k, halves, 2, True), [0.5]),
                              ranged(b"b", [2], 5, 32, [], exact(b, [0, 0], 2, True), [0.5])),
        "seed_steps": (ranged(b"k", [2, 2], 2, 0, [0.25], levels([1, 0, -3, 20], 2), [0.5]),
                       ranged(b"b", [2], 7, 32, [], exact(b, [0, 0], 2), [0.5])),
    }.items():
        seed(name, blob(b"delta", payload(*records), b"\xbb" * 32))
