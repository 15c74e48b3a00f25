/** What a token of a customer looks like: all that logs and fronts need in order to leave it out. */

/** By which scanners of secrets, and people, know a token of Portcullis. */
export const tokenPrefix = 'pct_';

/** Random characters of a token, of 62 each: 190 bits. */
export const tokenRandomCharacters = 32;

/** Characters of its checksum, which stand behind them. */
export const tokenChecksumCharacters = 6;

const characters = '[0-9A-Za-z]';

/** A whole text that has the form of a token. Whether its checksum is right is not said by it. */
export const tokenPattern = new RegExp(
  `^${tokenPrefix}${characters}{${tokenRandomCharacters + tokenChecksumCharacters}}$`,
);

/**
 * Also a part of one, as is left when a text is cut: so many characters are no accident. And one that was
 * escaped, though nothing takes it for one: it is as good as the token to whoever reads the log.
 */
const inText = /(?:p|%70)(?:c|%63)(?:t|%74)(?:_|%5[fF])[0-9A-Za-z%]{8,}/g;

/** The text without the tokens in it: nobody can use what is left. */
export function maskTokens(text: string): string {
  return text.replace(inText, `${tokenPrefix}[secret]`);
}
