/** One environment variable that the server reads. */
export interface SettingRow {
  readonly name: string
  /** Default as people read it. */
  readonly default: string
  readonly meaning: string
}

/** Every setting, in the order in which --help and the guide show them. */
export const SETTINGS: readonly SettingRow[] = Object.freeze([
  { name: 'PORT', default: '4000', meaning: 'Port of the API.' },
  {
    name: 'HOST',
    default: '127.0.0.1',
    meaning: 'Address it listens on. Off loopback it starts only with ONEFOLD_TRUST_PROXY, because keys need TLS.',
  },
  { name: 'PASSTHROUGH_PORT', default: '4001', meaning: 'Port of the drop-in proxy; empty switches it off.' },
  {
    name: 'ONEFOLD_DATA',
    default: './.onefold',
    meaning: 'Folder of the embedded database, the made master key and the made admin token; files have mode 0600.',
  },
  {
    name: 'DATABASE_URL',
    default: 'none',
    meaning: 'A Postgres, `postgres://user:password@host/name`: every store moves there.',
  },
  {
    name: 'ONEFOLD_MASTER_KEY',
    default: 'made and kept in the data folder',
    meaning:
      'Base64 of 32 bytes; a list divided by commas, the new key first, for `onefold keys rotate`. Must be given with NODE_ENV=production or DATABASE_URL.',
  },
  {
    name: 'ONEFOLD_ADMIN_TOKEN',
    default: 'made and kept in `admin-token` of the data folder, outside production',
    meaning: 'Bootstrap API token of role owner. It reaches every environment.',
  },
  {
    name: 'ONEFOLD_CONNECT',
    default: 'none',
    meaning: 'Connects an account at start: `integration:field=value[,field=value]`.',
  },
  {
    name: 'ONEFOLD_SANDBOX',
    default: 'on when listening on loopback without DATABASE_URL, ONEFOLD_PUBLIC_URL or NODE_ENV=production',
    meaning: 'on or off: an environment `sandbox` with invented accounts, named `sandbox-<integration>`.',
  },
  {
    name: 'ONEFOLD_DEFINITIONS',
    default: 'none',
    meaning:
      'More folders with `integrations/`, `unified-models/` and `rules/`, divided by commas or colons; watched and reloaded.',
  },
  {
    name: 'ONEFOLD_PUBLIC_URL',
    default: 'the listening address',
    meaning: 'URL under which clients reach the server; used in links, and its host is accepted.',
  },
  {
    name: 'ONEFOLD_EGRESS_ALLOW',
    default: 'the public internet only',
    meaning: 'Hosts or CIDR ranges beyond it that requests may reach, divided by commas.',
  },
  {
    name: 'ONEFOLD_SMTP_URL',
    default: 'none',
    meaning:
      'SMTP server for mails: `smtps://user:password@host` or `smtp://host:port`; user and password go over TLS only. Its address must be within the egress policy.',
  },
  {
    name: 'ONEFOLD_SMTP_FROM',
    default: 'none',
    meaning: 'Who mails are from, such as `Acme <alerts@example.com>`; goes with ONEFOLD_SMTP_URL.',
  },
  {
    name: 'ONEFOLD_TRUST_PROXY',
    default: 'off',
    meaning: 'on: a proxy with TLS stands in front, so listening off loopback is allowed.',
  },
  {
    name: 'ONEFOLD_MCP_PATH_TOKENS',
    default: 'off',
    meaning:
      'on: `/mcp/{token}` is served too, for MCP clients that can send no header. Proxies in front may log the path.',
  },
  { name: 'NODE_ENV', default: 'none', meaning: '`production`: no key or token is made, no sandbox is started.' },
  { name: 'LOG_LEVEL', default: 'info', meaning: 'debug, info, warn, error or silent; logs go to standard error.' },
])
