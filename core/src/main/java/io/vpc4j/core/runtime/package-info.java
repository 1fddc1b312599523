/**
 * What an open {@link io.vpc4j.Vpc} is made of: bindings, transports, loops, and the order in which
 * they start and end.
 *
 * <p>The one place that looks transports up with {@link java.util.ServiceLoader}.
 */
package io.vpc4j.core.runtime;
