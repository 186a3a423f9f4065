const reserved = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return',
  'var', 'void', 'while',
])

/** Whether rules can name a field at all. */
export const isNameable = (name: string): boolean => /^[A-Za-z_.\-/][\w.\-/]*$/.test(name)

/** A field whose name is a word of CEL's: it may be written after a dot as it is, too. */
export const isKeyword = (name: string): boolean => reserved.has(name)

/** A field's name as rules write it: CEL has no dashes in names. */
export const celName = (name: string): string =>
  reserved.has(name) ? `__${name}__` : name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
