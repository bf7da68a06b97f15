const TYPES = ['reverse_string', 'generate_random_number', 'no_such_type'];
/** SQL is slow, and most of what is wrong with a request is found before it. */
const SQL_SHARE = 0.01;
const VALUES = [null, true, 0, -1, 1e308, '', 'x'.repeat(2000), [], {}, [[[[]]]], '\u0000', '💥', '__proto__'];

/** A request with one or several faults: a value of another type, or bytes that were changed, cut off or repeated. */
export function mutatedRequest(taskId: string | undefined): Buffer {
  const type = chance(SQL_SHARE) ? 'sql_query' : pick(TYPES);
  const request: Record<string, unknown> = {
    ...(taskId !== undefined && { task_id: taskId }),
    task_type: type,
    user_id: 7,
    parameters: type === 'sql_query' ? { query: 'select 1 as one' } : { text: 'abc', min: 1, max: 9 },
    metadata: { page: 3 },
  };
  if (chance(0.5)) request[pick([...Object.keys(request), 'prio', 'priority'])] = pick(VALUES);
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
