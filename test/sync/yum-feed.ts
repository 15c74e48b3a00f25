/** A remote yum repository: packages of rpmbuild, metadata of createrepo_c. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface YumFeed extends Disposable {
  readonly directory: string;
  file(name: string): string;
  /** Builds a package of that version into `Packages/`. */
  build(name: string, version: string): Promise<void>;
  /** Makes the metadata of what is there. @param revision whole seconds */
  index(revision: number): Promise<void>;
}

const updateinfo = `<?xml version="1.0" encoding="UTF-8"?>
<updates><update from="acme" status="final" type="security" version="2">
<id>ACME-1</id><title>A hole &amp; its end</title><issued date="2026-01-02 03:04:05"/>
<severity>Important</severity><description>It is closed.</description>
<references><reference href="https://acme.example/1" id="1" type="self" title="one"/></references>
<pkglist><collection short="a"><name>Acme</name>
<package name="anvil" version="2" release="1" epoch="0" arch="noarch" src="anvil-2-1.src.rpm">
<filename>anvil-2-1.noarch.rpm</filename><reboot_suggested/></package></collection></pkglist>
</update></updates>`;

const comps = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps><group><id>tools</id><default>true</default><uservisible>true</uservisible>
<name>Tools</name><name xml:lang="de">Werkzeug</name><description>All of them</description>
<packagelist><packagereq type="mandatory">anvil</packagereq></packagelist></group>
<category><id>all</id><name>All</name><description/><grouplist><groupid>tools</groupid></grouplist></category>
<environment><id>env</id><name>Env</name><description>E</description>
<grouplist><groupid>tools</groupid></grouplist><optionlist/></environment></comps>`;

const modules = `---
document: modulemd
version: 2
data:
  name: forge
  stream: "1"
  version: 20260102
  context: abcd1234
  arch: noarch
  summary: A forge
  description: For anvils
  license: { module: [MIT] }
  artifacts: { rpms: ["anvil-0:2-1.noarch"] }
...
---
document: modulemd-defaults
version: 1
data:
  module: forge
  stream: "1"
  profiles: { "1": [default] }
...
`;

export function createYumFeed(): YumFeed {
  const directory = temporaryDirectory();
  mkdirSync(directory.file('Packages'));
  writeFileSync(directory.file('productid.txt'), 'the product');
  return {
    directory: directory.path,
    file: directory.file,
    build: (name, version) => build(directory.path, name, version),
    index: (revision) => index(directory.path, revision),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

async function build(directory: string, name: string, version: string): Promise<void> {
  const specFile = path.join(directory, `.${name}.spec`);
  writeFileSync(
    specFile,
    `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: A package\nLicense: MIT\nBuildArch: noarch\n%description\nNothing.\n%files\n`,
  );
  const defines = {
    _topdir: path.join(directory, '.rpmbuild'),
    _rpmdir: path.join(directory, 'Packages'),
    _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
  };
  const args = Object.entries(defines).flatMap(([key, value]) => ['--define', `${key} ${value}`]);
  await runOk('rpmbuild', ['-bb', '--quiet', ...args, specFile]);
}

async function index(directory: string, revision: number): Promise<void> {
  const texts = { 'updateinfo.xml': updateinfo, 'comps.xml': comps, 'modules.yaml': modules };
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(path.join(directory, `.${name}`), text);
  }
  const common = ['--quiet', '--no-database', '--revision', String(revision)];
  const groups = ['--groupfile', path.join(directory, '.comps.xml')];
  await runOk('createrepo_c', [...common, ...groups, directory]);
  const repodata = path.join(directory, 'repodata');
  const metadata = [
    ['updateinfo', '.updateinfo.xml', '--compress-type=bz2'],
    ['modules', '.modules.yaml', '--compress-type=xz'],
    ['productid', 'productid.txt', '--no-compress'],
  ] as const;
  for (const [type, file, compression] of metadata) {
    const args = [`--mdtype=${type}`, compression, path.join(directory, file), repodata];
    await runOk('modifyrepo_c', args);
  }
}
