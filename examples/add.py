"""Adds a task to the stream, which loses nothing, and prints its result. Needs redis-py (Debian: python3-redis)."""

import json
import os
import uuid

import redis

connection = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
task_id = str(uuid.uuid4())
request = {"task_type": "reverse_string", "parameters": {"text": "abc"}, "task_id": task_id, "user_id": 7}

# The task is safe from here on, also if taskwire is just being restarted, or not running at all.
connection.xadd("{taskwire}:tasks", {"message": json.dumps(request)})

# Whoever adds it and whoever wants the result need not be the same program: the id is enough.
results = connection.pubsub()
results.subscribe("results")
for _ in results.listen():
    # After each message, and first when the subscription stands: so no result is missed. What is refused has another key.
    kept = connection.mget(f"{{taskwire}}:result:{task_id}", f"{{taskwire}}:rejection:{task_id}")
    result = kept[0] or kept[1]
    if result is not None:
        print(json.dumps(json.loads(result), indent=2, ensure_ascii=False))
        break
