"""A small document as people write them: a table, a heading that recommends, and a conclusion; its
use cases as `advisor check --json` has them; and a table for other documents on boats.
"""

KAYAK, CANOE = "Kayak", "Canoe"
TABLE = """
| Trait | Kayak | Canoe |
| --- | --- | --- |
| Weight | 22 kg | 31 kg |
| Seats | 1 | 3 |
"""
BOATS = """\
# Kayak vs Canoe

Two boats.

| Trait | Kayak | Canoe |
| --- | --- | --- |
| Weight | 22 kg | 31 kg |

## When to choose a kayak

- You paddle alone

## Conclusion

Most people take the canoe.
"""

USE_CASES = [
    {
        "case": "You paddle alone",
        "verdict": "Kayak",
        "sure": "told",
        "source": 'heading "When to choose a kayak"',
        "line": 11,
    }
]
