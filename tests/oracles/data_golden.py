#!/usr/bin/env python3
"""Golden figures for tests/test_data.c: Philox 4x32-10, Lemire's bounded draw, Fisher and Yates's shuffle, and the
content hash, written again from the papers and the header comments. Run: python3 tests/oracles/data_golden.py"""
import hashlib

M32 = 0xFFFFFFFF


def philox(key, stream, block):
    c = [block & M32, block >> 32, stream & M32, stream >> 32]
    k0, k1 = key & M32, key >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & M32, (p0 >> 32) ^ c[3] ^ k1, p0 & M32]
        k0, k1 = (k0 + 0x9E3779B9) & M32, (k1 + 0xBB67AE85) & M32
    return c


def draws(key, stream):
    block = 0
    while True:
        yield from philox(key, stream, block)
        block += 1


def below(source, bound):
    while True:
        product = next(source) * bound
        if product & M32 >= (2**32 - bound) % bound:
            return product >> 32


def order(seed, epoch, n):
    values, source = list(range(n)), draws(seed, epoch)
    for i in range(n - 1, 0, -1):
        j = below(source, i + 1)
        values[i], values[j] = values[j], values[i]
    return values


# The generator's own published answer (Random123, kat_vectors: all ones).
assert philox(2**64 - 1, 2**64 - 1, 2**64 - 1) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]

for seed, epoch in ((0, 0), (1, 0), (1, 1), (2**53 - 1, 7)):
    print(f"order({seed}, {epoch}) =", order(seed, epoch, 12))
print("sum of i * order(9, 3, 60000)[i] mod 2^64 =", sum(i * v for i, v in enumerate(order(9, 3, 60000))) % 2**64)

# The set that tests/test_data.c writes: pixel i of sample s is (7 s + 13 i) mod 256, label s mod 4.
def part(first, count):
    pixels = bytes((7 * s + 13 * i) % 256 for s in range(first, first + count) for i in range(6))
    return pixels + bytes(s % 4 for s in range(first, first + count))

text = b"u8 [3,2,1] 20 5\n" + part(0, 20) + part(20, 5)
print("hash =", hashlib.blake2b(text, digest_size=32).hexdigest())
