"""The functions of two Celery tasks, as they were. With `@app.task` above them they would work, too."""

import random


def generate_random_number(min_value=1, max_value=100):
    return {"number": random.randint(min_value, max_value)}


def reverse_string(text):
    return {"reversed_text": text[::-1]}
