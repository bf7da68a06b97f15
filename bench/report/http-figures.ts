import { ratios, type Spread } from '../measure/statistics.ts';
import type { Http } from '../parts/http.ts';

/** Tasks over HTTP, as a part of what another way takes in the same time. */
export function httpRatio(rounds: Http['rounds'], way: 'alone' | 'publish'): Spread {
  return ratios(
    rounds.map(({ http }) => http.perSecond),
    rounds.map((round) => round[way].perSecond),
  );
}
