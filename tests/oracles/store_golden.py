#!/usr/bin/env python3
"""Packed objects of tests/test_store_pack.c, byte by byte as src/store/FORMAT.md has them.

Only the layout, zlib and BLAKE2b are used, nothing of lepton. The payload of the delta is the exact coding of
src/compress, which test_compress_golden.c pins; it is taken from the argument:

    python3 store_golden.py 82fd8b89027e87887100000000000150000000000000 > store_golden.h
"""
import hashlib
import struct
import sys
import zlib


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def tensor_hash(numbers, shape):
    """lepton_tensor_hash: type, rank, dimensions, numbers (src/tensor/params_hash.c)."""
    head = struct.pack("<II", 0, len(shape)) + struct.pack("<%dq" % len(shape), *shape)
    return blake(head + struct.pack("<%df" % len(numbers), *numbers))


def planes(numbers):
    raw = struct.pack("<%df" % len(numbers), *numbers)
    out = b""
    for k in range(4):
        plane = raw[k::4]
        z = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
        packed = z.compress(plane) + z.flush()
        way, kept = (1, packed) if k == 3 else (0, plane)  # deflated, though longer here, must be read too
        out += struct.pack("<BQ", way, len(kept)) + kept
    return out


def packed(coding, numbers, shape, payload, base=b""):
    head = b"LEPTOBJ2" + struct.pack("<BBBB", 0, len(shape), coding, 0)
    head += struct.pack("<%dQ" % len(shape), *shape) + struct.pack("<QQ", 4 * len(numbers), len(payload))
    body = head + base + payload
    return body + blake(body)


def array(name, data):
    lines = ["\t" + ", ".join("0x%02x" % b for b in data[i:i + 12]) + "," for i in range(0, len(data), 12)]
    return "static const uint8_t %s[] = {\n%s\n};\n" % (name, "\n".join(lines))


shape = (2, 3)
base = [0.25 * (i - 2) for i in range(6)]
numbers = [b + 1 / 1024 for b in base]
print("/* Made by store_golden.py: packed objects, with nothing of lepton. */")
print('static const char golden_hash[] = "%s";' % tensor_hash(numbers, shape).hex())
print('static const char golden_base[] = "%s";' % tensor_hash(base, shape).hex())
print(array("golden_planes", packed(1, numbers, shape, planes(numbers))), end="")
payload = bytes.fromhex(sys.argv[1])
print(array("golden_delta", packed(2, numbers, shape, payload, tensor_hash(base, shape))), end="")
