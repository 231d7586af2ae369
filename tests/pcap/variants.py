#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""variants.py - other files made of a capture (pcap, microseconds, little-endian, Ethernet).

  variants.py formats CAPTURE DIR   the same packets in every file format and link layer tacet reads
  variants.py segments CAPTURE DIR  TCP segments backwards, twice, and cut to 96 bytes
  variants.py cuts CAPTURE FILE     every packet at every length, with its true length on the wire
                                    and again with a length that is the cut one
  variants.py flips CAPTURE FILE SEED COUNT    COUNT times a packet with up to 8 bits flipped
  variants.py damage CAPTURE DIR SEED COUNT    COUNT copies of the file, whatever its format, each
                                    cut, overwritten or with bits flipped somewhere"""
import os, random, struct, sys

ETHERNET, NULL, PPP, RAW, LOOP, SLL, NFLOG, SLL2 = 1, 0, 9, 101, 108, 113, 239, 276


def read(path):
    """[(microseconds, frame)]"""
    data = open(path, "rb").read()
    assert struct.unpack_from("<IHH", data) == (0xA1B2C3D4, 2, 4) and data[20] == ETHERNET
    at, packets = 24, []
    while at < len(data):
        s, us, n, wire = struct.unpack_from("<IIII", data, at)
        assert n == wire
        packets.append((s * 1000000 + us, data[at + 16:at + 16 + n]))
        at += 16 + n
    return packets


def pcap(packets, link=ETHERNET, order="<", nano=False):
    """packets: (microseconds, frame) or (microseconds, frame, length on the wire)"""
    out = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for time, frame, *wire in packets:
        part = time % 1000000 * (1000 if nano else 1)
        out.append(struct.pack(order + "IIII", time // 1000000, part, len(frame), *wire or [len(frame)]))
        out.append(frame)
    return b"".join(out)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order, resolution=None):
    """A section header and one Ethernet interface, its time in 10^-resolution seconds."""
    options = option(order, 2, b"lan")
    if resolution is not None:
        options += option(order, 9, bytes([resolution]))
    return (block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)) +
            block(order, 1, struct.pack(order + "HHI", ETHERNET, 0, 262144) + options + option(order, 0, b"")))


def enhanced(order, packets, scale=1, options=False):
    """Enhanced packet blocks; with options, between blocks that say nothing of packets."""
    for time, frame in packets:
        time *= scale
        body = struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        body += frame + bytes(-len(frame) % 4)
        if options:
            body += option(order, 1, b"a comment") + option(order, 2, bytes(4)) + option(order, 0, b"")
            yield block(order, 5, struct.pack(order + "III", 0, 0, 0))  # interface statistics
            yield block(order, 0x40000BAD, b"something of somebody's own")
        yield block(order, 6, body)


def pcapng(packets, order, resolution=None, scale=1, **more):
    return section(order, resolution) + b"".join(enhanced(order, packets, scale, **more))


def tag(frame, *heads):
    """Ethernet with something between the addresses and the EtherType."""
    return frame[:12] + b"".join(heads) + frame[12:]


def is_v6(frame):
    return frame[12:14] == b"\x86\xdd"


def sll2(f):
    return f[12:14] + struct.pack(">HIHBB", 0, 2, 1, 0, 6) + f[6:12] + bytes(2) + f[14:]


def nflog(f):
    """A prefix, the hardware address and the payload (TLVs in the byte order of this file)."""
    family = 10 if is_v6(f) else 2

    def tlv(kind, value):
        return struct.pack("<HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)
    return (struct.pack(">BBH", family, 0, 30) + tlv(10, b"prefix\0") +
            tlv(8, struct.pack(">HH", 6, 0) + f[6:12] + bytes(2)) + tlv(9, f[14:]))


def pppoe(f):
    body = (b"\x00\x57" if is_v6(f) else b"\x00\x21") + f[14:]
    return f[:12] + b"\x88\x64" + struct.pack(">BBHH", 0x11, 0, 7, len(body)) + body


def bsd(order, v6):
    return lambda f: struct.pack(order + "I", v6 if is_v6(f) else 2) + f[14:]


LINKS = {
    "raw": (RAW, lambda f: f[14:]),
    "sll": (SLL, lambda f: struct.pack(">HHH", 0, 1, 6) + f[6:12] + bytes(2) + f[12:]),
    "sll2": (SLL2, sll2),
    "vlan": (ETHERNET, lambda f: tag(f, b"\x81\x00\x00\x07")),
    "qinq": (ETHERNET, lambda f: tag(f, b"\x88\xa8\x00\x08", b"\x81\x00\x00\x07")),
    "pppoe": (ETHERNET, pppoe),
    "ppp": (PPP, lambda f: (b"\xff\x03\x00\x57" if is_v6(f) else b"\xff\x03\x00\x21") + f[14:]),
    "null-le": (NULL, bsd("<", 24)),
    "null-be": (NULL, bsd(">", 28)),
    "null-darwin": (NULL, bsd("<", 30)),
    "loop": (LOOP, bsd(">", 24)),
    "nflog": (NFLOG, nflog),
}


def formats(packets):
    for word, order in ("le", "<"), ("be", ">"):
        yield f"pcap-{word}.pcap", pcap(packets, order=order)
        yield f"pcap-nano-{word}.pcap", pcap(packets, order=order, nano=True)
        yield f"ng-{word}.pcapng", pcapng(packets, order)
        yield f"ng-tsresol9-{word}.pcapng", pcapng(packets, order, 9, 1000)
        yield f"ng-options-{word}.pcapng", pcapng(packets, order, 6, options=True)
    half = len(packets) // 2
    yield "ng-sections.pcapng", pcapng(packets[:half], "<") + pcapng(packets[half:], "<", 9, 1000)
    for word, (link, change) in LINKS.items():
        yield f"link-{word}.pcap", pcap([(t, change(f)) for t, f in packets], link)
    yield "padded.pcap", pcap([(t, f + bytes(max(0, 80 - len(f)))) for t, f in packets])


def tcp(frame):
    """The flow's key in this direction and the length of the payload, or None."""
    at, proto, size = (54, frame[20], 54) if is_v6(frame) else (
        14 + (frame[14] & 15) * 4, frame[23], 14 + struct.unpack_from(">H", frame, 16)[0])
    if is_v6(frame):
        size += struct.unpack_from(">H", frame, 18)[0]
    return (frame[26:at + 4], size - at - (frame[at + 12] >> 4) * 4) if proto == 6 else None


def backwards(packets):
    """The payloads of each direction of each TCP flow in the opposite order; times stay."""
    places = {}
    for i, (_, frame) in enumerate(packets):
        key = tcp(frame)
        if key and key[1]:
            places.setdefault(key[0], []).append(i)
    out = list(packets)
    for all_of in places.values():
        for to, of in zip(all_of, reversed(all_of)):
            out[to] = (packets[to][0], packets[of][1])
    return out


def segments(packets):
    yield "backwards.pcap", pcap(backwards(packets))
    yield "twice.pcap", pcap([p for p in packets for _ in range(2)])
    yield "short.pcap", pcap([(t, f[:96], len(f)) for t, f in packets])


def cuts(packets):
    for time, frame in packets:
        for n in range(len(frame)):
            yield time, frame[:n], len(frame)
            yield time, frame[:n]


def flip(data, most):
    data = bytearray(data)
    for _ in range(random.randint(1, most)):
        bit = random.randrange(len(data) * 8)
        data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def damage(data):
    at, how = random.randrange(len(data)), random.randrange(8)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[:at] + random.randbytes(random.randint(1, 64)) + data[at:]
    if how == 2:
        absurd = random.choice([0, 1, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x04000000])
        return data[:at] + struct.pack(random.choice("<>") + "I", absurd) + data[at + 4:]
    if how == 3:  # in the head of the file
        return flip(data[:28], 8) + data[28:]
    if how == 4:
        return data[:at] + data[at + random.randint(1, 64):]
    return flip(data, 16)


def main(what, source, to, *numbers):
    seed, count = map(int, numbers or (0, 0))
    random.seed(seed)
    if what in ("formats", "segments"):
        for name, data in globals()[what](read(source)):
            open(os.path.join(to, name), "wb").write(data)
    elif what == "cuts":
        open(to, "wb").write(pcap(cuts(read(source))))
    elif what == "flips":
        packets = read(source)
        chosen = (random.choice(packets) for _ in range(count))
        open(to, "wb").write(pcap((t, flip(f, 8)) for t, f in chosen))
    elif what == "damage":
        data = open(source, "rb").read()
        for i in range(count):
            open(os.path.join(to, f"{i:04}"), "wb").write(damage(data))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
