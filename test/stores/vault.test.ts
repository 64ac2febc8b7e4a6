import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVault, type RowAddress } from '../../server/stores/vault.ts'
import { newKey } from './backends.ts'

const at = (row: string, environmentId = 'default', table = 'things'): RowAddress => ({
  table,
  environmentId,
  row: [row],
})
const codeOf = (run: () => unknown) => {
  try {
    return run()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a row', () => {
  it('opens where it was sealed and nowhere else', () => {
    const vault = createVault([newKey()])
    const { text, keyId } = vault.encrypt(at('a'), 'plain ü\0')
    expect(keyId).toBe(vault.keyId)
    expect(vault.decrypt(at('a'), text)).toBe('plain ü\0')
    const elsewhere = [
      at('b'),
      at('a', 'other'),
      at('a', 'default', 'others'),
      at('"a'),
      { ...at('a'), row: ['a', ''] },
    ]
    for (const address of elsewhere) expect(codeOf(() => vault.decrypt(address, text))).toBe('internal')
  })

  it('has an address that no other split of the same letters has', () => {
    const vault = createVault([newKey()])
    const { text } = vault.encrypt({ table: 't', environmentId: 'e', row: ['a', 'b,c'] }, 'x')
    expect(codeOf(() => vault.decrypt({ table: 't', environmentId: 'e', row: ['a,b', 'c'] }, text))).toBe('internal')
  })

  it('is sealed under another data key each time and tells nothing of its text', () => {
    const vault = createVault([newKey()])
    const [one, two] = [vault.encrypt(at('a'), 'same'), vault.encrypt(at('a'), 'same')]
    const parts = [one, two].map(({ text }) => text.split('.'))
    for (const i of [2, 3]) expect(parts[0]?.[i]).not.toBe(parts[1]?.[i])
    expect(one.text).not.toContain(Buffer.from('same').toString('base64url'))
  })

  it('does not open once any character of it was changed', () => {
    const vault = createVault([newKey()])
    const { text } = vault.encrypt(at('a'), 'a secret of some length')
    for (let i = 0; i < text.length; i++) {
      const changed = `${text.slice(0, i)}${text[i] === 'A' ? 'Q' : 'A'}${text.slice(i + 1)}`
      expect(['internal', 'key_missing']).toContain(codeOf(() => vault.decrypt(at('a'), changed)))
    }
    for (const broken of ['', 'v1', 'v1..', text.slice(0, -5), 'v2'.concat(text.slice(2))]) {
      expect(['internal', 'key_missing']).toContain(codeOf(() => vault.decrypt(at('a'), broken)))
    }
  })
})

describe('the keyring', () => {
  it('encrypts with its first key and decrypts with all', () => {
    const [old, next] = [newKey(), newKey()]
    const sealed = createVault([old]).encrypt(at('a'), 'x')
    const both = createVault([next, old])
    expect(both.decrypt(at('a'), sealed.text)).toBe('x')
    expect(both.encrypt(at('a'), 'x').keyId).toBe(both.keyId)
    expect(codeOf(() => createVault([next]).decrypt(at('a'), sealed.text))).toBe('key_missing')
    const moved = both.rewrap(at('a'), sealed.text)
    expect(createVault([next]).decrypt(at('a'), moved.text)).toBe('x')
    expect(codeOf(() => both.rewrap(at('b'), sealed.text))).toBe('internal')
  })

  it('names a key by the first 8 hex digits of its sha256', () => {
    const key = newKey()
    const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex')
    expect(createVault([key]).keyId).toBe(digest.slice(0, 8))
  })

  it.each([
    ['none', []],
    ['an empty one', ['']],
    ['31 bytes', [Buffer.alloc(31).toString('base64')]],
    ['33 bytes', [Buffer.alloc(33).toString('base64')]],
    ['hex', ['0'.repeat(64)]],
    ['one with noise', [`${newKey()} `]],
    ['a bad second', [newKey(), 'bad']],
  ])('refuses %s', (_name, keys) => {
    expect(codeOf(() => createVault(keys))).toBe('config_invalid')
  })

  it('never shows a bad key', () => {
    expect(() => createVault(['not-a-key-but-secret'])).toThrow(/^((?!not-a-key).)*$/)
  })
})

describe('a travelling value', () => {
  const [key, next] = [newKey(), newKey()]
  const vault = createVault([key])

  it('comes back under the same binding only, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (text, aad, other) => {
        const sealed = vault.seal(text, aad)
        expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(vault.open(sealed, aad)).toBe(text)
        if (other !== aad) expect(vault.open(sealed, other)).toBeNull()
      }),
    )
  })

  it('adds 33 bytes to its text', () => {
    expect(Buffer.from(vault.seal('x'.repeat(100), ''), 'base64url')).toHaveLength(133)
  })

  it('opens under a rotated ring, and not under a foreign one', () => {
    const sealed = vault.seal('x', 'a')
    expect(createVault([next, key]).open(sealed, 'a')).toBe('x')
    expect(createVault([next]).open(sealed, 'a')).toBeNull()
  })

  it('is null, never an error, for what was not sealed here', () => {
    fc.assert(fc.property(fc.string(), (text) => vault.open(text, '') === null))
    const sealed = vault.seal('some text', 'a')
    for (let i = 0; i < sealed.length; i++) {
      expect(vault.open(`${sealed.slice(0, i)}${sealed[i] === 'A' ? 'Q' : 'A'}${sealed.slice(i + 1)}`, 'a')).toBeNull()
    }
    for (const broken of [`${sealed}=`, `${sealed}A`, ` ${sealed}`, sealed.slice(0, 20)]) {
      expect(vault.open(broken, 'a')).toBeNull()
    }
  })
})
