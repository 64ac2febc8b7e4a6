import { WEBHOOK_SETUPS } from '../stores/index.ts'
import type { Schema } from './route.ts'
import { instantSchema, object, RATE_LIMIT, text, textOrNull, texts } from './schemas.ts'

const by = (name: string) => ({ const: name, description: 'What customers have in common.' })

/** By what customers of several accounts are taken to be the same. */
export const IDENTITY_RULES: Schema = {
  type: 'array',
  description: 'By what customers of several accounts are the same, in order; by email alone by default.',
  maxItems: 10,
  items: {
    oneOf: [
      object({ by: { enum: ['email', 'phone'], description: 'The address in lower case, or the digits.' } }),
      object({ by: by('domain'), except: texts('Domains that say nothing, beside public mailboxes.') }),
      object({ by: by('metadata'), keys: { ...texts('Keys; any of them.'), minItems: 1, maxItems: 20 } }),
    ],
  },
}

/** How pages that people see are dressed; to change, name what changes. */
export const BRAND = object(
  {
    name: textOrNull('Who asks for access, as people know you; the name of the environment by default.', {
      maxLength: 80,
    }),
    logo: textOrNull('An https URL, or a base64 data URL of a PNG, JPEG, GIF, WebP or SVG of at most 64 kB.'),
    color: textOrNull('Of buttons, `#rrggbb`; text on it and around it is kept legible.'),
    privacy_url: textOrNull('https URL of your privacy notice.'),
  },
  ['name', 'logo', 'color', 'privacy_url'],
)

/** An environment. */
export const ENVIRONMENT = object({
  id: text('Id.'),
  name: text('Name.'),
  timezone: text('IANA zone in which dates of filters are read.'),
  allowed_origins: texts('Origins that browsers may call from, and that may embed Link.'),
  redirect_uris: texts('Addresses that Link may send a browser to.'),
  brand: BRAND,
  rate_limit: RATE_LIMIT,
  retention_days: object({
    request_log: { type: 'integer', minimum: 1, description: 'Days.' },
    audit_log: { type: 'integer', minimum: 1, description: 'Days.' },
    events: { type: 'integer', minimum: 1, description: 'Days.' },
    changes: { type: 'integer', minimum: 1, description: 'Days.' },
    deliveries: { type: 'integer', minimum: 1, description: 'Days.' },
  }),
  webhook_setup: text('When providers are asked for deliveries.', { enum: WEBHOOK_SETUPS }),
  identity_rules: IDENTITY_RULES,
  created_at: instantSchema('When it was made.'),
  updated_at: instantSchema('When it was changed last.'),
})
