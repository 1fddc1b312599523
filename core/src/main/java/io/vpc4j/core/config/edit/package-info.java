/**
 * The connectivity directory's file, changed by a program without disturbing the person who wrote
 * it: comments, order, indentation, line ends and everything else stay as they are, octet for
 * octet.
 *
 * <p>{@link io.vpc4j.core.config.edit.DirectoryEditor} is the door. An edit is a handful of {@code
 * Splice}s of the text. {@code JsoncSpans} and {@code TomlSpans} say where values begin and end,
 * {@code JsoncEdits} and {@code TomlEdits} where something new belongs, {@code Containers} what
 * happens to commas and line ends. Every edit is made twice, on the text and on the values, and is
 * refused unless both come out alike: a text that we cannot edit rightly is left alone.
 *
 * <p>{@code [TOML]} is the TOML 1.1 language, toml.io.
 *
 * <p>Does not live here: what the fields mean, which is {@code io.vpc4j.core.config.directory}.
 */
package io.vpc4j.core.config.edit;
