/** Options that several commands have in common. */

import type { CommandOption } from '../command.ts';

export const loginOption: CommandOption = {
  value: 'NAME',
  text: 'The login of the user.',
  isRequired: true,
};

export const roleOption: CommandOption = {
  value: 'ID',
  text: 'The id of the role.',
  isRequired: true,
};

export const tokenOption: CommandOption = {
  value: 'ID',
  text: 'The id of the token, which is no secret.',
  isRequired: true,
};

export const repositoryOption: CommandOption = {
  value: 'ID',
  text: 'The id of the repository.',
  isRequired: true,
};

export const distributorOption: CommandOption = {
  value: 'ID',
  text: 'The id of the distributor of the repository.',
  isRequired: true,
};

export const consumerOption: CommandOption = {
  value: 'ID',
  text: 'The id of the consumer.',
  isRequired: true,
};

export const detailsOption: CommandOption = {
  text: 'Shows all fields of each, one below the other, as pulp-admin does.',
};

export const fieldsOption: CommandOption = {
  value: 'NAMES',
  text: 'Shows these fields alone, as login,name.',
};
