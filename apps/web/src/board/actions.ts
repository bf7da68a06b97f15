const NO_SCHEDULERS =
  'There are no job schedulers in taskwire: let cron, or whatever plans your work, publish a request.';

/**
 * What Bull Board lets people change, by route: `allowed`, or why not. Anything else is refused, so that a new version
 * brings in nothing unseen.
 */
const ACTIONS: Readonly<Record<string, string>> = {
  '/api/queues/pause': 'allowed',
  '/api/queues/resume': 'allowed',
  '/api/queues/:queueName/add': 'allowed',
  '/api/queues/:queueName/retry/:queueStatus': 'allowed',
  '/api/queues/:queueName/promote': 'allowed',
  '/api/queues/:queueName/clean/:queueStatus': 'allowed',
  '/api/queues/:queueName/pause': 'allowed',
  '/api/queues/:queueName/resume': 'allowed',
  '/api/queues/:queueName/concurrency': 'allowed',
  '/api/queues/:queueName/rate-limit': 'allowed',
  '/api/queues/:queueName/rate-limit/release': 'allowed',
  '/api/queues/:queueName/empty': 'allowed',
  '/api/queues/:queueName/:jobId/retry': 'allowed',
  '/api/queues/:queueName/:jobId/clean': 'allowed',
  '/api/queues/:queueName/:jobId/promote': 'allowed',
  '/api/queues/:queueName/:jobId/delay': 'allowed',
  '/api/queues/:queueName/:jobId/priority': 'allowed',
  '/api/queues/:queueName/obliterate':
    'A queue is never obliterated: its tasks would end without a result. Empty it instead: each waiting task then gets the result "cancelled".',
  '/api/queues/:queueName/:jobId/update-data':
    'The data of a job is what its requester sent, checked when it was accepted; it is not changed. Remove the job, or duplicate it with other parameters.',
  '/api/queues/:queueName/:jobId/remove-unprocessed-children': 'The jobs of taskwire have no children.',
  '/api/queues/:queueName/job-schedulers/:schedulerId': NO_SCHEDULERS,
  '/api/queues/:queueName/job-schedulers/:schedulerId/remove': NO_SCHEDULERS,
  '/api/queues/:queueName/job-schedulers/:schedulerId/run': NO_SCHEDULERS,
};

/** Why nobody may do what a route does; undefined when it is allowed. */
export function whyRefused(route: string): string | undefined {
  const action = ACTIONS[route] ?? 'The board of taskwire does not offer this.';
  return action === 'allowed' ? undefined : action;
}
