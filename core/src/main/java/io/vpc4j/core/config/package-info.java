/**
 * Configuration files, read into values that remember where they stood.
 *
 * <p>{@link io.vpc4j.core.config.ConfigDocument} is the door: octets in, a tree of {@link
 * io.vpc4j.core.config.ConfigValue} out, or one {@link
 * io.vpc4j.core.config.ConfigDocumentException}. Two dialects, one tree: {@code JsoncReader} sits
 * on Jackson's tokens, {@code TomlReader} reads TOML itself, and nothing outside them knows which
 * one ran. {@link io.vpc4j.core.config.JsonText} writes values back as JavaScript would.
 *
 * <p>Specification tags used in this package:
 *
 * <ul>
 *   <li>{@code [TOML]} the TOML 1.1 language, toml.io.
 *   <li>{@code [ECMA]} ECMA-262, the ECMAScript language specification.
 *   <li>{@code [Encoding]} the WHATWG Encoding standard.
 * </ul>
 *
 * <p>Everything is bounded: octets, nesting, the number of values and the length of a number; see
 * {@link io.vpc4j.core.config.ConfigDocument}.
 *
 * <p>Does not live here: what a file means. wrangler's rules are in {@code
 * io.vpc4j.core.config.wrangler}.
 */
package io.vpc4j.core.config;
