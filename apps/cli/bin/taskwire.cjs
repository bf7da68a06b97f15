#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must get as far as the sentence below.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'taskwire needs Node 24 or newer, and this is Node ' +
      process.versions.node +
      '; in its folder, npx taskwire uses the Node 24 that npm install brought along.\n',
  );
  process.exit(2);
}
void import('../src/main.ts');
