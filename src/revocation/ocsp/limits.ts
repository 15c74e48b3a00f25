/** What bounds the asking of OCSP responders. docs/revocation.md names each of them. */

import type { HttpBreaker, HttpLimits } from '../../plugin.ts';

/** Bytes of an answer: a signature and a few certificates. */
export const answerBytesMax = 65_536;

/** Certificates about which one answer may speak. */
export const statusesMax = 64;

/** Certificates of responders in one answer. */
export const responderCertificatesMax = 8;

/** Entries of a certificate's authorityInfoAccess that are looked at. */
export const accessEntriesMax = 16;

/** Characters of the URL of a responder that a certificate names. */
export const urlCharactersMax = 512;

/** Answers that a process keeps; above it the one that was not used for longest goes. */
export const answersKeptMax = 20_000;

/** Responders that a process knows at once; above it likewise. */
export const respondersMax = 64;

/** Seconds by which the clock of a responder may be ahead of ours. */
export const clockSkewSecondsMax = 60;

/** Seconds for which an answer without nextUpdate may be old: newer ones are there all the time. */
export const unboundedAnswerSecondsMax = 300;

/** Seconds for which somebody is let in where `unreachable: allow` is set, before the responder is asked again. */
export const unreachableSeconds = 10;

/** When a responder is given a rest. */
export const breaker: HttpBreaker = { failures: 5, restSeconds: 10 };

/** For each responder, besides the time limit. */
export const connectionLimits: Omit<HttpLimits, 'secondsMax'> = {
  answerBytesMax,
  connectionsMax: 8,
  pendingMax: 256,
};

/** What the published bound has over the time for which an answer counts, in seconds. */
export const obeyedMarginSeconds = 1;
