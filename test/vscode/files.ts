import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProblemMatcher } from './problems.ts';

/** What VS Code calls the workspace folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface Task {
  label: string;
  type?: 'process' | 'shell';
  command?: string;
  args?: readonly string[];
  options?: { env?: Record<string, string> };
  dependsOn?: readonly string[];
  isBackground?: boolean;
  presentation?: { panel?: string };
  problemMatcher: string | ProblemMatcher | readonly ProblemMatcher[];
}

export interface Configuration {
  name: string;
  runtimeExecutable: string;
  program: string;
  args?: string | readonly string[];
  env?: Record<string, string>;
  preLaunchTask?: string;
}

export interface Compound {
  name: string;
  configurations: readonly string[];
  preLaunchTask: string;
}

interface Input {
  id: string;
  default: string;
}

/** VS Code would allow comments, too; without them every tool can read the files. */
function read<T>(name: string): T {
  return JSON.parse(readFileSync(`${root}/.vscode/${name}`, 'utf8')) as T;
}

export const { tasks } = read<{ tasks: Task[] }>('tasks.json');
export const launch = read<{ configurations: Configuration[]; compounds: Compound[]; inputs: Input[] }>('launch.json');
export const extensions = read<{ recommendations: string[] }>('extensions.json');
export const settings = read<Record<string, unknown>>('settings.json');

/** The text with the variables of VS Code replaced; what is asked for by a prompt is answered with its default. */
export function resolved(text: string, relativeFile?: string): string {
  return text.replace(/\$\{([^}]*)\}/g, (variable, name: string) => {
    const input = launch.inputs.find(({ id }) => name === `input:${id}`);
    const value = name === 'workspaceFolder' ? root : name === 'relativeFile' ? relativeFile : input?.default;
    if (value === undefined) throw new Error(`${variable} has no value`);
    return value;
  });
}

export function taskNamed(label: string): Task {
  return tasks.find((task) => task.label === label) as Task;
}

export function configurationNamed(name: string): Configuration {
  return launch.configurations.find((configuration) => configuration.name === name) as Configuration;
}

export function matchersOf({ problemMatcher }: Task): ProblemMatcher[] {
  return [problemMatcher].flat().filter((matcher) => typeof matcher === 'object');
}

/** How VS Code is to know what a background task is at. */
export function backgroundOf(task: Task): NonNullable<ProblemMatcher['background']> {
  const found = matchersOf(task).find(({ background }) => background)?.background;
  if (!task.isBackground || !found) throw new Error(`${task.label} is no background task`);
  return found;
}
