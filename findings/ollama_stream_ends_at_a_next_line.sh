#!/usr/bin/env bash
# ollama 0.6.3 (httpx 0.28.1): a streamed reply that contains U+0085 or U+2028 raises JSONDecodeError,
# while the same reply in one piece is read. A stream is one JSON object a line, and JSON lets these
# two stand in a string as they are, so one expects each object to arrive whole. But the client takes
# its lines from httpx's iter_lines(), which parts where str.splitlines() does. Ollama's server is
# written in Go, which escapes U+2028 and leaves U+0085; models write that one where their texts had
# an ellipsis in Windows-1252. openai 3.57.0 reads the same characters from its stream.
#
# Seen: with stream=False the whole text each time; with stream=True JSONDecodeError each time; the
# stream of openai the whole text each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
  ollama==0.6.3 openai==3.57.0 httpx==0.28.1

"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from ollama import Client
from openai import OpenAI

SAID = {name: f"one{char}two" for name, char in (("next line", "\x85"), ("separator", "\u2028"))}


class Server(BaseHTTPRequestHandler):
    """Replies what the name of the model stands for, in the forms of both kinds of server."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = {"role": "assistant", "content": SAID[asked["model"]]}
        if self.path == "/api/chat":
            lines = [{"message": message, "done": not asked["stream"]}]
            lines += [{"message": message | {"content": ""}, "done": True}] * asked["stream"]
            body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        else:
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
            chunk |= {"choices": [{"index": 0, "delta": message}]}
            body = f"data: {json.dumps(chunk, ensure_ascii=False)}\n\ndata: [DONE]\n\n"
        self.send_response(200)
        kind = "application/x-ndjson" if self.path == "/api/chat" else "text/event-stream"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


def whole(model, messages):
    return client.chat(model, messages).message.content


def streamed(model, messages):
    return "".join(part.message.content for part in client.chat(model, messages, stream=True))


def of_openai(model, messages):
    chunks = openai.chat.completions.create(model=model, messages=messages, stream=True)
    return "".join(chunk.choices[0].delta.content for chunk in chunks)


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
client, openai = Client(address), OpenAI(base_url=f"{address}/v1", api_key="none")
question, seen = [{"role": "user", "content": "Hello"}], {}
for name, said in SAID.items():
    for ask in (whole, streamed, of_openai):
        try:
            read = "the whole text" if ask(name, question) == said else "another text"
        except json.JSONDecodeError as error:
            read = type(error).__name__
        seen[ask.__name__, name] = read
        print(f"{ask.__name__:10} {name:10} {read}")
described = {
    (ask.__name__, name): "JSONDecodeError" if ask is streamed else "the whole text"
    for name in SAID
    for ask in (whole, streamed, of_openai)
}
sys.exit(None if seen == described else "changed: what is read of such a stream")
PYTHON
echo "as described"
