import { localMachine } from '@taskwire/setup';
import { type Browser, chromium } from 'playwright-core';
import { requirementsOfTests } from '../../../scripts/setup/requirements.ts';

const { findings } = await localMachine.inspect(requirementsOfTests.filter(({ name }) => name === 'Chromium'));
const executablePath = findings.find((finding) => finding.status === 'found')?.path;

/** Whether there is a browser to test in. */
export const hasBrowser = executablePath !== undefined;

if (!hasBrowser) {
  process.stderr.write('No Chromium: the tests in a browser are SKIPPED. `npm run setup -- --dev` installs it.\n');
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

let browser: Promise<Browser> | undefined;

/** One browser for all files of this process; it ends with the process. What is opened in it is for the test to close. */
export function sharedBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no Chromium; skip this test unless hasBrowser');
  browser ??= chromium.launch({ executablePath, args: ARGUMENTS });
  return browser;
}
