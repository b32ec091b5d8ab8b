#!/usr/bin/python3
"""The hashes test_tensor_params.c expects, by Python's hashlib: BLAKE2b-256 over each tensor's name with
its NUL, type and rank (32 bits), dimensions (64 bits), all little-endian, and its bytes."""
import hashlib
import struct

F32, I8, F64 = 0, 2, 4
tensors = [
    (b"conv2d/kernel", F32, (3, 3, 1, 2), struct.pack("<18f", *[i - 4.5 for i in range(18)])),
    (b"conv2d/bias", F32, (2,), struct.pack("<2f", 0, 0.25)),
    (b"scale", F64, (), struct.pack("<d", 3.5)),
    (b"codes", I8, (5, 3), struct.pack("15b", *[i - 7 for i in range(15)])),
]


def body(dtype, shape, data):
    return struct.pack("<II", dtype, len(shape)) + struct.pack(f"<{len(shape)}q", *shape) + data


everything = b"".join(name + b"\0" + body(*rest) for name, *rest in tensors)
print("params", hashlib.blake2b(everything, digest_size=32).hexdigest())
print("tensor", hashlib.blake2b(body(*tensors[0][1:]), digest_size=32).hexdigest())
