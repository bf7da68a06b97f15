import type { TaskSummary } from '../../api/task-document.ts';
import { ask, me } from '../shared/api.ts';
import { byId, setText } from '../shared/dom.ts';
import { formatCounted } from '../shared/format.ts';

const WORDS = {
  retry: { verb: 'Retry', done: 'retried', detail: 'Tasks that ended are asked again with their parameters.' },
  cancel: { verb: 'Cancel', done: 'cancelled', detail: 'Tasks that wait or run end with the error “cancelled”.' },
};

/** A longer count would keep people waiting. */
const COUNTED = 10_000;

type Acted = { matched: number; done: number; not_done: Record<string, number>; cursor: string | null };

/** Retry and cancel of all that the filter finds: asks first, and says how many. */
export function offerBulk({ filter, done }: { filter: () => Record<string, string>; done: () => void }) {
  const dialog = byId('sure') as HTMLDialogElement;
  const buttons = document.querySelectorAll('[data-action]') as NodeListOf<HTMLButtonElement>;
  for (const button of buttons) {
    const action = button.dataset.action as keyof typeof WORDS;
    button.addEventListener('click', () => start(action));
  }

  async function start(action: keyof typeof WORDS) {
    const { verb, done: words, detail } = WORDS[action];
    try {
      const count = await counted(action);
      const tasks = count < COUNTED ? formatCounted(count, 'task') : `${formatCounted(count, 'task')} or more`;
      setText(byId('sure-title'), `${verb} ${tasks}?`);
      setText(byId('sure-detail'), count === 0 ? `Nothing to do: there are none to ${action}.` : detail);
      setText(byId('sure-yes'), `${verb} ${tasks}`);
      byId('sure-yes').hidden = count === 0;
      dialog.returnValue = '';
      dialog.showModal();
      await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
      if (dialog.returnValue === 'yes') await all(action, words);
    } catch (error) {
      setText(byId('fault'), (error as Error).message);
      byId('fault').hidden = false;
    }
    done();
  }

  async function counted(action: string) {
    let count = 0;
    let acted: Acted | undefined;
    do {
      acted = await step(action, { dry_run: true, ...(acted?.cursor && { cursor: acted.cursor }) });
      count += acted.matched;
    } while (acted.cursor !== null && count < COUNTED);
    return count;
  }

  /** The server does a thousand at a time. */
  async function all(action: string, words: string) {
    let count = 0;
    const others = new Map<string, number>();
    let acted: Acted | undefined;
    do {
      acted = await step(action, { dry_run: false, ...(acted?.cursor && { cursor: acted.cursor }) });
      count += acted.done;
      for (const [why, some] of Object.entries(acted.not_done)) others.set(why, (others.get(why) ?? 0) + some);
      const rest = [...others].map(([why, some]) => `${formatCounted(some, 'task')} not: ${why}`);
      setText(byId('told'), [`${formatCounted(count, 'task')} ${words}.`, ...rest].join(' '));
    } while (acted.cursor !== null);
  }

  async function step(action: string, options: { dry_run: boolean; cursor?: string }): Promise<Acted> {
    const json = JSON.stringify({ action, filter: filter(), ...options });
    return (await ask('/api/v1/task-actions', { method: 'POST', json })).data;
  }

  return {
    /** Offers what can be done with what was found: without a filter, nothing. */
    async update(tasks: readonly TaskSummary[]) {
      const { visitor, may_act } = await me;
      const hasEnded = ({ status }: TaskSummary) => status === 'completed' || status === 'error';
      const actions = tasks.map((task) => (task.refused ? 'none' : hasEnded(task) ? 'retry' : 'cancel'));
      for (const button of buttons) button.disabled = !actions.some((action) => action === button.dataset.action);
      const mayNot = !may_act || (visitor !== null && visitor.role !== 'operator');
      byId('bulk').hidden = tasks.length === 0 || mayNot || Object.keys(filter()).length === 0;
    },
  };
}
