import { failure, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
const posted = (body: string) => ({ do: 'POST configmaps?dryRun=All', type: 'application/yaml', body })

/** Keys tell what a scalar was read as, for a ConfigMap has texts alone. */
const reads = (title: string, yaml: string, data: Readonly<Record<string, string>> | undefined, more: object = {}): Row => ({
  title: `reads ${title}`, steps: [{ ...posted(`${head}${yaml}`), answer: { data, ...more } }],
})
const data = (...lines: string[]): string => `data:\n${lines.map((line) => `  ${line}\n`).join('')}`

const refuses = (title: string, yaml: string, message: string | RegExp): Row => ({
  title: `refuses ${title}`, steps: [{ ...posted(`${head}${yaml}`), ...failure(400, 'BadRequest', message) }],
})
const unrecognized = (why: string): string => `the object provided is unrecognized (must be of type ConfigMap): ${why} (61706956657273696f6e3a2076310a6b696e643a20436f6e6669674d6170 ...)`
const labels = 'metadata: {name: a, labels: &l {a: x, b: v}, annotations: &m {b: q, c: r}}\n'
const merging = (title: string, lines: string, merged: Readonly<Record<string, string>>): Row => ({
  title: `merges ${title}`, steps: [{ ...posted(`apiVersion: v1\nkind: ConfigMap\n${labels}data:\n  ${lines}`), answer: { data: merged }, also: ({ body }) => sameKeys(body, merged) }],
})

function sameKeys(body: unknown, wanted: object): void {
  const found = Object.keys((body as { data: object }).data).sort().join()
  if (found !== Object.keys(wanted).sort().join()) throw new Error(`the keys are ${found}`)
}

describeSection('yaml', [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((word) => reads(`${word} as true`, data(`${word}: x`), { true: 'x' })),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((word) => reads(`${word} as false`, data(`${word}: x`), { false: 'x' })),
  ...Object.entries({ '0777': '511', '0o17': '15', '0x1F': '31', '0b101': '5', '1_000': '1000', '-1_0': '-10', '08': '8', '0_8': '8' })
    .map(([word, read]) => reads(`${word} as the whole number ${read}`, data(`${word}: x`), { [read]: 'x' })),
  ...Object.entries({ '1.5': '1.5', '1e3': '1000', '5.': '5', '.5': '0.5', '1e-7': '1e-07', '0.10': '0.1', '.inf': '.inf', '-.inf': '-.inf', '.nan': '.nan' })
    .map(([word, read]) => reads(`${word} as the number ${read}`, data(`${word}: x`), { [read]: 'x' })),
  ...['1:30', '12:30:45', '2001-12-14', '2001-12-14T21:59:43Z', 'tRue', '_1', '0x', '1e', '1e400', '0b12', '=']
    .map((word) => reads(`${word} as the text that it is`, data(`k: ${word}`), { k: word })),
  ...Object.entries({ '"yes"': 'yes', "'1'": '1', '!!str 5': '5', '!!binary aGk=': 'hi', '!custom x': 'x', '!!timestamp 2001-12-14': '2001-12-14', '"a\\tb\\x41\\u0042"': 'a\tbAB', "'it''s'": "it's", 'a#b': 'a#b', 'a #c': 'a' })
    .map(([word, read]) => reads(`${word} as the text ${JSON.stringify(read)}`, data(`k: ${word}`), { k: read })),
  reads('words and numbers where the field wants them', 'immutable: yes\n', undefined, { immutable: true }),
  reads('folded and literal texts', data('a: |+', '  x', '', 'b: |-', '  y', 'c: >', '  z', '  w'), { a: 'x\n\n', b: 'y', c: 'z w\n' }),
  reads('an anchor wherever it is named', data('a: &n x', 'b: *n', 'c: &n z', 'd: *n'), { a: 'x', b: 'x', c: 'z', d: 'z' }),
  reads('the first document alone', '---\na: [\n', undefined),
  reads('nothing behind the end of the document', '...\n{{{\n', undefined),

  merging('a map, whose fields give way to later ones', '<<: *l\n  b: z\n', { a: 'x', b: 'z' }),
  merging('a map over earlier fields', 'b: z\n  <<: *l\n', { a: 'x', b: 'v' }),
  merging('several maps, of which the first counts', '<<: [*l, *m]\n', { a: 'x', b: 'v', c: 'r' }),
  merging('a map that is written there', '<<: {a: x}\n', { a: 'x' }),

  ...Object.entries({ '.inf': '+Inf', '-.Inf': '-Inf', '.nan': 'NaN' }).map(([word, name]) => refuses(`${word}, which JSON lacks`, data(`k: ${word}`), unrecognized(`json: unsupported value: ${name}`))),
  refuses('a merge of what is no map', data('<<: x'), unrecognized('yaml: map merge requires map or sequence of maps as the value')),
  refuses('an alias of nothing', data('k: *b'), unrecognized("yaml: unknown anchor 'b' referenced")),
  refuses('an anchor within itself', 'data: &d {a: *d}\n', unrecognized("yaml: anchor 'd' value contains itself")),
  refuses('a value that is not what its tag says', data('k: !!int 1.5'), unrecognized('yaml: cannot decode !!float `1.5` as a !!int')),
  refuses('a control character', data('k: "\u0001"'), unrecognized('yaml: control characters are not allowed')),
  refuses('a value in a value', data('k: x: y'), unrecognized('yaml: line 5: mapping values are not allowed in this context')),
  refuses('a character that begins nothing', data('k: @x'), unrecognized('yaml: line 5: found character that cannot start any token')),
  refuses('an unknown escape', data('k: "\\q"'), unrecognized('yaml: line 5: found unknown escape character')),
  refuses('a value in a value of two lines', data('k: x\n   y: z'), unrecognized('yaml: line 6: mapping values are not allowed in this context')),
  refuses('a list that does not end', data('k: [1, 2'), unrecognized("yaml: line 5: did not find expected ',' or ']'")),
  refuses('a list that does not begin', data('k: ['), unrecognized('yaml: line 5: did not find expected node content')),
  refuses('a list on the line of its key', data('k: - a'), unrecognized('yaml: line 5: block sequence entries are not allowed in this context')),
  refuses('null as a key', data('~: x'), /[uU]nsupported map key of type: %!s\(<nil>\), key: <nil>, value: "x"/),
  refuses('a map as a key', data('{a: b}: x'), /yaml: invalid map key: /),
  {
    title: 'refuses another version of YAML',
    steps: [{ ...posted(`%YAML 1.2\n---\n${head}`), ...failure(400, 'BadRequest', /yaml: found incompatible YAML document \(/) }],
  },
  {
    title: 'reads nothing as an object that says nothing',
    steps: ['', '# nothing\n', 'null\n', '---\n', '---\n---\nkind: ConfigMap\n'].map((body) => ({ ...posted(body), code: 422, answer: { message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required' } })),
  },
  {
    title: 'takes the last of two equal keys, and tells of them, or refuses them',
    steps: [{ ...posted(`${head}${data('k: x', 'k: z')}`), answer: { data: { k: 'z' } } }],
  },
  {
    title: 'tells of two equal keys by their line, or refuses them', since: 25,
    steps: [
      { ...posted(`${head}${data('k: x', 'k: z')}`), do: 'POST configmaps?dryRun=All&fieldValidation=Strict', code: 400, answer: { message: /strict decoding error: yaml: unmarshal errors:\n {2}line 6: key "k" already set in map/ } },
      { ...posted(`${head}${data('1: x', '0x1: z')}`), do: 'POST configmaps?dryRun=All&fieldValidation=Strict', code: 400, answer: { message: /line 6: key 1 already set in map/ } },
    ],
  },
  {
    title: 'writes keys in order, and texts so that YAML 1.1 reads them as such',
    given: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { z: 'yes', b: '0644', t: '2001-12-14', m: 'one\ntwo\n', e: '' } }],
    steps: [{ do: 'GET configmaps/a', headers: { accept: 'application/yaml' }, text: /^apiVersion: v1\ndata:\n {2}b: "0644"\n {2}e: ""\n {2}m: \|\n {4}one\n {4}two\n {2}t: "2001-12-14"\n {2}z: "yes"\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "\d/ }],
  },
])
