import type { Route } from '../route.ts'
import { ACCOUNT_TOKEN_ROUTES } from './account-tokens.ts'
import { ACCOUNT_ROUTES } from './accounts.ts'
import { APPROVAL_ROUTES } from './approvals.ts'
import { BATCH_ROUTES } from './batch.ts'
import { DELIVERY_ROUTES } from './deliveries.ts'
import { ENVIRONMENT_ROUTES } from './environments.ts'
import { ERASE_ROUTES } from './erase.ts'
import { EVENT_ROUTES } from './events.ts'
import { IDENTITY_ROUTES } from './identities.ts'
import { INBOUND_ROUTES } from './inbound.ts'
import { INTEGRATION_ROUTES } from './integrations.ts'
import { JOB_ROUTES } from './jobs.ts'
import { LINK_TOKEN_ROUTES } from './link-tokens.ts'
import { LOG_ROUTES } from './logs.ts'
import { MCP_TOKEN_ROUTES } from './mcp-tokens.ts'
import { META_ROUTES } from './meta.ts'
import { OAUTH_APP_ROUTES } from './oauth-apps.ts'
import { OVERRIDE_ROUTES } from './overrides.ts'
import { RESTORE_ROUTES } from './restores.ts'
import { RULE_ROUTES } from './rules.ts'
import { SYNC_ROUTES } from './sync.ts'
import { SYNCED_ROUTES } from './synced.ts'
import { TOKEN_ROUTES } from './tokens.ts'
import { TOOL_ROUTES } from './tools.ts'
import { PROXY_ROUTES, UNIFIED_ROUTES } from './unified.ts'
import { WEBHOOK_ROUTES } from './webhooks.ts'

/** Every authenticated endpoint; concrete paths stand before those with placeholders. */
export const ROUTES: readonly Route[] = [
  ...META_ROUTES,
  ...SYNCED_ROUTES,
  ...UNIFIED_ROUTES,
  ...PROXY_ROUTES,
  ...BATCH_ROUTES,
  ...ACCOUNT_ROUTES,
  ...ACCOUNT_TOKEN_ROUTES,
  ...TOOL_ROUTES,
  ...MCP_TOKEN_ROUTES,
  ...APPROVAL_ROUTES,
  ...LINK_TOKEN_ROUTES,
  ...OVERRIDE_ROUTES,
  ...INTEGRATION_ROUTES,
  ...ENVIRONMENT_ROUTES,
  ...OAUTH_APP_ROUTES,
  ...TOKEN_ROUTES,
  ...LOG_ROUTES,
  ...EVENT_ROUTES,
  ...INBOUND_ROUTES,
  ...WEBHOOK_ROUTES,
  ...DELIVERY_ROUTES,
  ...RULE_ROUTES,
  ...RESTORE_ROUTES,
  ...JOB_ROUTES,
  ...SYNC_ROUTES,
  ...ERASE_ROUTES,
  ...IDENTITY_ROUTES,
]
