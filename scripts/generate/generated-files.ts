import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configJsonSchema, settings } from '@taskwire/config';
import {
  asyncApiDocument,
  cancelJsonSchema,
  eventJsonSchema,
  type JsonDocument,
  requestJsonSchema,
  resultJsonSchema,
} from '@taskwire/protocol';
import { charts } from '../../bench/report/charts.ts';
import { performancePage } from '../../bench/report/page.ts';
import { readResults } from '../../bench/report/results.ts';
import { configurationPage } from './configuration-page.ts';

export interface GeneratedFile {
  /** Relative to the top of the repository. */
  path: string;
  text: string;
}

/** Every file that `npm run generate` writes, as it should be. */
export function generatedFiles(): GeneratedFile[] {
  const results = readResults();
  return [
    { path: 'config.schema.json', text: formatted('config.schema.json', configJsonSchema()) },
    { path: 'docs/schema/request.json', text: json(requestJsonSchema()) },
    { path: 'docs/schema/cancel.json', text: json(cancelJsonSchema()) },
    { path: 'docs/schema/result.json', text: json(resultJsonSchema()) },
    { path: 'docs/schema/event.json', text: json(eventJsonSchema()) },
    { path: 'docs/schema/asyncapi.json', text: json(asyncApi()) },
    { path: 'docs/configuration.md', text: configurationPage() },
    { path: 'docs/performance.md', text: performancePage(results) },
    ...Object.entries(charts(results)).map(([name, text]) => ({ path: `docs/images/${name}`, text })),
  ];
}

/** The files that are missing or out of date. */
export function staleFiles(files: readonly GeneratedFile[]): GeneratedFile[] {
  return files.filter(({ path, text }) => textIn(path) !== text);
}

export function absolute(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(absolute(path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function asyncApi(): JsonDocument {
  const { version } = JSON.parse(readFileSync(absolute('apps/cli/package.json'), 'utf8')) as { version: string };
  return asyncApiDocument({
    version,
    redisAddress: `${defaultOf('redis.host')}:${defaultOf('redis.port')}`,
    channels: {
      tasks: defaultOf('redis.channels.tasks_queue'),
      cancel: defaultOf('redis.channels.cancel'),
      results: defaultOf('redis.channels.results_queue'),
      events: defaultOf('redis.channels.events'),
    },
    schemas: {
      request: './request.json',
      cancel: './cancel.json',
      result: './result.json',
      event: './event.json',
    },
  });
}

function defaultOf(path: string): string {
  const setting = settings.find((candidate) => candidate.path.join('.') === path);
  if (setting?.default === undefined) throw new Error(`there is no setting ${path} with a default`);
  return String(setting.default);
}

function json(document: JsonDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** For a file that `biome check` checks. */
function formatted(path: string, document: JsonDocument): string {
  const biome = absolute('node_modules/.bin/biome');
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], {
    cwd: absolute('.'),
    input: json(document),
    encoding: 'utf8',
  });
}
