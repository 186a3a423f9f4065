import { describe, expect, it } from 'vitest'
import { ordered, orderMembers } from '../../src-main/base/ordered.ts'
import { atOnce } from '../../src-main/base/turns.ts'

describe('a value in order', () => {
  it('has the names of all its objects in order, and is otherwise the same', () => {
    const value = { b: [{ z: 1, y: { d: null, c: 'x' } }], a: true }
    expect(JSON.stringify(ordered(value))).toBe('{"a":true,"b":[{"y":{"c":"x","d":null},"z":1}]}')
    expect(JSON.stringify(value)).toBe('{"b":[{"z":1,"y":{"d":null,"c":"x"}}],"a":true}')
  })

  it('is the value itself where it is in order, down to its parts', () => {
    const part = { a: [1, { b: 2 }], c: {} }
    expect(ordered(part)).toBe(part)
    const whole = { z: 1, a: part }
    expect(ordered(whole).a).toBe(part)
  })

  it('bears names that JavaScript has plans of its own for', () => {
    const value = JSON.parse('{"z":{"constructor":1,"__proto__":{"b":1,"a":2}},"10":1,"9":2}') as object
    expect(JSON.stringify(ordered(value))).toBe('{"9":2,"10":1,"z":{"__proto__":{"a":2,"b":1},"constructor":1}}')
  })

  it('comes about in steps for what is long, the object itself staying where it is', () => {
    const long = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, { b: i, a: i }]))
    const object = { metadata: { name: 'a', labels: { y: '', x: '' } }, long, list: [long, 1] }
    const expected = JSON.stringify(ordered({ ...object }), ['metadata', 'labels', 'name', 'x', 'y'])
    let rests = 0
    const steps = orderMembers(object)
    while (!steps.next().done) rests++
    expect(rests).toBeGreaterThan(2)
    expect(Object.keys(object.long)).toEqual(Object.keys(long).sort())
    expect(JSON.stringify(object.long)).toBe(JSON.stringify(ordered(long)))
    expect(JSON.stringify(object.list)).toBe(JSON.stringify(ordered([long, 1])))
    expect(JSON.stringify(ordered({ ...object }), ['metadata', 'labels', 'name', 'x', 'y'])).toBe(expected)
    atOnce(orderMembers(object))
  })
})
