import type { ServerContext } from '@modelcontextprotocol/server';
import type { TaskDesk } from '../task-desk.ts';

const EVERY_MS = 1000;

/** Tells who asks how far a task is, while an answer waits for it: if it asked for that, and the task says so. */
export function tellsProgress({ mcpReq }: ServerContext, desk: TaskDesk): (taskId: string) => Disposable {
  const progressToken = mcpReq._meta?.progressToken;
  return (taskId) => {
    let told = -1;
    let waits = progressToken !== undefined;
    const tell = async () => {
      const { progress } = (await desk.look(taskId)) ?? {};
      // The protocol wants it to increase, and nothing after the answer.
      if (!progress || progress.progress <= told || !waits) return;
      told = progress.progress;
      const params = { ...progress, progressToken, total: 1 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    };
    const timer = waits ? setInterval(() => tell().catch(() => undefined), EVERY_MS) : undefined;
    return {
      [Symbol.dispose]() {
        waits = false;
        clearInterval(timer);
      },
    };
  };
}
