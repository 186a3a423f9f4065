import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a request may say in its query, as OpenAPI describes it. */
export interface Parameter {
  readonly name: string
  readonly type: 'boolean' | 'integer' | 'string'
  readonly description: string
}

/** Operations that stand for all of their kind, as client-node names them. */
const operations: Readonly<Record<string, string>> = {
  list: 'CoreV1ApiListNamespacedPod',
  create: 'CoreV1ApiCreateNamespacedPod',
  deletecollection: 'CoreV1ApiDeleteCollectionNamespacedPod',
  get: 'CoreV1ApiReadNamespacedPod',
  update: 'CoreV1ApiReplaceNamespacedPod',
  patch: 'CoreV1ApiPatchNamespacedPod',
  delete: 'CoreV1ApiDeleteNamespacedPod',
  'pods/attach': 'CoreV1ApiConnectGetNamespacedPodAttach',
  'pods/exec': 'CoreV1ApiConnectGetNamespacedPodExec',
  'pods/log': 'CoreV1ApiReadNamespacedPodLog',
  'pods/portforward': 'CoreV1ApiConnectGetNamespacedPodPortforward',
  'pods/proxy': 'CoreV1ApiConnectGetNamespacedPodProxy',
  'services/proxy': 'CoreV1ApiConnectGetNamespacedServiceProxy',
  'nodes/proxy': 'CoreV1ApiConnectGetNodeProxy',
}

const types: Readonly<Record<string, Parameter['type']>> = { boolean: 'boolean', number: 'integer', string: 'string' }

/** The parameters of each operation, in the order of their names. */
export function readParameters(root: string): Record<string, Parameter[]> {
  const text = readFileSync(join(root, 'node_modules/@kubernetes/client-node/dist/gen/types/ObjectParamAPI.d.ts'), 'utf8')
  return Object.fromEntries(Object.entries(operations).map(([operation, request]) => [operation, parametersOf(text, request)]))
}

function parametersOf(text: string, request: string): Parameter[] {
  const start = text.indexOf(`export interface ${request}Request {`)
  if (start < 0) throw new Error(`client-node has no ${request}`)
  const body = text.slice(start, text.indexOf('\n}', start))
  const fields = [...body.matchAll(/ {5}\* (.*)\n(?: {5}\*.*\n)* {5}\*\/\n {4}(\w+)(\?)?: (\w+);/g)]
  const found = fields.flatMap(([, words = '', name = '', optional, type = '']) =>
    optional && types[type] ? [{ name: name.replace('_continue', 'continue'), type: types[type], description: unescaped(words) }] : [])
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** client-node writes a description as HTML, and each end of a line as a space. */
const unescaped = (words: string): string =>
  words.replaceAll(/\\(?=[&*/])/g, '').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#x60;', '`').replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')
    .replaceAll(/(?<=\S) {5}(?=\S)/g, '\n    ').replaceAll(/(?<=\S) {4}(?=\S)/g, '\n\n  ').replaceAll(/(?<=\S) {3}(?=\S)/g, '\n  ')
    .replaceAll(/(?<=\S) {2}(?=[A-Z]|hexStart)/g, '\n\n').replaceAll('. - `', '.\n- `').trim()
