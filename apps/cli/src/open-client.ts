import { TaskwireClient } from '@taskwire/client';
import { loadConfig } from '@taskwire/config';
import { type Command, Option } from 'commander';

export interface WayOptions {
  publish?: true;
}

/** The option of commands that ask for something. */
export function withWayOption(command: Command): Command {
  const what = 'ask by PUBLISH, which fails at once when no processor listens; otherwise the request waits in Redis';
  return command.addOption(new Option('--publish', what));
}

/** A client of the configured Redis. */
export function openClient({ publish }: WayOptions = {}): TaskwireClient {
  return new TaskwireClient(loadConfig().redis, { via: publish ? 'channel' : 'stream' });
}

/** Says on standard error that nobody answers, each time that this changes. */
export function sayOnSilence(): (note: string | undefined) => void {
  let said: string | undefined;
  return (note) => {
    if (note === said) return;
    said = note;
    if (note !== undefined) process.stderr.write(`${note[0]?.toUpperCase()}${note.slice(1)} (npx taskwire status).\n`);
  };
}
