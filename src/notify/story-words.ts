import type { Severity } from '../model/finding.ts'

export const MARKS: Readonly<Record<Severity, string>> = { critical: '🔴', warning: '🟠', info: '🔵' }
export const RESOLVED_MARK = '🟢'
