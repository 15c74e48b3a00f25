/** What logins and the ids of roles may be. Each function gives a clause, or undefined when all is well. */

/** Characters of a login; a session certificate has to hold it. */
export const loginCharactersMax = 255;

/** Characters of a role's id. */
export const roleIdCharactersMax = 255;

/** As in Pulp 2, but for the two names that no path can have. */
export function loginProblem(login: string): string | undefined {
  if (login === '.' || login === '..') return 'it would be no segment of a path';
  return nameProblem(login, loginCharactersMax, /^[.@\-_A-Za-z0-9]+$/, '"-", "_", "." and "@"');
}

export function roleIdProblem(id: string): string | undefined {
  return nameProblem(id, roleIdCharactersMax, /^[-_A-Za-z0-9]+$/, '"-" and "_"');
}

function nameProblem(
  name: string,
  charactersMax: number,
  pattern: RegExp,
  others: string,
): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > charactersMax) return `it is longer than ${charactersMax} characters`;
  if (pattern.test(name)) return undefined;
  return `it has other characters than letters, digits, ${others}`;
}
