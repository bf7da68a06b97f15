"""Writes requests as a program of the query daemon does, and prints the seconds that each took as JSON."""

import json
import os
import sys
import time

folder, label, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
seconds = []
for index in range(count):
    request = {"task_type": "reverse_string", "parameters": {"text": f"file {index}"}}
    start = time.perf_counter()
    temporary = os.path.join(folder, f".{label}-{index}.tmp")
    with open(temporary, "w") as file:
        json.dump(request, file)
    os.rename(temporary, os.path.join(folder, f"{label}-{index}.json"))
    seconds.append(time.perf_counter() - start)
print(json.dumps(seconds))
