/** Pulp's yum_importer. */

import { fileText, flag, names, text } from '../config-fields.ts';
import { createConfigReader } from '../config-reader.ts';
import { withFeedCredentials } from '../feed-url.ts';
import { feedFields, feedSecrets } from '../importer-fields.ts';
import type { ImporterType } from '../repository-type.ts';
import { rpmUnitTypeIds } from './unit-types.ts';

const readFields = createConfigReader({
  ...feedFields,
  type_skip_list: names,
  require_signature: flag,
  allowed_keys: names,
  copy_children: flag,
  force_full: flag,
  checksum_type: text,
  query_auth_token: fileText,
});

export const yumImporter: ImporterType = {
  id: 'yum_importer',
  displayName: 'Yum Importer',
  unitTypes: rpmUnitTypeIds,
  readConfig: (raw) => readFields(withFeedCredentials(raw)),
  secrets: [...feedSecrets, 'query_auth_token'],
};
