#!/usr/bin/env python3
"""A registry on loopback with the referrers API of distribution-spec 1.1, which misbehaves as a repository's first part says.

usage: referrers_registry.py LAYOUT LOG

Serves the blobs of one OCI layout; its first manifest is what every tag names. Whatever manifest there has a subject is
attached to that. Two on a page. Prints its port and that of a second server ("another host"), then serves until it is killed.
LOG gets one line a request: PORT METHOD PATH AUTHORIZATION. User and password are "user" and "right".
"""
import base64
import http.server
import json
import os
import sys
import threading
import urllib.parse

BASIC = 'Basic ' + base64.b64encode(b'user:right').decode()
INDEX = 'application/vnd.oci.image.index.v1+json'
PAGE = 2


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def say(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def blob(self, digest):
        try:
            with open(os.path.join(self.server.layout, 'blobs', *digest.split(':')), 'rb') as f:
                return f.read()
        except OSError:
            return None

    def attached(self, subject):
        folder = os.path.join(self.server.layout, 'blobs', 'sha256')
        for name in sorted(os.listdir(folder)):
            body = self.blob('sha256:' + name)
            try:
                m = json.loads(body)
            except ValueError:
                continue
            if isinstance(m, dict) and (m.get('subject') or {}).get('digest') == subject:
                yield {'mediaType': m['mediaType'], 'digest': 'sha256:' + name, 'size': len(body),
                       'artifactType': m.get('artifactType') or m['config']['mediaType'], 'annotations': m.get('annotations', {})}

    def do_GET(self):
        with open(self.server.log, 'a', encoding='utf-8') as f:
            f.write(f'{self.server.server_port} GET {self.path} {self.headers.get("Authorization", "-")}\n')
        try:
            self.answer()
        except OSError:
            self.close_connection = True

    def answer(self):
        path, _, query = self.path.partition('?')
        parts = path.split('/')  # '', v2, MODE, NAME, manifests|blobs|referrers, REFERENCE
        if len(parts) != 6 or parts[1] != 'v2':
            return self.say(404)
        mode, kind, reference = parts[2], parts[4], parts[5]
        if mode.startswith('basic') and self.headers.get('Authorization') != BASIC:
            return self.say(401, WWW_Authenticate='Basic realm="strange"')
        if kind == 'referrers':
            return self.referrers(mode, path, reference, dict(urllib.parse.parse_qsl(query)))
        if kind == 'manifests' and ':' not in reference:
            if reference.startswith('sha256-'):
                return self.say(404)
            with open(os.path.join(self.server.layout, 'index.json'), encoding='utf-8') as f:
                reference = json.load(f)['manifests'][0]['digest']
        body = self.blob(reference)
        if body is None:
            return self.say(404)
        if kind == 'manifests' and mode == 'swapped' and b'"subject"' in body:
            body = body.replace(b'"size":1}', b'"size":9}')
        media_type = json.loads(body).get('mediaType', INDEX) if kind == 'manifests' else 'application/octet-stream'
        return self.say(200, body, Content_Type=media_type)

    def referrers(self, mode, path, subject, query):
        rows = list(self.attached(subject))
        headers = {'Content-Type': INDEX}
        at = int(query.get('at', 0))
        other = f'http://127.0.0.1:{self.server.other}'
        if mode in ('none', 'refuses'):
            return self.say(404 if mode == 'none' else 405)
        if mode == 'away' and self.server.first:
            return self.say(307, Location=other + self.path)
        if mode == 'html':
            return self.say(200, b'<html>hello</html>', Content_Type='text/html')
        if mode == 'endless':
            self.send_response(200)
            self.send_header('Connection', 'close')
            self.end_headers()
            self.close_connection = True
            self.wfile.write(b'{"schemaVersion":2,"manifests":[')
            for _ in range(1024):
                self.wfile.write(b' ' * 65536)
            return None
        if mode == 'broken':
            self.send_response(200)
            self.send_header('Content-Length', '500')
            self.end_headers()
            self.wfile.write(b'{"schemaVersion":2,')
            self.close_connection = True
            return None
        if mode == 'filters' and 'artifactType' in query:
            rows = [r for r in rows if r['artifactType'] == query['artifactType']]
            headers['OCI-Filters-Applied'] = 'artifactType'
        if mode == 'saysso':
            headers['OCI-Filters-Applied'] = 'artifactType'
        if mode == 'liar':  # what is attached to something else, and the image itself
            with open(os.path.join(self.server.layout, 'index.json'), encoding='utf-8') as f:
                rows = json.load(f)['manifests'][:1] + list(self.attached('sha256:' + '0' * 64))
        if mode == 'missing':
            rows = [{**rows[0], 'digest': 'sha256:' + 'a' * 64}]
        if mode == 'sized':
            rows = [{**rows[0], 'size': rows[0]['size'] - 1}]
        if mode == 'typed':
            rows = [{**rows[0], 'artifactType': 'application/vnd.example.other'}]
        if mode == 'layered':
            return self.say(200, json.dumps({'schemaVersion': 2, 'manifests': [], 'layers': []}).encode(), **headers)
        more = f'{path}?at={at + PAGE}' + (f'&artifactType={urllib.parse.quote(query["artifactType"], safe="")}' if 'artifactType' in query else '')
        link = {'loop': f'{path}?at=0', 'forever': f'{path}?at={at + 1}&x', 'host': other + more, 'user': f'http://a:b@127.0.0.1:{self.server.server_port}{more}',
                'repository': more.replace('/repository/', '/other/'), 'dots': f'/v2/dots/x/referrers/../../../other/x/referrers/{subject}',
                'coded': f'/v2/coded/x/referrers/%2e%2e/%2e%2e/other', 'long': more + '&y=' + 'y' * 4000, 'basichost': other + more,
                'file': 'file:///etc/passwd'}.get(mode, more)
        if len(rows) > at + PAGE or link is not more:
            headers['Link'] = f'<{link}>; rel="next"'
        body = {'schemaVersion': 2, 'mediaType': INDEX, 'manifests': rows if mode == 'liar' else rows[at:at + PAGE]}
        return self.say(200, json.dumps(body).encode(), **headers)


def server(layout, log):
    s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    s.daemon_threads = True
    s.layout, s.log, s.other, s.first = layout, log, 0, False
    return s


def main(layout, log):
    first, second = server(layout, log), server(layout, log)
    first.other, second.other, first.first = second.server_port, first.server_port, True
    threading.Thread(target=second.serve_forever, daemon=True).start()
    print(first.server_port, second.server_port, flush=True)
    first.serve_forever()


if __name__ == '__main__':
    main(*sys.argv[1:])
