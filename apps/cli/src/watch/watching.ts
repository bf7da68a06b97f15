import type { ChildProcess } from 'node:child_process';
import { basename, dirname, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Config, configFiles, loadConfig, type ServiceName, serviceSettings, services } from '@taskwire/config';
import { isTaskFile } from '@taskwire/tasks';
import type { LogSink } from '../supervisor/json-lines.ts';
import type { Supervised } from '../supervisor/supervised.ts';
import { FileWatch } from './file-watch.ts';
import { Standby } from './standby.ts';

export interface WatchingOptions {
  config: Config;
  log: LogSink;
  env: NodeJS.ProcessEnv;
}

const SLOW_LOAD_MS = 5000;

interface Service {
  name: ServiceName;
  process: Supervised;
}

/**
 * Replaces the services when a file of the user's changes. Their successors load it first, so that a fault in it changes nothing, and
 * work before the old ones take no more tasks, as in a deployment. These end when their tasks have.
 */
export class Watching implements AsyncDisposable {
  readonly #options: WatchingOptions;
  #config: Config;
  #services: readonly Service[] = [];
  readonly #spares = new Map<ServiceName, Standby>();
  /** Of configuration and tasks, with what these import. */
  readonly #files = new Set(configFiles());
  readonly #watch = new FileWatch(
    (path) => this.#concerns(path),
    (files) => this.#note(files),
  );
  readonly #changed = new Set<string>();
  /** Those that are about to take over. */
  #next: readonly Standby[] = [];
  #replacing: Promise<void> | undefined;
  #preparing: Promise<void> | undefined;
  #isWebOld = false;
  #isOver = false;

  constructor(options: WatchingOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** Starts a service and resolves when it is ready. */
  async launch(name: ServiceName, signal: AbortSignal): Promise<ChildProcess> {
    const standby = this.#take(name);
    const end = () => standby.end();
    signal.addEventListener('abort', end);
    try {
      await standby.load();
      return await standby.start();
    } finally {
      signal.removeEventListener('abort', end);
      this.#prepare();
    }
  }

  /** Watches from now on. */
  begin(running: readonly Service[]): void {
    this.#services = running;
    for (const file of this.#files) this.#watch.add(dirname(file));
    for (const folder of this.#config.tasks.folders) this.#watch.add(folder);
    this.#prepare();
    // Since the services loaded it.
    if (this.#changed.size > 0) this.#note([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#watch[Symbol.dispose]();
    for (const standby of [...this.#spares.values(), ...this.#next]) standby.end();
    await this.#replacing;
  }

  #concerns(path: string): boolean {
    if (isTaskFile(basename(path)) && this.#config.tasks.folders.includes(dirname(path))) return true;
    // A folder that appears or goes takes its files with it.
    return this.#files.has(path) || [...this.#files].some((file) => file.startsWith(path + sep));
  }

  #note(files: readonly string[]): void {
    for (const file of files) this.#changed.add(file);
    if (this.#services.length === 0) return;
    // What is being loaded is out of date.
    for (const standby of this.#next) if (!standby.isStarted) standby.end();
    this.#replacing ??= this.#replaceAll().finally(() => (this.#replacing = undefined));
  }

  async #replaceAll(): Promise<void> {
    while (this.#changed.size > 0 && !this.#isOver) {
      const [first = '', ...others] = [...this.#changed].map((file) => relative(process.cwd(), file));
      const more = others.length === 0 ? '' : others.length === 1 ? ` and ${others[0]}` : ` and ${others.length} more`;
      this.#changed.clear();
      this.#watch.renew();
      const { log } = this.#options;
      try {
        await this.#replace();
        log.say(`${first}${more} changed: new tasks use it; those that run end on the old code`);
      } catch (error) {
        if (this.#changed.size > 0 || this.#isOver) continue;
        log.say(
          `${first}${more} changed, but all goes on with what was there before: ${(error as Error).message}`,
          'error',
        );
      }
      this.#prepare();
    }
  }

  /** @throws Error that says why all goes on as before. */
  async #replace(): Promise<void> {
    const config = loadConfig();
    const fixed = differencesOfFixed(this.#config, config);
    if (fixed.length > 0) throw new Error(`${fixed.join(', ')} can only change when taskwire is started again`);
    for (const folder of config.tasks.folders) this.#watch.add(folder);
    const replaced = this.#services.filter(({ name }) => name !== 'web');
    const { sql = [], others = [] } = Object.groupBy(replaced, ({ name }) =>
      name === 'sql-worker' ? 'sql' : 'others',
    );
    // What runs few tasks of the user's does not delay the others.
    for (const stage of [others, sql]) await this.#replaceStage(stage);
    this.#config = config;
    this.#isWebOld = true;
  }

  /** All of them or none. */
  async #replaceStage(stage: readonly Service[]): Promise<void> {
    this.#next = stage.map(({ name }) => this.#take(name));
    try {
      using _ = this.#sayIfSlow();
      await Promise.all(this.#next.map((standby) => standby.load()));
      const children = await Promise.all(this.#next.map((standby) => standby.start()));
      for (const [index, { process }] of stage.entries()) process.replaceBy(children[index] as ChildProcess);
    } catch (error) {
      for (const standby of this.#next) standby.end();
      throw error;
    } finally {
      this.#next = [];
    }
  }

  /** An import may wait for ever. */
  #sayIfSlow(): Disposable {
    const say = () =>
      this.#options.log.say('the changed files are still being loaded: does a module wait for something?', 'warn');
    const timer = setTimeout(say, SLOW_LOAD_MS);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  #take(name: ServiceName): Standby {
    const spare = this.#spares.get(name) ?? this.#standby(name);
    this.#spares.delete(name);
    return spare;
  }

  /** One by one, those that most tasks need first: the next change may come soon. At last the dashboard; two cannot have its port. */
  async #prepareAll(): Promise<void> {
    while (!this.#isOver && this.#next.length === 0) {
      const next = this.#services.find(({ name }) => !this.#spares.has(name));
      if (!next) {
        if (this.#isWebOld) await this.#renewWeb();
        return;
      }
      const standby = this.#standby(next.name);
      this.#spares.set(next.name, standby);
      await standby.waits;
    }
  }

  /** It reads the user's files first: there may be a fault in them by now, and then the old one goes on. */
  async #renewWeb(): Promise<void> {
    const spare = this.#spares.get('web');
    try {
      await spare?.load();
    } catch {
      this.#spares.delete('web');
      return;
    }
    this.#isWebOld = false;
    this.#services.find(({ name }) => name === 'web')?.process.renew();
  }

  #prepare(): void {
    this.#preparing ??= this.#prepareAll().finally(() => (this.#preparing = undefined));
  }

  #standby(name: ServiceName): Standby {
    const { log, env } = this.#options;
    const onFile = (file: string) => {
      this.#files.add(file);
      if (!this.#isOver) this.#watch.add(dirname(file));
    };
    return new Standby({ name, log, env, onFile });
  }
}

/** What belongs to the supervisor, or to the programs around it. */
function differencesOfFixed(before: Config, now: Config): string[] {
  const sections = (['redis', 'inbox', 'log'] as const).filter((name) => !isDeepStrictEqual(before[name], now[name]));
  const switched = services.filter(
    ({ name }) => serviceSettings(before, name).enabled !== serviceSettings(now, name).enabled,
  );
  return [...sections, ...switched.map(({ section }) => `${section}.enabled`)];
}
