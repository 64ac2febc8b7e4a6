import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'
import { isMissingReference } from './driver.ts'
import { KEY_ID_BYTES, KeyRing, type KeySource, type RingKey } from './key-ring.ts'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const VERSION = 1

/** The place a sealed value belongs to. Moved to any other place it no longer opens. */
export interface RowAddress {
  readonly table: string
  readonly environmentId: string
  /** The rest of the row's identity, such as its id, in a fixed order. */
  readonly row: readonly string[]
}

/** A sealed value and the id of the master key that opens it. */
export interface Sealed {
  readonly keyId: string
  readonly text: string
}

/** Encryption with the master keys: one of them encrypts, all of them decrypt. */
export interface Vault {
  readonly ring: KeyRing
  /** Id of the key that encrypts: the first 8 hex digits of its sha256. */
  readonly keyId: string
  /** Envelope: a data key of its own per call, wrapped by the master key; both bound to the address. */
  encrypt(address: RowAddress, plaintext: string): Sealed
  /** Throws `key_missing` for a key not in the ring and `internal` when the value was altered or moved. */
  decrypt(address: RowAddress, text: string): string
  /** The same value under the key that encrypts, without touching the data. Throws as decrypt. */
  rewrap(address: RowAddress, text: string): Sealed
  /** Runs a write of sealed values; once again when the key they were sealed with was taken out of use meanwhile. */
  writing<T>(write: () => Promise<T>): Promise<T>
  /** Short base64url text for values that travel, such as cursors, under a subkey of its own; `aad` must match to open. */
  seal(text: string, aad: string): string
  /** The sealed text, or null when it was altered, is bound to another `aad` or to a key not in the ring. */
  open(sealed: string, aad: string): string | null
}

/** A vault over master keys; base64 texts of 32 bytes each, or where they stand. Throws `config_invalid`. */
export function createVault(masterKeys: readonly string[] | KeySource): Vault {
  const ring = new KeyRing('read' in masterKeys ? masterKeys : { read: () => masterKeys })
  return Object.freeze({
    ring,
    get keyId() {
      return ring.active.id
    },
    encrypt(address: RowAddress, plaintext: string): Sealed {
      const aad = addressBytes(address)
      const dataKey = randomBytes(KEY_BYTES)
      return envelope(ring.active, dataKey, encryptBytes(dataKey, Buffer.from(plaintext), aad), aad)
    },
    decrypt(address: RowAddress, text: string): string {
      const { dataKey, data, aad } = unwrap(ring, address, text)
      return decryptBytes(dataKey, data, aad)?.toString() ?? refuse(address)
    },
    rewrap(address: RowAddress, text: string): Sealed {
      const { dataKey, data, aad } = unwrap(ring, address, text)
      return envelope(ring.active, dataKey, data, aad)
    },
    async writing<T>(write: () => Promise<T>): Promise<T> {
      try {
        return await write()
      } catch (error) {
        if (!isMissingReference(error) || !(await ring.refresh())) throw error
        return await write()
      }
    },
    seal(text: string, aad: string): string {
      const { id, sealing } = ring.active
      const sealed = encryptBytes(sealing, Buffer.from(text), Buffer.from(aad))
      return Buffer.concat([Buffer.from([VERSION]), Buffer.from(id, 'hex'), sealed]).toString('base64url')
    },
    open(sealed: string, aad: string): string | null {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes[0] !== VERSION || bytes.toString('base64url') !== sealed) return null
      const key = ring.get(bytes.subarray(1, 1 + KEY_ID_BYTES).toString('hex'))
      if (key === undefined) return null
      return decryptBytes(key.sealing, bytes.subarray(1 + KEY_ID_BYTES), Buffer.from(aad))?.toString() ?? null
    },
  })
}

function envelope(key: RingKey, dataKey: Buffer, data: Buffer, aad: Buffer): Sealed {
  const wrapped = encryptBytes(key.wrapping, dataKey, aad)
  return { keyId: key.id, text: `v1.${key.id}.${wrapped.toString('base64url')}.${data.toString('base64url')}` }
}

function unwrap(ring: KeyRing, address: RowAddress, text: string) {
  const [version, keyId = '', wrapped = '', data = ''] = text.split('.')
  const key = ring.get(keyId)
  if (version !== 'v1') return refuse(address)
  if (key === undefined) {
    throw new EngineError(
      'key_missing',
      `A row of ${address.table} is encrypted with key ${keyId}, which was not given`,
      {
        where: 'ONEFOLD_MASTER_KEY',
      },
    )
  }
  const aad = addressBytes(address)
  const dataKey = decryptBytes(key.wrapping, Buffer.from(wrapped, 'base64url'), aad) ?? refuse(address)
  return { dataKey, data: Buffer.from(data, 'base64url'), aad }
}

function refuse(address: RowAddress): never {
  throw new EngineError('internal', `A sealed value of ${address.table} was altered or belongs to another row`)
}

function addressBytes(address: RowAddress): Buffer {
  return Buffer.from(JSON.stringify([address.table, address.environmentId, ...address.row]))
}

/** iv, tag and ciphertext in one. */
function encryptBytes(key: Buffer, plain: Buffer, aad: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(aad)
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

function decryptBytes(key: Buffer, sealed: Buffer, aad: Buffer): Buffer | null {
  if (sealed.length < IV_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(aad).setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
  } catch {
    return null
  }
}
