import { setTimeout as delay } from 'node:timers/promises';
import { newTaskId } from '@taskwire/protocol';
import { grown, type Memory, memoryOf } from '../core/memory.ts';
import { mutatedRequest } from '../core/mutate.ts';
import { observer } from '../core/redis-server.ts';
import type { Scenario } from '../core/scenario.ts';

const MESSAGES = 200_000;
const ROUNDS = 4;
const PER_PIPELINE = 100;
/** No more than so many messages are unanswered at a time: it is about what they are, not how many. */
const WINDOW = 5000;
const ANSWER_TIMEOUT_MS = 20_000;

export const fuzz: Scenario = {
  name: `${MESSAGES.toLocaleString('en')} mutated messages`,
  installation: { perSecond: 20 },
  async run({ redis, config, ledger, members }) {
    const { channels } = config.redis;
    const [listener, sender] = [observer({ port: redis.port }), observer({ port: redis.port })];
    let [sent, heard] = [0, 0];
    listener.on('message', () => {
      heard += 1;
    });
    await listener.subscribe(channels.results);
    const numberedBefore = ledger.heard;
    const open = () => sent - (heard - (ledger.heard - numberedBefore));
    const answered = async (upTo: number) => {
      for (const deadline = Date.now() + ANSWER_TIMEOUT_MS; open() > upTo && Date.now() < deadline; ) await delay(5);
    };
    const memory: Memory[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      while (sent < (MESSAGES / ROUNDS) * round) {
        const pipeline = sender.pipeline();
        for (let count = 0; count < PER_PIPELINE; count += 1) {
          pipeline.publish(channels.tasks[0], mutatedRequest(count % 2 === 0 ? newTaskId() : undefined));
        }
        await pipeline.exec();
        sent += PER_PIPELINE;
        await answered(WINDOW);
      }
      await answered(0);
      memory.push(memoryOf(members));
    }
    const unanswered = open();
    listener.disconnect();
    sender.disconnect();
    return [
      ...(unanswered !== 0 ? [`${unanswered} of ${MESSAGES} messages got no answer of their own`] : []),
      ...grown(memory[1] as Memory, memory[ROUNDS - 1] as Memory),
      ...members.filter(({ crashes }) => crashes > 0).map(({ name }) => `the ${name} ended`),
    ];
  },
};

const SOAK_MINUTES = 5;

export const soak: Scenario = {
  name: `500 tasks a second for ${SOAK_MINUTES} minutes`,
  soak: true,
  installation: { perSecond: 500 },
  async run({ members }) {
    await delay(60_000);
    const before = memoryOf(members);
    await delay((SOAK_MINUTES - 1) * 60_000);
    return grown(before, memoryOf(members));
  },
};
