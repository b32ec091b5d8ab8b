#!/usr/bin/python3
"""Open an encrypted store without any of our code, by src/store/FORMAT.md alone.

    unseal.py STORE KEYFILE OUT

writes OUT/store.db and, where there is one, OUT/store.db-wal in the clear, checks every object, and prints how many.
BLAKE2b is Python's; ChaCha20 and Poly1305 (RFC 8439), HChaCha20 (draft-irtf-cfrg-xchacha) and libsodium's secretstream are
written here, and first tried on the documents' own test vectors.
"""
import hashlib
import os
import struct
import sys

import numpy as np


def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] += s[y]
        s[z] ^= s[x]
        s[z] = s[z] << np.uint32(turn) | s[z] >> np.uint32(32 - turn)


def rounds(s):
    for _ in range(10):
        for i in range(4):
            quarter(s, i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)


CONSTANT = np.frombuffer(b"expand 32-byte k", "<u4")


def words(data):
    return np.frombuffer(data, "<u4")


def keystream(key, nonce, first, blocks):
    """ChaCha20 of RFC 8439: 12 bytes of nonce."""
    start = np.zeros((16, blocks), np.uint32)
    start[:4], start[4:12] = CONSTANT[:, None], words(key)[:, None]
    start[12], start[13:] = first + np.arange(blocks, dtype=np.uint32), words(nonce)[:, None]
    s = start.copy()
    rounds(s)
    return (s + start).T.astype("<u4").tobytes()


def hchacha(key, nonce):
    s = np.concatenate([CONSTANT, words(key), words(nonce)]).astype(np.uint32)[:, None]
    rounds(s)
    return np.concatenate([s[:4, 0], s[12:, 0]]).astype("<u4").tobytes()


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total, prime = 0, (1 << 130) - 5
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at:at + 16] + b"\1", "little")) * r % prime
    return ((total + int.from_bytes(key[16:], "little")) % (1 << 128)).to_bytes(16, "little")


def xor(a, b):
    return (np.frombuffer(a, np.uint8) ^ np.frombuffer(b[:len(a)], np.uint8)).tobytes()


def padded(data):
    return data + bytes(-len(data) % 16)


def aead(key, nonce, cipher, tag, ad):
    """XChaCha20-Poly1305; nonce of 24 bytes."""
    sub, short = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    stream = keystream(sub, short, 0, 1 + -(-len(cipher) // 64))
    lengths = struct.pack("<QQ", len(ad), len(cipher))
    assert poly1305(stream[:32], padded(ad) + padded(cipher) + lengths) == tag, "a tag does not fit"
    return xor(cipher, stream[64:])


def secretstream(key, header, pieces, ad):
    """libsodium's crypto_secretstream_xchacha20poly1305, whole messages of 64 KiB."""
    sub, count, inner, out, last = hchacha(key, header[:16]), 1, header[16:], b"", None
    while pieces:
        assert last != 3, "something follows the final piece"
        piece, pieces = pieces[:65536 + 17], pieces[65536 + 17:]
        body, mac = piece[1:-16], piece[-16:]
        stream = keystream(sub, struct.pack("<I", count) + inner, 0, 2 + -(-len(body) // 64))
        block = stream[64:128]
        last = piece[0] ^ block[0]
        text = padded(ad) + piece[:1] + block[1:] + body
        text += bytes((16 - 64 + len(body)) % 16) + struct.pack("<QQ", len(ad), 64 + len(body))
        assert poly1305(stream[:32], text) == mac, "a piece's tag does not fit"
        out += xor(body, stream[128:])
        inner, count = xor(inner, mac), count + 1
    assert last == 3, "there is no final piece"
    return out


def try_vectors():
    key, nonce = bytes(range(32)), bytes.fromhex("000000090000004a00000000")
    assert keystream(key, nonce, 1, 1).hex().startswith("10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c06803")
    nonce = bytes.fromhex("000000090000004a0000000031415927")
    assert hchacha(key, nonce).hex() == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    assert poly1305(key, b"Cryptographic Forum Research Group").hex() == "a8061dc1305136c6c22b8baf0c0127a9"


def keyed(key, data, size=32):
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def use(key, number):
    """libsodium's crypto_kdf: BLAKE2b with the number as salt and the context as personalisation."""
    salt = struct.pack("<QQ", number, 0)
    return hashlib.blake2b(b"", key=key, digest_size=32, salt=salt, person=b"leptonst" + bytes(8)).digest()


def open_keys(path, secret):
    ring = open(path, "rb").read()
    assert ring[:8] == b"LEPTKEYS" and hashlib.blake2b(ring[:-32], digest_size=32).digest() == ring[-32:]
    for at in range(16, len(ring) - 32, 184):
        how, box = ring[at:at + 40], ring[at + 40:at + 184]
        if how[0] == 1:
            plain = aead(keyed(secret, how[24:]), box[:24], box[24:-16], box[-16:], how)
            number, previous = struct.unpack("<II", plain[:8])
            return number, previous, plain[8:40], plain[72:]
    sys.exit("no slot for a key file")


def tensor_hash(plain):
    assert plain[:8] == b"LEPTOBJ1" and hashlib.blake2b(plain[:-32], digest_size=32).digest() == plain[-32:]
    dtype, rank = plain[8], plain[9]
    dims, rest = plain[12:12 + 8 * rank], plain[12 + 8 * rank:-32]
    return hashlib.blake2b(struct.pack("<II", dtype, rank) + dims + rest[8:], digest_size=32).hexdigest()


def check_objects(store, number, key, names):
    count = 0
    for folder, _, files in os.walk(os.path.join(store, "objects")):
        for file in files:
            if len(file) != 62:  # half a file, of a writer that was killed
                continue
            name = (os.path.basename(folder) + file).encode()
            data = open(os.path.join(folder, file), "rb").read()
            assert data[:8] == b"LEPTSEAL" and struct.unpack("<I", data[8:12])[0] == number
            plain = secretstream(use(key, 1), data[12:36], data[36:], name)
            assert keyed(names, tensor_hash(plain).encode()).hex().encode() == name, "an object's name"
            count += 1
    return count


def open_page(key, place, page):
    if place[:1] == b"D" and not any(page):
        return page
    return aead(key, page[4056:4080], page[:4056], page[4080:], place) + bytes(40)


def open_database(path, key):
    data = open(path, "rb").read()
    return b"".join(open_page(key, struct.pack("<cQ16x", b"D", at), data[at:at + 4096])
        for at in range(0, len(data), 4096))


def open_log(path, key, names):
    data = open(path, "rb").read()
    out = data[:32]
    for at in range(32, len(data) - 4119, 4120):
        head = data[at:at + 24]
        if head[8:16] != data[16:24]:
            break  # of an earlier round
        place = b"L" + struct.pack("<Q", at) + head[:16]
        pad = keyed(names, struct.pack("<Q", at) + head[:16], 16)
        out += head[:16] + xor(head[16:], pad) + open_page(key, place, data[at + 24:at + 4120])
    return out


def main(store, key_file, out):
    try_vectors()
    line = open(key_file).read().split()
    assert line[0] == "lepton-key-1"
    number, previous, key, names = open_keys(os.path.join(store, "keys"), bytes.fromhex(line[1]))
    assert not previous
    count = check_objects(store, number, key, names)
    os.makedirs(out)
    with open(os.path.join(out, "store.db"), "wb") as file:
        file.write(open_database(os.path.join(store, "store.db"), use(key, 2)))
    log = os.path.join(store, "store.db-wal")
    if os.path.exists(log):
        with open(os.path.join(out, "store.db-wal"), "wb") as file:
            file.write(open_log(log, use(key, 2), names))
    print(count, "objects")


main(*sys.argv[1:])
