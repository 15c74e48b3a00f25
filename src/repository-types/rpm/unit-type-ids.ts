/** The ids of the units of yum repositories. */

export const rpmUnitTypeIds: readonly string[] = [
  'rpm',
  'srpm',
  'erratum',
  'package_group',
  'package_category',
  'package_environment',
  'package_langpacks',
  'modulemd',
  'modulemd_defaults',
  'yum_repo_metadata_file',
];
