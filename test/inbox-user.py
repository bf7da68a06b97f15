"""A program of the old query daemon: it writes requests, polls for the results, and prints them as JSON."""

import json
import os
import sys
import time
import uuid
from datetime import datetime

folder = sys.argv[1]
query_ids = []
for number in range(5):
    query_id = f"query_{uuid.uuid4()}"
    with open(os.path.join(folder, "requests", f"{query_id}.json"), "w") as file:
        request = {
            "query_id": query_id,
            "query": f"select {number} as n, range::int as row from range({number + 1})",
            "metadata": {"asked_by": "python", "number": number},
            "submitted_at": datetime.now().isoformat(),
        }
        json.dump(request, file, indent=2)
    query_ids.append(query_id)

results = []
for query_id in query_ids:
    path = os.path.join(folder, "results", f"{query_id}.json")
    while not os.path.exists(path):
        time.sleep(0.05)
    with open(path) as file:
        results.append(json.load(file))
print(json.dumps(results))
