"""The documents of the workloads, as the peers take them: an event a line, an empty line between conversations."""

import json

PIECE = 90  # bytes; with the rest of the event about 125, as in cli/bench/documents.cpp


def conversations(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["messages"] for line in lines if line.strip()]


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pieces(text):
    data = text.encode()
    at = 0
    while at < len(data):
        end = min(at + PIECE, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[at:end].decode()
        at = end


def write(source, folder):
    """Makes conversations.txt and events.txt in `folder`."""
    messages = conversations(source)
    with open(folder / "conversations.txt", "w", encoding="utf-8") as out:
        out.write("\n\n".join("\n".join(compact(m) for m in c) for c in messages if c) + "\n")
    said = "".join(m["content"] + " " for c in messages for m in c if isinstance(m.get("content"), str))
    events = [compact({"role": "user", "content": piece}) for piece in pieces(said)]
    with open(folder / "events.txt", "w", encoding="utf-8") as out:
        out.write("\n".join(events) + "\n")
