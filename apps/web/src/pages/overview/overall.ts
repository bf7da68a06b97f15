import type { Finding, InstallationStatus } from '@taskwire/monitoring';
import { byId, element, icon, setAttributes, setText } from '../shared/dom.ts';
import { formatClockWithSeconds, formatCounted } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';

const section = byId('overall');
const title = byId('overall-title');
const detail = byId('overall-detail');
const pulse = byId('overall-pulse');
const news = byId('news');
const use = section.querySelector('use') as Element;

const showOthers = keyedList(byId('overall-others'), {
  key: ({ title }) => title,
  create: () => {
    const heading = element('strong');
    const more = element('span');
    const level = element('span');
    return {
      node: element('li', {}, level, heading, ' ', more),
      update(finding: Finding) {
        if (level.className !== finding.level) level.replaceChildren(icon(finding.level));
        level.className = finding.level;
        setText(heading, finding.title);
        setText(more, finding.detail);
      },
    };
  },
});

export function showOverall(status: InstallationStatus) {
  const [worst, ...others] = status.findings;
  if (worst && worst.level !== 'note') {
    say(worst.level, worst.title, worst.detail);
    showOthers(others);
  } else {
    const failed = inLastHour(status, ({ failed }) => failed);
    if (failed > 0) say('warn', `${formatCounted(failed, 'task')} failed in the last hour`, 'All services are well.');
    else say('good', 'All is well', '');
    showOthers(status.findings);
  }
  setText(pulse, `Live · ${formatClockWithSeconds(status.at)} · ${lastHour(status)}`);
}

/** @param since when the picture that is still shown was taken */
export function showTrouble(sentence: string, since: string | undefined) {
  say('bad', sentence, since ? `The data below is from ${formatClockWithSeconds(since)} and may have changed.` : '');
  showOthers([]);
  setText(pulse, '');
}

function say(level: 'good' | 'warn' | 'bad', words: string, more: string) {
  setAttributes(section, { 'data-level': level });
  setAttributes(use, { href: `#icon-${level}` });
  setText(title, words);
  setText(detail, more);
  // Read out when it changes, and only then.
  setText(news, words);
  document.title = `${words} · taskwire`;
}

function lastHour(status: InstallationStatus) {
  const ended = inLastHour(status, ({ completed, failed, cancelled }) => completed + failed + cancelled);
  return `${formatCounted(ended, 'task')} ended in the last hour`;
}

function inLastHour(
  { queues }: InstallationStatus,
  count: (minute: InstallationStatus['queues'][number]['history'][number]) => number,
) {
  return queues.flatMap(({ history }) => history).reduce((sum, minute) => sum + count(minute), 0);
}
