# SPDX-License-Identifier: GPL-2.0-or-later
"""server.py DIR: one HTTP and one HTTPS server on free ports of 127.0.0.1, which it writes to
DIR/ports. /NAME is DIR/NAME with ETag and 304; other paths behave badly."""
import hashlib, http.server, os, ssl, sys, threading, time

top = sys.argv[1]

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with open(top + "/asked", "a") as f:
            f.write(f"{self.path} {self.headers.get('If-None-Match', '-')}\n")
        self.path = self.path.partition("?")[0]
        if self.path == "/error":
            self.say(500)
        elif self.path == "/busy":
            self.say(503, Retry_After="7200")
        elif self.path == "/loop":
            self.say(302, Location="/loop")
        elif self.path == "/cut":
            self.say(200, b"||cut.example^\n", Content_Length="5000")
        elif self.path == "/stall":
            self.say(200, b"||stall.example^\n", Content_Length="5000")
            time.sleep(20)
        elif self.path == "/plain":
            self.say(302, Location=f"http://127.0.0.1:{ports[0]}/good")
        else:
            try:
                with open(top + "/www" + self.path, "rb") as f:
                    body = f.read()
            except OSError:
                return self.say(404, b"<html>no</html>")
            tag = '"' + hashlib.md5(body).hexdigest() + '"'
            if self.headers.get("If-None-Match") == tag:
                return self.say(304, ETag=tag)
            self.say(200, body, ETag=tag)

servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(top + "/cert.pem", top + "/key.pem")
servers[1].socket = tls.wrap_socket(servers[1].socket, server_side=True)
ports = [s.server_address[1] for s in servers]
for s in servers:
    s.daemon_threads = True
    threading.Thread(target=s.serve_forever, daemon=True).start()
with open(top + "/ports.part", "w") as f:
    print(*ports, file=f)
os.rename(top + "/ports.part", top + "/ports")
time.sleep(120)
