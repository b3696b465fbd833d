#!/usr/bin/env bash
# mcp 2.3.0: a tool with a parameter `text: str | None` does not get the texts that it is called
# with. The schema that clients see says string or null, and each text below is a valid string, so
# one expects it to arrive as it is, as it does with `text: str`. But what is not annotated as `str`
# alone is tried as JSON first: a text that reads as null becomes None, silently, and one that reads
# as a list or an object is refused, "Input should be a valid string". Numbers and booleans stay.
#
# Seen: a question that is a pasted list or object never reaches the tool, and one asking about
# "null" arrives as if nothing had been given. With `text: str = ""` all six arrive.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check mcp==2.3.0

"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import logging
import sys

from mcp import Client
from mcp.server.mcpserver import MCPServer

logging.disable()  # the server tells of each refusal
TEXTS = ["null", "[1450, 3150]", '{"weight": 23}', "true", "12", "Which one?"]
server = MCPServer("echo")


@server.tool()
def plain(text: str = "") -> str:
    return repr(text)


@server.tool()
def optional(text: str | None = None) -> str:
    return repr(text)


async def arrived(tool):
    async with Client(server) as client:
        calls = [await client.call_tool(tool, {"text": text}) for text in TEXTS]
    return ["refused" if call.is_error else call.content[0].text for call in calls]


seen = {tool: asyncio.run(arrived(tool)) for tool in ("plain", "optional")}
for tool, texts in seen.items():
    print(f"{tool}:", *texts)
same = [repr(text) for text in TEXTS]
described = {"plain": same, "optional": ["None", "refused", "refused", *same[3:]]}
sys.exit(None if seen == described else "changed: which texts arrive")
PYTHON
echo "as described"
