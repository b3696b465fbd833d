#!/usr/bin/env bash
# chromadb 1.5.9: a stored collection answers the same queries differently from one process to the
# next, although nothing was written between them. Vectors are written into the index file a
# `sync_threshold` (1,000) at a time; those that are not yet in it are put into a new random graph
# at each start. Of a collection with fewer than 1,000 vectors that is all of them. With
# `sync_threshold` 100 all of 900 vectors are in the file, and the answers stay the same.
#
# Seen, with 900 random vectors of 384 numbers, 40 queries for 10 neighbours, and 5 processes that
# only read: 13 queries were answered in more than one way (how many is random), and none with
# threshold 100. It installs some 80 packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check chromadb==1.5.9 numpy==2.4.6

cat > "$folder/look.py" <<'PYTHON'
import sys

import chromadb
import numpy as np

path, sync_threshold = sys.argv[1:]
rows = np.random.default_rng(1).normal(size=(940, 384)).astype("float32")
vectors, queries = rows[:900], rows[900:]
client = chromadb.PersistentClient(path, chromadb.Settings(anonymized_telemetry=False))
if not client.list_collections():
    hnsw = {"space": "cosine", "sync_threshold": int(sync_threshold)}
    new = client.create_collection("some", embedding_function=None, configuration={"hnsw": hnsw})
    new.add([str(number) for number in range(900)], embeddings=vectors)
else:
    for ids in client.get_collection("some", embedding_function=None).query(queries)["ids"]:
        print(*ids)
PYTHON
unlike() {  # SYNC_THRESHOLD: the number of queries that five processes did not all answer alike
  look() { "$folder/venv/bin/python" "$folder/look.py" "$folder/store-$1" "$1"; }
  look "$1"
  for start in 1 2 3 4 5; do look "$1" | cat -n > "$folder/answers-$start"; done
  sort -u "$folder"/answers-? | awk '{ seen[$1]++ }
    END { for (query in seen) { all++; unlike += seen[query] > 1 } print unlike + 0, "of", all }'
}
by_default=$(unlike 1000)
in_file=$(unlike 100)
echo "queries answered in more than one way: $by_default, and with sync_threshold 100: $in_file"
if [[ $by_default == "0 of"* || $in_file != "0 of 40" ]]; then
  echo "changed: whether answers differ between starts"; exit 1
fi
echo "as described"
