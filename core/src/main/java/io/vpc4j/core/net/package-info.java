/**
 * The small shared toolbox: addresses, prefixes, time, secrets, event loops.
 *
 * <p>Exported for transports. Everything but {@link io.vpc4j.core.net.EventLoops} is a value or a
 * pure function; what does not belong here is anything that knows a protocol or a configuration
 * file.
 */
package io.vpc4j.core.net;
