#!/usr/bin/env bash
# pydantic 2.14.3: an empty SecretStr or SecretBytes is false, an empty Secret[str] is true. The
# generic Secret has neither __len__ nor __bool__, so `if settings.url:` takes an empty secret, such
# as that of a variable set to nothing, for a given one. Ask get_secret_value() instead.
#
# Seen, of empty values: a SecretStr is False, a SecretBytes False, a Secret[str] True.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check pydantic==2.14.3

"$folder/venv/bin/python" - <<'PYTHON'
import sys

from pydantic import BaseModel, Secret, SecretBytes, SecretStr


class Settings(BaseModel):
    password: SecretStr
    key: SecretBytes
    url: Secret[str]  # such as one that holds a user's name and password


settings = Settings(password="", key=b"", url="")
assert not any(secret.get_secret_value() for _, secret in settings)
seen = {Settings.model_fields[name].annotation: bool(secret) for name, secret in settings}
print("empty, as a condition:", {kind.__name__: true for kind, true in seen.items()})
described = {SecretStr: False, SecretBytes: False, Secret[str]: True}
sys.exit(None if seen == described else "changed: which empty secrets are true")
PYTHON
echo "as described"
