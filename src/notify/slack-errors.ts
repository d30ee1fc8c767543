/** R57: what an answer of Slack's means for a message that was to be sent. */

export type SlackErrorClass = 'permanent' | 'temporary' | 'ambiguous' | 'root-lost'

// Somebody must change a setting before any message gets through.
const PERMANENT = new Set([
  'access_denied',
  'account_inactive',
  'as_user_not_supported',
  'channel_not_found',
  'channel_type_not_supported',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_arguments',
  'invalid_auth',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'is_archived',
  'is_inactive',
  'messages_tab_disabled',
  'metadata_too_large',
  'method_deprecated',
  'missing_scope',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_permission',
  'no_text',
  'not_allowed_token_type',
  'not_authed',
  'not_in_channel',
  'org_login_required',
  'restricted_action',
  'restricted_action_non_threadable_channel',
  'restricted_action_read_only_channel',
  'restricted_action_thread_locked',
  'restricted_action_thread_only_channel',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
])

// "Some aspect of the operation may have succeeded", as Slack's reference says of these.
const AMBIGUOUS = new Set(['fatal_error', 'internal_error', 'request_timeout'])

const ROOT_LOST = new Set(['message_not_found', 'thread_not_found', 'cannot_reply_to_message'])

/** A code that we do not know is taken as temporary: it is tried again, copied in time, and never dropped. */
export function slackErrorClass(code: string): SlackErrorClass {
  if (PERMANENT.has(code)) return 'permanent'
  if (AMBIGUOUS.has(code)) return 'ambiguous'
  return ROOT_LOST.has(code) ? 'root-lost' : 'temporary'
}
