/**
 * Classes that are named in configuration, and the {@link io.vpc4j.Vpc} that they share.
 *
 * <p>Read {@link io.vpc4j.clients.SharedVpc} first: it says how the bindings are found.
 */
package io.vpc4j.clients;
