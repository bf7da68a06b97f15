/** The address of a task's page. Browsers take an id of dots alone for a folder above: such a task is found by search. */
export function taskPage(taskId: string) {
  return /^\.\.?$/.test(taskId) ? `/tasks?id=${taskId}` : `/tasks/${encodeURIComponent(taskId)}`;
}

export function taskApi(taskId: string) {
  return `/api/v1/tasks/${encodeURIComponent(taskId)}`;
}
