/**
 * One class a subcommand, and the little they share.
 *
 * <p>Exit codes are curl's where curl has one; they are listed once, in {@link
 * io.vpc4j.cli.ExitCode}.
 */
package io.vpc4j.cli;
