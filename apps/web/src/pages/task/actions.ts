import type { TaskDocument } from '../../api/task-document.ts';
import { ask, me } from '../shared/api.ts';
import { byId, setText } from '../shared/dom.ts';
import { parseExact } from '../shared/exact-json.ts';
import { taskApi, taskPage } from '../shared/task-link.ts';

const MASK = '⟦masked⟧';

/**
 * The buttons: what may be done with the task, by who looks.
 *
 * @param options `changed` is called when something was done
 */
export function offerActions({ taskId, changed }: { taskId: string; changed: () => void }) {
  const dialog = byId('again-dialog') as HTMLDialogElement;
  const text = byId('again-parameters') as HTMLTextAreaElement;
  const cancel = byId('cancel') as HTMLButtonElement;
  const retry = byId('retry') as HTMLButtonElement;
  let task: TaskDocument | undefined;

  /** @param words said when it is done */
  function act(button: HTMLButtonElement, request: () => Promise<{ location: string | null }>, words: string) {
    button.addEventListener('click', async () => {
      button.disabled = true;
      setText(byId('said'), '');
      try {
        const { location: other } = await request();
        setText(byId('said'), words);
        if (!openOther(other)) changed();
      } catch (error) {
        setText(byId('said'), (error as Error).message);
      }
      button.disabled = false;
    });
  }

  /** A retry of a task whose job is gone is a new task. */
  function openOther(address: string | null) {
    const id = address && decodeURIComponent(address.split('/').at(-1) ?? '');
    if (!id || id === taskId) return false;
    location.assign(taskPage(id));
    return true;
  }

  act(cancel, () => ask(taskApi(taskId), { method: 'DELETE' }), 'It is told to stop.');
  act(retry, () => ask(`${taskApi(taskId)}/retry`, { method: 'POST' }), 'It runs again.');

  byId('again').addEventListener('click', () => {
    text.value = JSON.stringify(task?.parameters ?? {}, null, 2);
    setText(byId('again-fault'), '');
    dialog.showModal();
    text.focus();
  });
  dialog.addEventListener('submit', async (event) => {
    if ((event.submitter as HTMLButtonElement).value !== 'run' || !task) return;
    event.preventDefault();
    try {
      openOther((await ask('/api/v1/tasks', { method: 'POST', json: requestOf(task, text.value) })).location);
    } catch (error) {
      setText(byId('again-fault'), (error as Error).message);
    }
  });

  return {
    async update(newest: TaskDocument) {
      // What was said of it before is over.
      if (task && task.status !== newest.status) setText(byId('said'), '');
      task = newest;
      const { may_act } = await me;
      show(cancel, newest.may.cancel);
      show(retry, newest.may.retry);
      byId('again').hidden = !may_act || newest.task_type === null || newest.parameters === null;
      const sql = byId('in-sql') as HTMLAnchorElement;
      sql.href = `/sql?from=${taskId}`;
      sql.hidden = newest.task_type !== 'sql_query' || newest.parameters === null;
      const board = byId('in-board') as HTMLAnchorElement;
      board.href = `/job?task_id=${taskId}`;
      board.hidden = newest.queue === null;
    },
  };
}

/** A button that goes does not take the focus with it. */
function show(button: HTMLElement, isShown: boolean) {
  const hadFocus = document.activeElement === button;
  button.hidden = !isShown;
  if (hadFocus && !isShown) byId('main').focus();
}

/** The request with other parameters, digit for digit. @param parameters as JSON */
function requestOf({ task_type, user_id, metadata }: TaskDocument, parameters: string) {
  if (parameters.includes(MASK)) throw new Error(`Write the secrets in place of ${MASK}: they are not kept.`);
  return JSON.stringify({
    task_type,
    parameters: parseExact(parameters),
    ...(user_id !== null && { user_id }),
    ...(metadata && { metadata }),
  });
}
