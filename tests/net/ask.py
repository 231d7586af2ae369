#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ask.py SOCKET REQUEST - sends one request to a tacet socket and prints the lines of its answer
(without the greeting). Exit status 0: ok, 1: an error answer, 3: nobody answers."""
import json, socket, sys


def main():
    try:
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(5)
        sock.connect(sys.argv[1])
        lines = sock.makefile("rb")
        hello = json.loads(lines.readline())
        if hello.get("type") != "hello":
            raise ValueError("no greeting")
        sock.sendall(sys.argv[2].encode() + b"\n")
        while True:
            line = lines.readline()
            if not line:
                raise OSError("closed without an answer")
            answer = json.loads(line)
            sys.stdout.write(line.decode())
            if "ok" in answer and not answer.get("more"):
                return 0 if answer["ok"] else 1
    except (OSError, ValueError) as e:
        print(f"ask.py: {sys.argv[1]}: {e}", file=sys.stderr)
        return 3


sys.exit(main())
