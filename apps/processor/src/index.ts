export { createProcessor } from './processor.ts';
