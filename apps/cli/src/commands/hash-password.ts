import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { hashPassword, tokenHashOf } from '@taskwire/config';
import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { print } from '../output/print.ts';

interface HashPasswordOptions {
  token?: boolean;
  json?: boolean;
}

export function hashPasswordCommand(): Command {
  return new Command('hash-password')
    .description('print the hash of a password for web.users; it is asked for, or read from standard input')
    .option('--token', 'make a random bearer token instead; print it and its hash for web.tokens')
    .option('--json', 'print JSON')
    .action(({ token = false, json = false }: HashPasswordOptions) => (token ? printToken(json) : printPassword(json)));
}

const MIN_CHARACTERS = 8;

async function printPassword(json: boolean): Promise<void> {
  const password = process.stdin.isTTY ? await askTwice() : await firstLine();
  if (password === '') throw new UsageError('No password was given.');
  if ([...password].length < MIN_CHARACTERS) {
    throw new UsageError(`The password is too short: it needs at least ${MIN_CHARACTERS} characters.`);
  }
  const password_hash = await hashPassword(password);
  print(json ? JSON.stringify({ password_hash }) : password_hash);
  if (!json) printSettings('users', 'operator', { password_hash, role: 'operator' });
}

function printToken(json: boolean): void {
  const token = randomBytes(32).toString('base64url');
  const token_hash = tokenHashOf(token);
  print(json ? JSON.stringify({ token, token_hash }) : `${token}\n${token_hash}`);
  if (json) return;
  printSettings('tokens', 'prometheus', { token_hash, role: 'viewer' });
  if (process.stdout.isTTY) print('The program sends the token, the first line, as "Authorization: Bearer <token>".');
}

/** For people: where to put the hash. */
function printSettings(setting: 'users' | 'tokens', name: string, fields: object): void {
  if (!process.stdout.isTTY) return;
  const entry = { [name]: fields };
  print('\nIn config.json:');
  print(`  "web": ${JSON.stringify({ [setting]: entry })}`);
  print('or in .env or the environment:');
  print(`  TASKWIRE_WEB_${setting.toUpperCase()}='${JSON.stringify(entry)}'`);
  print(`"${name}" is a name of your choice; the role is "operator", or "viewer", who may look only.`);
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) {
    // The input may be endless.
    process.stdin.destroy();
    return line;
  }
  return '';
}

async function askTwice(): Promise<string> {
  const password = await ask('Password: ');
  if (password !== '' && password !== (await ask('Once more: '))) throw new UsageError('The two passwords differ.');
  return password;
}

/** Asks on the terminal without echo. Ctrl-C and Ctrl-D are no answer. */
async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  // Not on standard output, which may be a file for the hash.
  process.stderr.write(question);
  try {
    return await Promise.race([terminal.question(''), once(terminal, 'close').then(() => '')]);
  } catch (error) {
    if ((error as Error).name === 'AbortError') return '';
    throw error;
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
