"""How often an abstention names the right other comparison: python -m evals.tuning.elsewhere

Over the training comparisons, without a model: what a document leaves uncovered is asked of it with
ten others indexed, and what another one covers with that one and nine others. Takes ten minutes.
Not covered: whether the advisor abstains.
"""

import random

import numpy as np

from agent.factory import open_embedder
from agent.settings import read_settings
from evals.datasets.comparisons import read_training
from knowledge.elsewhere import clearly_nearest
from knowledge.embed import Vector
from knowledge.index import texts

QUESTIONS = 12  # of each kind and comparison
OTHERS = 10


def main() -> None:
    embedder, chance = open_embedder(read_settings()), random.Random(3)
    comparisons = read_training()
    said = [
        [text for passage in each.comparison.passages for text in texts(passage)]
        for each in comparisons
    ]
    vectors = [np.array([embedder.embed(text) for text in each]) for each in said]

    def nearest(question: Vector, place: int) -> float:
        return float((vectors[place] @ question).max())

    uncovered, foreign = [], []
    for place, each in enumerate(comparisons):
        rest = [other for other in range(len(comparisons)) if other != place]
        left_open = [message.text for message in each.messages if message.does == "uncovered"]
        covered = [message.text for message in each.messages if message.about]
        for text in chance.sample(left_open, min(QUESTIONS, len(left_open))):
            question, others = embedder.embed(text), chance.sample(rest, OTHERS)
            found = clearly_nearest(
                nearest(question, place), [nearest(question, other) for other in others]
            )
            uncovered.append(found is not None)
        for text in chance.sample(covered, min(QUESTIONS, len(covered))):
            question, (asked, *others) = embedder.embed(text), chance.sample(rest, OTHERS)
            found = clearly_nearest(
                nearest(question, asked), [nearest(question, other) for other in (place, *others)]
            )
            foreign.append(found)
    print(f"uncovered: {np.mean(uncovered):.3f} of {len(uncovered)} name another comparison")
    right = np.mean([found == 0 for found in foreign])
    wrong = np.mean([found not in (None, 0) for found in foreign])
    print(f"of another: {right:.3f} of {len(foreign)} name it, {wrong:.3f} a wrong one")


if __name__ == "__main__":
    main()
