/** What a table says under a word that came from outside: `__proto__` and `constructor` are words like any other. */
export const lookup = <T>(table: Readonly<Record<string, T>> | undefined, word: string): T | undefined =>
  table && Object.hasOwn(table, word) ? table[word] : undefined
