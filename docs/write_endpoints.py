"""
Writes the reference of endpoints from the API documents.

"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any

import yaml

from docs.markup import entry, filled, from_markdown, title

Described = Mapping[str, Any]

MODES = {"webcam": "Webcam mode", "management": "Management mode"}


def endpoints(mode: str) -> Iterator[str]:
    """
    :returns: All that can be asked for in a mode.
    """
    text = files("motion_in_ocean.web").joinpath(f"openapi-{mode}.yaml").read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    operations = list(_operations(document))
    usual = _usual_responses(operations)
    yield title(MODES[mode])
    yield from _description(document["info"]["description"])
    yield title("What most of them may answer", "~")
    for status, reference in sorted(usual.items()):
        yield filled(_response(document, status, {"$ref": reference})) + "\n"
    yield title(f"The paths of {MODES[mode].lower()}", "~")
    for name, operation, parameters in operations:
        yield entry(f"``{name}``", *_told(document, operation, parameters, usual))


def _description(text: str) -> Iterator[str]:
    for block in text.split("\n\n"):
        if block.startswith("## "):
            yield title(block[3:].strip(), "~")
        else:
            paragraphs = [filled(each) for each in from_markdown(block)]
            yield "\n".join(paragraphs) + "\n"


def _operations(document: Described) -> Iterator[tuple[str, Described, list[Described]]]:
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method != "parameters":
                parameters = [*shared, *operation.get("parameters", [])]
                yield f"{method.upper()} {path}", operation, parameters


def _usual_responses(operations: Iterable[tuple[str, Described, object]]) -> dict[str, str]:
    """
    :returns: By status, the responses that at least half of all operations share: to be told once.
    """
    references = Counter(
        (status, response["$ref"])
        for _, operation, _ in operations
        for status, response in operation["responses"].items()
        if "$ref" in response
    )
    half = len(list(operations)) / 2
    return dict(each for each, count in references.items() if count >= half)


def _told(
    document: Described,
    operation: Described,
    parameters: Iterable[Described],
    usual: Mapping[str, str],
) -> Iterator[str]:
    yield f"*{operation['summary']}*"
    yield from from_markdown(operation.get("description", ""))
    if "requestBody" in operation:
        body = operation["requestBody"]
        told = " ".join(from_markdown(body.get("description", "")))
        yield f"Body: ``{', '.join(body['content'])}``. {told}".strip()
    for each in parameters:
        parameter = _resolved(document, each)
        if parameter["in"] != "path":
            told = " ".join(from_markdown(parameter.get("description", "")))
            yield f"``{parameter['name']}`` ({parameter['in']}): {told}"
    for status, response in operation["responses"].items():
        if usual.get(status) != response.get("$ref", ""):
            yield _response(document, status, response)


def _response(document: Described, status: str, response: Described) -> str:
    return f"**{status}** {' '.join(from_markdown(_resolved(document, response)['description']))}"


def _resolved(document: Described, value: Described) -> Described:
    while "$ref" in value:
        for key in value["$ref"].split("/"):
            value = document if key == "#" else value[key]
    return value
