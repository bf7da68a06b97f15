import { loadConfig, privateEnvironment } from '@taskwire/config';
import { expect, test } from 'vitest';
import { createHostCheck } from './host-check.ts';

const { web } = loadConfig({
  env: privateEnvironment({ TASKWIRE_WEB_ALLOWED_HOSTS: 'tasks.example.org, fd00::1' }),
});

test.each([
  '127.0.0.1:7878',
  '127.9.9.9',
  'localhost',
  'LocalHost:3000',
  'localhost.:7878',
  '[::1]:7878',
  '[::1]',
  'tasks.example.org',
  'Tasks.Example.org:8443',
  '[fd00::1]:80',
])('lets %s in', (host) => {
  expect(createHostCheck(web)(host)).toBe(true);
});

test.each([
  undefined,
  '',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example:7878',
  'evil.example:127.0.0.1',
  'tasks.example.org.evil.example',
  '192.168.1.5:7878',
  '[fd00::2]',
])('keeps %s out', (host) => {
  expect(createHostCheck(web)(host)).toBe(false);
});
