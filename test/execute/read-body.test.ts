import { describe, expect, it } from 'vitest'
import { readBody } from '../../engine/execute/read-body.ts'

const read = (body: Uint8Array) =>
  readBody({ status: 200, headers: { 'content-type': 'application/json' }, body }, { format: 'json' } as never)

describe('the text of an answer', () => {
  it.each(['plain', 'Café', 'Łódź', '東京', '🍋 \u0000', '\uFFFD', 'é'.repeat(70_000)])(
    'is what was sent: %.12s',
    (text) => {
      const bytes = Buffer.from(JSON.stringify({ text }))
      expect(read(bytes)).toEqual({ body: { text } })
      // part of a larger buffer, at an odd place
      expect(read(Buffer.concat([Buffer.from('x'), bytes]).subarray(1))).toEqual({ body: { text } })
    },
  )

  it('has no byte order mark, and may be nothing but one', () => {
    expect(read(Buffer.from('\uFEFF{"a":"é"}'))).toEqual({ body: { a: 'é' } })
    expect(read(Buffer.from('\uFEFF')).problem).toMatch(/not valid json/)
  })

  it('that is not valid UTF-8 is a problem', () => {
    expect(read(Buffer.from([0x22, 0xc3, 0x22])).problem).toBe('it is not valid UTF-8')
    expect(read(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])).problem).toBe('it is not valid UTF-8')
  })
})
