import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { errorsPage, settingsPage } from '../../server/reference.ts'
import { SETTINGS } from '../../server/settings-table.ts'
import { textOf } from '../support/house.ts'

const refusal = (env: Record<string, string>): EngineError => {
  try {
    readSettings(env, '/srv')
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('settings', () => {
  it('have their defaults', () => {
    expect(readSettings({}, '/srv')).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      passthroughPort: 4001,
      dataDir: '/srv/.onefold',
      databaseUrl: null,
      masterKeys: null,
      adminToken: null,
      connect: null,
      hasSandbox: true,
      definitions: [],
      publicUrl: null,
      egressAllow: [],
      trustsProxy: false,
      unknown: [],
    })
  })

  it.each([
    [{ PORT: '80a' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ PASSTHROUGH_PORT: '-1' }, 'PASSTHROUGH_PORT'],
    [{ PORT: '4001' }, 'PASSTHROUGH_PORT'],
    [{ HOST: '0.0.0.0' }, 'HOST'],
    [{ HOST: 'pay.example.com' }, 'HOST'],
    [{ ONEFOLD_PUBLIC_URL: 'pay.example.com' }, 'ONEFOLD_PUBLIC_URL'],
    [{ ONEFOLD_PUBLIC_URL: 'ftp://pay.example.com' }, 'ONEFOLD_PUBLIC_URL'],
    [{ NODE_ENV: 'production' }, 'ONEFOLD_MASTER_KEY'],
    [{ DATABASE_URL: 'postgres://db/onefold' }, 'ONEFOLD_MASTER_KEY'],
    [{ ONEFOLD_ADMIN_TOKEN: 'short' }, 'ONEFOLD_ADMIN_TOKEN'],
    [{ ONEFOLD_ADMIN_TOKEN: 'with a blank' }, 'ONEFOLD_ADMIN_TOKEN'],
    [{ ONEFOLD_SANDBOX: 'maybe' }, 'ONEFOLD_SANDBOX'],
    [{ ONEFOLD_TRUST_PROXY: 'perhaps' }, 'ONEFOLD_TRUST_PROXY'],
    [{ ONEFOLD_CONNECT: 'acme' }, 'ONEFOLD_CONNECT'],
    [{ ONEFOLD_CONNECT: 'acme:secret-value' }, 'ONEFOLD_CONNECT'],
    [{ ONEFOLD_EGRESS_ALLOW: 'http://x' }, 'ONEFOLD_EGRESS_ALLOW'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  ])('%j is refused by name', (env, setting) => {
    const { code, details, message } = refusal(env as Record<string, string>)
    expect(code).toBe('config_invalid')
    expect(details.where).toBe(setting)
    expect(message).toContain(setting)
    expect(details.hint).toBeTruthy()
    expect(message).not.toContain('secret-value')
  })

  it('are all told at once', () => {
    const { details, message } = refusal({ PORT: 'x', LOG_LEVEL: 'loud', HOST: '0.0.0.0' })
    expect(details.where).toBe('PORT, LOG_LEVEL, HOST')
    expect(message.split('; ')).toHaveLength(3)
  })

  it('an empty PASSTHROUGH_PORT switches the drop-in port off', () => {
    expect(readSettings({ PASSTHROUGH_PORT: '' }).passthroughPort).toBeNull()
  })

  it.each([
    [{}, true],
    [{ ONEFOLD_PUBLIC_URL: 'https://a.example' }, false],
    [{ DATABASE_URL: 'postgres://db/x', ONEFOLD_MASTER_KEY: 'k' }, false],
    [{ NODE_ENV: 'production', ONEFOLD_MASTER_KEY: 'k' }, false],
    [{ HOST: '0.0.0.0', ONEFOLD_TRUST_PROXY: 'on' }, false],
    [{ ONEFOLD_SANDBOX: 'off' }, false],
    [{ ONEFOLD_SANDBOX: 'on', ONEFOLD_PUBLIC_URL: 'https://a.example' }, true],
  ])('the sandbox of %j: %s', (env, expected) => {
    expect(readSettings(env as Record<string, string>).hasSandbox).toBe(expected)
  })

  it('ONEFOLD_CONNECT takes values with commas, colons and equal signs, and cannot print itself', () => {
    const { connect } = readSettings({ ONEFOLD_CONNECT: 'acme:key=a=b,c:d,region=eu' })
    expect(connect?.fields.reveal()).toEqual({ key: 'a=b,c:d', region: 'eu' })
    expect(JSON.stringify(connect)).toBe('{"integration":"acme","fields":"[secret]"}')
  })

  it('folders are divided by commas or colons and read from where the server starts', () => {
    expect(readSettings({ ONEFOLD_DEFINITIONS: 'a:/b, c' }, '/srv').definitions).toEqual([
      join('/srv', 'a'),
      '/b',
      '/srv/c',
    ])
  })

  it('a misspelt one is noticed', () => {
    expect(readSettings({ ONEFOLD_SANDBOKS: 'off', PATH: '/bin' }).unknown).toEqual(['ONEFOLD_SANDBOKS'])
  })
})

describe('the reference pages', () => {
  it('of settings and errors are what the code says (npm run generate)', () => {
    expect(textOf('docs/settings.md')).toBe(settingsPage())
    expect(textOf('docs/errors.md')).toBe(errorsPage())
    expect(settingsPage().match(/^\| `/gm)).toHaveLength(SETTINGS.length)
  })
})
