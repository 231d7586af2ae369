# SPDX-License-Identifier: GPL-2.0-or-later
"""A made capture of an hour (raw IPv4, pcap) on standard output, the same in every run."""
import random
import struct
import sys

rng = random.Random(15)
packets = []


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(at, src, dst, proto, payload):
    head = struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), 0, 0, 64, proto, 0, *src, *dst)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    packets.append((at, head + payload))


def hello(name):
    n = name.encode()
    sni = struct.pack(">HHHBH", 0, len(n) + 5, len(n) + 3, 0, len(n)) + n
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\x13\x01" + b"\x01\x00" + struct.pack(">H", len(sni)) + sni
    shake = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(shake)) + shake


class Connection:
    port = 20000

    def __init__(self, at, src, dst, name):
        Connection.port += 1
        self.src, self.dst, self.port, self.seq, self.ack = src, dst, Connection.port, 1, 1
        self.tcp(at, True, 0x02, b"")
        self.tcp(at + 0.01, False, 0x12, b"")
        self.say(at + 0.02, hello(name), 3200)

    def tcp(self, at, out, flags, data):
        ports = (self.port, 443) if out else (443, self.port)
        seq, ack = (self.seq, self.ack) if out else (self.ack, self.seq)
        segment = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + data
        ip(at, *((self.src, self.dst) if out else (self.dst, self.src)), 6, segment)
        if out:
            self.seq += len(data) + (flags & 2 > 0)
        else:
            self.ack += len(data) + (flags & 2 > 0)

    def bulk(self, at, out, n):
        while n > 0:
            self.tcp(at, out, 0x18, bytes(min(n, 1400)))
            at, n = at + 0.002, n - 1400

    def say(self, at, data, answer):
        if isinstance(data, int):
            self.bulk(at, True, data)
        else:
            self.tcp(at, True, 0x18, data)
        self.bulk(at + 0.05, False, answer)

    def end(self, at):
        self.tcp(at, True, 0x11, b"")
        self.tcp(at + 0.01, False, 0x11, b"")


def host(n):
    return (203, 0, 113, n)


LG, SAMSUNG, PHONE, TABLET, LAPTOP = [(192, 168, 1, n) for n in (20, 21, 30, 31, 40)]
HOUR = 3600

c, t = Connection(3, LG, host(1), "screen15.example"), 18.0
while t < HOUR:
    if rng.random() > 0.02:  # one in fifty is missed
        c.say(t + rng.uniform(-0.3, 0.3), 9000, 250)
    t += 15
t = 7.0
while t < HOUR:
    at = t + rng.uniform(-0.6, 0.6)
    c = Connection(at, SAMSUNG, host(2), "screen60.example")
    c.say(at + 0.2, 4000, 200)
    c.end(at + 0.6)
    t += 60
for who in (PHONE, TABLET):
    t = rng.uniform(0, 200)
    while t < HOUR:
        c = Connection(t, who, host(3), "counter.example")
        c.say(t + 0.2, 1500, 150)
        c.end(t + 0.5)
        t += rng.expovariate(1 / 150)
# A film: parts of it every 6 s, which come down.
c, t = Connection(1, LG, host(10), "film.example"), 2.0
while t < HOUR / 6:
    c.say(t, 700, 180000)
    t += 6
# Pages, by three: much comes down, at any time.
for who in (PHONE, TABLET, LAPTOP):
    t = 1.0
    while t < HOUR:
        for n, name in enumerate(("news.example", "pictures.example", "fonts.example")):
            c = Connection(t + n * 0.2, who, host(20 + n), name)
            c.say(t + n * 0.2 + 0.2, 900, rng.randrange(9000, 60000))
            c.end(t + n * 0.2 + 1.5)
        t += rng.expovariate(1 / 120)
# A push connection: a beat every 280 s from each phone, as much down as up.
for who in (PHONE, TABLET):
    c, t = Connection(5, who, host(30), "push.example"), 285.0
    while t < HOUR:
        c.say(t, 60, 60 + 4000 * (rng.random() < 0.4))
        t += rng.uniform(200, 360)
# Somebody types: many small uploads without a beat, from one device.
c, t = Connection(60, LAPTOP, host(31), "letters.example"), 61.0
while t < HOUR:
    c.say(t, 600, 900)
    t += rng.expovariate(1 / 25) + 0.5
# A clock.
for t in range(10, HOUR, 64):
    ip(t, LAPTOP, host(40), 17, struct.pack(">HHHH", 123, 123, 56, 0) + bytes(48))
    ip(t + 0.03, host(40), LAPTOP, 17, struct.pack(">HHHH", 123, 123, 56, 0) + bytes(48))

out = sys.stdout.buffer
out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
for at, data in sorted(packets, key=lambda p: p[0]):
    us = int(at * 1e6)
    out.write(struct.pack("<IIII", 1700000000 + us // 1000000, us % 1000000, len(data), len(data)) + data)
