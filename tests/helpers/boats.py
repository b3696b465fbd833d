"""A small document as people write them: a table, a heading that recommends, and a conclusion."""

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
