"""What a document compares, and what a text of it recommends, as far as no rule tells.

    judge = ModelJudge(settings)            loads the model if it is needed; or
    judge = ModelJudge(settings, model)     one that is loaded
    read_file(path, judge=judge)            asks it only what no rule of the reader tells

The model lists the options; knowledge.documents.suggested checks them against the document. What a
text recommends is judged by two signals for each option: the log-probability of its name as what
comes after the text, the mean of two ways to ask, and the log-odds of "yes" when the model is asked
whether it is recommended there; both less what they usually are for this document (contextual
calibration, Zhao et al. 2021, arXiv:2102.09690, and batch calibration, Zhou et al. 2023,
arXiv:2309.17249). A linear probe on the embedding of a heading tells whether it names a situation
at all. Verdicts are never generated, so a text that gives orders can at most be misjudged. What the
model shows is cached by texts and model.
Not covered: a served model, of which log-probabilities of names are not to be had.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from agent.downloads.catalogue import embedding_paths, model_path, model_sha256
from agent.errors import AdvisorError, InputError
from agent.learning.probe import Probe
from agent.llm.base import Model, Prompt
from agent.prompting.builder import judging_prompts, options_prompt
from agent.settings import Settings
from knowledge.cache import Cache
from knowledge.documents.bullets import first_sentence
from knowledge.documents.judge import Among, Asked, Judge, Judgement
from knowledge.embed import MiniLM
from knowledge.errors import DocumentError

LAYOUT = "3"  # part of the cache's key; raise it with every change of `observe` or `listed`
MAX_CHARS = 900  # of a text
NO_TEXT = Asked("", "N/A", "summary")
NO_TEXT_COUNTS = 4  # as so many texts, in what is usual for a document
SITUATION = 0.5  # the probability that a heading names one, from which the model is asked
# log of how much more often such a text is a use case than in documents that the probe is fitted on
MORE_OFTEN: dict[Among, float] = {"section": 1.0, "paragraph": 1.85, "aside": 0.4}
MAX_NAME_CHARS = 300  # of what may name a situation
MAX_LIST_TOKENS = 60  # of a list of options
LISTED = re.compile(r"(?m)^[^\S\n]*(?:\d+[.)][^\S\n]+)?(\S.*)$")  # a line without its number
WEIGHTS_FILE = Path(__file__).parent / "judge_weights.json"
SITUATIONS_FILE = Path(__file__).parent / "judge_situations.npz"
SITUATED = "situated"  # the name of the probe in it

Floats = NDArray[np.float64]

log = logging.getLogger(__name__)


class NotJudgedError(AdvisorError):
    """No model can be asked what no rule tells of a document."""


@dataclass(frozen=True)
class Signals:
    """What the model shows of a text; after `beyond_usual`, beyond that.

    `names`   (options + 2,): log-probability of each option's name, of "both", of "neither", the
              mean of those in two wordings of the question
    `yes`     (options,): log-odds that an option is recommended
    `reader`  log-odds that a kind of reader is advised; 0 of a text that is no summary
    `chars`   the length of the text
    """

    names: Floats
    yes: Floats
    reader: float
    chars: int = 0

    @property
    def judgements(self) -> list[tuple[int, ...] | None]:
        """The possible ones: an option, all of them, none of them, and no recommendation at all."""
        places = range(len(self.yes))
        return [*((place,) for place in places), tuple(places), (), None]

    @property
    def features(self) -> Floats:
        """(judgements, features) of each of `judgements`."""
        count = len(self.yes)
        rows = np.zeros((len(self.judgements), 11))
        rows[:count, 0], rows[:count, 1] = self.names[:count], self.yes
        rows[count, 2:5] = self.names[count], self.yes.min(), 1
        rows[count + 1, 5:7] = self.names[count + 1], 1
        length = np.log(max(self.chars, 1) / MAX_CHARS)
        rows[count + 2, 7:] = self.reader, length, self.yes.max(), 1
        return rows


def observe(model: Model, options: Sequence[str], texts: Sequence[Asked]) -> list[Signals]:
    """The signals of NO_TEXT and of each text, each in a session of its own: questions of others
    come in between.
    """
    whole = (" both", " neither") if len(options) == 2 else (" all", " none")
    named = [*(f" {name}" for name in options), *whole]
    seen = []
    for asked in (NO_TEXT, *texts):
        naming, saying = _prompts(options, asked)
        with model.session() as session:
            shown = [session.prefill([prompt], [named])[0] for prompt in naming]
            said = [session.prefill([prompt], [["yes", "no"]])[0] for prompt in saying]
        names = np.mean([each.log_probabilities for each in shown], axis=0)
        odds = [yes - no for yes, no in (each.log_probabilities for each in said)]
        yes, reader = np.array(odds[: len(options)]), sum(odds[len(options) :])
        seen.append(Signals(names, yes, reader, len(asked.text)))
    return seen


def listed(model: Model, prompt: Prompt) -> str:
    """The list of options that `model` writes, without a name that was cut."""
    log.info("The model is asked what the document compares.")
    with model.session() as session:
        text = "".join(session.stream(prompt, MAX_LIST_TOKENS))
        return text.rpartition("\n")[0] if session.usage.written >= MAX_LIST_TOKENS else text


def observed_key(options: Sequence[str], texts: Sequence[Asked], model_sha256: str) -> str:
    """A SHA-256 of what `observe` depends on."""
    prompts = [_prompts(options, each) for each in (NO_TEXT, *texts)]
    lengths = [len(each.text) for each in texts]
    return hashlib.sha256(repr((LAYOUT, model_sha256, prompts, lengths)).encode()).hexdigest()


def _prompts(options: Sequence[str], asked: Asked) -> tuple[list[Prompt], list[Prompt]]:
    heading, text = asked.heading[:MAX_CHARS], asked.text[:MAX_CHARS]
    return judging_prompts(options, heading, text, asked.among == "summary")


def beyond_usual(seen: Sequence[Signals]) -> list[Signals]:
    """The signals of texts, beyond what is usual: the first of `seen` is that of NO_TEXT.

    Names and options compete within a document, so there all its texts say what is usual; all of
    them may advise a kind of reader, so there NO_TEXT does.
    """
    counts = [NO_TEXT_COUNTS, *([1] * (len(seen) - 1))]
    names = np.average([each.names for each in seen], 0, counts)
    yes = np.average([each.yes for each in seen], 0, counts)
    no_text, *texts = seen
    return [
        Signals(each.names - names, each.yes - yes, each.reader - no_text.reader, each.chars)
        for each in texts
    ]


def judged(signals: Signals, weights: Floats, among: Among) -> Judgement:
    """The likeliest judgement; that of a text that does not sum up is not "nothing"."""
    scores = signals.features @ weights
    if among != "summary":
        scores[-1] = -np.inf
    found = softmax(scores)
    place = int(found.argmax())
    return Judgement(signals.judgements[place], float(found[place]))


def naming(asked: Asked) -> str:
    """The text that may name a situation: a heading, for a paragraph with its first sentence."""
    name = asked.heading or first_sentence(asked.text)
    if asked.among == "paragraph":
        name = f"{asked.heading}. {first_sentence(asked.text)}"
    return name[:MAX_NAME_CHARS]


@cache
def situations() -> Probe:
    """The probe that tells whether the embedding of `naming` is that of a situation."""
    with np.load(SITUATIONS_FILE) as arrays:
        return Probe.of(arrays, SITUATED)


class ModelJudge(Judge):
    """A judge with a loaded `model`, or that of `settings`, loaded when it is needed, once, until
    `close`.
    `silent` says why it was not asked; "" if it was, or needed not be. If it is `required`,
    NotJudgedError says so instead where texts are to be judged.
    """

    def __init__(
        self, settings: Settings, model: Model | None = None, required: bool = False
    ) -> None:
        self._settings, self._model, self._required = settings, model, required
        self._loaded: Model | None = None
        self.silent = ""

    @property
    def warnings(self) -> list[str]:
        """One line if there was something to ask, and no model to ask."""
        said = f"The model was not asked what no rule tells: {self.silent}"
        return [said] if self.silent else []

    def options(self, text: str) -> list[str]:
        """What the model lists, likeliest token by token, so the same for the same text."""
        prompt = options_prompt(text)
        try:
            asked = (LAYOUT, self._model_sha256(), prompt, MAX_LIST_TOKENS)
            key = hashlib.sha256(repr(asked).encode()).hexdigest()
            return LISTED.findall(self._kept(key, lambda model: listed(model, prompt)))
        except AdvisorError as error:
            self.silent = str(error)
            return []

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        try:
            seen = self.seen(options, texts)
        except AdvisorError as error:
            if self._required:
                raise NotJudgedError(str(error)) from error
            self.silent = str(error)
            return []
        weights = np.array(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
        return [
            judged(signals, weights, each.among) if signals else Judgement(None, 1 - chance)
            for each, (chance, signals) in zip(texts, seen, strict=True)
        ]

    def seen(
        self, options: Sequence[str], texts: Sequence[Asked]
    ) -> list[tuple[float, Signals | None]]:
        """The probability that each text is of a kind that recommends something, and its signals,
        beyond what is usual for those of `texts`, if it likely is.
        """
        chances = self._chances(texts)
        asked = [text for text, each in zip(texts, chances, strict=True) if each >= SITUATION]
        signals = iter(self._cached(options, asked) if asked else ())
        return [(each, next(signals) if each >= SITUATION else None) for each in chances]

    def _model_sha256(self) -> str:
        if self._settings.base_url:
            raise NotJudgedError("a served model gives no log-probabilities of names.")
        return model_sha256(self._settings)

    def _chances(self, texts: Sequence[Asked]) -> list[float]:
        """For `seen`: of a section or paragraph the probability that it names a situation."""
        paths = embedding_paths(self._settings.cache_dir)
        embedder = MiniLM(paths.onnx, paths.tokenizer)
        return [
            float(
                expit(situations().log_odds(embedder.embed(naming(each))) + MORE_OFTEN[each.among])
            )
            if each.among in MORE_OFTEN
            else 1.0
            for each in texts
        ]

    def _cached(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Signals]:
        """The signals of `texts`, beyond what is usual for them."""
        key = observed_key(options, texts, self._model_sha256())

        def seen(model: Model) -> str:
            log.info("The model judges what the form of %d sections does not tell.", len(texts))
            return written(observe(model, options, texts))

        return beyond_usual(read(self._kept(key, seen)))

    def _kept(self, key: str, ask: Callable[[Model], str]) -> str:
        """What `ask` returns, or returned when the same was asked before."""
        kept = Cache(self._settings.data_dir).of("judgements")
        name = key[:16]  # each call has a name, or two documents on the same options would compete
        text = kept.load(name, key, lambda file: file.read().decode())
        if text is None:
            said = ask(self._opened())
            try:
                kept.save(name, key, lambda file: file.write(said.encode()))
            except OSError as error:
                log.info("Judgements cannot be stored in %s (%s).", kept.folder, error.strerror)
            return said
        return text

    def _opened(self) -> Model:
        from agent.llm.local import LocalChatModel  # takes a second, and is seldom needed

        if not (self._model or self._loaded):
            settings = self._settings
            self._loaded = LocalChatModel(model_path(settings), threads=settings.threads)
        model = self._model or self._loaded
        assert model
        return model

    def close(self) -> None:
        """Frees the model that was loaded for it."""
        if self._loaded:
            self._loaded.close()
            self._loaded = None


@contextmanager
def explaining(judge: Judge | None) -> Iterator[None]:
    """Adds to the refusal of a document that there was no model to ask, if that is so; then frees
    the model that was loaded to ask.
    """
    try:
        yield
    except (DocumentError, InputError) as error:
        if isinstance(judge, ModelJudge) and judge.silent:
            raise type(error)(" ".join([str(error), *judge.warnings])) from error
        raise
    finally:
        if isinstance(judge, ModelJudge):
            judge.close()


def written(seen: Sequence[Signals]) -> str:
    """`seen` as JSON."""
    return json.dumps(
        [[each.names.tolist(), each.yes.tolist(), each.reader, each.chars] for each in seen]
    )


def read(text: str | bytes) -> list[Signals]:
    """The inverse of `written`."""
    return [
        Signals(np.array(names), np.array(yes), *others) for names, yes, *others in json.loads(text)
    ]
