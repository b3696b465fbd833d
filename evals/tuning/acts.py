"""Learns what sentences do, from the dialogues about the training comparisons.

    pip install -e .[tuning]
    python -m evals.tuning.acts          figures with writers left out, then agent/dialogue/acts.npz
    python -m evals.tuning.acts FOLD     one fold only, by its number
    python -m evals.tuning.acts ship     what ships only
    python -m evals.tuning.acts measure  what ships, on sentences of writers who wrote none of those

The embedder's upper layers are tuned together with a linear layer (agent.dialogue.acts): each
sentence with what was said before it, and each statement about the case with each earlier one.
Takes 10 minutes a fold on one core. Seeds are fixed.
"""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_LZMA, ZipFile

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from agent.dialogue.acts import ACTS, FILE, Act, LearntTagger, open_tagger
from agent.downloads.catalogue import EmbeddingFiles, embedding_paths
from agent.settings import read_settings
from evals.datasets.dialogues import VALIDATION, Dialogue, Unit, read_dialogues
from evals.tuning.embedder import WIDTH, Published

FOLDS = 4
EPOCHS, RATE, HEAD_RATE, WARM_UP = 5, 2e-4, 5e-2, 0.1
BATCH = 48
COARSE = 3  # of a writer left out 0.82 are right with 3 as with 1, with 4 0.78
MAX_TOKENS = 96
STATED = ("case", "correct", "suppose")  # what may take the place of earlier statements
KEPT = Path("out/acts")


@dataclass(frozen=True)
class Pair:
    """A text, what stands beside it, and what it is: the acts, or whether it replaces that."""

    text: str
    beside: str
    acts: frozenset[Act] | None = None
    replaces: bool | None = None


def pairs(units: Sequence[Unit]) -> list[Pair]:
    """What is to be learnt from these."""
    found = [Pair(unit.text, unit.context, acts=unit.acts) for unit in units]
    for unit in units:
        if unit.acts.intersection(STATED):
            found += [Pair(unit.text, old, replaces=True) for old in unit.replaced]
            found += [Pair(unit.text, old, replaces=False) for old in unit.kept]
    return found


class Encoder:
    """MiniLM and a linear layer, as agent.dialogue.acts.LearntTagger applies them."""

    def __init__(self, published: Published, tokenizer: Path) -> None:
        torch.manual_seed(0)
        self.model = published.model()
        self.head = nn.Linear(WIDTH, len(ACTS) + 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def odds(self, batch: Sequence[Pair]) -> Tensor:
        """(pairs, acts + 1): log-odds."""
        encoded = [self._tokenizer.encode(pair.text, pair.beside) for pair in batch]
        ids, types = (
            nn.utils.rnn.pad_sequence([torch.tensor(each) for each in some], batch_first=True)
            for some in ([e.ids for e in encoded], [e.type_ids for e in encoded])
        )
        lengths = torch.tensor([len(e.ids) for e in encoded])[:, None]
        mask = torch.arange(ids.shape[1])[None] < lengths
        hidden = self.model(
            input_ids=ids, attention_mask=mask.long(), token_type_ids=types
        ).last_hidden_state
        own = mask & (types == 0)
        vectors = functional.normalize((hidden * own[..., None]).sum(dim=1), dim=1)
        found: Tensor = self.head(vectors)
        return found

    def loss(self, batch: Sequence[Pair]) -> Tensor:
        """The mean negative log-likelihood of what the pairs are."""
        odds = self.odds(batch)
        wanted, weight = torch.zeros(odds.shape), torch.zeros(odds.shape)
        for row, pair in enumerate(batch):
            if pair.acts is not None:
                weight[row, :-1] = 1
                for act in pair.acts:
                    wanted[row, ACTS.index(act)] = 1
            else:
                weight[row, -1] = 3
                wanted[row, -1] = float(bool(pair.replaces))
        each = functional.binary_cross_entropy_with_logits(odds, wanted, reduction="none")
        return (each * weight).sum() / len(batch)


def learn(dialogues: Sequence[Dialogue], files: EmbeddingFiles, target: Path) -> None:
    """Writes what is learnt from `dialogues`."""
    torch.set_num_threads(1)
    published = Published.read(files.onnx)
    encoder = Encoder(published, files.tokenizer)
    tuned = [p for p in encoder.model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": tuned, "lr": RATE},
            {"params": encoder.head.parameters(), "lr": HEAD_RATE},
        ]
    )
    found = pairs([unit for each in dialogues for unit in each.units])
    total = EPOCHS * (len(found) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / (WARM_UP * total)) * max(0.0, 1 - step / total),
    )
    shuffled = random.Random(0)
    for epoch in range(EPOCHS):
        losses = []
        for batch in batches(found, shuffled):
            loss = encoder.loss(batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(tuned, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)
    weights = np.concatenate(
        [encoder.head.weight.detach().numpy().T, encoder.head.bias.detach().numpy()[None]]
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    published.tuning_to(encoder.model).write(target, COARSE)
    with ZipFile(target, "a", ZIP_LZMA) as archive, archive.open("weights.npy", "w") as entry:
        np.lib.format.write_array(entry, weights.astype(np.float32))


def batches(found: Sequence[Pair], shuffled: random.Random) -> list[list[Pair]]:
    """All pairs in batches of about the same length, in random order."""
    order = list(found)
    shuffled.shuffle(order)
    order.sort(key=lambda pair: (len(pair.text) + len(pair.beside)) // 40)
    made = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    shuffled.shuffle(made)
    return made


def measure(dialogues: Sequence[Dialogue], tagger: LearntTagger) -> list[tuple[str, bool]]:
    """What is measured, and whether it is right: each act of a sentence by its name, whether all of
    a sentence are right ("all"), its likeliest one ("first"), and `replaces`.
    """
    found: list[tuple[str, bool]] = []
    for each in dialogues:
        for unit in each.units:
            [tagged] = tagger.read([unit.text], unit.reply, unit.before)
            does = frozenset(tagged.does)
            found += [(act, act in does) for act in sorted(unit.acts)]
            found += [("all", does == unit.acts), ("first", tagged.does[0] in unit.acts)]
            if unit.acts.intersection(STATED):
                gone = [tagger.replaces(unit.text, old) >= 0.5 for old in unit.replaced]
                kept = [tagger.replaces(unit.text, old) < 0.5 for old in unit.kept]
                found += [("replaced", right) for right in gone]
                found += [("kept", right) for right in kept]
    return found


def _print(measured: Sequence[tuple[str, bool]]) -> None:
    for name in dict.fromkeys(sorted(name for name, _ in measured)):
        hits = [right for each, right in measured if each == name]
        print(f"{name:10} {np.mean(hits):.3f} of {len(hits)}")


def main() -> None:
    """Figures with writers left out, then what ships; or one fold."""
    files, dialogues = embedding_paths(read_settings().cache_dir), read_dialogues()
    writers = sorted({each.writer for each in dialogues if len(each.writer) == 1})
    if sys.argv[1:] == ["ship"]:
        learn(dialogues, files, FILE)
        return
    if sys.argv[1:] == ["measure"]:
        tagger = open_tagger(files.onnx, files.tokenizer)
        _print(measure(read_dialogues(VALIDATION), tagger))
        return
    chosen = [int(name) for name in sys.argv[1:]]
    measured: list[tuple[str, bool]] = []
    for fold in chosen or range(FOLDS):
        out = set(writers[fold::FOLDS])
        target = KEPT / f"{''.join(sorted(out))}.npz"
        if not target.exists():
            learn([each for each in dialogues if each.writer not in out], files, target)
        tagger = open_tagger(files.onnx, files.tokenizer, target)
        measured += measure([each for each in dialogues if each.writer in out], tagger)
    _print(measured)
    if not chosen:
        learn(dialogues, files, FILE)
        print(f"{FILE}: {FILE.stat().st_size:,} bytes.")


if __name__ == "__main__":
    main()
