import { element, icon, setText } from '../shared/dom.ts';
import { keyedList } from '../shared/keyed-list.ts';

/** A card: a service, Redis, or a service that should be there. */
export interface ServiceCard {
  key: string;
  level: 'good' | 'warn' | 'bad';
  /** In a word. */
  state: string;
  name: string;
  instance?: string;
  badge?: string;
  note?: string;
  facts: [label: string, value: string, title?: string][];
  load?: { part: number; text: string };
}

export function createCard() {
  const state = element('span', { class: 'state' });
  const name = element('h3');
  const instance = element('code');
  const badge = element('span', { class: 'badge' });
  const note = element('p', { class: 'note' });
  const load = element('p', { class: 'load' });
  const facts = element('dl');
  const showFacts = keyedList(facts, { key: ([label]) => label, create: createFact });
  const head = element('div', { class: 'head' }, name, state);
  const node = element(
    'li',
    { class: 'card service' },
    head,
    element('p', { class: 'head' }, instance, badge),
    note,
    load,
    facts,
  );
  return {
    node,
    update(card: ServiceCard) {
      if (node.dataset.level !== card.level || state.textContent !== card.state) {
        state.replaceChildren(icon(card.level), card.state);
        state.className = `state ${card.level}`;
        node.dataset.level = card.level;
      }
      setText(name, card.name);
      setText(instance, card.instance ?? '');
      setText(badge, card.badge ?? '');
      setText(note, card.note ?? '');
      setText(load, card.load?.text ?? '');
      load.style.setProperty('--part', String(card.load?.part ?? 0));
      showFacts(card.facts);
    },
  };
}

function createFact() {
  const label = element('dt');
  const value = element('dd');
  return {
    node: element('div', {}, label, value),
    update([newLabel, newValue, title]: ServiceCard['facts'][number]) {
      setText(label, newLabel);
      setText(value, newValue);
      if (title) value.title = title;
    },
  };
}
