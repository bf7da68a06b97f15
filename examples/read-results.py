"""Prints every result, also those that came while this program did not run. Needs redis-py (Debian: python3-redis)."""

import json
import os
import sys

import redis

STREAM, GROUP = "{taskwire}:results", "read-results"
# Two programs with the same group share the results; they need different names.
consumer = sys.argv[1] if len(sys.argv) > 1 else "one"

connection = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), decode_responses=True)
try:
    connection.xgroup_create(STREAM, GROUP, id="$", mkstream=True)
except redis.ResponseError as error:
    if not str(error).startswith("BUSYGROUP"):
        raise


def handle(message):
    try:
        result = json.loads(message)
        print(result["task_id"], result["status"], json.dumps(result.get("result", result.get("error"))), flush=True)
    except (ValueError, TypeError, LookupError, AttributeError):
        print("not a result of taskwire:", message, file=sys.stderr, flush=True)


# First what an earlier run of this program was given and did not acknowledge, then what nobody has read.
position = "0"
while True:
    for _, entries in connection.xreadgroup(GROUP, consumer, {STREAM: position}, count=10, block=5000) or []:
        for entry_id, fields in entries:
            # An entry that is gone from the stream has no fields.
            if fields:
                handle(fields.get("message"))
            connection.xack(STREAM, GROUP, entry_id)
        if not entries:
            position = ">"
