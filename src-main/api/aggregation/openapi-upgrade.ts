import type { Json } from '../openapi-schema.ts'

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : [])
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** A document of version 2 in the words of version 3: for extension servers that publish the older one alone. Pure. */
export function upgraded(document: Json): Json {
  const { info = {}, paths, definitions = {} } = document
  const items = isJson(paths) ? Object.entries(paths) : []
  return {
    openapi: '3.0.0', info,
    paths: Object.fromEntries(items.map(([path, item]) => [path, isJson(item) ? pathItem(item) : {}])),
    components: { schemas: moved(definitions) },
  }
}

function pathItem(item: Json): Json {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => {
    if (name === 'parameters') return [name, listOf(value).filter((each) => each['in'] !== 'body').map(parameter)]
    return [name, methods.includes(name) && isJson(value) ? operation(value) : value]
  }))
}

function operation({ parameters, responses, consumes, produces, schemes: _schemes, ...rest }: Json): Json {
  const all = listOf(parameters)
  const body = all.find((each) => each['in'] === 'body')
  const said = isJson(responses) ? Object.entries(responses) : []
  return {
    ...rest,
    parameters: all.filter((each) => each['in'] !== 'body').map(parameter),
    ...(body ? { requestBody: { content: content(consumes, body['schema']) } } : {}),
    responses: Object.fromEntries(said.map(([code, response]) => {
      const { schema, ...other } = isJson(response) ? response : {}
      return [code, schema === undefined ? other : { ...other, content: content(produces, schema) }]
    })),
  }
}

/** Of every media type the same schema, as version 2 has it. */
function content(types: unknown, schema: unknown): Json {
  const named = Array.isArray(types) ? types.filter((type) => typeof type === 'string') : []
  return Object.fromEntries((named.length > 0 ? named : ['*/*']).map((type) => [type, { schema: moved(schema) }]))
}

const ofParameter = ['name', 'in', 'description', 'required', '$ref']

/** What describes the value goes into a schema of its own. */
function parameter(each: Json): Json {
  const entries = Object.entries(each)
  return { ...Object.fromEntries(entries.filter(([key]) => ofParameter.includes(key))), schema: Object.fromEntries(entries.filter(([key]) => !ofParameter.includes(key))) }
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved)
  if (!isJson(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) =>
    [key, key === '$ref' && typeof child === 'string' ? child.replace(/^#\/definitions\//, '#/components/schemas/') : moved(child)]))
}
