import type { TaskDocument } from '../../api/task-document.ts';
import { type ApiError, ask } from '../shared/api.ts';
import { byId, setAttributes, setText } from '../shared/dom.ts';
import { taskApi } from '../shared/task-link.ts';
import '../shared/visitor.ts';
import { offerActions } from './actions.ts';
import { showAsked } from './asked.ts';
import { showFacts } from './facts.ts';
import { followTask } from './follow.ts';
import { showLog } from './log.ts';
import { showResult } from './result.ts';
import { showState } from './state.ts';
import { showTimeline } from './timeline.ts';

const taskId = decodeURIComponent(location.pathname.replace(/^\/tasks\//, ''));
const actions = offerActions({ taskId, changed: () => follow.again() });
const sections = byId('task');

let shown: TaskDocument | undefined;

const follow = followTask({
  events: `${taskApi(taskId)}/events`,
  async read() {
    try {
      const { data } = await ask(taskApi(taskId));
      show(data);
      return isOver(data) ? 'over' : 'goes on';
    } catch (error) {
      return showTrouble(error as ApiError);
    }
  },
});

// Ages and running times go on between two readings.
setInterval(() => {
  if (!shown || document.hidden) return;
  showState(shown, Date.now());
  if (!isOver(shown)) showTimeline(shown, Date.now());
}, 1000);

function show(task: TaskDocument) {
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

function showTrouble({ status, message }: ApiError): 'over' | 'goes on' {
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

function isOver({ status }: TaskDocument) {
  return status === 'completed' || status === 'error';
}
