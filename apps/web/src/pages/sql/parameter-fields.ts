import type { SqlChoices } from '../../overview/sql-choices.ts';
import { element } from '../shared/dom.ts';

type Parameter = SqlChoices['queries'][number]['parameters'][number];

/** A field for each parameter of a named query. An empty one is left out, so that its default counts. */
export function parameterFields(parameters: readonly Parameter[]) {
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
    fill(values: Record<string, unknown>) {
      for (const { name, input } of fields) input.value = values[name] === undefined ? '' : String(values[name]);
    },
  };
}
