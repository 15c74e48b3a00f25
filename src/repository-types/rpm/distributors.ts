/** Pulp's yum_distributor, and its export_distributor, which is kept and not carried out. */

import { TaskFailure } from '../../tasks/kind.ts';
import { flag, names, publicFileText, text, wholeNumber } from '../config-fields.ts';
import { createConfigReader } from '../config-reader.ts';
import {
  describeDistribution,
  distributionFields,
  distributionSecrets,
  refuseNoProtocol,
} from '../distribution-fields.ts';
import type { DistributorType } from '../repository-type.ts';
import { checksumType } from './checksum-types.ts';
import { publishYum } from './publish.ts';
import { rpmUnitTypeIds } from './unit-types.ts';

const secondsMax = 1e9;

export const yumDistributor: DistributorType = {
  id: 'yum_distributor',
  displayName: 'Yum Distributor',
  unitTypes: rpmUnitTypeIds,
  readConfig: createConfigReader(
    {
      ...distributionFields,
      checksum_type: checksumType,
      updateinfo_checksum_type: checksumType,
      skip: names,
      skip_pkg_tags: flag,
      generate_sqlite: flag,
      repoview: flag,
      gpg_sign_metadata: flag,
      gpg_key_id: text,
      http_publish_dir: text,
      https_publish_dir: text,
      remove_old_repodata: flag,
      remove_old_repodata_threshold: wholeNumber(0, secondsMax),
    },
    refuseNoProtocol,
  ),
  secrets: distributionSecrets,
  describe: describeDistribution,
  isSignable: true,
  publish: publishYum,
};

/** `pulp-admin rpm repo create` makes one with each repository. */
export const exportDistributor: DistributorType = {
  id: 'export_distributor',
  displayName: 'Export Distributor',
  unitTypes: rpmUnitTypeIds,
  readConfig: createConfigReader({
    http: flag,
    https: flag,
    relative_url: text,
    https_ca: publicFileText,
    skip: names,
    iso_prefix: text,
    iso_size: wholeNumber(1, secondsMax),
    start_date: text,
    end_date: text,
    export_dir: text,
    incremental: flag,
    incremental_export_repomd: flag,
    checksum_type: checksumType,
    generate_sqlite: flag,
    repoview: flag,
    manifest: flag,
    force_full: flag,
    http_publish_dir: text,
    https_publish_dir: text,
  }),
  secrets: [],
  describe: () => undefined,
  publish: async () => {
    throw new TaskFailure(
      'PLP0014',
      'Exporting repositories is not implemented: publish with yum_distributor, and copy the publication',
      { operation_name: 'export_distributor' },
    );
  },
};
