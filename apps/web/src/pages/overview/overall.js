/** @import { Finding, InstallationStatus } from '@taskwire/monitoring' */

import { byId, element, icon, setAttributes, setText } from '../shared/dom.js';
import { formatClockWithSeconds, formatCounted } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';

const section = byId('overall');
const title = byId('overall-title');
const detail = byId('overall-detail');
const pulse = byId('overall-pulse');
const news = byId('news');
const use = /** @type {Element} */ (section.querySelector('use'));

const showOthers = keyedList(byId('overall-others'), {
  key: ({ title }) => title,
  create: () => {
    const heading = element('strong');
    const more = element('span');
    const level = element('span');
    return {
      node: element('li', {}, level, heading, ' ', more),
      /** @param {Finding} finding */
      update(finding) {
        if (level.className !== finding.level) level.replaceChildren(icon(finding.level));
        level.className = finding.level;
        setText(heading, finding.title);
        setText(more, finding.detail);
      },
    };
  },
});

/** @param {InstallationStatus} status */
export function showOverall(status) {
  const [worst, ...others] = status.findings;
  if (worst && worst.level !== 'note') {
    say(worst.level, worst.title, worst.detail);
    showOthers(others);
  } else {
    const failed = inLastHour(status, ({ failed }) => failed);
    say('good', 'All is well', failed > 0 ? `${formatCounted(failed, 'task')} failed in the last hour.` : '');
    showOthers(status.findings);
  }
  setText(pulse, `Live · ${formatClockWithSeconds(status.at)} · ${lastHour(status)}`);
}

/**
 * @param {string} sentence
 * @param {string | undefined} since when the picture that is still shown was taken
 */
export function showTrouble(sentence, since) {
  say('bad', sentence, since ? `The data below is from ${formatClockWithSeconds(since)} and may have changed.` : '');
  showOthers([]);
  setText(pulse, '');
}

/**
 * @param {'good' | 'warn' | 'bad'} level
 * @param {string} words
 * @param {string} more
 */
function say(level, words, more) {
  setAttributes(section, { 'data-level': level });
  setAttributes(use, { href: `#icon-${level}` });
  setText(title, words);
  setText(detail, more);
  // Read out when it changes, and only then.
  setText(news, words);
  const page = `${words} · taskwire`;
  if (document.title !== page) document.title = page;
}

/** @param {InstallationStatus} status */
function lastHour(status) {
  const ended = inLastHour(status, ({ completed, failed, cancelled }) => completed + failed + cancelled);
  return `${formatCounted(ended, 'task')} ended in the last hour`;
}

/**
 * @param {InstallationStatus} status
 * @param {(minute: InstallationStatus['queues'][number]['history'][number]) => number} count
 */
function inLastHour({ queues }, count) {
  return queues.flatMap(({ history }) => history).reduce((sum, minute) => sum + count(minute), 0);
}
