#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""internet.py DIR ADDRESS... - HTTP and HTTPS servers for every name on these addresses.

GET /bytes/N answers with N bytes, /drip with 20 pieces of 16 KiB a second for a minute, anything else
with a few bytes; POST is read and answered with 204.
DIR/cert.pem and DIR/key.pem are the certificate. What arrives is written to DIR/seen.log:
"tls ADDRESS NAME" for a ClientHello, "http ADDRESS NAME METHOD PATH" for a request."""
import http.server, socket, socketserver, ssl, sys, threading, time

where, addresses = sys.argv[1], sys.argv[2:]
seen = open(where + "/seen.log", "a", buffering=1)
block = bytes(range(256)) * 4096


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    # One send per answer: a small answer must not wait for a delayed acknowledgement.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def setup(self):
        if self.server.tls:
            self.request.settimeout(10)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def note(self):
        seen.write(f"http {self.server.server_address[0]} {self.headers.get('Host', '-')} "
                   f"{self.command} {self.path}\n")

    def do_GET(self):
        self.note()
        if self.path == "/drip":
            return self.drip()
        size = int(self.path[7:]) if self.path.startswith("/bytes/") else 100
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        while size > 0:
            part = min(size, len(block))
            self.wfile.write(block[:part])
            size -= part

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Length", str(1200 * 16384))
        self.end_headers()
        for _ in range(1200):
            self.wfile.write(block[:16384])
            self.wfile.flush()
            time.sleep(0.05)

    def do_POST(self):
        self.note()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address, port, tls):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.tls = tls
        super().__init__((address, port), Handler)

    def server_bind(self):
        # Not HTTPServer's: it looks up its own name.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client):
        if isinstance(sys.exc_info()[1], (OSError, ssl.SSLError)):
            return  # a client that left
        super().handle_error(request, client)


def context(address):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(where + "/cert.pem", where + "/key.pem")
    tls.sni_callback = lambda sock, name, ctx: seen.write(f"tls {address} {name or '-'}\n") and None
    return tls


for a in addresses:
    for port, tls in ((80, None), (443, context(a))):
        threading.Thread(target=Server(a, port, tls).serve_forever, daemon=True).start()
print("serving", flush=True)
threading.Event().wait()
