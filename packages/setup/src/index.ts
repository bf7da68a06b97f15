export { type Facts, localMachine, type Machine } from './machine.ts';
export type { Command } from './managers.ts';
export { commandLine, planFor } from './plan.ts';
export { type Requirement, redisServer } from './requirement.ts';
export { setUp } from './set-up.ts';
