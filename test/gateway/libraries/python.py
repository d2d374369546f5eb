"""Asks through the gateway with client libraries for Python, as javascript.cjs does with those for JavaScript."""

import json
import os

import anthropic
import ollama
import openai
from langchain_ollama import ChatOllama, OllamaEmbeddings, OllamaLLM

GATEWAY, KEY, MODEL = os.environ["GATEWAY"], os.environ["KEY"], os.environ["MODEL"]
HIDDEN, BAD_KEY = os.environ["HIDDEN"], os.environ["BAD_KEY"]
MESSAGES = [{"role": "user", "content": "Say hello."}]
OPTIONS = {"num_predict": 5}
LIMIT = {"max_tokens": 5}


def ollama_client(key):
    return ollama.Client(host=GATEWAY, headers={"Authorization": f"Bearer {key}"})


def openai_client(key):
    return openai.OpenAI(base_url=f"{GATEWAY}/v1", api_key=key, max_retries=0)


def anthropic_client(key):
    return anthropic.Anthropic(base_url=GATEWAY, api_key=key, max_retries=0)


def langchain(kind, key=KEY, model=MODEL):
    headers = {"headers": {"Authorization": f"Bearer {key}"}}
    limit = {} if kind is OllamaEmbeddings else {"num_predict": 5}
    return kind(base_url=GATEWAY, model=model, client_kwargs=headers, **limit)


def anthropic_stream():
    with anthropic_client(KEY).messages.stream(model=MODEL, messages=MESSAGES, **LIMIT) as stream:
        return "".join(stream.text_stream)


CALLS = {
    "ollama chat": lambda: ollama_client(KEY).chat(model=MODEL, messages=MESSAGES, options=OPTIONS).message.content,
    "ollama chat, streamed": lambda: "".join(
        part.message.content
        for part in ollama_client(KEY).chat(model=MODEL, messages=MESSAGES, options=OPTIONS, stream=True)
    ),
    "ollama generate": lambda: ollama_client(KEY).generate(model=MODEL, prompt="Say hello.", options=OPTIONS).response,
    "ollama generate, streamed": lambda: "".join(
        part.response
        for part in ollama_client(KEY).generate(model=MODEL, prompt="Say hello.", options=OPTIONS, stream=True)
    ),
    "ollama embed": lambda: len(ollama_client(KEY).embed(model=MODEL, input=["a", "b"]).embeddings),
    "ollama list": lambda: ",".join(model.model for model in ollama_client(KEY).list().models),
    "ollama show": lambda: ",".join(ollama_client(KEY).show(MODEL).capabilities),
    "ollama ps": lambda: ",".join(model.model for model in ollama_client(KEY).ps().models),
    "ollama pull": lambda: ollama_client(KEY).pull(MODEL),
    "ollama hidden model": lambda: ollama_client(KEY).chat(model=HIDDEN, messages=MESSAGES),
    "ollama bad key": lambda: ollama_client(BAD_KEY).chat(model=MODEL, messages=MESSAGES),
    "openai chat": lambda: openai_client(KEY)
    .chat.completions.create(model=MODEL, messages=MESSAGES, **LIMIT)
    .choices[0]
    .message.content,
    "openai chat, streamed": lambda: "".join(
        part.choices[0].delta.content or ""
        for part in openai_client(KEY).chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **LIMIT)
    ),
    "openai completions": lambda: openai_client(KEY)
    .completions.create(model=MODEL, prompt="Say hello.", **LIMIT)
    .choices[0]
    .text,
    "openai responses": lambda: openai_client(KEY)
    .responses.create(model=MODEL, input="Say hello.", max_output_tokens=5)
    .output_text,
    "openai responses, streamed": lambda: "".join(
        event.delta
        for event in openai_client(KEY).responses.create(
            model=MODEL, input="Say hello.", max_output_tokens=5, stream=True
        )
        if event.type == "response.output_text.delta"
    ),
    "openai embeddings": lambda: len(openai_client(KEY).embeddings.create(model=MODEL, input=["a", "b"]).data),
    "openai models": lambda: ",".join(model.id for model in openai_client(KEY).models.list().data),
    "openai model": lambda: openai_client(KEY).models.retrieve(MODEL).id,
    "openai hidden model": lambda: openai_client(KEY).chat.completions.create(model=HIDDEN, messages=MESSAGES),
    "openai bad key": lambda: openai_client(BAD_KEY).chat.completions.create(model=MODEL, messages=MESSAGES),
    "anthropic messages": lambda: anthropic_client(KEY)
    .messages.create(model=MODEL, messages=MESSAGES, **LIMIT)
    .content[0]
    .text,
    "anthropic messages, streamed": anthropic_stream,
    "anthropic hidden model": lambda: anthropic_client(KEY).messages.create(model=HIDDEN, messages=MESSAGES, **LIMIT),
    "anthropic bad key": lambda: anthropic_client(BAD_KEY).messages.create(model=MODEL, messages=MESSAGES, **LIMIT),
    "langchain chat": lambda: langchain(ChatOllama).invoke("Say hello.").content,
    "langchain chat, streamed": lambda: "".join(part.content for part in langchain(ChatOllama).stream("Say hello.")),
    "langchain generate": lambda: langchain(OllamaLLM).invoke("Say hello."),
    "langchain embed": lambda: len(langchain(OllamaEmbeddings).embed_documents(["a", "b"])),
    "langchain hidden model": lambda: langchain(ChatOllama, model=HIDDEN).invoke("Say hello."),
    "langchain bad key": lambda: langchain(ChatOllama, key=BAD_KEY).invoke("Say hello."),
}


def outcome(call):
    try:
        return {"answer": str(call())}
    except Exception as error:  # what a library raises is the outcome
        return {"error": type(error).__name__, "status": getattr(error, "status_code", None)}


print(json.dumps({name: outcome(call) for name, call in CALLS.items()}))
