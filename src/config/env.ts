import type { Secret } from '../lib/secret.ts'

/** What the environment gives: secrets and the places of this installation. */
export interface Env {
  readonly configFile: string
  readonly databaseFile: string
  readonly slackToken: Secret | null
  readonly smtpUrl: Secret | null
  readonly mailFrom: string | null
  readonly webhookUrls: ReadonlyMap<string, Secret>
  readonly lab: boolean
}
