#!/usr/bin/env bash
# langchain-core 1.8.3: PydanticOutputParser accepts an answer that stops in the middle of a number,
# as one does when a model has used up its tokens, and returns the digits so far. The model that
# validates wants whole JSON, and parse_result has a parameter `partial`, by default False, so one
# expects an OutputParserException. But JSON is completed before, whatever `partial` says: quotes
# and brackets are closed, and what still does not parse is cut off. JsonOutputParser does the same.
#
# Seen, of {"option": "B", "cost": 12500}: cut after each digit it is a cost of 1, 12, 125, 1250.
# pydantic 2.14.4 itself refuses each of the four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check langchain-core==1.8.3 \
  pydantic==2.14.4

"$folder/venv/bin/python" - <<'PYTHON'
import sys

from langchain_core.exceptions import OutputParserException
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import Generation
from pydantic import BaseModel, ValidationError


class Advice(BaseModel):
    option: str
    cost: int


def cost(parse, text):
    try:
        return parse(text)
    except (OutputParserException, ValidationError):
        return "refused"


typed, untyped = PydanticOutputParser(pydantic_object=Advice), JsonOutputParser()
ways = {
    "parsed into the model": lambda text: typed.parse_result([Generation(text=text)]).cost,
    "with partial=False": lambda t: typed.parse_result([Generation(text=t)], partial=False).cost,
    "parsed as JSON": lambda text: untyped.parse(text)["cost"],
    "validated by pydantic": lambda text: Advice.model_validate_json(text).cost,
}
whole = '{"option": "B", "cost": 12500}'
digits = whole.index("12500")
cut = [whole[:end] for end in range(digits + 1, digits + 5)]
seen = {}
for name, parse in ways.items():
    assert parse(whole) == 12500
    seen[name] = [cost(parse, text) for text in cut]
    print(f"{name}:", *seen[name])
described = dict.fromkeys(ways, [1, 12, 125, 1250]) | {"validated by pydantic": ["refused"] * 4}
sys.exit(None if seen == described else "changed: what becomes of a cut answer")
PYTHON
echo "as described"
