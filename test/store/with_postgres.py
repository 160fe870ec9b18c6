#!/usr/bin/env python3
"""Runs programs against a PostgreSQL server of their own, on a socket in a folder that goes away again.

usage: with_postgres.py [NAME=VALUE...] PROGRAM [ARGUMENT...] [-- PROGRAM ...]

COFFER_TEST_POSTGRES is the connection string that they get. 77 (skipped) where no server program is installed. As root the server
runs as nobody, for it refuses to be root. It is stopped by its process id, whatever became of the programs.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def bin_folder():
    folders = sorted(glob.glob('/usr/lib/postgresql/*/bin'), key=lambda f: int(f.split('/')[4])) or ['/usr/bin', '/usr/local/bin']
    return next((f for f in reversed(folders) if os.path.exists(f'{f}/initdb') and os.path.exists(f'{f}/postgres')), None)


class Server:
    def __init__(self, folder, durable):
        self.folder, self.process = folder, None
        self.programs = bin_folder()
        self.as_user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] if os.geteuid() == 0 else []
        if self.as_user:
            os.chown(folder, 65534, 65534)
        self.run('initdb', '-D', f'{folder}/data', '-U', 'coffer', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
        log = open(f'{folder}/log', 'w')
        settings = ['listen_addresses=', f'unix_socket_directories={folder}', f'fsync={"on" if durable else "off"}', 'max_connections=40']
        self.process = subprocess.Popen([*self.as_user, f'{self.programs}/postgres', '-D', f'{folder}/data', *[a for s in settings for a in ('-c', s)]],
                                        stdout=log, stderr=log, cwd=folder)
        for _ in range(600):
            if self.process.poll() is not None or os.path.exists(f'{folder}/.s.PGSQL.5432'):
                if subprocess.run([f'{self.programs}/pg_isready', '-q', '-h', folder], check=False).returncode == 0:
                    return
                if self.process.poll() is not None:
                    break
            time.sleep(0.05)
        self.stop()
        sys.exit(f'the server did not start: {open(f"{folder}/log").read()}')

    def run(self, program, *arguments):
        done = subprocess.run([*self.as_user, f'{self.programs}/{program}', *arguments], capture_output=True, text=True, cwd=self.folder, check=False)
        if done.returncode:
            sys.exit(f'{program}: {done.stderr}')

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def main():
    programs, rest = [[]], sys.argv[1:]
    while rest and re.match(r'[A-Z_]+=', rest[0]):
        name, _, value = rest.pop(0).partition('=')
        os.environ[name] = value
    for argument in rest:
        if argument == '--':
            programs.append([])
        else:
            programs[-1].append(argument)
    if not programs[0]:
        sys.exit(__doc__)
    if not bin_folder():
        print('skipped: no PostgreSQL server is installed (postgresql)')
        sys.exit(77)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix='coffer-postgres-')
    server, codes = None, []
    try:
        server = Server(folder, os.environ.get('COFFER_TEST_DURABLE') == '1')
        environment = dict(os.environ, COFFER_TEST_POSTGRES=f'host={folder} user=coffer dbname=postgres')
        for program in programs:
            codes.append(subprocess.run(program, env=environment, check=False).returncode)
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if any(c not in (0, 77) for c in codes) else 77 if all(c == 77 for c in codes) else 0)


if __name__ == '__main__':
    main()
