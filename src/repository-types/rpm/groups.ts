/** What comps.xml is of: groups of packages, categories, environments and language packs. */

import { createMetadataUnitType, type FieldShape } from './metadata-unit.ts';

const described: Readonly<Record<string, FieldShape>> = {
  repo_id: 'text',
  name: 'text',
  description: 'text',
  display_order: 'number',
  translated_name: 'map',
  translated_description: 'map',
};

export const packageGroupType = createMetadataUnitType({
  id: 'package_group',
  displayName: 'Package Group',
  unitKey: ['package_group_id', 'repo_id'],
  referencedTypes: ['rpm'],
  fields: {
    package_group_id: 'text',
    ...described,
    default: 'flag',
    user_visible: 'flag',
    langonly: 'text',
    mandatory_package_names: 'texts',
    default_package_names: 'texts',
    optional_package_names: 'texts',
    conditional_package_names: 'pairs',
  },
});

export const packageCategoryType = createMetadataUnitType({
  id: 'package_category',
  displayName: 'Package Category',
  unitKey: ['package_category_id', 'repo_id'],
  referencedTypes: ['package_group'],
  fields: { package_category_id: 'text', ...described, packagegroupids: 'texts' },
});

export const packageEnvironmentType = createMetadataUnitType({
  id: 'package_environment',
  displayName: 'Package Environment',
  unitKey: ['package_environment_id', 'repo_id'],
  referencedTypes: ['package_group'],
  fields: {
    package_environment_id: 'text',
    ...described,
    group_ids: 'texts',
    /** `{group, default}` each. */
    options: 'objects',
  },
});

export const packageLangpacksType = createMetadataUnitType({
  id: 'package_langpacks',
  displayName: 'Package Langpacks',
  unitKey: ['repo_id'],
  fields: {
    repo_id: 'text',
    /** `{name, install}` each. */
    matches: 'objects',
  },
});
