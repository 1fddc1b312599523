/**
 * wrangler.json, wrangler.jsonc and wrangler.toml, read as wrangler 4.164 reads them: the same
 * verdict and the same words.
 *
 * <p>The way of a file: {@link io.vpc4j.core.config.wrangler.WranglerFiles} finds it, {@link
 * io.vpc4j.core.config.wrangler.WranglerReader} parses it, runs wrangler's rules and then our own,
 * and gives a {@link io.vpc4j.core.config.wrangler.WranglerConfig}; {@link
 * io.vpc4j.core.config.wrangler.CheckReport} writes one as a line of JSON.
 *
 * <p>wrangler is a JavaScript program, and some of its answers follow from the language: keys that
 * look like numbers come first, {@code __proto__} is inherited from, an array is an object. {@code
 * Js} is that language, as far as it shows. Where wrangler ends in a {@code TypeError}, we refuse
 * the file with a sentence.
 *
 * <p>Beyond bindings, fields of other products are checked as far as their types; what only
 * wrangler's own deployment needs (routes, migrations, containers, placement) is let pass.
 *
 * <p>Does not live here: the connectivity directory, and what a binding leads to.
 */
package io.vpc4j.core.config.wrangler;
