"""Blobs of compressed weights written from src/compress/FORMAT.md alone, for tests/test_compress_golden.c.

Run: python3 tests/oracles/compress_golden.py > tests/oracles/compress_golden.h
Needs nothing but Python's own library. The base's hash of a delta blob is left 32 bytes of 0xBB: the
test puts the real one there, and the checksum of what it then is.
"""
import hashlib
import struct
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


def show(name, data):
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
