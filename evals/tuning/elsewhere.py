"""How often an abstention names the right other comparison: python -m evals.tuning.elsewhere

Over the training comparisons, without a model: what a document leaves uncovered is asked of it with
ten others indexed, and what another one covers with that one and nine others. Takes ten minutes.
Not covered: whether the advisor abstains.
"""

import random
from collections.abc import Sequence

import numpy as np

from agent.factory import open_embedders
from agent.settings import read_settings
from evals.datasets.comparisons import read_training
from knowledge.elsewhere import clearly_nearest
from knowledge.embed import Vector
from knowledge.index import index_in_memory

QUESTIONS = 12  # of each kind and comparison
OTHERS = 10


def main() -> None:
    embedder, chance = open_embedders(read_settings()).published, random.Random(3)
    comparisons = read_training()
    indexes = [index_in_memory(each.comparison, embedder) for each in comparisons]

    def nearest(question: Vector, places: Sequence[int]) -> list[float]:
        return [indexes[place].nearest(question) for place in places]

    uncovered, foreign = [], []
    for place, each in enumerate(comparisons):
        rest = [other for other in range(len(comparisons)) if other != place]
        left_open = [message.text for message in each.messages if message.does == "uncovered"]
        covered = [message.text for message in each.messages if message.about]
        for text in chance.sample(left_open, min(QUESTIONS, len(left_open))):
            question, others = embedder.embed(text), chance.sample(rest, OTHERS)
            own, *rivals = nearest(question, [place, *others])
            uncovered.append(clearly_nearest(own, rivals) is not None)
        for text in chance.sample(covered, min(QUESTIONS, len(covered))):
            question, (asked, *others) = embedder.embed(text), chance.sample(rest, OTHERS)
            own, *rivals = nearest(question, [asked, place, *others])
            foreign.append(clearly_nearest(own, rivals))
    print(f"uncovered: {np.mean(uncovered):.3f} of {len(uncovered)} name another comparison")
    right = np.mean([found == 0 for found in foreign])
    wrong = np.mean([found not in (None, 0) for found in foreign])
    print(f"of another: {right:.3f} of {len(foreign)} name it, {wrong:.3f} a wrong one")


if __name__ == "__main__":
    main()
