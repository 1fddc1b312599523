/**
 * The connectivity directory as values: what an account holds on the hosted product.
 *
 * <p>{@link io.vpc4j.core.directory.DirectorySnapshot} is immutable and complete; everything that
 * reads the directory takes one and never looks again. {@link io.vpc4j.core.directory.Directory}
 * hands them out and tells of changes. Field names are those of the hosted product's API where it
 * has one.
 *
 * <p>Does not live here: reading files. That is {@code io.vpc4j.core.config}.
 */
package io.vpc4j.core.directory;
