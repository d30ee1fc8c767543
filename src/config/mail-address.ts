import { parseDomainName } from '../protocol/domain-name.ts'

// RFC 5322 §3.2.3 dot-atom: quoted local parts, display names and lists are refused on purpose (S37).
const LOCAL_PART = /^(?=.{1,64}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/

/** Whether the text is one bare address, `local@domain`. */
export function isMailAddress(text: string): boolean {
  const at = text.indexOf('@')
  const domain = parseDomainName(text.slice(at + 1))
  return at > 0 && LOCAL_PART.test(text.slice(0, at)) && domain?.includes('.') === true && !text.endsWith('.')
}
