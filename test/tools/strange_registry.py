#!/usr/bin/env python3
"""A registry on loopback that serves one OCI layout, and misbehaves as a repository's first part says.

usage: strange_registry.py LAYOUT LOG [--tls CERT KEY]

Prints its port and that of a second server ("another host"), then serves until it is killed. LOG gets one line a request:
PORT METHOD PATH AUTHORIZATION RANGE. User and password are "user" and "right"; the token is "token-of-user".
"""
import base64
import http.server
import json
import os
import ssl
import sys
import threading
import time

BASIC = 'Basic ' + base64.b64encode(b'user:right').decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    counts = {}

    def log_message(self, *_):
        pass

    def note(self):
        with open(self.server.log, 'a', encoding='utf-8') as f:
            f.write(f'{self.server.server_port} {self.command} {self.path} {self.headers.get("Authorization", "-")} '
                    f'{self.headers.get("Range", "-")}\n')

    def count(self, key):
        Handler.counts[key] = Handler.counts.get(key, 0) + 1
        return Handler.counts[key]

    def say(self, status, body=b'', headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, message, headers=()):
        self.say(status, json.dumps({'errors': [{'code': 'X', 'message': message}]}).encode(), headers)

    def blob_bytes(self, digest):
        path = os.path.join(self.server.layout, 'blobs', *digest.split(':'))
        if not os.path.isfile(path):
            return None
        with open(path, 'rb') as f:
            return f.read()

    def do_GET(self):
        self.note()
        try:
            self.answer()
        except OSError:  # the other side has gone, which TLS says in words of its own
            self.close_connection = True

    def answer(self):
        path, _, query = self.path.partition('?')
        if path == '/token':
            ok = self.headers.get('Authorization') == BASIC
            if 'scope=repository%3Aanonymous' in query:
                ok = self.headers.get('Authorization') is None
            if not ok:
                return self.refuse(401, 'who are you')
            return self.say(200, json.dumps({'token': 'token-of-user', 'expires_in': 300}).encode())
        if path.startswith('/elsewhere/'):
            return self.say(200, self.blob_bytes(path.split('/')[-1]))
        parts = path.split('/')  # '', v2, MODE, NAME, manifests|blobs, REFERENCE
        if len(parts) != 6 or parts[1] != 'v2':
            return self.refuse(404, 'no such place')
        mode, kind, reference = parts[2], parts[4], parts[5]
        if mode in ('bearer', 'anonymous', 'badtoken', 'plainrealm') and self.headers.get('Authorization') != 'Bearer token-of-user':
            scheme = 'http' if mode == 'plainrealm' or not self.server.tls else 'https'
            host = f'127.0.0.1:{self.server.server_port}'
            return self.refuse(401, 'token wanted', [('WWW-Authenticate',
                f'Bearer realm="{scheme}://{host}/token",service="strange",scope="repository:{mode}/{parts[3]}:pull"')])
        if mode == 'badtoken':
            return self.refuse(401, 'never', [('WWW-Authenticate', 'Bearer realm="https://127.0.0.1/token"')])
        if mode == 'basic' and self.headers.get('Authorization') != BASIC:
            return self.refuse(401, 'password wanted', [('WWW-Authenticate', 'Basic realm="strange"')])
        if mode == 'down':
            return self.refuse(503, 'out of order', [('Retry-After', '1')])
        if mode == 'later':
            return self.refuse(429, 'too many', [('Retry-After', '3600')])
        if mode == 'busy' and self.count(mode) <= 2:
            return self.refuse(429, 'slowly', [('Retry-After', '1')])
        if kind == 'manifests':
            return self.manifest(mode, reference)
        return self.blob(mode, reference)

    def manifest(self, mode, reference):
        with open(os.path.join(self.server.layout, 'index.json'), encoding='utf-8') as f:
            d = json.load(f)['manifests'][0]
        body = self.blob_bytes(d['digest'])
        if ':' in reference and reference != d['digest']:
            return self.refuse(404, 'manifest unknown')
        headers = [('Content-Type', d['mediaType']), ('Docker-Content-Digest', d['digest'])]
        if mode == 'liedigest':
            body = body.replace(b'"schemaVersion"', b' "schemaVersion"', 1)
        if mode == 'html':
            body, headers = b'<html>please log in</html>', [('Content-Type', 'text/html')]
        if mode == 'endless':
            self.send_response(200)
            self.send_header('Content-Type', d['mediaType'])
            self.send_header('Connection', 'close')
            self.end_headers()
            self.close_connection = True
            for _ in range(1024):
                self.wfile.write(b' ' * 65536)
            return None
        if mode == 'headers':
            self.send_response(200)
            for i in range(2000):
                self.send_header(f'X-{i}', 'y' * 400)
            self.end_headers()
            return None
        return self.say(200, body, headers)

    def blob(self, mode, digest):
        body = self.blob_bytes(digest)
        if body is None:
            return self.refuse(404, 'blob unknown')
        large = len(body) > 100000
        if mode == 'redirect':
            host = f'127.0.0.1:{self.server.other}'
            return self.say(307, b'', [('Location', f'{"https" if self.server.tls else "http"}://{host}/elsewhere/{digest}')])
        if mode == 'tohttp':
            return self.say(307, b'', [('Location', f'http://127.0.0.1:{self.server.other}/elsewhere/{digest}')])
        if mode == 'tofile':
            return self.say(307, b'', [('Location', 'file:///etc/passwd')])
        if mode == 'circle':
            return self.say(307, b'', [('Location', self.path)])
        if mode == 'other' and large:
            body = bytes(len(body))
        if mode == 'shortlength' and large:
            return self.say(200, body[:-10])
        if mode == 'longer' and large:  # without a length: it just goes on
            self.send_response(200)
            self.send_header('Connection', 'close')
            self.end_headers()
            self.close_connection = True
            self.wfile.write(body + b'x' * 1000)
            return None
        start = 0
        wanted = self.headers.get('Range', '')
        if wanted.startswith('bytes=') and mode != 'norange':
            start = int(wanted[6:].split('-')[0])
        if mode == 'wrongrange' and start:
            start -= 1
        headers = [('Content-Range', f'bytes {start}-{len(body) - 1}/{len(body)}')] if start else []
        if mode == 'stall' and large:
            self.send_response(200)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body[:50000])
            self.wfile.flush()
            time.sleep(20)
            return None
        cut = mode in ('broken', 'norange', 'wrongrange') and large and self.count(self.path) <= 2
        self.send_response(206 if start else 200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body) - start))
        self.end_headers()
        rest = body[start:]
        if cut:
            self.wfile.write(rest[:len(rest) // 3])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(2)
            return None
        self.wfile.write(rest)
        return None


def server(layout, log, tls):
    s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    s.daemon_threads = True
    s.layout, s.log, s.tls, s.other = layout, log, tls is not None, 0
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        s.socket = context.wrap_socket(s.socket, server_side=True)
    return s


def main(args):
    tls = (args[3], args[4]) if len(args) == 5 and args[2] == '--tls' else None
    first, second = server(args[0], args[1], tls), server(args[0], args[1], tls)
    first.other, second.other = second.server_port, first.server_port
    threading.Thread(target=second.serve_forever, daemon=True).start()
    print(first.server_port, second.server_port, flush=True)
    first.serve_forever()


if __name__ == '__main__':
    main(sys.argv[1:])
