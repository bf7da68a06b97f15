import { RedisConnection } from 'bullmq';

// What BullMQ takes the server for when it does not ask. With its own choice, 5.0.0, workers wake late for delayed jobs.
RedisConnection.minimumVersion = '6.2.0';

/** BullMQ asks INFO for the version; managed servers refuse that. */
export const WITHOUT_INFO = { skipVersionCheck: true } as const;
