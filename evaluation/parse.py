"""Put texts through a trained model, in Rasa's own environment: JSON list on standard input, JSON list of parses on standard output.

bot/.venv/bin/python -m evaluation.parse MODEL < texts.json
"""

import asyncio
import json
import sys
import time

from rasa.core.agent import load_agent


async def main(model: str) -> None:
    agent = await load_agent(model_path=model)
    await agent.parse_message("ready before the first measurement")
    parses = []
    for text in json.load(sys.stdin):
        started = time.perf_counter()
        parse = await agent.parse_message(text)
        milliseconds = 1000 * (time.perf_counter() - started)
        parses.append(
            {"intent": parse["intent"], "ranking": parse["intent_ranking"], "offers": parse.get("offers", []), "milliseconds": milliseconds}
        )
    json.dump(parses, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
