"""Publishes a task from Python and prints its result. Needs redis-py (Debian: python3-redis) and a running taskwire."""

import json
import os
import uuid

import redis

connection = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
task_id = str(uuid.uuid4())
request = {
    "task_type": "reverse_string",
    "parameters": {"text": "abc"},
    "task_id": task_id,
    "user_id": 7,
    # Results are on the channel "results" for everybody; this one is ours alone.
    "reply_to": f"results:{task_id}",
}

answers = connection.pubsub()
answers.subscribe(request["reply_to"])
for message in answers.listen():
    if message["type"] == "subscribe":
        # Only now that the subscription stands: a published result is not kept for those who come late.
        if connection.publish("tasks", json.dumps(request)) == 0:
            raise SystemExit("Nobody listens on the channel tasks: is taskwire running?")
    elif message["type"] == "message":
        print(json.dumps(json.loads(message["data"]), indent=2, ensure_ascii=False))
        break
