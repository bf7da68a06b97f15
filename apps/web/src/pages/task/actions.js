/** @import { TaskDocument } from '../../api/task-document.ts' */

import { ask, me } from '../shared/api.js';
import { byId, setText } from '../shared/dom.js';
import { parseExact } from '../shared/exact-json.js';
import { taskApi, taskPage } from '../shared/task-link.js';

const MASK = '⟦masked⟧';

/**
 * The buttons: what may be done with the task, by who looks.
 *
 * @param {{taskId: string, changed: () => void}} options `changed` is called when something was done
 */
export function offerActions({ taskId, changed }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('again-dialog'));
  const text = /** @type {HTMLTextAreaElement} */ (byId('again-parameters'));
  const [cancel, retry, again] = ['cancel', 'retry', 'again'].map((id) => /** @type {HTMLButtonElement} */ (byId(id)));
  /** @type {TaskDocument | undefined} */
  let task;

  /**
   * @param {HTMLButtonElement | undefined} button
   * @param {() => Promise<{location: string | null}>} request
   * @param {string} words said when it is done
   */
  function act(button, request, words) {
    button?.addEventListener('click', async () => {
      button.disabled = true;
      setText(byId('said'), '');
      try {
        const { location: other } = await request();
        setText(byId('said'), words);
        if (!openOther(other)) changed();
      } catch (error) {
        setText(byId('said'), /** @type {Error} */ (error).message);
      }
      button.disabled = false;
    });
  }

  /** A retry of a task whose job is gone is a new task. @param {string | null} address */
  function openOther(address) {
    const id = address && decodeURIComponent(address.split('/').at(-1) ?? '');
    if (!id || id === taskId) return false;
    location.assign(taskPage(id));
    return true;
  }

  act(cancel, () => ask(taskApi(taskId), { method: 'DELETE' }), 'It is told to stop.');
  act(retry, () => ask(`${taskApi(taskId)}/retry`, { method: 'POST' }), 'It runs again.');

  again?.addEventListener('click', () => {
    text.value = JSON.stringify(task?.parameters ?? {}, null, 2);
    setText(byId('again-fault'), '');
    dialog.showModal();
    text.focus();
  });
  dialog.addEventListener('submit', async (event) => {
    if (/** @type {HTMLButtonElement} */ (event.submitter).value !== 'run' || !task) return;
    event.preventDefault();
    try {
      openOther((await ask('/api/v1/tasks', { method: 'POST', json: requestOf(task, text.value) })).location);
    } catch (error) {
      setText(byId('again-fault'), /** @type {Error} */ (error).message);
    }
  });

  return {
    /** @param {TaskDocument} newest */
    async update(newest) {
      // What was said of it before is over.
      if (task && task.status !== newest.status) setText(byId('said'), '');
      task = newest;
      const { may_act } = await me;
      show(cancel, newest.may.cancel);
      show(retry, newest.may.retry);
      if (again) again.hidden = !may_act || newest.task_type === null || newest.parameters === null;
      const sql = /** @type {HTMLAnchorElement} */ (byId('in-sql'));
      sql.href = `/sql?from=${taskId}`;
      sql.hidden = newest.task_type !== 'sql_query' || newest.parameters === null;
      const board = /** @type {HTMLAnchorElement} */ (byId('in-board'));
      board.href = `/job?task_id=${taskId}`;
      board.hidden = newest.queue === null;
    },
  };
}

/** A button that goes does not take the focus with it. @param {HTMLElement | undefined} button @param {boolean} isShown */
function show(button, isShown) {
  if (!button) return;
  const hadFocus = document.activeElement === button;
  button.hidden = !isShown;
  if (hadFocus && !isShown) byId('main').focus();
}

/**
 * The request with other parameters, digit for digit.
 *
 * @param {TaskDocument} task
 * @param {string} parameters as JSON
 */
function requestOf({ task_type, user_id, metadata }, parameters) {
  if (parameters.includes(MASK)) throw new Error(`Write the secrets in place of ${MASK}: they are not kept.`);
  return JSON.stringify({
    task_type,
    parameters: parseExact(parameters),
    ...(user_id !== null && { user_id }),
    ...(metadata && { metadata }),
  });
}
