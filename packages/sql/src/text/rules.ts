import type { TextRules } from './scan.ts';

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html, with `standard_conforming_strings` on. */
export const POSTGRES_TEXT: TextRules = {
  doubleQuotes: 'identifier',
  backticks: false,
  backslashes: 'in E strings',
  rawStrings: false,
  dollarQuotes: true,
  continuedComments: false,
  hints: false,
};

/** https://docs.databricks.com/aws/en/sql/language-manual/data-types/string-type */
export const DATABRICKS_TEXT: TextRules = {
  doubleQuotes: 'string',
  backticks: true,
  backslashes: 'always',
  rawStrings: true,
  dollarQuotes: false,
  continuedComments: true,
  hints: true,
};
