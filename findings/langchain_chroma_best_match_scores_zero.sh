#!/usr/bin/env bash
# langchain-chroma 1.1.0 with chromadb 1.5.9: in a collection with space "ip" a text that is the
# query itself has relevance 0, and a less similar one has more. Chroma's distance is 1 minus the
# inner product, so of unit vectors one expects the same relevance as with "cosine". But langchain's
# function takes 1 minus the distance only where that is above 0, and else the distance negated. So
# the relevance falls from 1 to 0 just where a match is perfect, and a threshold drops that match;
# of embeddings of many numbers, rounding decides on which side of 0 the distance comes out.
#
# Seen, of unit vectors with cosines 1, 0.9 and 0.5 to the query: relevance 0, 0.9 and 0.5 with
# "ip", and 1, 0.9 and 0.5 with "cosine". A retriever with threshold 0.4 leaves out the perfect one,
# and with "cosine" none. It installs some 100 packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check --no-compile \
  langchain-chroma==1.1.0 langchain-core==1.8.3 chromadb==1.5.9

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import chromadb
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings


class Given(Embeddings):
    """Texts are cosines to the query."""

    def embed_query(self, text):
        cosine = float(text)
        return [cosine, (1 - cosine**2) ** 0.5]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
texts = ["1", "0.9", "0.5"]
seen = {}
for space in ("ip", "cosine"):
    configuration = {"hnsw": {"space": space}}
    store = Chroma(space * 3, Given(), client=client, collection_configuration=configuration)
    store.add_texts(texts)
    found = store.similarity_search_with_relevance_scores("1", k=3)
    assert [document.page_content for document, _ in found] == texts
    options = {"k": 3, "score_threshold": 0.4}
    retriever = store.as_retriever(search_type="similarity_score_threshold", search_kwargs=options)
    kept = [document.page_content for document in retriever.invoke("1")]
    seen[space] = [round(abs(score), 3) for _, score in found], kept
    print(f"{space}: relevance {seen[space][0]}, above 0.4 {kept}")
described = {"ip": ([0, 0.9, 0.5], texts[1:]), "cosine": ([1, 0.9, 0.5], texts)}
sys.exit(None if seen == described else "changed: the relevance of inner products")
PYTHON
echo "as described"
