import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { localMachine } from '@taskwire/setup';
import { celery } from '../../scripts/setup/requirements.ts';
import { said } from '../measure/machine.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

export interface CeleryStack extends Disposable {
  processor: number;
  /** Its own processes start with the first task. */
  worker: number;
}

/** The Python that has Celery and redis-py. */
export async function pythonWithCelery(): Promise<string | undefined> {
  const [finding] = (await localMachine.inspect([celery])).findings;
  return finding?.status === 'found' ? finding.path : undefined;
}

export async function celeryVersion(): Promise<string | undefined> {
  const python = await pythonWithCelery();
  const script =
    'import celery, redis, platform as p; print(celery.__version__, redis.__version__, p.python_version())';
  if (python === undefined) return undefined;
  const [version, redisPy, ofPython] = said(python, '-c', script).split(' ');
  return `${version} (redis-py ${redisPy}, Python ${ofPython})`;
}

/** A processor in Python and a worker of Celery with a process per core, without what it does besides running tasks. */
export async function startCelery(python: string, redisUrl: string): Promise<CeleryStack> {
  const begin = (...args: string[]) =>
    spawn('env', [`REDIS_URL=${redisUrl}`, 'PYTHONDONTWRITEBYTECODE=1', 'PYTHONWARNINGS=ignore', python, ...args], {
      cwd: FOLDER,
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own, to be ended with all its processes.
      detached: true,
    });
  const processor = begin('celery_stack.py');
  const lean = ['--without-gossip', '--without-mingle', '--without-heartbeat', '--loglevel=ERROR'];
  const worker = begin('-m', 'celery', '-A', 'celery_stack', 'worker', `-c${availableParallelism()}`, ...lean);
  worker.stdout.resume();
  const kill = () => {
    for (const { pid, exitCode, signalCode } of [processor, worker]) {
      if (exitCode === null && signalCode === null) process.kill(-(pid as number), 'SIGKILL');
    }
  };
  process.once('exit', kill);
  await once(processor.stdout, 'data');
  return {
    processor: processor.pid as number,
    worker: worker.pid as number,
    [Symbol.dispose]: () => {
      process.off('exit', kill);
      kill();
    },
  };
}
