export { Announcer, type AnnouncerOptions } from './announce/announcer.ts';
export { openConnection } from './connections.ts';
export { checkParameters } from './execute/check-parameters.ts';
export { createLogger, createPrettifier, type Logger } from './logger.ts';
export { openQueues, type TaskQueue } from './queues.ts';
export { MissingHandlerError } from './runnable-tasks.ts';
export { EXIT, READY_MESSAGE, runService, type Service, type ServiceContext } from './service.ts';
export { jobFor, type NewTaskJob } from './task-job.ts';
export { createTaskWorker, type TaskWorkerOptions } from './task-worker.ts';
