"""A small document as people write them: a table, a heading that recommends, and a conclusion; and
its use cases as `advisor check --json` has them.
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
