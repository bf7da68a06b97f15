/** @import { SqlChoices } from '../../overview/sql-choices.ts' */

import { element } from '../shared/dom.js';

/** @typedef {SqlChoices['queries'][number]['parameters'][number]} Parameter */

/**
 * A field for each parameter of a named query. An empty one is left out, so that its default counts.
 *
 * @param {readonly Parameter[]} parameters
 */
export function parameterFields(parameters) {
  const fields = parameters.map(({ name, type, fallback, required, description }) => {
    const otherwise = required ? '; required' : fallback === null ? '' : `; ${JSON.stringify(fallback)}`;
    const input = element('input', { name, placeholder: type + otherwise, autocomplete: 'off', spellcheck: 'false' });
    input.required = required;
    return { name, type, input, label: element('label', { title: description }, `${name} `, input) };
  });
  return {
    nodes: fields.map(({ label }) => label),
    /** Numbers go as texts of digits, of which none is lost. */
    values: () => {
      const given = fields.filter(({ input }) => input.value !== '');
      return Object.fromEntries(
        given.map(({ name, type, input: { value } }) => [name, type === 'boolean' ? value === 'true' : value]),
      );
    },
    /** @param {Record<string, unknown>} values */
    fill(values) {
      for (const { name, input } of fields) input.value = values[name] === undefined ? '' : String(values[name]);
    },
  };
}
