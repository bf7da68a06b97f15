import type { RunningDaemon } from './describe-daemon.ts';

/** How the start ended, which the background process tells the command that started it, once. */
export type DaemonReport =
  /** `lines`: where everything is. */
  | { status: 'ready'; lines: string[] }
  /** Another daemon has the folder. */
  | { status: 'running'; daemon: RunningDaemon }
  | { status: 'failed'; message: string; exitCode: number };

/** Tells it at once what the user should see meanwhile. */
export function note(text: string): void {
  if (process.connected) process.send?.(text);
}

/** Resolves when it is sent, or nobody listens any more. */
export async function report(message: DaemonReport): Promise<void> {
  if (!process.connected) return;
  await new Promise((resolve) => process.send?.(message, undefined, {}, resolve));
  if (process.connected) process.disconnect();
}
