/** Text that attacks terminals, logs, mails, chat, HTML and spreadsheets at once (reliability §6.4). */
export const POISON =
  "\u001b[2J\u001b]0;x\u0007\u001b]8;;http://e.test\u001b\\ \r\nInjected: 1\r\n\u0000\u0085\u2028\u202e<!channel> <@U1> <http://e.test|ok> *b* _i_ `c` &lt; </script><img src=x onerror=alert(1)> ' \" {{7*7}} $\u007b7*7} %s %n =cmd|' /C calc'!A0 ../../etc/passwd \ud800"

/** Whole text of what may be shown: letters, marks, numbers, punctuation, symbols, the space; nothing that acts or hides. */
export const SHOWABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\p{Co}\p{Cn}]*$/u
