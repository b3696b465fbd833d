"""The local model as any chat model of LangChain, with a small real one."""

from pathlib import Path

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agent.errors import InputError
from agent.llm.base import Prompt
from agent.llm.local import LocalChatModel
from tests.helpers.tea import answer, as_messages, asking, contents

pytestmark = pytest.mark.model

PROMPT = asking("How hot is green tea steeped?")
MESSAGES = as_messages(PROMPT)


def test_messages_are_answered_as_the_advisors_own_prompts_are(model: LocalChatModel) -> None:
    assert model.invoke(MESSAGES, max_tokens=8).text == answer(model, PROMPT, 8)
    pieces = [chunk.text for chunk in model.stream(MESSAGES, max_tokens=8)]
    assert len(pieces) > 3 and "".join(pieces) == answer(model, PROMPT, 8)
    begun = Prompt(PROMPT.system, PROMPT.text, reply="At")
    message = model.invoke([*MESSAGES, AIMessage("At")], max_tokens=8)
    assert message.text == answer(model, begun, 8)


def test_a_system_message_alone_is_answered(model: LocalChatModel) -> None:
    # a cached prefix without any text after it was a KeyError
    assert model.invoke([SystemMessage("Say hello.")], max_tokens=4).text


def test_what_is_no_text_is_refused(model: LocalChatModel) -> None:
    with pytest.raises(InputError, match='reads text only, not "image_url"'):
        model.invoke([HumanMessage([{"type": "image_url", "image_url": {"url": "data:,"}}])])


def test_langchains_cache_tells_models_apart(small_model_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.symlink_to(small_model_file)
    cache = InMemoryCache()
    first, second = (
        LocalChatModel(file, cache=cache, max_tokens=8) for file in (small_model_file, copy)
    )
    longer = first.model_copy(update={"max_tokens": 12})
    try:
        said = first.invoke(MESSAGES)
        first.engine.kv_cache.clear()
        assert first.invoke(MESSAGES).text == said.text
        assert contents(first.engine) == {}  # it was not asked again
        assert len(longer.invoke(MESSAGES).text) > len(said.text)
        other = second.invoke(MESSAGES)
        assert other.response_metadata["model_name"] == "copy.gguf"
        assert contents(second.engine) != {}
    finally:
        first.close()
        second.close()


def test_langchain_counts_usage_by_the_name_of_the_model(model: LocalChatModel) -> None:
    model.preload(PROMPT)
    with get_usage_metadata_callback() as counted:
        model.invoke(MESSAGES, max_tokens=3)
        "".join(chunk.text for chunk in model.stream(MESSAGES, max_tokens=4))
    [(name, usage)] = counted.usage_metadata.items()
    assert name == model.engine.path.name
    assert usage["output_tokens"] == 7
    assert usage["total_tokens"] == usage["input_tokens"] + 7
    system = usage["input_token_details"]["cache_read"]
    assert 20 < system < usage["input_tokens"] - 10
