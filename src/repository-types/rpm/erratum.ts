/** Errata: what an update is for, and the packages that bring it. */

import { createMetadataUnitType } from './metadata-unit.ts';

export const erratumType = createMetadataUnitType({
  id: 'erratum',
  displayName: 'Erratum',
  unitKey: ['id'],
  referencedTypes: ['rpm'],
  fields: {
    id: 'text',
    title: 'text',
    description: 'text',
    summary: 'text',
    solution: 'text',
    severity: 'text',
    rights: 'text',
    release: 'text',
    version: 'text',
    type: 'text',
    status: 'text',
    issued: 'text',
    updated: 'text',
    pushcount: 'text',
    from: 'text',
    from_str: 'text',
    errata_from: 'text',
    reboot_suggested: 'flag',
    relogin_suggested: 'flag',
    restart_suggested: 'flag',
    references: 'objects',
    pkglist: 'objects',
  },
});
