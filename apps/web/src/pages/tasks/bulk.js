/** @import { TaskSummary } from '../../api/task-document.ts' */

import { ask, me } from '../shared/api.js';
import { byId, setText } from '../shared/dom.js';
import { formatCounted } from '../shared/format.js';

const WORDS = {
  retry: { verb: 'Retry', done: 'retried', detail: 'Tasks that ended are asked again with their parameters.' },
  cancel: { verb: 'Cancel', done: 'cancelled', detail: 'Tasks that wait or run end with the error “cancelled”.' },
};

/** A longer count would keep people waiting. */
const COUNTED = 10_000;

/** @typedef {{matched: number, done: number, not_done: Record<string, number>, cursor: string | null}} Acted */

/**
 * Retry and cancel of all that the filter finds: asks first, and says how many.
 *
 * @param {{filter: () => Record<string, string>, done: () => void}} options
 */
export function offerBulk({ filter, done }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('sure'));
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-action]'));
  for (const button of buttons) {
    const action = /** @type {keyof typeof WORDS} */ (button.dataset.action);
    button.addEventListener('click', () => start(action));
  }

  /** @param {keyof typeof WORDS} action */
  async function start(action) {
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
      setText(byId('fault'), /** @type {Error} */ (error).message);
      byId('fault').hidden = false;
    }
    done();
  }

  /** @param {string} action */
  async function counted(action) {
    let count = 0;
    /** @type {Acted | undefined} */
    let acted;
    do {
      acted = await step(action, { dry_run: true, ...(acted?.cursor && { cursor: acted.cursor }) });
      count += acted.matched;
    } while (acted.cursor !== null && count < COUNTED);
    return count;
  }

  /**
   * The server does a thousand at a time.
   *
   * @param {string} action
   * @param {string} words
   */
  async function all(action, words) {
    let count = 0;
    /** @type {Map<string, number>} */
    const others = new Map();
    /** @type {Acted | undefined} */
    let acted;
    do {
      acted = await step(action, { dry_run: false, ...(acted?.cursor && { cursor: acted.cursor }) });
      count += acted.done;
      for (const [why, some] of Object.entries(acted.not_done)) others.set(why, (others.get(why) ?? 0) + some);
      const rest = [...others].map(([why, some]) => `${formatCounted(some, 'task')} not: ${why}`);
      setText(byId('told'), [`${formatCounted(count, 'task')} ${words}.`, ...rest].join(' '));
    } while (acted.cursor !== null);
  }

  /**
   * @param {string} action
   * @param {{dry_run: boolean, cursor?: string}} options
   * @returns {Promise<Acted>}
   */
  async function step(action, options) {
    const json = JSON.stringify({ action, filter: filter(), ...options });
    return (await ask('/api/v1/task-actions', { method: 'POST', json })).data;
  }

  return {
    /** Offers what can be done with what was found: without a filter, nothing. @param {readonly TaskSummary[]} tasks */
    async update(tasks) {
      const { visitor, may_act } = await me;
      const hasEnded = (/** @type {TaskSummary} */ { status }) => status === 'completed' || status === 'error';
      const actions = tasks.map((task) => (task.refused ? 'none' : hasEnded(task) ? 'retry' : 'cancel'));
      for (const button of buttons) button.disabled = !actions.some((action) => action === button.dataset.action);
      const mayNot = !may_act || (visitor !== null && visitor.role !== 'operator');
      byId('bulk').hidden = tasks.length === 0 || mayNot || Object.keys(filter()).length === 0;
    },
  };
}
