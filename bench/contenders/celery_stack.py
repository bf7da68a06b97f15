"""What taskwire replaced, with the least code: a processor that validates and dispatches, and a Celery worker."""

import json
import os

import redis
from celery import Celery

app = Celery("bench", broker=os.environ["REDIS_URL"])
# The worker publishes the result itself: kept by Celery too, it would cost more.
app.conf.task_ignore_result = True
connection = redis.Redis.from_url(os.environ["REDIS_URL"])


def publish(user_id, task_type, status, result):
    message = {"user_id": user_id, "task_type": task_type, "status": status, "result": result}
    connection.publish("results", json.dumps(message))


@app.task(name="reverse_string")
def reverse_string(user_id, text):
    publish(user_id, "reverse_string", "completed", {"reversed_text": text[::-1]})


def process():
    pubsub = connection.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe("tasks")
    print("ready", flush=True)
    for message in pubsub.listen():
        if message is None:
            continue
        try:
            request = json.loads(message["data"])
            if request["task_type"] != "reverse_string":
                raise ValueError("unknown task_type")
            text = request["parameters"]["text"]
            if not isinstance(text, str):
                raise ValueError("text must be a string")
        except (ValueError, KeyError, TypeError) as error:
            publish(None, None, "error", str(error))
            continue
        reverse_string.apply_async((request.get("user_id"), text))


if __name__ == "__main__":
    process()
