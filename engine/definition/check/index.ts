import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { checkAuth } from './auth.ts'
import { checkCases } from './cases.ts'
import { checkFailures } from './failures.ts'
import { checkHosts } from './hosts.ts'
import { checkLimits } from './limits.ts'
import { checkMappings } from './mappings.ts'
import { checkOperations } from './operations.ts'
import { checkPagination } from './pagination.ts'
import { checkPostInstall } from './post-install.ts'
import { checkReferences } from './references.ts'
import { secretIssues } from './secrets.ts'
import { checkVariables } from './variables.ts'
import { checkWebhooks } from './webhooks.ts'

/** Looks at one thing in an integration and reports what contradicts itself. */
type Check = (subject: Subject) => readonly Issue[]

const CHECKS: readonly Check[] = [
  checkReferences,
  checkAuth,
  checkPostInstall,
  checkHosts,
  checkLimits,
  checkOperations,
  checkPagination,
  checkFailures,
  checkVariables,
  checkMappings,
  checkWebhooks,
  checkCases,
  ({ integration }) => integration.documents.flatMap(secretIssues),
]

/** Everything that holds its schema and yet makes no sense. */
export const checkIntegration = (subject: Subject): Issue[] => CHECKS.flatMap((check) => check(subject))
