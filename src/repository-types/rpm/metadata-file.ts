/** Metadata that is carried through as it is, a file by its type, as `productid`. */

import { fileNameProblem } from '../../storage/relative-path.ts';
import { refuseUnit } from '../refuse-unit.ts';
import type { GivenUnit, UnitDescription, UnitRefusal, UnitType } from '../repository-type.ts';

const unitKey = ['data_type', 'repo_id'];

/** Made from units of their own, or by createrepo_c; a file of theirs would say otherwise. */
const ownTypes = /^(?:primary|filelists|other|updateinfo|group|modules|prestodelta)(?:_[a-z]+)*$/i;

export const metadataFileType: UnitType = {
  id: 'yum_repo_metadata_file',
  displayName: 'YUM Repository Metadata File',
  description: 'YUM Repository Metadata File',
  unitKey,
  searchIndexes: unitKey,
  referencedTypes: [],
  hasFile: true,
  read: async (given) => readMetadataFile(given),
};

function readMetadataFile(given: GivenUnit): UnitDescription | UnitRefusal {
  const { file, unitKey: key } = given;
  const { data_type: dataType, repo_id: repository } = key;
  if (file === undefined) return refuseUnit('Cannot take metadata without its file');
  if (typeof dataType !== 'string' || !/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(dataType)) {
    return refuseUnit('Cannot take the metadata: data_type has to be a word, as productid');
  }
  if (ownTypes.test(dataType)) {
    return refuseUnit(
      `Cannot take the metadata: ${dataType} is made when the repository is published`,
    );
  }
  if (typeof repository !== 'string' || fileNameProblem(repository) !== undefined) {
    return refuseUnit('Cannot take the metadata: its key has to have repo_id');
  }
  return {
    fields: {
      data_type: dataType,
      repo_id: repository,
      ...{ checksum: file.sha256, checksum_type: 'sha256', size: file.size },
    },
    filename: dataType,
    replacesBy: unitKey,
  };
}
