#!/usr/bin/python3
"""A web server for tests of feeds and hooks: feed_server.py FOLDER LOG

Prints its port on 127.0.0.1. GET /PATH gives FOLDER/PATH with an ETag and honours If-None-Match, Range and If-Range.
    /half/PATH      closes after half of the bytes, each time
    /once/PATH      closes after half of the bytes, the first time alone
    /busy/PATH      answers 503 the first two times
    /moved/PATH     redirects to /PATH
POST /hook appends {"path", "headers", "body"} to LOG; /hook/busy answers 503 once for each body, /hook/no 403.
Each request is a line in LOG.requests. Ends when its standard input does.
"""
import hashlib
import http.server
import json
import os
import sys
import threading

FOLDER, LOG = sys.argv[1], sys.argv[2]
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def note(self, status):
        with open(LOG + '.requests', 'a', encoding='utf-8') as f:
            f.write(f'{self.command} {self.path} {status} {self.headers.get("Range", "")}\n')

    def say(self, status, body=b'', **headers):
        self.note(status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def first(self, key, times=1):
        seen[key] = seen.get(key, 0) + 1
        return seen[key] <= times

    def do_GET(self):
        how, _, rest = self.path[1:].partition('/')
        path = rest if how in ('half', 'once', 'busy', 'moved') else self.path[1:]
        if how == 'moved':
            return self.say(302, Location='/' + path)
        if how == 'busy' and self.first(self.path, 2):
            return self.say(503, b'later', Retry_After='1')
        try:
            with open(os.path.join(FOLDER, path), 'rb') as f:
                content = f.read()
        except OSError:
            return self.say(404)
        etag = '"' + hashlib.sha256(content).hexdigest()[:16] + '"'
        if self.headers.get('If-None-Match') == etag:
            return self.say(304, ETag=etag)
        at = 0
        if self.headers.get('Range') and self.headers.get('If-Range') == etag:
            at = int(self.headers['Range'][6:].rstrip('-'))
        self.note(206 if at else 200)
        self.send_response(206 if at else 200)
        self.send_header('ETag', etag)
        if at:
            self.send_header('Content-Range', f'bytes {at}-{len(content) - 1}/{len(content)}')
        self.send_header('Content-Length', str(len(content) - at))
        self.end_headers()
        if how == 'half' or (how == 'once' and self.first(self.path)):
            self.wfile.write(content[at:at + (len(content) - at) // 2])
            self.close_connection = True
            return None
        self.wfile.write(content[at:])
        return None

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        if self.path == '/hook/no':
            return self.say(403)
        if self.path == '/hook/busy' and self.first(body):
            return self.say(503)
        with open(LOG, 'a', encoding='utf-8') as f:
            f.write(json.dumps({'path': self.path, 'headers': dict(self.headers), 'body': body}) + '\n')
        return self.say(204)


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
