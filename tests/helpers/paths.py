"""Where the tree is, and the data that tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
SHIPPED = ROOT / "knowledge" / "data" / "decentralized-ai-vs-open-source-ai.md"
