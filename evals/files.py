"""The files of a run on disk: read whole and checked, or written whole or not at all."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agent.errors import InputError
from knowledge.cache import write_whole
from knowledge.validation import fault

Model = TypeVar("Model", bound=BaseModel)


def read_model(file: Path, model: type[Model], remedy: str, context: object = None) -> Model:
    """What the JSON in `file` says as a `model`.

    Raises InputError, which ends with `remedy`, if it is torn, of another version or another form.
    """
    try:
        return model.model_validate_json(file.read_bytes(), context=context)
    except OSError as error:
        raise InputError(f"Cannot read {file}: {error.strerror}. {remedy}") from error
    except ValidationError as error:
        raise InputError(f"{file}: {fault(error)} {remedy}") from error


def write(file: Path, text: str) -> Path:
    """Writes `file` whole or not at all. Raises InputError."""
    try:
        write_whole(file, text)
    except OSError as error:
        raise InputError(f"Cannot write {file}: {error.strerror}. Choose another place.") from error
    return file
