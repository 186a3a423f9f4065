import { stringify } from 'yaml'
import { parseJson } from '../base/json.ts'

/** JSON as YAML 1.1, keys in the order of their names. */
export const yamlOf = (json: string): string => stringify(parseJson(json), { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 })
