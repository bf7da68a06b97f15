const REQUESTS = [
  { task_type: 'reverse_string', parameters: { text: 'abc' } },
  { task_type: 'generate_random_number', parameters: { min_value: 1, max_value: 9 } },
];
/** SQL is slow, and most of what is wrong with a request is found before it. */
const SQL_SHARE = 0.01;
const SQL = { task_type: 'sql_query', parameters: { query: 'select 1 as one' } };
/** None of them is the number of a numbered task. */
const VALUES = [null, true, -0.5, -1, 1e308, '', 'x'.repeat(2000), [], {}, [[[[]]]], '\u0000', '💥', '__proto__'];

/** A request with one or several faults: a value of another type, or bytes that were changed, cut off or repeated. */
export function mutatedRequest(taskId: string | undefined): Buffer {
  const request: Record<string, unknown> = {
    ...(taskId !== undefined && { task_id: taskId }),
    ...(chance(SQL_SHARE) ? SQL : pick(REQUESTS)),
    user_id: 'somebody',
    metadata: { page: 3 },
  };
  // Two with the same id would be the same task, and have one answer.
  if (chance(0.5)) request[pick(['task_type', 'user_id', 'parameters', 'metadata', 'prio', 'priority'])] = pick(VALUES);
  let bytes = Buffer.from(JSON.stringify(request));
  while (chance(0.4)) bytes = pick(MUTATIONS)(bytes);
  return bytes;
}

const MUTATIONS: readonly ((bytes: Buffer) => Buffer<ArrayBuffer>)[] = [
  (bytes) => {
    const changed = Buffer.from(bytes);
    changed[below(bytes.length)] = below(256);
    return changed;
  },
  (bytes) => Buffer.from(bytes.subarray(0, below(bytes.length + 1))),
  (bytes) => Buffer.concat([bytes, bytes.subarray(below(bytes.length))]),
  (bytes) => Buffer.concat([Buffer.from(pick(['[', '{"', '\ufeff', '-'])), bytes]),
];

function below(end: number): number {
  return Math.floor(Math.random() * end);
}

function pick<T>(list: readonly T[]): T {
  return list[below(list.length)] as T;
}

function chance(probability: number): boolean {
  return Math.random() < probability;
}
