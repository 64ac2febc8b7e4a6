import { createHash, hkdfSync } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'

const KEY_BYTES = 32
/** Bytes of the sha256 of a key that are its id. */
export const KEY_ID_BYTES = 4

/** Where the master keys stand, the newest first: a setting, or a file that may change while the server runs. */
export interface KeySource {
  /** Base64, 32 bytes each. Throws `store_failed` when a file cannot be read. */
  read(): readonly string[]
}

/** A master key, as it is used. */
export interface RingKey {
  readonly id: string
  readonly wrapping: Buffer
  readonly sealing: Buffer
}

/**
 * The master keys that this process knows, and the one of them that encrypts. A key that is not known is looked for in the
 * source again; one that went out of the source stays known until the process ends, for cursors that it sealed.
 */
export class KeyRing {
  readonly #source: KeySource
  readonly #keys = new Map<string, RingKey>()
  #first: RingKey
  #active: RingKey
  #refresh: () => Promise<boolean> = async () => false

  /** Throws `config_invalid` naming the position of a bad key. */
  constructor(source: KeySource) {
    this.#source = source
    this.#first = this.reload()
    this.#active = this.#first
  }

  /** The key that encrypts: the first of the source until another is activated. */
  get active(): RingKey {
    return this.#active
  }

  /** Id of the key that stands first in the source: the one to rotate to. */
  get firstId(): string {
    return this.#first.id
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#keys.keys())
  }

  /** The key of this id, or undefined. */
  get(id: string): RingKey | undefined {
    const known = this.#keys.get(id)
    if (known !== undefined) return known
    this.reload()
    return this.#keys.get(id)
  }

  /** Encrypts with this key from now on; true when that is another one. Throws `key_missing`. */
  activate(id: string): boolean {
    if (this.#active.id === id) return false
    const key = this.get(id)
    if (key === undefined) {
      throw new EngineError('key_missing', `The database encrypts with master key ${id}, which was not given`, {
        where: 'ONEFOLD_MASTER_KEY',
        hint: 'Restart with this key in the list.',
      })
    }
    this.#active = key
    return true
  }

  /** From now on, `refresh` activates the key that others say; it answers whether that is another one. */
  follow(refresh: () => Promise<boolean>): void {
    this.#refresh = refresh
  }

  refresh(): Promise<boolean> {
    return this.#refresh()
  }

  /** Reads the source again; answers its first key. */
  reload(): RingKey {
    const keys = this.#source.read().map(ringKey)
    const [first] = keys
    if (first === undefined) {
      throw new EngineError('config_invalid', 'No master key was given', { where: 'ONEFOLD_MASTER_KEY' })
    }
    for (const key of keys) if (!this.#keys.has(key.id)) this.#keys.set(key.id, key)
    this.#first = first
    return first
  }
}

function ringKey(text: string, position: number): RingKey {
  const bytes = Buffer.from(text, 'base64')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text) || bytes.length !== KEY_BYTES) {
    throw new EngineError('config_invalid', `Master key ${position + 1} is not base64 of exactly 32 bytes`, {
      where: 'ONEFOLD_MASTER_KEY',
      hint: 'Make one with: openssl rand -base64 32',
    })
  }
  const id = createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, KEY_ID_BYTES * 2)
  return { id, wrapping: subkey(bytes, 'onefold/wrap/v1'), sealing: subkey(bytes, 'onefold/seal/v1') }
}

function subkey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES))
}
