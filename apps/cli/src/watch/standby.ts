import type { ChildProcess } from 'node:child_process';
import { STANDBY, type StandbySays, type StandbyStep } from '@taskwire/service/standby';
import { endOf, forkService, NotStartedError, type ServiceProcessOptions } from '../supervisor/launch-service.ts';

export interface StandbyOptions extends ServiceProcessOptions {
  /** Told of each file of the user's that it uses. */
  onFile: (file: string) => void;
}

/** A process of a service that is started ahead, since loading its code takes longest, and waits for the word to read the user's. */
export class Standby {
  readonly name: StandbyOptions['name'];
  readonly #child: ChildProcess;
  readonly #waits = Promise.withResolvers<void>();
  /** Resolves when it has loaded its own code, or has ended. */
  readonly waits = this.#waits.promise;
  readonly #loaded = Promise.withResolvers<void>();
  #isLoading = false;
  #isStarted = false;
  readonly #ready = Promise.withResolvers<void>();

  constructor(options: StandbyOptions) {
    const { name, log, onFile } = options;
    this.name = name;
    this.#child = forkService(options, [STANDBY]);
    const fail = (why: string) => {
      const error = new NotStartedError(why);
      this.#loaded.reject(error);
      this.#ready.reject(error);
      this.#waits.resolve();
    };
    let isReady = false;
    this.#child.on('message', (said: StandbySays) => {
      if (said === 'waits') this.#waits.resolve();
      else if (said === 'loaded') this.#loaded.resolve();
      else if (said === 'ready') {
        isReady = true;
        this.#ready.resolve();
      } else if ('file' in said) onFile(said.file);
      else if (isReady) log.say(said.fault, 'error');
      else fail(said.fault);
    });
    for (const { promise } of [this.#loaded, this.#ready]) promise.catch(() => undefined);
    void endOf(this.#child).then((how) => fail(`${name} ${how}`));
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Resolves when it has read configuration and tasks. @throws NotStartedError that says what cannot be used. */
  load(): Promise<void> {
    if (!this.#isLoading) this.#tell('load');
    this.#isLoading = true;
    return this.#loaded.promise;
  }

  /** Resolves when it works. */
  async start(): Promise<ChildProcess> {
    this.#isStarted = true;
    this.#tell('start');
    await this.#ready.promise;
    return this.#child;
  }

  /** Ends it. Before it was started it has nothing to finish, and may be busy for ever with a task file. */
  end(): void {
    this.#child.kill(this.#isStarted ? 'SIGTERM' : 'SIGKILL');
  }

  /** If it has ended, that is noticed anyway. */
  #tell(step: StandbyStep): void {
    this.#child.send(step, () => undefined);
  }
}
