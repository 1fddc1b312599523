/** wrangler.jsonc, wrangler.toml and the connectivity directory, read into values. */
package io.vpc4j.core.config;
