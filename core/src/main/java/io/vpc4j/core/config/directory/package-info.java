/**
 * The connectivity directory's file, {@code directory.jsonc} or {@code directory.toml}: read,
 * checked, watched.
 *
 * <p>Read {@link io.vpc4j.core.config.directory.DirectoryReader} first: it goes through the file's
 * sections in order. Each section has a reader of its own, which takes {@link
 * io.vpc4j.core.config.directory.Section}s and gives values of {@code io.vpc4j.core.directory}.
 * What a section may hold is a {@link io.vpc4j.core.config.directory.Shape}; the JSON Schema beside
 * it in the resources says the same to editors, and a test holds the two together. {@link
 * io.vpc4j.core.config.directory.FileDirectory} reads again when the file changes.
 *
 * <p>Nothing is thrown on the way: what is wrong is a {@link io.vpc4j.Problem} with its place, the
 * reader goes on to find the rest, and with one error there is no snapshot at all. No message holds
 * a value of a secret field, nor anything that stands where a secret may stand.
 *
 * <p>Does not live here: JSONC and TOML themselves, and {@code wrangler.jsonc}, which are next door
 * in {@code io.vpc4j.core.config}; what the values mean to a destination, which is {@code
 * io.vpc4j.core.routing}; changing the file, which is {@code io.vpc4j.core.config.edit}.
 */
package io.vpc4j.core.config.directory;
