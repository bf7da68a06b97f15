import { setTimeout as pause } from 'node:timers/promises';

export interface Load {
  count: number;
  /** None: one after the other, each when the one before has ended. */
  perSecond?: number | undefined;
}

interface Way {
  send: (index: number) => void;
  /** Says who wants to hear of the end of each task. */
  onEnd: (listener: (index: number) => void) => void;
}

/** Sends numbered tasks, at a steady rate whatever comes back; resolves with the time that each took, in ms. */
export async function latencies({ count, perSecond }: Load, { send, onEnd }: Way): Promise<number[]> {
  const sentAt: number[] = [];
  const times: number[] = [];
  const sendNext = () => {
    sentAt.push(performance.now());
    send(sentAt.length - 1);
  };
  const all = new Promise<void>((resolve) =>
    onEnd((index) => {
      times.push(performance.now() - (sentAt[index] ?? Number.NaN));
      if (times.length === count) resolve();
      else if (perSecond === undefined) sendNext();
    }),
  );
  const start = performance.now();
  if (perSecond === undefined) sendNext();
  else {
    while (sentAt.length < count) {
      const due = Math.min(count, ((performance.now() - start) / 1000) * perSecond);
      while (sentAt.length < due) sendNext();
      await pause(1);
    }
  }
  await all;
  return times;
}
