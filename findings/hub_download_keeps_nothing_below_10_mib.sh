#!/usr/bin/env bash
# huggingface_hub 2.4.0 (httpx2 2.16.2): a download that breaks before its first 10 MiB starts again
# from nothing, although the library resumes broken downloads. The client gathers each chunk of
# DOWNLOAD_CHUNK_SIZE (10 MiB) in memory before it hands it over to be written, and what it has
# gathered is lost when the connection breaks: up to 10 MiB each time.
#
# Seen: of 8 MiB the server hung up after 3; the .incomplete file held 0 bytes, and the second
# request asked for the whole file. With chunks of 1 MiB it held 3 MiB, and the rest was asked for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check huggingface_hub==2.4.0 httpx2==2.16.2

cat > "$folder/look.py" <<'PYTHON'
import os, sys, tempfile, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MIB = 1024 * 1024
FILE = os.urandom(8 * MIB)
seen = []  # of each request for the file: bytes kept until then in MiB, and the range it asks for


class Hub(BaseHTTPRequestHandler):
    def do_HEAD(self, start=0):
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", "c0ffee" * 6)
        self.send_header("ETag", '"version-1"')
        self.send_header("Content-Length", str(len(FILE) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(FILE) - 1}/{len(FILE)}")
        self.end_headers()

    def do_GET(self):
        asked = self.headers.get("Range")
        seen.append((sum(p.stat().st_size for p in cache.rglob("*.incomplete")) / MIB, asked))
        start = int(asked[6:].split("-")[0]) if asked else 0
        self.do_HEAD(start)
        self.wfile.write(FILE[start:] if len(seen) > 1 else FILE[: 3 * MIB])  # then hangs up

    def log_message(self, *_): ...


server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ |= {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_DISABLE_XET": "1"}
os.environ |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
os.environ |= {"HF_HUB_VERBOSITY": "error", "HF_HOME": sys.argv[1], "NO_PROXY": "127.0.0.1"}
from huggingface_hub import constants, hf_hub_download

results = {}
for chunk in (constants.DOWNLOAD_CHUNK_SIZE, MIB):
    constants.DOWNLOAD_CHUNK_SIZE = chunk
    cache = Path(tempfile.mkdtemp(dir=sys.argv[1]))
    seen.clear()
    got = hf_hub_download("owner/repo", "weights.bin", cache_dir=cache, token=False)
    assert Path(got).read_bytes() == FILE
    results[chunk // MIB] = seen[1]
    kept, asked = seen[1]
    print(f"chunks of {chunk // MIB} MiB: kept {kept:g} of 3 MiB, then asked for {asked or 'all'}")
described = {10: (0, None), 1: (3, f"bytes={3 * MIB}-")}
sys.exit(None if results == described else "changed: what a broken download keeps")
PYTHON
"$folder/venv/bin/python" "$folder/look.py" "$folder"
echo "as described"
