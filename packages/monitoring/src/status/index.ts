export { StatusReader, type WatchedQueue } from './status-reader.ts';
export { countedInWords, countInWords, durationInWords } from './words.ts';
