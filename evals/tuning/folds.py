"""Embedders that were tuned without the writer of a comparison (evals.tuning.embedder), and
retrievers that find by them as answers do.

What else is learnt needs similarities that were not learnt from the same messages.
"""

from pathlib import Path

from agent.downloads.catalogue import EmbeddingFiles
from evals.datasets.comparisons import LabelledComparison
from knowledge.embed import MiniLM
from knowledge.index import VECTORS_FORM, index_in_memory
from knowledge.retrieve import TUNED, Retriever

FOLDS = ("abg", "cdhi", "efj")  # writers that are left out together
KEPT = Path("out/embedders")


def kept(writers: str) -> Path:
    """The file of the tuning without these writers, on the texts that are embedded today."""
    return KEPT / f"{writers}-{VECTORS_FORM}.npz"


def left_out_embedder(labelled: LabelledComparison, files: EmbeddingFiles) -> MiniLM:
    """The embedder that was tuned without the writer of a comparison."""
    [writers] = [each for each in FOLDS if labelled.writer in each]
    return MiniLM(files.onnx, files.tokenizer, kept(writers))


def left_out_retriever(labelled: LabelledComparison, files: EmbeddingFiles) -> Retriever:
    """The retriever by which a comparison would be answered, with that embedder."""
    tuned, published = (
        index_in_memory(labelled.comparison, embedder)
        for embedder in (left_out_embedder(labelled, files), MiniLM(files.onnx, files.tokenizer))
    )
    return Retriever(tuned, TUNED, published)
