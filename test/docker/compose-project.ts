import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { privateEnvironment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { docker } from './docker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = ['docker-compose.yml', 'test/docker/docker-compose.test.yml'];

/** A container as `docker compose ps` tells of it. */
export interface ComposeContainer {
  Service: string;
  Health: string;
  ExitCode: number;
}

/** docker-compose.yml under a project name and at ports that nobody else uses. */
export class ComposeProject {
  readonly name: string;
  readonly redisUrl: string;
  readonly webUrl: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(name: string, redisPort: number, webPort: number) {
    this.name = name;
    this.redisUrl = `redis://127.0.0.1:${redisPort}`;
    this.webUrl = `http://127.0.0.1:${webPort}`;
    const ports = { PUBLISHED_REDIS_PORT: String(redisPort), PUBLISHED_DASHBOARD_PORT: String(webPort) };
    this.#env = privateEnvironment({ ...ports, REDISCLI_AUTH: undefined });
  }

  /** Builds the image and starts everything, as a user would. Resolves when all are healthy. */
  static async up(name: string): Promise<ComposeProject> {
    const project = new ComposeProject(name, await freePort(), await freePort());
    await project.compose('up', '--build', '--wait');
    return project;
  }

  /** Runs `docker compose` for this project. Gives what it prints. */
  compose(...args: string[]): Promise<string> {
    const files = FILES.flatMap((file) => ['--file', `${ROOT}${file}`]);
    // A .env of whoever works here is not for the tests.
    const options = ['--project-name', this.name, '--project-directory', ROOT, '--env-file', '/dev/null'];
    return docker(['compose', ...options, ...files, ...args], this.#env);
  }

  /** Publishes a request as a user would. Gives the number of processors that heard it. */
  async publish(request: object): Promise<number> {
    return Number(await this.compose('exec', '-T', 'redis', 'redis-cli', 'publish', 'tasks', JSON.stringify(request)));
  }

  async containers(): Promise<ComposeContainer[]> {
    const lines = await this.compose('ps', '--all', '--format', 'json');
    return lines.split('\n').map((line) => JSON.parse(line));
  }

  /** Resolves when a container of a service gets that health, from now on. */
  async nextHealth(service: string, health: 'healthy' | 'unhealthy'): Promise<void> {
    const filters = [`label=com.docker.compose.project=${this.name}`, `label=com.docker.compose.service=${service}`];
    const args = [...filters, `event=health_status: ${health}`].flatMap((filter) => ['--filter', filter]);
    const since = String(Date.now() / 1000);
    const events = spawn('docker', ['events', '--since', since, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: events.stdout });
    await new Promise<void>((resolve) => lines.once('line', () => resolve()));
    events.kill();
  }
}
