import type { RedisRefusal } from '@taskwire/redis';
import { FORMAT } from '../service/beat.ts';
import type { Finding, ServiceStatus, TypeOutcomes } from './installation-status.ts';
import { LATELY_MINUTES } from './read-history.ts';
import { countedInWords, countInWords, durationInWords } from './words.ts';

/** 1 of 3 is no alarm. */
const LEAST_FAILURES = 5;

/** @param refusal of the whole Redis; else some services may have met one, although their heartbeats are taken. */
export function aboutRefusals(refusal: RedisRefusal | null | undefined, services: readonly ServiceStatus[]): Finding[] {
  const refusals = refusal ? [refusal] : services.flatMap((service) => service.refusal ?? []);
  return [...new Map(refusals.map((one) => [one.what, one])).values()].map(({ what, remedy }) => ({
    level: 'bad',
    about: 'redis',
    title: `Redis ${what}`,
    detail: refusal ? `${remedy} Until then no task is accepted, and how the services are is not known.` : remedy,
  }));
}

export function aboutCrashes(crashed: readonly ServiceStatus[], at: string): Finding[] {
  return [...Map.groupBy(crashed, ({ service }) => service)].map(([service, those]) => {
    const agoMs = Math.min(...those.map(({ seen_at }) => Date.parse(at) - Date.parse(seen_at)));
    const hosts = [...new Set(those.map(({ host }) => host))].join(', ');
    const level = those.length > 1 ? 'bad' : 'warn';
    const times = those.length > 1 ? `${those.length} times ` : '';
    const detail = `On ${hosts}, last ${durationInWords(agoMs)} ago, and was started again. Its log says why: npx taskwire logs ${service}`;
    return { level, title: `The ${service} crashed ${times}lately`, detail };
  });
}

/** Those of another format are a finding of their own. */
export function aboutVersions(services: readonly ServiceStatus[]): Finding[] {
  const alive = services.filter(({ state, format }) => state !== 'silent' && format === FORMAT);
  const versions = [...Map.groupBy(alive, ({ version }) => version)];
  if (versions.length < 2) return [];
  const detail = versions
    .map(([version, those]) => `${version}: ${those.map(({ service, host }) => `${service} on ${host}`).join(', ')}.`)
    .join(' ');
  return [{ level: 'warn', title: 'Services of different versions work together', detail }];
}

export function aboutOutcomes({ task_type, completed, failed }: TypeOutcomes): Finding[] {
  const ended = completed + failed;
  if (failed < LEAST_FAILURES || failed <= ended / 10) return [];
  const detail = `${countInWords(failed)} of ${countInWords(ended)} in the last ${LATELY_MINUTES} minutes; the latest failures say why.`;
  return [{ level: 'warn', title: `Tasks of the type ${task_type} fail`, detail }];
}

export function aboutTasks({ service, instance, state, near_limit = [], blocked, unusable = [] }: ServiceStatus) {
  if (state === 'silent') return [];
  const findings: Finding[] = near_limit.map(({ task_id, task_type, running_ms, timeout_ms }) => ({
    level: 'warn',
    title: `The task ${task_id} has almost used up its time`,
    detail: `${task_type}, ${durationInWords(running_ms)} of ${durationInWords(timeout_ms)} (timeout_ms), on the ${service} ${instance}.`,
  }));
  if (blocked) {
    const title = `The ${service} ${instance} stood still for ${durationInWords(blocked.for_ms)} lately`;
    const names = blocked.tasks.map(({ task_id, task_type }) => `${task_type} ${task_id}`).join(', ') || 'none';
    const detail = `Its event loop was blocked. Tasks that ran there all that time: ${names}.`;
    findings.push({ level: 'warn', title, detail });
  }
  for (const { connection, for_ms, failures, message } of unusable) {
    const title = `The ${service} ${instance} cannot use the connection ${connection}`;
    const detail = `For ${durationInWords(for_ms)}, ${countedInWords(failures, 'attempt')} failed by it: ${message}`;
    findings.push({ level: 'warn', title, detail });
  }
  return findings;
}
