/** @import { InstallationStatus } from '@taskwire/monitoring' */

import { byId } from '../shared/dom.js';
import '../shared/visitor.js';
import { loadCatalogue } from './catalogue.js';
import { followStatus } from './live.js';
import { showOverall, showTrouble } from './overall.js';
import { showQueues } from './queues.js';
import { showResults } from './results.js';
import { showServices } from './services.js';

const picture = byId('picture');

/** @type {string | undefined} */
let pictureOf;

followStatus({
  onStatus(status) {
    pictureOf = status.at;
    showOverall(status);
    byId('first-steps').hidden = !hasRunNothing(status);
    showServices(status);
    showQueues(status);
    showResults(status);
    picture.classList.remove('old');
    picture.hidden = false;
  },
  onTrouble(sentence) {
    showTrouble(sentence, pictureOf);
    picture.classList.add('old');
  },
  onReturn() {
    void loadCatalogue();
  },
});

void loadCatalogue();

/** @param {InstallationStatus} status */
function hasRunNothing({ latest_results, queues }) {
  return (
    latest_results.length === 0 && queues.every(({ active, waiting, completed }) => active + waiting + completed === 0)
  );
}
