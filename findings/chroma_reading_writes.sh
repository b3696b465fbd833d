#!/usr/bin/env bash
# chromadb 1.5.9: to open a stored collection and read it is to write: the SHA-256 of
# chroma.sqlite3 is another one afterwards, although no record was added, changed or removed. So a
# checksum of a store is out of date once it was opened, a backup tool sees a change after each
# start, and a copy on read-only media has to be copied before it can be read.
#
# Seen, with one record: three processes that only read left three different files. It installs
# some 80 packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check chromadb==1.5.9

cat > "$folder/store.py" <<'PYTHON'
import sys

import chromadb

client = chromadb.PersistentClient(sys.argv[1], chromadb.Settings(anonymized_telemetry=False))
if sys.argv[2] == "write":
    new = client.create_collection("some", embedding_function=None)
    new.add(["only"], embeddings=[[1.0, 0.0]], documents=["the only one"])
else:
    found = client.get_collection("some", embedding_function=None).get()
    assert found["documents"] == ["the only one"], found
PYTHON
store() { "$folder/venv/bin/python" "$folder/store.py" "$folder/store" "$1"; }
sums() { sha256sum "$folder/store/chroma.sqlite3" | cut -c1-16; }
store write
sums > "$folder/sums"
for _ in 1 2 3; do store read; sums >> "$folder/sums"; done
different=$(sort -u "$folder/sums" | wc -l)
echo "files with different SHA-256 after one write and three reads: $different"
if [[ $different == 1 ]]; then echo "changed: reading no longer writes"; exit 1; fi
echo "as described"
