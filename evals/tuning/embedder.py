"""Tunes the embedder on the training comparisons: `python -m evals.tuning.embedder`.

    pip install -e .[tuning]
    python -m evals.tuning.embedder

Messages are brought near to their use case, and away from the document's other use cases; questions
near to the sentences and passages that answer them, and away from the rest of the document, or all
of it if it leaves them open (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748). Only matrices of
the upper layers change, by whole steps of their int8 quantisation (knowledge.embed.Tuning).

It writes knowledge/embedder.npz, learnt from all comparisons. Before, it tunes without the writers
of each of FOLDS, prints their figures, and keeps these tunings in out/embedders/: whatever else is
learnt needs similarities that were not learnt from the same messages (evals.tuning.folds). Each of
the four takes 10 to 20 minutes on one core. Seeds are fixed. Validation comparisons are never read
here. `python -m evals.tuning.embedder growth` prints, once the first fold is kept, what learning
from 10, 20 and 40 comparisons reaches on it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig, BertModel

from agent.downloads.catalogue import EmbeddingFiles, embedding_paths
from agent.settings import read_settings
from evals.datasets.comparisons import LabelledComparison, read_training
from evals.tuning.folds import FOLDS, KEPT, kept, left_out_embedder
from knowledge.embed import TUNING, MiniLM, Tuning
from knowledge.index import VECTORS_FORM, texts
from knowledge.sampling import evenly

FROZEN = 2  # of six layers, the lowest
EPOCHS, RATE, WARM_UP = 3, 1e-4, 0.1
TEMPERATURE, NOTHING = 0.05, 0.5  # to begin with: of cosines, and the cosine of no answer
SCALAR_RATE = 100  # times RATE, of these
BACKWARDS = 0.3  # weight of finding a use case's messages, beside a message's use case
PASSAGES = 0.5  # weight of finding passages, beside sentences
LEARNT_FROM = (10, 20, 40)  # comparisons, to see whether more of them help
MAX_TOKENS, BATCH_TOKENS = 128, 4096
LAYERS, WIDTH, HEADS, VOCABULARY = 6, 384, 12, 30522
MATRICES = (  # of a layer, in the order of the ONNX file
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


@dataclass(frozen=True)
class Matrix:
    """A quantised matrix in the ONNX file: `steps` (inputs, outputs) times `scale` (1, outputs)."""

    name: str
    offset: int
    steps: NDArray[np.int8]
    scale: NDArray[np.float32]

    @property
    def weights(self) -> Tensor:
        """(outputs, inputs), as torch stores them."""
        return torch.from_numpy((self.steps * self.scale).T.copy())

    def steps_to(self, weights: Tensor) -> NDArray[np.int8]:
        """The steps from this matrix to other weights, modulo 256."""
        wanted = np.rint(weights.detach().numpy().T / self.scale).clip(-127, 127)
        steps: NDArray[np.int8] = (wanted.astype(np.int16) - self.steps).astype(np.int8)
        return steps


@dataclass(frozen=True)
class Published:
    """The weights of the ONNX file that is downloaded: `matrices` of all layers, and all `others`
    by their names in transformers.BertModel.
    """

    matrices: tuple[Matrix, ...]
    others: dict[str, Tensor]

    @classmethod
    def read(cls, file: Path) -> "Published":
        content = file.read_bytes()
        arrays = {a.name: numpy_helper.to_array(a) for a in onnx.load(file).graph.initializer}
        quantised = [name.removesuffix("_q") for name in arrays if fnmatch(name, "val_*_q")]
        names = [f"encoder.layer.{i}.{name}.weight" for i in range(LAYERS) for name in MATRICES]
        matrices = []
        for name, value in zip(names, quantised, strict=True):
            steps, scale = arrays[f"{value}_q"], arrays[f"{value}_scale"]
            matrices.append(Matrix(name, content.index(steps.tobytes()), steps, scale))
        others = {}
        for name, array in arrays.items():
            if name.startswith("inner.") and name.endswith("_q"):
                rows = array * arrays[f"{name.removesuffix('_q')}_scale"]
                others[name.removeprefix("inner.").removesuffix("_q")] = torch.from_numpy(rows)
            elif name.startswith("inner.") and not name.endswith("_scale"):
                others[name.removeprefix("inner.")] = torch.from_numpy(array.copy())
        return cls(tuple(matrices), others)

    def model(self) -> BertModel:
        """The model, of which the upper layers' matrices may be tuned."""
        config = BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=4 * WIDTH,
            attn_implementation="eager",  # the fused kernel is slower on CPUs for short texts
        )
        model = BertModel(config, add_pooling_layer=False).eval()
        weights = {matrix.name: matrix.weights for matrix in self.matrices}
        expected = model.state_dict().keys()
        model.load_state_dict({n: w for n, w in (weights | self.others).items() if n in expected})
        for name, parameter in model.named_parameters():
            parameter.requires_grad = name in {matrix.name for matrix in self.tuned}
        return model

    @property
    def tuned(self) -> tuple[Matrix, ...]:
        """The matrices that are tuned."""
        return self.matrices[FROZEN * len(MATRICES) :]

    def tuning_to(self, model: BertModel) -> Tuning:
        """What brings the file to a model's weights."""
        weights = dict(model.named_parameters())
        steps = [matrix.steps_to(weights[matrix.name]).ravel() for matrix in self.tuned]
        return Tuning(tuple(matrix.offset for matrix in self.tuned), tuple(steps))


class Encoder:
    """A model with its tokenizer and the learnt scalars of both tasks."""

    def __init__(self, model: BertModel, tokenizer: Path) -> None:
        self.model = model
        self.scales = torch.full((2,), 1 / TEMPERATURE).log().requires_grad_()
        self.nothing = torch.tensor(NOTHING, requires_grad=True)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def vectors(self, sentences: Sequence[str]) -> Tensor:
        """(sentences, width): vectors of length 1."""
        ids = [encoded.ids for encoded in self._tokenizer.encode_batch(sentences)]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        vectors, start = [], 0
        while start < len(order):
            end = start + 1
            while end < len(order) and _fits(ids, order[start : end + 1]):
                end += 1
            vectors.append(self._batch([ids[place] for place in order[start:end]]))
            start = end
        return torch.cat(vectors)[torch.tensor(order).argsort()]

    def _batch(self, ids: list[list[int]]) -> Tensor:
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(i) for i in ids], batch_first=True)
        lengths = torch.tensor([len(i) for i in ids])[:, None]
        mask = torch.arange(padded.shape[1])[None] < lengths
        hidden = self.model(input_ids=padded, attention_mask=mask.long()).last_hidden_state
        return functional.normalize((hidden * mask[..., None]).sum(dim=1), dim=1)

    def loss_of_cases(self, labelled: LabelledComparison) -> Tensor | None:
        """How unlikely the use cases of messages are, and the messages of use cases."""
        cases = [p for p in labelled.comparison.recommending if p.kind == "best-for"]
        ids = [case.id for case in cases]
        said = [m for m in labelled.messages if m.does == "advice" and set(m.about) & set(ids)]
        if not said:
            return None
        vectors = self.vectors([m.text for m in said] + [next(texts(case)) for case in cases])
        scores = vectors[: len(said)] @ vectors[len(said) :].T * self.scales[0].exp()
        right = torch.tensor([[name in m.about for name in ids] for m in said])
        return _missed(scores, right) + BACKWARDS * _missed(scores.T, right.T)

    def loss_of_facts(self, labelled: LabelledComparison) -> Tensor | None:
        """How unlikely the sentences and passages are that answer questions."""
        passages = labelled.comparison.passages
        asked = [m for m in labelled.messages if m.does == "fact" and m.about]
        if not asked:
            return None
        left_open = [m for m in labelled.messages if m.does == "uncovered"]
        questions = [m.text for m in asked + left_open]
        wholes = [next(texts(p)) for p in passages]
        owned = [(p.id, text) for p in passages for text in p.sentences]
        alone = [text for p in passages for text in p.standing_alone]
        vectors = self.vectors([*questions, *wholes, *alone])
        of_questions, of_wholes, of_sentences = vectors.split(
            [len(questions), len(wholes), len(owned)]
        )
        scale, count = self.scales[1].exp(), len(asked)
        nothing = self.nothing.expand(len(questions), 1)
        scores = torch.cat([of_questions @ of_sentences.T, nothing], dim=1) * scale
        right = torch.zeros(scores.shape, dtype=torch.bool)
        right[count:, -1] = True
        for row, message in enumerate(asked):
            right[row, :-1] = torch.tensor(
                [name in message.about and message.quotes(text) for name, text in owned]
            )
        of_passage = torch.tensor([[p.id in m.about for p in passages] for m in asked])
        found = of_questions[:count] @ of_wholes.T * scale
        return _missed(scores, right) + PASSAGES * _missed(found, of_passage)


def _fits(ids: list[list[int]], order: list[int]) -> bool:
    """Whether texts make one batch: not too many tokens, nor too much padding."""
    shortest, longest = len(ids[order[0]]), len(ids[order[-1]])
    return longest * len(order) <= BATCH_TOKENS and longest <= 1.5 * shortest + 4


def _missed(scores: Tensor, right: Tensor) -> Tensor:
    """The mean negative log-probability of what is right, over the rows that have something."""
    some = right.any(dim=1)
    scores, right = scores[some], right[some]
    found = scores.masked_fill(~right, -torch.inf).logsumexp(dim=1)
    return (scores.logsumexp(dim=1) - found).mean()


def tune(
    training: Sequence[LabelledComparison], files: EmbeddingFiles, epochs: int = EPOCHS
) -> Tuning:
    """What brings the published embedder to one that is tuned on these comparisons."""
    torch.set_num_threads(1)
    published = Published.read(files.onnx)
    encoder = Encoder(published.model(), files.tokenizer)
    weights = [p for p in encoder.model.parameters() if p.requires_grad]
    scalars = [encoder.scales, encoder.nothing]
    groups = [
        {"params": weights, "lr": RATE},
        {"params": scalars, "lr": SCALAR_RATE * RATE, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    kinds = (Encoder.loss_of_cases, Encoder.loss_of_facts)
    tasks = [(loss_of, each) for each in training for loss_of in kinds]
    total = epochs * len(tasks)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * total)) * (1 - step / total)
    )
    shuffled = np.random.default_rng(0)
    for epoch in range(epochs):
        losses = []
        for place in shuffled.permutation(len(tasks)):
            loss_of, labelled = tasks[place]
            loss = loss_of(encoder, labelled)
            if loss is not None:
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(weights, 1.0)
                optimizer.step()
                losses.append(float(loss.detach()))
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.3f}", flush=True)
    return published.tuning_to(encoder.model)


def main() -> None:
    """Tunes four times, prints figures of left-out writers, and writes what ships."""
    files, training = embedding_paths(read_settings().cache_dir), read_training()
    KEPT.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:] == ["growth"]:
        grow(files, training)
        return
    before, after = [], []
    for writers in FOLDS:
        if not kept(writers).exists():
            others = [each for each in training if each.writer not in writers]
            tune(others, files).write(kept(writers))
        for each in training:
            if each.writer in writers:
                before += hits(each, MiniLM(files.onnx, files.tokenizer))
                after += hits(each, left_out_embedder(each, files))
    for name in dict.fromkeys(name for name, _ in before):
        first, then = ([hit for other, hit in some if other == name] for some in (before, after))
        print(f"{name:14} {np.mean(first):.3f} -> {np.mean(then):.3f} of {len(first)}", flush=True)
    tune(training, files).write(TUNING)
    print(f"{TUNING}: {TUNING.stat().st_size:,} bytes.")


def grow(files: EmbeddingFiles, training: Sequence[LabelledComparison]) -> None:
    """Prints the figures of the first fold by how many others are learnt from, in as many steps."""
    out = FOLDS[0]
    others = [each for each in training if each.writer not in out]
    for most in LEARNT_FROM:
        file = KEPT / f"{out}-{most}-{VECTORS_FORM}.npz"
        if not file.exists():
            epochs = round(EPOCHS * len(others) / most)
            tune(evenly(others, most), files, epochs).write(file)
        _print_growth(str(most), MiniLM(files.onnx, files.tokenizer, file), training)
    whole = MiniLM(files.onnx, files.tokenizer, kept(out))
    _print_growth(str(len(others)), whole, training)


def _print_growth(
    learnt_from: str, embedder: MiniLM, training: Sequence[LabelledComparison]
) -> None:
    found = [hit for each in training if each.writer in FOLDS[0] for hit in hits(each, embedder)]
    shares = []
    for name in dict.fromkeys(name for name, _ in found):
        some = [hit for other, hit in found if other == name]
        shares.append(f"{name} {np.mean(some):.3f} of {len(some)}")
    print(f"learnt from {learnt_from}: {', '.join(shares)}", flush=True)


def hits(labelled: LabelledComparison, embedder: MiniLM) -> list[tuple[str, bool]]:
    """What is measured, and whether it is right, for each message, by cosine similarity alone."""
    cases = [p for p in labelled.comparison.recommending if p.kind == "best-for"]
    case_vectors = np.array([embedder.embed(next(texts(case))) for case in cases])
    owned = [(p.id, text) for p in labelled.comparison.passages for text in p.sentences]
    alone = [text for p in labelled.comparison.passages for text in p.standing_alone]
    sentence_vectors = np.array([embedder.embed(text) for text in alone])
    found = []
    for message in labelled.messages:
        if message.does == "advice" and set(message.about) & {case.id for case in cases}:
            case = cases[int((case_vectors @ embedder.embed(message.text)).argmax())]
            right = next(each for each in cases if each.id in message.about)
            found += [("use case", case == right), ("verdict", case.verdict == right.verdict)]
        if message.does == "fact" and message.about:
            name, text = owned[int((sentence_vectors @ embedder.embed(message.text)).argmax())]
            found += [("passage", name in message.about)]
            found += [("sentence", name in message.about and message.quotes(text))]
    return found


if __name__ == "__main__":
    main()
