"""Put texts through a trained model, in Rasa's own environment: JSON list of [text, language] on standard input, of parses on standard output.

bot/.venv/bin/python -m evaluation.parse MODEL < texts.json
"""

import asyncio
import json
import sys
import time

from rasa.core.agent import load_agent
from rasa.core.channels.channel import UserMessage


async def main(model: str) -> None:
    agent = await load_agent(model_path=model)
    await agent.parse_message("ready before the first measurement")
    parses = []
    for text, language in json.load(sys.stdin):
        started = time.perf_counter()
        parse = await agent.processor.parse_message(UserMessage(text, metadata={"language": language}))
        milliseconds = 1000 * (time.perf_counter() - started)
        others = {name: parse.get(name, []) for name in ("offers", "alternatives")}
        parses.append({"intent": parse["intent"], "ranking": parse["intent_ranking"], **others, "milliseconds": milliseconds})
    json.dump(parses, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
