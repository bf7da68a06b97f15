#!/bin/sh
# The task is a JSON object on standard input: `jq -r .parameters.path` would read a parameter. The result is JSON, too.
set -eu
echo "looking at $PWD" >&2
df -Pk . | awk 'NR == 2 { printf "{\"total_kib\": %d, \"free_kib\": %d}\n", $2, $4 }'
