import { stripTypeScriptTypes } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

// A thread of the pages: texts of TypeScript in, of JavaScript out.
parentPort?.postMessage((workerData as string[]).map((text) => stripTypeScriptTypes(text)));
