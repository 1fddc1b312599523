/**
 * Content-Encoding undone, a bounded piece at a time. RFC 9110 8.4
 *
 * <p>Specification tags: RFC 1950 (zlib), RFC 1951 (deflate), RFC 1952 (gzip).
 *
 * <p>Octets in, octets out: no channel, no thread, no clock. However well something compresses, no
 * more than one piece of it is in memory.
 */
package io.vpc4j.core.fetch.coding;
