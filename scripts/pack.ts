import { mkdirSync, rmSync } from 'node:fs';
import { faultsOf } from './pack/check-tarball.ts';
import { compile } from './pack/compile.ts';
import { packedFolder, packInto } from './pack/npm-pack.ts';
import { publishedPackages } from './pack/published-packages.ts';
import { stage } from './pack/stage.ts';

/** Builds, packs and checks all that is published: `.data/packages/*.tgz`. */
rmSync(packedFolder, { recursive: true, force: true });
mkdirSync(packedFolder, { recursive: true });
const packages = publishedPackages();
await compile();
for (const each of packages) stage(each);
const tarballs = await packInto(packages);
const faults = (await Promise.all(tarballs.map(faultsOf))).flat();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${tarballs.length} packages are in ${packedFolder}`);
