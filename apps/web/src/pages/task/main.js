/** @import { TaskDocument } from '../../api/task-document.ts' */

import { ApiError, ask } from '../shared/api.js';
import { byId, setAttributes, setText } from '../shared/dom.js';
import { taskApi } from '../shared/task-link.js';
import '../shared/visitor.js';
import { offerActions } from './actions.js';
import { showAsked } from './asked.js';
import { showFacts } from './facts.js';
import { followTask } from './follow.js';
import { showLog } from './log.js';
import { showResult } from './result.js';
import { showState } from './state.js';
import { showTimeline } from './timeline.js';

const taskId = decodeURIComponent(location.pathname.replace(/^\/tasks\//, ''));
const actions = offerActions({ taskId, changed: () => follow.again() });
const sections = byId('task');

/** @type {TaskDocument | undefined} */
let shown;

const follow = followTask({
  events: `${taskApi(taskId)}/events`,
  async read() {
    try {
      const { data } = await ask(taskApi(taskId));
      show(data);
      return isOver(data) ? 'over' : 'goes on';
    } catch (error) {
      return showTrouble(/** @type {ApiError} */ (error));
    }
  },
});

// Ages and running times go on between two readings.
setInterval(() => {
  if (!shown || document.hidden) return;
  showState(shown, Date.now());
  if (!isOver(shown)) showTimeline(shown, Date.now());
}, 1000);

/** @param {TaskDocument} task */
function show(task) {
  shown = task;
  showState(task, Date.now());
  showFacts(task);
  showTimeline(task, Date.now());
  showLog(task);
  showResult(task);
  void showAsked(task);
  void actions.update(task);
  sections.hidden = false;
  sections.classList.remove('old');
}

/**
 * @param {ApiError} error
 * @returns {'over' | 'goes on'}
 */
function showTrouble({ status, message }) {
  const isUnknown = status === 404;
  setAttributes(byId('head'), { 'data-level': isUnknown ? 'note' : 'bad' });
  const words = isUnknown ? 'No such task is known here' : message;
  setText(byId('title'), words);
  setText(byId('news'), words);
  setText(byId('state'), '');
  setText(byId('detail'), isUnknown ? `${taskId}: it was never asked for here, or it is forgotten by now.` : '');
  sections.classList.add('old');
  document.title = `${words} · taskwire`;
  // Nobody may see it, or there is none: asking again every few seconds would not change that.
  return status === 403 || isUnknown ? 'over' : 'goes on';
}

/** @param {TaskDocument} task */
function isOver({ status }) {
  return status === 'completed' || status === 'error';
}
