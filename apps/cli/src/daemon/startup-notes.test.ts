import { expect, test } from 'vitest';
import { StartupNotes } from './startup-notes.ts';

test('tells of warnings, errors with their cause, and what is not JSON, until the start is over', () => {
  const told: string[] = [];
  const notes = new StartupNotes((note) => told.push(note));
  const written: string[] = [];
  const write = notes.through((_source, line) => written.push(line));
  const info = '{"level":"info","msg":"ready"}';
  const fatal = '{"level":"fatal","msg":"worker failed","err":{"message":"no room"}}';
  for (const line of [info, fatal, '    at main.ts:1']) write('worker', line);
  notes.end();
  write('worker', fatal);
  expect(told).toEqual(['worker: worker failed: no room', 'worker:     at main.ts:1']);
  expect(written).toEqual([info, fatal, '    at main.ts:1', fatal]);
});
