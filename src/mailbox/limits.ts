import { REPORT_BYTES } from '../protocol/tlsrpt/report-text.ts'

const MEBIBYTE = 1024 * 1024

/** What a mail or file may hold before we look inside. Bytes are counted as they come; sizes that a sender states are not believed. */
export const INTAKE_LIMITS = {
  mailBytes: 15 * MEBIBYTE,
  /** Of one compressed file; RFC 8460 §5.2 knows of receivers that take no more. */
  compressedBytes: 10 * MEBIBYTE,
  /** Of all JSON in one mail or file together. */
  jsonBytes: REPORT_BYTES,
  compressionLayers: 2,
  zipEntries: 100,
  mimeDepth: 8,
  /** Lines that could begin a part; a mail of 100 parts has some 200. */
  mimeDelimiters: 500,
  /** 15 MiB of base64 have 206,000. */
  mimeLines: 400_000,
  mimeHeaderBytes: 512 * 1024,
  /** Attachments that may be reports. */
  candidates: 20,
} as const
