"""Runs a function as the program of a task ("mode": "stream"): python3 adapter.py module:function"""

import importlib
import json
import sys
import traceback

module, name = sys.argv[1].split(":")
function = getattr(importlib.import_module(module), name)

# What the function prints is for the log; standard output is for the lines below.
lines, sys.stdout = sys.stdout, sys.stderr


def say(line):
    lines.write(json.dumps(line) + "\n")
    lines.flush()


for line in sys.stdin.buffer:
    task = json.loads(line)
    try:
        result = {"result": function(**task["parameters"])}
    except Exception as error:
        message = str(error) or type(error).__name__
        result = {"error": {"message": message, "stack": traceback.format_exc()}}
    say(result)
