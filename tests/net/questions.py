#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""questions.py SERVER RATE BLOCKED ALLOWED ADDRESS - asks so many questions a second for names
below BLOCKED (which do not exist) and below ALLOWED (which have ADDRESS), in turn and each once,
until SIGTERM. Then prints one line of key=value: how many were asked, lost (no answer within 5 s),
wrong, and the longest and usual times in milliseconds."""
import select, signal, socket, struct, sys, time

server, rate, blocked, allowed, address = sys.argv[1:]
rate, address = float(rate), socket.inet_aton(address)
socks = []
for _ in range(8):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.connect((server, 53))
    s.setblocking(False)
    socks.append(s)
poll = select.epoll()
by_fd = {}
for s in socks:
    poll.register(s, select.EPOLLIN)
    by_fd[s.fileno()] = s
waiting, times = {}, []
asked = wrong = lost = 0
ends = None  # when to stop waiting for answers; None: still asking


def end(*_):
    global ends
    ends = time.monotonic() + 5


def question(number):
    name = f"n{number}." + (blocked if number % 2 else allowed)
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">HHHHHH", number & 0xFFFF, 0x100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"


def check(number, answer):
    rcode, answers = answer[3] & 15, struct.unpack(">H", answer[6:8])[0]
    if number % 2:
        return rcode == 3 and not answers
    return rcode == 0 and answers == 1 and answer[-4:] == address


signal.signal(signal.SIGTERM, end)
print("asking", file=sys.stderr, flush=True)
start = time.monotonic()
while ends is None or (waiting and time.monotonic() < ends):
    now = time.monotonic()
    while ends is None and asked < (now - start) * rate:
        s = socks[asked % len(socks)]
        s.send(question(asked))
        waiting[asked & 0xFFFF] = (asked, time.monotonic())
        asked += 1
    for fd, _ in poll.poll(0.001):
        try:
            while True:
                answer = by_fd[fd].recv(4096)
                number, when = waiting.pop(struct.unpack(">H", answer[:2])[0], (None, 0))
                if number is None:
                    wrong += 1  # answered twice, or too late
                    continue
                times.append(time.monotonic() - when)
                if not check(number, answer):
                    wrong += 1
        except BlockingIOError:
            pass
    for key in [k for k, (_, when) in waiting.items() if now - when > 5]:
        del waiting[key]
        lost += 1
lost += len(waiting)
times.sort()
ms = lambda part: times[min(len(times) - 1, int(len(times) * part))] * 1000 if times else 0
print(f"asked={asked} lost={lost} wrong={wrong} median={ms(.5):.2f} p99={ms(.99):.2f} longest={ms(1):.2f}")
