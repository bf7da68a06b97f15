import type { InstallationStatus } from '@taskwire/monitoring';
import { byId } from '../shared/dom.ts';
import '../shared/visitor.ts';
import { loadCatalogue } from './catalogue.ts';
import { followStatus } from './live.ts';
import { showOverall, showTrouble } from './overall.ts';
import { showQueues } from './queues.ts';
import { showResults } from './results.ts';
import { showServices } from './services.ts';

const picture = byId('picture');

let pictureOf: string | undefined;

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

function hasRunNothing({ latest_results, queues }: InstallationStatus) {
  return (
    latest_results.length === 0 && queues.every(({ active, waiting, completed }) => active + waiting + completed === 0)
  );
}
