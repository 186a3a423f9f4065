import type { Requirement, Selector } from '../base/selector.ts'
import { type FieldError, field } from './field-error.ts'
import { lookup } from './lookup.ts'
import { isQualifiedName, isValidLabelValue } from './validation.ts'

/**
 * Parses the text of a `labelSelector` parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`.
 *
 * @throws Error with Kubernetes' sentence when the text is not a selector
 */
export function parseSelector(text: string): Selector {
  const words = new Words(text)
  const requirements: Requirement[] = []
  for (;;) {
    const word = words.peek()
    if (word === '') return requirements
    if (word !== '!' && !isName(word)) throw expected(word, "!, identifier, or 'end of string'")
    requirements.push(requirementOf(words))
    const end = words.next()
    if (end === '') return requirements
    if (end !== ',') throw expected(end, "',' or 'end of string'")
    const more = words.peek()
    if (more !== '!' && !isName(more)) throw expected(more, "identifier after ','")
  }
}

const expected = (word: string, what: string): Error => new Error(`found '${word}', expected: ${what}`)

const isName = (word: string): boolean => word !== '' && !/^[=!()<>,]/.test(word)

/** The words of the text one by one; '' at its end. */
class Words {
  readonly #words: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#words = text.match(/==|!=|[=!()<>,]|[^\s=!()<>,]+/g) ?? []
  }

  peek(): string {
    return this.#words[this.#at] ?? ''
  }

  next(): string {
    return this.#words[this.#at++] ?? ''
  }
}

const operators: Readonly<Record<string, Requirement['operator']>> = {
  in: 'in', notin: 'notin', '=': '=', '==': '=', '!=': '!=', '>': '>', '<': '<',
}

function requirementOf(words: Words): Requirement {
  try {
    return checked(readRequirement(words))
  } catch (error) {
    throw new Error(`unable to parse requirement: ${(error as Error).message}`, { cause: error })
  }
}

function readRequirement(words: Words): Requirement {
  const denied = words.peek() === '!'
  if (denied) words.next()
  const key = words.next()
  if (!isName(key)) throw expected(key, 'identifier')
  const [mistake] = isQualifiedName(key)
  if (mistake !== undefined) throw aggregate([field('<nil>').invalid(key, isQualifiedName(key).join('; '))])
  if (denied) return { key, operator: '!', values: [] }
  const after = words.peek()
  if (after === '' || after === ',') return { key, operator: 'exists', values: [] }
  const operator = lookup(operators, words.next())
  if (!operator) throw expected(after, 'in, notin, =, ==, !=, gt, lt')
  return { key, operator, values: operator === 'in' || operator === 'notin' ? readValues(words) : [readValue(words)] }
}

/** What stands behind an equals sign: nothing is the empty value. */
function readValue(words: Words): string {
  const word = words.peek()
  if (word === '' || word === ',') return ''
  if (!isName(words.next())) throw expected(word, 'identifier')
  return word
}

/** `(a,b)`, where a value may be empty. */
function readValues(words: Words): string[] {
  const open = words.next()
  // without the comma, as Kubernetes has it
  if (open !== '(') throw new Error(`found '${open}' expected: '('`)
  const values = new Set<string>()
  let value = ''
  for (let isFirst = true; ; isFirst = false) {
    const word = words.next()
    if (word === ',' || word === ')') {
      values.add(value)
      value = ''
      if (word === ')') return [...values].sort()
    } else if (isName(word) && value === '') value = word
    else throw expected(word, isFirst ? "',', ')' or identifier" : value === '' ? "',', or identifier" : "',' or ')'")
  }
}

const wholeNumber = /^[-+]?\d{1,18}$/

function checked(requirement: Requirement): Requirement {
  const { operator, values } = requirement
  const compares = operator === '>' || operator === '<'
  const errors = values.flatMap((value, i) => {
    const at = field('values', i)
    const number = compares && !wholeNumber.test(value) ? [at.invalid(value, "for 'Gt', 'Lt' operators, the value must be an integer")] : []
    const sentences = isValidLabelValue(value)
    return sentences.length > 0 ? [...number, { ...at.invalid(value, sentences.join('; ')), field: `values[${i}][${requirement.key}]` }] : number
  })
  if (errors.length > 0) throw aggregate(errors)
  return requirement
}

/** Several mistakes as Go's aggregated errors say them. */
export function aggregate(errors: readonly FieldError[]): Error {
  const sentences = errors.map((error) => `${error.field}: ${error.message}`)
  return new Error(sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`)
}
