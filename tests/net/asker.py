#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""asker.py SERVER NAME RATE SECONDS - asks for NAME's address RATE times a second, whether answers come or not;
RATE 0: again as soon as the answer is there, or after five seconds without one. Then one line of key=value: asked,
answered, rate a second, and the quartiles and the 99th percentile of the answers' milliseconds."""
import select, socket, struct, sys, time

server, name, rate, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
sock = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
sock.connect((server, 53))
sock.setblocking(False)
waiting, times, asked = {}, [], 0
start = time.monotonic()
due = start


def receive(until):
    while (left := until - time.monotonic()) > 0 and select.select([sock], [], [], left)[0]:
        try:
            began = waiting.pop(struct.unpack("!H", sock.recv(512)[:2])[0], None)
        except OSError:
            continue
        if began:
            times.append((time.monotonic() - began) * 1000)
            if not rate:
                return


while time.monotonic() - start < seconds:
    query_id = asked & 0xffff
    waiting[query_id] = time.monotonic()
    sock.send(struct.pack("!HHHHHH", query_id, 0x100, 1, 0, 0, 0) + labels + struct.pack("!HH", 1, 1))
    asked += 1
    due = due + 1 / rate if rate else time.monotonic() + 5
    receive(due)
took = time.monotonic() - start
receive(time.monotonic() + 1.5)
times.sort()
at = lambda part: times[min(len(times) - 1, int(len(times) * part))] if times else -1
print(f"asked={asked} answered={len(times)} rate={asked / took:.1f} p25={at(.25):.2f} p50={at(.5):.2f} "
      f"p75={at(.75):.2f} p99={at(.99):.2f}")
