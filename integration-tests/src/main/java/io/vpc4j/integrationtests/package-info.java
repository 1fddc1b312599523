/**
 * The tests of one module, run on the module path alone, and the proof that it was so.
 *
 * <p>Test runners put what no module requires on the class path, where everything finds everything;
 * a program started with {@code java -p ... -m ...} has no such net. What does not live here: any
 * test of behaviour; those live with their modules and are only run again.
 */
package io.vpc4j.integrationtests;
