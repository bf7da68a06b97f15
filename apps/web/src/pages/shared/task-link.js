/**
 * The address of a task's page. Browsers take an id of dots alone for a folder above: such a task is found by search.
 *
 * @param {string} taskId
 */
export function taskPage(taskId) {
  return /^\.\.?$/.test(taskId) ? `/tasks?id=${taskId}` : `/tasks/${encodeURIComponent(taskId)}`;
}

/** @param {string} taskId */
export function taskApi(taskId) {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}`;
}
