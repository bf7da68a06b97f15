import { describe, expect, test } from 'vitest';
import { messageFrom } from './add-body.ts';

const TYPES = ['reverse_string', 'generate_random_number'];

function message(data: unknown, name = '__default__', options = {}) {
  return messageFrom({ name, data, options }, TYPES);
}

describe('the data is', () => {
  test('a request when it names its task type', () => {
    const data = { task_type: 'reverse_string', parameters: { text: 'a' }, user_id: 7 };
    expect(message(data)).toEqual({ message: data, faults: [] });
  });

  test('a request when it holds parameters and nothing that no request has', () => {
    const data = { parameters: { text: 'a' }, metadata: { a: 1 } };
    expect(message(data, 'reverse_string').message).toEqual({ ...data, task_type: 'reverse_string' });
  });

  test('the parameters alone when it holds anything else', () => {
    for (const data of [{ text: 'a' }, {}, { query: 'select ?', parameters: [1] }, { a: 1, parameters: {} }]) {
      expect(message(data, 'reverse_string').message).toEqual({ task_type: 'reverse_string', parameters: data });
    }
  });

  test('no parameters when there is none', () => {
    expect(message(undefined, 'reverse_string').message.parameters).toEqual({});
  });
});

describe('the task type', () => {
  test('may be left out where the queue has one only', () => {
    const { message, faults } = messageFrom({ name: '', data: { query: 'x' }, options: {} }, ['sql_query']);
    expect({ message, faults }).toEqual({
      message: { task_type: 'sql_query', parameters: { query: 'x' } },
      faults: [],
    });
  });

  test('is asked for where there are several', () => {
    expect(message({ text: 'a' }).faults).toEqual([
      { path: 'task_type', message: expect.stringMatching(/is required.*reverse_string, generate_random_number/) },
    ]);
  });

  test('must not contradict the name of the job', () => {
    expect(message({ task_type: 'reverse_string' }, 'sql_query').faults).toMatchObject([{ path: 'task_type' }]);
  });

  test('is the first word of the name under which the board shows a job', () => {
    expect(message({ text: 'a' }, 'reverse_string (task my-id)').message.task_type).toBe('reverse_string');
  });
});

describe('options of the job', () => {
  test('are those of a request by another name', () => {
    const options = { delay: 5000, attempts: 2, priority: 1 };
    expect(message({ text: 'a' }, 'reverse_string', options).message).toMatchObject({
      delay_ms: 5000,
      attempts: 2,
      priority: 1,
    });
  });

  test('that a request does not have are refused by name', () => {
    expect(message({ text: 'a' }, 'reverse_string', { lifo: true }).faults).toEqual([
      { path: 'options.lifo', message: 'no such option for a task; there are: attempts, delay, priority' },
    ]);
  });

  test('must not contradict the data', () => {
    const data = { parameters: {}, delay_ms: 1 };
    expect(message(data, 'reverse_string', { delay: 1 }).faults).toEqual([]);
    expect(message(data, 'reverse_string', { delay: 2 }).faults).toMatchObject([{ path: 'options.delay' }]);
  });
});
