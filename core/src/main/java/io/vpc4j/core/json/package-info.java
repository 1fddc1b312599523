/** A JSON binding over Jackson, there when the application has it. */
package io.vpc4j.core.json;
